import { assertEquals, assertStringIncludes } from "@std/assert";
import { attended, peerMachine, SSH } from "../support/peers.ts";

const REMOVED = "-A INPUT -p tcp -m tcp --dport 80 -j pk-web";
const TWO = `${SSH}\n:pk-web - [0:0]\n${REMOVED}\n-A pk-web -j ACCEPT`;

/** What is hardly intended: a command line, its file, and the message. */
const DOUBTS: readonly (readonly [line: string, file: string, said: string])[] = [
  ["remove --all", "", "--all removes every service: ssh and web"],
  ["load rules.pk", "", "`rules.pk` has no service"],
  ["load rules.pk --prune", "# none\n", "`rules.pk` has no service"],
  [
    "load rules.pk --prune",
    "service mail tcp 25 accept ipv4",
    "this removes every service: ssh and web",
  ],
];

Deno.test("on a terminal what is hardly intended requires --force, and changes nothing", async () => {
  for (const [line, file, said] of DOUBTS) {
    const system = attended({ ipv4: TWO });
    system.contents["rules.pk"] = file;
    const before = system.dump();
    const { status, err } = await system.run(line);
    assertEquals(status, 1, line);
    assertEquals(
      err,
      `pktables: error: nothing was changed: ${said} (--force does it anyway)\n`,
    );
    assertEquals(system.dump(), before);
    assertEquals((await system.run(`${line} --force`)).status, 0, line);
  }
});

Deno.test("elsewhere it is a warning, and done", async () => {
  for (const [line, file, said] of DOUBTS) {
    const system = peerMachine({ ipv4: TWO });
    system.contents["rules.pk"] = file;
    const { status, err } = await system.run(line);
    assertEquals(status, 0, line);
    assertStringIncludes(err, `pktables: warning: ${said}\n`);
  }
});

Deno.test("an empty file with --prune says what it removes", async () => {
  const system = peerMachine({ ipv4: TWO });
  system.contents["rules.pk"] = "";
  assertEquals((await system.run("load rules.pk --prune")).err.split("\n"), [
    "pktables: warning: `rules.pk` has no service",
    "pktables: warning: this removes every service: ssh and web",
    "",
  ]);
});

Deno.test("a prune that leaves a service, and removal by name, ask for nothing", async () => {
  const pruned = attended({ ipv4: TWO });
  pruned.contents["rules.pk"] = "service web tcp 80 accept ipv4";
  assertEquals((await pruned.run("load rules.pk --prune")).err, "");
  const removed = attended({ ipv4: TWO });
  assertEquals((await removed.run("remove ssh web")).err, "");
  assertEquals((await removed.run("remove --all")).err, "");
  const narrowed = attended({ ipv4: SSH, ipv6: SSH.replace(/.*203.*\n/, "") });
  narrowed.contents["rules.pk"] = "service ssh tcp 22 syn drop ipv4";
  assertEquals((await narrowed.run("load rules.pk --prune")).status, 0);
});

Deno.test("an include pattern that finds no file is a warning, and on a terminal asks for --force", async () => {
  const rules = 'include "services/*.pk"\nservice ssh tcp 22 accept';
  const missing = 'include "sites/a?/doors.pk"\nservice ssh tcp 22 accept';
  for (const file of [rules, missing]) {
    const boot = peerMachine();
    boot.contents["rules.pk"] = file;
    boot.contents["sites/ab/other.pk"] = "";
    const done = await boot.run("load rules.pk");
    assertEquals([done.status, boot.kernel.writes.length], [0, 2]);
    assertStringIncludes(
      done.err,
      "warning[PK074]: this pattern finds no file\n  --> rules.pk:1:9",
    );
    const person = attended();
    Object.assign(person.contents, boot.contents);
    const refused = await person.run("load rules.pk");
    assertEquals([refused.status, person.kernel.writes.length], [1, 0]);
    assertStringIncludes(
      refused.err,
      "nothing was changed: an `include` of the file finds no file (--force does it anyway)\n",
    );
    assertEquals((await person.run("load rules.pk --force")).status, 0);
  }
});

Deno.test("a pattern whose files are read already, or empty, finds them", async () => {
  const system = attended();
  system.contents["rules.pk"] = 'include "services/*.pk"\ninclude "services/*.pk"\n' +
    "service ssh tcp 22 accept";
  system.contents["services/a.pk"] = "";
  assertEquals((await system.run("load rules.pk")).status, 0);
});
