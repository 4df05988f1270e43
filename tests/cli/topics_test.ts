// Compares the topics of `pktables help` with what the program prints, writes and may do.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ENVIRONMENT as READABLE, PROGRAMS as STARTABLE } from "../../dist/build/permissions.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { EXIT } from "../../src/cli/exit.ts";
import { STATUS } from "../../src/cli/pages/help.ts";
import type { Block } from "../../src/cli/pages/page.ts";
import { ENVIRONMENT, PROGRAM_FOLDERS, PROGRAMS } from "../../src/cli/pages/files.ts";
import { JSON_OUTPUTS } from "../../src/cli/pages/json.ts";
import { KERNEL } from "../../src/cli/pages/kernel.ts";
import { TOPIC_PAGES } from "../../src/cli/pages/topic_pages.ts";
import { TOPICS } from "../../src/cli/pages/topics.ts";
import { ALL_CODES } from "../../src/diagnostics/codes.ts";
import { MAX_UNTIL } from "../../src/firewall/service.ts";
import { FakeSystem } from "../support/fake_system.ts";

/** The text of a page, as one line. */
function textOf(blocks: readonly Block[]): string {
  return JSON.stringify(blocks).replaceAll(/\s+/g, " ");
}

Deno.test("a topic is offered, listed by help, drawn by its name and part of the manual", async () => {
  const overview = (await new FakeSystem().run("help")).out;
  const manual = (await new FakeSystem().run("man")).out;
  const offered = (await new FakeSystem().run(["complete", "--", "help", ""])).out;
  for (const { name, about } of TOPICS) {
    assertStringIncludes(offered, `\n${name}\t${about}\n`);
    assertStringIncludes(overview.replaceAll(/\s+/g, " "), `pktables help ${name} ${about}`);
    const { status, out, err } = await new FakeSystem().run(`help ${name}`);
    assertEquals([status, err], [0, ""]);
    assertStringIncludes(out.replaceAll("\n", " "), `pktables help ${name}: ${about}`);
    assertStringIncludes(manual, `\n.Ss help ${name}: `);
  }
});

Deno.test("no topic has the name of a verb, which would hide it", () => {
  const verbs = COMMANDS.map(({ name }) => name);
  assertEquals(TOPICS.filter(({ name }) => verbs.includes(name)), []);
});

Deno.test("a misspelt topic gets a suggestion", async () => {
  const { err } = await new FakeSystem().run("help kernal");
  assertEquals(err, "pktables: error: no help on `kernal` (did you mean `kernel`?)\n");
});

Deno.test("each exit status has its meaning on every page", async () => {
  assertEquals(STATUS.map(([status]) => Number(status)), Object.values(EXIT));
  const { out } = await new FakeSystem().run("help add");
  const shown = [...out.slice(out.indexOf("Exit status:")).matchAll(/^ {2}(\d) {2}/gm)];
  assertEquals(shown.map(([, status]) => Number(status)), Object.values(EXIT));
});

Deno.test("the rules on the page of the kernel are those that are written", async () => {
  const system = new FakeSystem();
  system.contents["rules.pk"] = `service ssh tcp 22 syn drop
service vpn udp 500, 4500 drop established on eth0
    allow 203.0.113.0/24
    log limit 10/minute burst 5`;
  await system.run("load rules.pk --ipv4 --quiet");
  await system.run("add 203.0.113.9 --service ssh --quiet");
  const end = Date.parse("2030-01-02T03:04:05Z") / 1000;
  system.clock = end - 3600;
  await system.run("add 198.51.100.7 --service ssh --for 1h --quiet");
  const written = new Set(
    system.kernel.writes.flatMap(({ payload }) => payload.split("\n"))
      .map((line) => line.replace(/^-I (\S+) \d+ /, "-A $1 ")),
  );
  const code = KERNEL.flatMap((block) => "code" in block ? block.code : []);
  const rules = code.filter((line) => !line.startsWith("#"));
  assertEquals(rules.length, 8);
  for (const rule of rules) assert(written.has(rule), `${rule}\n${[...written].join("\n")}`);
});

Deno.test("the page of codes has each code once, errors ahead of warnings", async () => {
  const { out } = await new FakeSystem().run("help codes");
  const sorted = ALL_CODES.toSorted((a, b) => a.severity.localeCompare(b.severity));
  assertEquals(
    [...out.matchAll(/^ {2}(PK\d+) /gm)].map(([, code]) => code),
    sorted.map(({ code }) => code),
  );
  assertEquals(out.indexOf("Warnings:") > out.indexOf("Errors:"), true);
});

Deno.test("the page of the kernel names the latest end of a door", () => {
  const latest = new Date(MAX_UNTIL * 1000).toISOString().replace(".000", "");
  assertStringIncludes(textOf(KERNEL), latest);
});

Deno.test("the page of files names every program, folder and variable that the binary may use", () => {
  const split = (path: string) => [path.slice(0, path.lastIndexOf("/")), path.split("/").at(-1)!];
  const paths = STARTABLE.map(split);
  const folders = [...new Set(paths.map(([folder]) => folder))];
  assertEquals(PROGRAM_FOLDERS.split(/, | and |; /).slice(0, -1), folders);
  const names = new Set(
    paths.map(([, name = ""]) => name.replace(/(-nft|-legacy)?(-save|-restore)?$/, "")),
  );
  assertEquals(PROGRAMS.flatMap(([words]) => words.split(", ")).sort(), [...names].sort());
  assertEquals(ENVIRONMENT.flatMap(([words]) => words.split(", ")).sort(), [...READABLE].sort());
});

