// What the verbs that write files for other programs take and refuse: `unit` and its paths.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "../../src/cli/run.ts";
import { memorySystem } from "../support/memory_system.ts";

const RULES = "service ssh tcp 22 syn drop\n";

async function unit(
  words: readonly string[],
  { files = { "rules.pk": RULES }, program = "/usr/local/bin/pktables" }: {
    files?: Readonly<Record<string, string>>;
    program?: string | null;
  } = {},
) {
  const { system, out, err } = memorySystem(files);
  const status = await run(words, { ...system, paths: { ...system.paths, program } });
  return { status, out: out(), err: err() };
}

Deno.test("each kind of boot script loads the file by its absolute path", async () => {
  const starts = { systemd: "#", openrc: "#!/sbin/openrc-run\n", sysv: "#!/bin/sh\n" };
  for (const [kind, start] of Object.entries(starts)) {
    const { status, out, err } = await unit(["unit", kind, "rules.pk"]);
    assertEquals([status, err], [0, ""]);
    assert(out.startsWith(start), out);
    assertStringIncludes(out, "/home/rules.pk");
    assert(!out.includes("--ipv"), out);
  }
});

Deno.test("a boot script names the family, backend and wait that were given", async () => {
  const { out } = await unit(
    ["unit", "systemd", "rules.pk", "--ipv6", "--backend", "nft", "--wait=3"],
  );
  assertStringIncludes(
    out,
    "\nExecStart=/usr/local/bin/pktables load /home/rules.pk --ipv6 --backend nft --wait 3\n",
  );
});

Deno.test("a boot script that could not start, or could add lines, is not written", async () => {
  const odd = "a\nb.pk";
  const cases: readonly (readonly [words: readonly string[], told: string])[] = [
    [
      ["upstart", "rules.pk"],
      "`unit` does not support `upstart` (must be one of systemd, openrc, sysv)",
    ],
    [["systemd", "-"], "a boot script cannot load standard input (name a file)"],
    [
      ["sysv", "rules.pk", "--binary", "pktables"],
      "invalid value `pktables` for `--binary`: must be an absolute path",
    ],
    [["openrc", odd], "invalid path `/home/a\\u{a}b.pk`"],
    [["sysv", "%IP%.pk"], "invalid path `/home/%IP%.pk`"],
  ];
  for (const [words, told] of cases) {
    const files = { "rules.pk": RULES, "-": RULES, [odd]: RULES, "%IP%.pk": RULES };
    const { status, out, err } = await unit(["unit", ...words], { files });
    assertEquals([status, out], [2, ""], words.join(" "));
    assertStringIncludes(err, `pktables: error: ${told}`);
  }
});

Deno.test("a boot script for a file with errors is not written", async () => {
  const files = { "rules.pk": "service ssh tcp 0\n" };
  const { status, out, err } = await unit(["unit", "systemd", "rules.pk"], { files });
  assertEquals([status, out], [3, ""]);
  assertStringIncludes(err, "nothing was done: `rules.pk` has 1 error");
});

Deno.test("a pktables run from its sources needs the path of the program", async () => {
  for (const line of ["unit systemd rules.pk", "knockd rules.pk"]) {
    const told = await unit(line.split(" "), { program: null });
    assertEquals([told.status, told.out], [2, ""]);
    assertStringIncludes(told.err, "(give `--binary /usr/local/bin/pktables`)");
    const named = await unit([...line.split(" "), "--binary", "/opt/pktables"], { program: null });
    assertEquals(named.status, 0, named.err);
  }
});
