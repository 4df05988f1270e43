import { assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { VERSION } from "../../src/version.ts";
import { failure } from "../../src/system/failure.ts";
import { FakeSystem } from "../support/fake_system.ts";

async function machine(): Promise<FakeSystem> {
  const system = new FakeSystem();
  await system.run("init ssh --port 22 --syn");
  await system.run("init web --port 80,443,8000-8010 --accept --log --log-limit 10/minute --ipv4");
  await system.run("add 10.0.0.9 --service ssh");
  await system.run("add 2001:db8::9 --service ssh --for 90m");
  system.kernel.load(
    "ipv4",
    "[3:180] -I INPUT 1 -p tcp -m tcp --dport 22 --syn -j pk-ssh\n-D INPUT -p tcp -m tcp --dport 22 --syn -j pk-ssh\n[3:180] -I INPUT 1 -p tcp -m tcp --dport 22 --syn -j pk-ssh",
  );
  system.kernel.load(
    "ipv4",
    "[2:120] -I pk-ssh 1 -s 10.0.0.8 -m comment --comment pk-allow -j ACCEPT\n:pk-bare - [0:0]",
  );
  return system;
}

Deno.test("a list is a table: a line a door, the service on its first", async () => {
  const { status, out, err } = await (await machine()).run("list");
  assertEquals([status, err], [0, ""]);
  assertEquals(out.split("\n").map((line) => line.split(/ {2,}/).map((cell) => cell.trim())), [
    ["SERVICE", "PORTS", "POLICY", "DOOR", "TIME LEFT", "PACKETS"],
    ["bare", "no jump in INPUT ipv4", "none", "-", "0"],
    ["ssh", "tcp 22 syn", "drop", "10.0.0.8/32", "allowed by file", "2"],
    ["", "10.0.0.9/32", "no end", "0"],
    ["", "2001:db8::9/128", "1h 30m", "0"],
    ["web", "tcp 80,443,8000-8010 ipv4", "accept", "-", "0"],
    [""],
  ]);
});

Deno.test("a list without services says so, and prints nothing", async () => {
  assertEquals(await new FakeSystem().run("list"), {
    status: 0,
    out: "",
    err: "no services: `pktables init` and `pktables load` create them\n",
  });
});

Deno.test("a list for programs is one JSON object of a known shape", async () => {
  const system = await machine();
  const { status, out } = await system.run("list --json");
  assertEquals(status, 0);
  assertEquals(JSON.parse(out), {
    version: 1,
    services: [
      {
        name: "bare",
        families: ["ipv4"],
        protocol: null,
        ports: [],
        syn: false,
        interface: null,
        policy: null,
        established: false,
        log: null,
        doors: [],
        others: [],
        restrictedJumps: [],
        packets: 0,
        bytes: 0,
      },
      {
        name: "ssh",
        families: ["ipv4", "ipv6"],
        protocol: "tcp",
        ports: ["22"],
        syn: true,
        interface: null,
        policy: "drop",
        established: false,
        log: null,
        doors: [
          {
            address: "10.0.0.8/32",
            family: "ipv4",
            kind: "allow",
            expires: null,
            dead: false,
            secondsLeft: null,
            packets: 2,
            bytes: 120,
          },
          {
            address: "10.0.0.9/32",
            family: "ipv4",
            kind: "door",
            expires: null,
            dead: false,
            secondsLeft: null,
            packets: 0,
            bytes: 0,
          },
          {
            address: "2001:db8::9/128",
            family: "ipv6",
            kind: "door",
            expires: "2026-05-06T08:38:09Z",
            dead: false,
            secondsLeft: 5401,
            packets: 0,
            bytes: 0,
          },
        ],
        others: [],
        restrictedJumps: [],
        packets: 3,
        bytes: 180,
      },
      {
        name: "web",
        families: ["ipv4"],
        protocol: "tcp",
        ports: ["80", "443", "8000-8010"],
        syn: false,
        interface: null,
        policy: "accept",
        established: false,
        log: { prefix: null, level: 4, limit: "10/minute", burst: 5 },
        doors: [],
        others: [],
        restrictedJumps: [],
        packets: 0,
        bytes: 0,
      },
    ],
  });
  const one = JSON.parse((await system.run("list web --json")).out);
  assertEquals(one.services.map(({ name }: { name: string }) => name), ["web"]);
  assertEquals(JSON.parse((await new FakeSystem().run("list --json")).out), {
    version: 1,
    services: [],
  });
});

Deno.test("an expired door is shown as such until a command takes it away", async () => {
  const system = await machine();
  system.clock += 5401;
  assertStringIncludes((await system.run("list ssh")).out, "expired");
  assertEquals(
    JSON.parse((await system.run("list ssh --json")).out).services[0].doors[2].secondsLeft,
    0,
  );
});

Deno.test("families that differ are in a line each", async () => {
  const system = await machine();
  await system.run("init ssh --port 22 --syn --accept --replace --ipv6");
  const lines = (await system.run("list ssh")).out.split("\n");
  assertEquals(
    lines.flatMap((line) => /^ssh +tcp 22 syn (ipv[46]) +(\w+)/.exec(line)?.slice(1) ?? []),
    [
      "ipv4",
      "drop",
      "ipv6",
      "accept",
    ],
  );
});

Deno.test("a raw list is what iptables prints of our chains, of both families", async () => {
  const system = await machine();
  const { status, out } = await system.run("list ssh --raw");
  assertEquals(status, 0);
  assertEquals(out.split("\n").filter((line) => /^(#|Chain)/.test(line)), [
    "# IPv4",
    "Chain pk-ssh (1 references)",
    "# IPv6",
    "Chain pk-ssh (1 references)",
  ]);
  // One call a family: of the named chain alone, or of all chains.
  const calls = () =>
    system.kernel.calls.filter(({ verb }) => verb === "print").map(({ family, payload }) =>
      `${family} ${payload}`
    );
  assertEquals(calls(), ["ipv4 pk-ssh", "ipv6 pk-ssh"]);
  system.kernel.calls.length = 0;
  const all = (await system.run("list --raw")).out;
  assertEquals(calls(), ["ipv4 ", "ipv6 "]);
  assertEquals(all.match(/^(#|Chain) .*/gm), [
    ...["# IPv4", "Chain pk-bare (1 references)"],
    ...["# IPv4", "Chain pk-ssh (1 references)"],
    ...["# IPv4", "Chain pk-web (1 references)"],
    ...["# IPv6", "Chain pk-ssh (1 references)"],
  ]);
  assertStringIncludes(all, out.split("\n\n")[0] ?? "");
  // A service that only one family has.
  const heads = (await system.run("list web --raw")).out.match(/^(#|Chain) .*/gm);
  assertEquals(heads, ["# IPv4", "Chain pk-web (1 references)"]);
  system.kernel.faults = { print: failure("refused", "iptables refused the change", "raw words") };
  const failed = await system.run("list --raw");
  assertEquals([failed.status, failed.out], [1, ""]);
});

Deno.test("without iptables it is said what to install", async () => {
  const system = new FakeSystem();
  const problem = failure("absent", "there is no iptables-save on this machine");
  system.kernel.faults.save = { family: "ipv4", problem };
  assertEquals(
    (await system.run("list")).err,
    "pktables: error: IPv4: there is no iptables-save on this machine: install the package iptables\n",
  );
});

Deno.test("a list of a service that is not there is status 4", async () => {
  const { status, err } = await (await machine()).run("list wbe");
  assertEquals([status, err], [
    4,
    "pktables: error: unknown service `wbe` (did you mean `web`?)\n",
  ]);
});

const RULES = "service ssh tcp 22 syn drop knock 8022, 7001:udp, 9003 for 8h\n";

Deno.test("every verb has a page with examples that its own parser takes", async () => {
  for (const { name, examples, hidden } of COMMANDS) {
    if (hidden === true) continue;
    const system = new FakeSystem();
    const page = await system.run(`help ${name}`);
    assertEquals([page.status, page.err, system.kernel.calls], [0, "", []]);
    assertEquals((await system.run(`${name} --help`)).out, page.out);
    for (const line of page.out.split("\n")) assertEquals(line.length <= 80, true, line);
    for (const { line } of examples) {
      for (const file of ["rules.pk", "/etc/pktables/rules.pk"]) system.contents[file] = RULES;
      system.contents["/etc/knockd.conf"] = "";
      const words = line.replace(/^.*pktables /, "").replace(/ [|>].*/, "").replace(
        "%IP%",
        "203.0.113.9",
      );
      const { status } = await system.run(words);
      // A difference, and a packet that does not get in, are answers and no errors.
      const answers = name === "diff" || name === "trace" ? [0, 1] : [0, 4];
      assertEquals(answers.includes(status), true, words);
    }
  }
});

Deno.test("help and version go to standard output, a missing verb is an error", async () => {
  const system = new FakeSystem();
  const help = await system.run("--help");
  assertEquals([help.status, help.err], [0, ""]);
  for (const { name, hidden } of COMMANDS) {
    assertEquals(help.out.includes(`\n  ${name} `), hidden !== true, name);
  }
  assertEquals((await system.run("help")).out, help.out);
  assertEquals(await system.run("--version"), { status: 0, out: `pktables ${VERSION}\n`, err: "" });
  const nothing = await system.run("");
  assertEquals([nothing.status, nothing.out, nothing.err], [2, "", help.out]);
});

Deno.test("errors are coloured on a terminal, unless someone says no", async () => {
  const red = "\x1b[1;31m";
  const system = new FakeSystem();
  const isRed = async (line: string) => (await system.run(line)).err.includes(red);
  assertEquals(await isRed("remove x"), false);
  assertEquals(await isRed("remove x --color always"), true);
  Object.assign(system.console, { errIsTerminal: true });
  assertEquals(await isRed("remove x"), true);
  assertEquals(await isRed("remove x --color never"), false);
  Object.assign(system.console, { noColor: true });
  assertEquals(await isRed("remove x"), false);
  assertEquals(await isRed("remove x --color always"), true);
});
