// What `list` says where there is little to show, or where not all of it can be read.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { failure } from "../../src/system/failure.ts";
import { loaded, RULES } from "../support/hearing_machine.ts";
import { LONGEST, machine, must, unconfirmed } from "../support/unconfirmed_machine.ts";

Deno.test("list takes no lock, writes nothing and gives up the right to files", async () => {
  const system = await machine();
  const writes = system.kernel.writes.length;
  for (const line of ["list", "list ssh", "list --json", "list --raw", "list --watch"]) {
    system.steps.length = 0;
    assertEquals((await system.run(line)).status, 0);
    assertEquals(system.steps.filter((step) => step !== "listens no more"), ["drop"], line);
  }
  assertEquals(system.kernel.writes.length, writes);
});

Deno.test("where unconfirmed rules leave no service, list says until when", async () => {
  const system = await machine();
  system.contents["none.pk"] = "\n";
  await must(system, "load none.pk --prune --confirm 60s");
  const { status, out, err } = await system.run("list");
  assertEquals(status, 0);
  assertStringIncludes(out, "unconfirmed, 1m left: ");
  assertStringIncludes(out, "taken back after 2026-05-06T07:09:09Z unless `confirm` keeps it\n");
  assertEquals(err, "no services: `pktables init` and `pktables load` create them\n");
});

Deno.test("doors of knocks are shown also beside a service without knocks", async () => {
  const system = await loaded(`service web tcp 80\n${RULES}`);
  system.knocked["pk-ssh"] = { "10.9.2.1": 60 };
  assertStringIncludes((await system.run("list")).out, "10.9.2.1/32  7h 59m by kernel");
  assertStringIncludes((await system.run("list ssh")).out, "10.9.2.1/32  7h 59m by kernel");
  assertEquals((await system.run("list web")).out.includes("10.9.2.1"), false);
});

Deno.test("lists of the kernel that cannot be read are named, not taken for empty", async () => {
  const system = await loaded();
  system.areListsShown = false;
  for (const line of ["list", "list ssh", "list --json", "list --raw"]) {
    const { status, err } = await system.run(line);
    assertEquals(status, 0);
    assertEquals(
      err.split("\n").filter((one) => one.includes("cannot be read")),
      ["pk-ssh", "pk-ssh.v6"].map((list) =>
        "pktables: warning: ssh: who has knocked is not shown: " +
        `the kernel's list ${list} cannot be read`
      ),
      line,
    );
  }
});

Deno.test("a watch ends with what is unconfirmed, in a line of its own, services or not", async () => {
  const system = await unconfirmed();
  const table = (await system.run("list")).out;
  assertEquals(/\nunconfirmed, 1m left: /.test(table), true);
  assertStringIncludes((await system.run("list --watch")).out, table.trimEnd());
  for (const word of ["", "nobody"]) {
    const empty = await machine();
    empty.contents["none.pk"] = "\n";
    await must(empty, "load none.pk --prune --confirm 60s");
    const { out } = await empty.run(`list ${word} --watch`);
    const what = word === "" ? "no services" : "no service nobody";
    assertStringIncludes(out, `${what}\nunconfirmed, 1m left: `);
  }
});

Deno.test("a watch says nothing of a family that the machine does not have", async () => {
  const system = await machine();
  const problem = failure("no-family", "switched off");
  system.kernel.faults = { save: { family: "ipv6", problem } };
  system.pauses = 2;
  assertEquals((await system.run("list --watch")).err, "");
  assertStringIncludes((await system.run("list")).err, "note: no IPv6 here");
});

Deno.test("of a service that only IPv6 has, the raw list asks ip6tables alone", async () => {
  const system = await machine();
  await must(system, "init six --port 6 --ipv6");
  system.kernel.calls.length = 0;
  const { out, err } = await system.run("list six --raw");
  assertEquals([out.match(/^(#|Chain) .*/gm), err], [
    ["# IPv6", "Chain pk-six (1 references)"],
    "",
  ]);
  const printed = system.kernel.calls.filter(({ verb }) => verb === "print");
  assertEquals(printed.map(({ family }) => family), ["ipv6"]);
});

Deno.test("a raw list has the unconfirmed chains, of one service those of that service alone", async () => {
  const system = await unconfirmed();
  const heads = async (line: string) => {
    const { out } = await system.run(`${line} --raw --ipv4`);
    return [...out.matchAll(/^Chain (\S+)/gm)].map(([, name]) => name);
  };
  assertEquals(await heads("list"), [`pk-${LONGEST}`, "pk-ssh", `pk.${LONGEST}`, "pk.ssh"]);
  assertEquals(await heads("list ssh"), ["pk-ssh", "pk.ssh"]);
  assertEquals(await heads(`list ${LONGEST}`), [`pk-${LONGEST}`, `pk.${LONGEST}`]);
});

Deno.test("on a terminal a list is as wide as the screen, in a pipe it has all its columns", async () => {
  const system = await machine();
  await system.run("init web --port 80,443,8000-8010,9000,9001,9002,9003,9004,9005 --udp");
  const { out: whole } = await system.run("list");
  assertEquals(whole.split("\n").some((line) => line.length > 80), true);
  for (const columns of [60, 75, 300]) {
    Object.assign(system.console, { outIsTerminal: true, columns });
    const { out } = await system.run("list");
    const widest = Math.max(...out.split("\n").map((line) => line.length));
    assertEquals(widest <= columns, true, `${columns}: ${widest}\n${out}`);
    assertEquals(out === whole, columns === 300);
  }
});