Deno.test("a verb or topic that a page sends the reader to is there", () => {
  const names: string[] = [...COMMANDS, ...TOPICS].map(({ name }) => name);
  const texts = [textOf(Object.values(TOPIC_PAGES).flat()), JSON.stringify(COMMANDS)];
  const named = texts.join().matchAll(/pktables help ([a-z]+)/g);
  assertEquals([...named].map(([, name = ""]) => name).filter((name) => !names.includes(name)), []);
});

/** Paths of a JSON value's fields; `objects` are those of objects, which may be `null` elsewhere. */
interface Fields {
  readonly leaves: Set<string>;
  readonly objects: Set<string>;
}

/** The fields by which the tracer names a rule; the page describes them once, at `by`. */
const PLACE = "backend,chain,number,table,text";

function collect(value: unknown, path: string, fields: Fields): void {
  if (Array.isArray(value) && value.some(isStructure)) {
    for (const one of value) collect(one, `${path}[]`, fields);
  } else if (isStructure(value) && !Array.isArray(value)) {
    const named = Object.keys(value).sort().join() === PLACE && !path.endsWith(".by");
    if (named) return void fields.leaves.add(path.replace(/\[\]$/, ""));
    fields.objects.add(path);
    for (const [name, one] of Object.entries(value)) {
      collect(one, path === "" ? name : `${path}.${name}`, fields);
    }
  } else fields.leaves.add(path);
}

function isStructure(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The documented paths of a command: `a[].b, .c` are two. */
function documented(command: string): string[] {
  const output = JSON_OUTPUTS.find((one) => one.command === command);
  return (output?.fields ?? []).flatMap(([words]) => {
    const [first = "", ...others] = words.split(", ");
    const head = first.slice(0, first.lastIndexOf("."));
    return [first, ...others.map((one) => one.startsWith(".") ? head + one : one)];
  });
}

/** Holds the page to values that were printed, which together have every field. */
function compare(command: string, values: readonly unknown[]): void {
  const fields: Fields = { leaves: new Set(), objects: new Set() };
  for (const value of values) collect(value, "", fields);
  // What is null or empty in one value has its fields in another.
  const heads = [...fields.leaves].map((path) => path.slice(0, path.lastIndexOf("[]")));
  const isLeaf = (path: string) => !fields.objects.has(path) && !heads.includes(path);
  assertEquals(documented(command).filter(isLeaf).sort(), [...fields.leaves].filter(isLeaf).sort());
}

Deno.test("the page of JSON has the fields of `list --json`, and no others", async () => {
  const system = new FakeSystem();
  await system.run('init ssh --port 22 --log-prefix "ssh" --log-limit 10/minute');
  await system.run("add 203.0.113.9 --service ssh --for 8h");
  system.kernel.load("ipv4", "-I pk-ssh 1 -s 192.0.2.1 -p tcp -j ACCEPT");
  system.kernel.load("ipv4", "-I INPUT 1 -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j pk-ssh");
  compare("pktables list --json", [JSON.parse((await system.run("list --json")).out)]);
});

const DRIFTED = `:pk-ssh - [0:0]
:pk-web - [0:0]
:pk-old - [0:0]
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 443 -j pk-tls
-A INPUT -p tcp -m tcp --dport 80 -j pk-web
-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh
-A pk-ssh -p tcp -j ACCEPT
-A pk-ssh -j DROP
-A pk-tls -j DROP
-A pk-web -j ACCEPT
-A pk-old -j DROP`;

Deno.test("the page of JSON has the fields of `diff --json`, and no others", async () => {
  const system = new FakeSystem({ ipv4: DRIFTED.replace(":pk-web", ":pk-tls - [0:0]\n:pk-web") });
  system.contents["rules.pk"] = `service ssh tcp 22 drop
service web tcp 80 accept allow 198.51.100.1
service tls tcp 443 drop
expect tcp 443 from anyone drop`;
  const { out } = await system.run("diff rules.pk --json");
  compare("pktables diff FILE --json", [JSON.parse(out)]);
});

Deno.test("the page of JSON has the fields of `trace --json`, and no others", async () => {
  const system = new FakeSystem({ ipv4: "-A INPUT -m limit --limit 5/min -j DROP" });
  system.around.tables = `*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 22 -j REDIRECT --to-ports 2222
COMMIT
`;
  const traced = async (line: string) => JSON.parse((await system.run(`${line} --json`)).out);
  const [both, one] = [
    await traced("trace tcp 22 from anyone"),
    await traced("trace udp 53 from 192.0.2.1"),
  ];
  assertEquals(Object.keys(both), ["ipv4", "ipv6"]);
  compare("pktables trace ... --json", [both.ipv4, both.ipv6, one.ipv4]);
});

Deno.test("the page of JSON has the fields of `check --format json`, and no others", async () => {
  const system = new FakeSystem();
  system.contents["rules.pk"] = "service a tcp 1 drop\nservice a tcp 2 dorp\n";
  const { out } = await system.run("check --format json rules.pk");
  const values = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  compare("pktables check --format json", values);
});
