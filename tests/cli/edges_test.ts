// The limits of what verbs accept and print: the largest value and the next one, and no output if
// there is nothing to report.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { run } from "../../src/cli/run.ts";
import { memorySystem } from "../support/memory_system.ts";
import { FakeSystem } from "../support/fake_system.ts";

/** A machine whose INPUT jumps to services in an order, and a file that has them in another. */
function ordered(jumps: string, file: string): FakeSystem {
  const ports: Record<string, number> = { a: 1, b: 2, c: 3 };
  const lines = [...jumps].flatMap((name) => [
    `-A INPUT -p tcp -m tcp --dport ${ports[name]} -j pk-${name}`,
    `-A pk-${name} -j DROP`,
  ]);
  const start = [...[...jumps].map((name) => `:pk-${name} - [0:0]`), ...lines].join("\n");
  const system = new FakeSystem({ ipv4: start, ipv6: start });
  system.contents["rules.pk"] = [...file].map((name) => `service ${name} tcp ${ports[name]} drop\n`)
    .join("");
  return system;
}

Deno.test("diff names the first two services whose jumps are in another order than in the file", async () => {
  const cases: readonly (readonly [jumps: string, first: string, second: string])[] = [
    ["bac", "b", "a"],
    ["acb", "c", "b"],
    ["cba", "b", "a"],
    ["cab", "c", "b"],
    ["bca", "b", "a"],
  ];
  for (const [jumps, first, second] of cases) {
    const { err, out, status } = await ordered(jumps, "abc").run("diff rules.pk");
    const [v4, v6, ...more] = err.split("\n").filter((line) => line.includes("unlike in the file"));
    const words = `in INPUT the jump to ${first} comes before that to ${second}, unlike in the ` +
      "file; jumps keep their places";
    assertEquals([v4, v6, more], [
      `pktables: warning: IPv4: ${words}`,
      `pktables: warning: IPv6: ${words}`,
      [],
    ], `${jumps}: ${err}`);
    assertEquals([out, status], ["", 1], jumps);
  }
});

Deno.test("the order is not reported if it is that of the file, or will be after a load", async () => {
  for (const jumps of ["abc", "ab", "a", ""]) {
    const { err } = await ordered(jumps, "abc").run("diff rules.pk");
    assert(!err.includes("unlike in the file"), `${jumps}: ${err}`);
  }
  // A jump that is missing is made behind the others.
  const { err } = await ordered("ac", "abc").run("diff rules.pk");
  assertStringIncludes(err, "IPv4: in INPUT the jump to c comes before that to b");
});

/** Verbs that ask the kernel, each by a line that needs no file once it runs. */
const GIVES_UP: Readonly<Record<string, string>> = {
  init: "init web --port 80",
  add: "add 203.0.113.9 --service ssh",
  delete: "delete 203.0.113.9 --service ssh",
  list: "list",
  remove: "remove ssh",
  sweep: "sweep",
  diff: "diff rules.pk",
  load: "load rules.pk",
  confirm: "confirm",
  revert: "revert",
  trace: "trace tcp 22 from anyone",
  complete: "complete -- list ",
};

Deno.test("each verb that asks the kernel gives up all files before it does so", async () => {
  for (const [verb, line] of Object.entries(GIVES_UP)) {
    const system = new FakeSystem();
    system.contents["rules.pk"] = "service ssh tcp 22 drop\n";
    await system.run("init ssh --port 22");
    const before = system.kernel.calls.length;
    let given = 0;
    system.dropFileAccess = () => {
      assertEquals(system.kernel.calls.length, before, `${verb} asked the kernel before`);
      given++;
      return Promise.resolve();
    };
    const { status, err } = await system.run(line.split(" "));
    assertEquals([status, given], [verb === "trace" ? 1 : 0, 1], `${verb}: ${err}`);
    assert(system.kernel.calls.length > before, verb);
  }
});

Deno.test("the verbs that give up no file are those that ask no kernel", async () => {
  const others = COMMANDS.map(({ name }) => name).filter((name) => !(name in GIVES_UP));
  const lines: Readonly<Record<string, string>> = {
    check: "check rules.pk",
    compile: "compile rules.pk",
    fmt: "fmt rules.pk",
    knockd: "knockd rules.pk",
    import: "import knockd.conf",
    client: "client rules.pk --host h",
    sequences: "sequences 3",
    unit: "unit systemd rules.pk",
    completions: "completions bash",
    man: "man",
    help: "help",
  };
  assertEquals(others.sort(), Object.keys(lines).sort());
  for (const line of Object.values(lines)) {
    // On this machine, any access to the kernel throws.
    const { system, err } = memorySystem({
      "rules.pk": "service ssh tcp 22 drop\n    knock 7001, 9002, 8003 for 8h\n",
      "knockd.conf": "",
    });
    assertEquals(await run(line.split(" "), system), 0, `${line}: ${err()}`);
  }
});

Deno.test("a burst is taken up to what the kernel keeps at its rate, and not one more", async () => {
  const cases: readonly (readonly [rate: string, most: number])[] = [
    ["1/day", 1],
    ["3/day", 3],
    ["1/hour", 24],
    ["1/minute", 1440],
    ["6/minute", 8640],
    ["1/second", 10_000],
    ["10/second", 10_000],
  ];
  for (const [rate, most] of cases) {
    const line = `init web --port 80 --log-limit ${rate} --log-burst`;
    const system = new FakeSystem();
    const taken = await system.run(`${line} ${most}`);
    assertEquals([taken.status, taken.err], [0, ""], `${rate} ${most}`);
    assertStringIncludes(
      system.kernel.chain("ipv4", "pk-web")?.[0] ?? "",
      `--limit-burst ${most} `,
    );
    const refused = await new FakeSystem().run(`${line} ${most + 1}`);
    const help = most === 10_000 ? "must be 1-10000" : `write --log-burst ${most} or less`;
    assertEquals(refused.status, 2, `${rate} ${most + 1}`);
    assertStringIncludes(refused.err, `(${help})`);
  }
  for (const word of ["0", "01", "-1", "1.5", "", "x"]) {
    const refused = await new FakeSystem().run([
      ..."init web --port 80 --log-limit 10/second".split(" "),
      `--log-burst=${word}`,
    ]);
    assertEquals(refused.status, 2, word);
    assertStringIncludes(refused.err, "1-10000");
  }
});

Deno.test("a burst without a rate to hold it back is refused", async () => {
  const { status, err } = await new FakeSystem().run("init web --port 80 --log-burst 7");
  assertEquals([status, err], [
    2,
    "pktables: error: `--log-burst` needs `--log-limit`\n",
  ]);
});

Deno.test("a press of Tab behind `fmt --check` offers rules files", async () => {
  const words = async (line: string) =>
    (await new FakeSystem().run(["complete", "--", ...line.split(" ")])).out;
  assertEquals(await words("fmt --check "), ":pk-file\n");
  assertEquals(await words("fmt --check r"), ":pk-file\n");
  // `knockd` has a --check of its own, which takes a value.
  assertEquals(await words("knockd --check "), ":file\n");
});
