// What `add` and `delete` say to a person at a terminal, and whom `delete` would cut off.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FakeSystem } from "../support/fake_system.ts";
import { loaded } from "../support/hearing_machine.ts";
import { attended, established, SSH } from "../support/peers.ts";
import { DOOR, DROP, JUMP, machine } from "../support/ssh_machine.ts";

Deno.test("on a terminal add and delete say what the address meets, where it is not what was wanted", async () => {
  const rules = (first: string) => `${first}${SSH}`;
  const shut = "-A INPUT -p tcp -m tcp --dport 22 -j DROP\n";
  const open = "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n";
  const cases = [
    ["", "add", ""],
    ["", "delete", ""],
    [shut, "add", "this door opens nothing: dropped by rule 1 of INPUT: "],
    [shut, "delete", ""],
    [open, "add", ""],
    [open, "delete", "192.0.2.7/32 still gets in: accepted by rule 1 of INPUT: "],
  ] as const;
  for (const [first, verb, told] of cases) {
    for (const isTerminal of [true, false]) {
      const system = new FakeSystem({ ipv4: rules(first) });
      Object.assign(system.console, { errIsTerminal: isTerminal, noColor: true });
      const { status, err } = await system.run(`${verb} 192.0.2.7 --service ssh`);
      assertEquals(status, 0);
      const words = isTerminal && told !== "" ? `pktables: warning: ${told}` : "";
      assertEquals(err.startsWith(words), true, err);
      assertEquals(err === "", words === "", err);
    }
  }
});

Deno.test("a door of his own is no way out for whom a host's door is closed, in either family", async () => {
  for (
    const [peer, network, family] of [
      ["203.0.113.9", "203.0.113.8/31", "ipv4"],
      ["203.0.113.9", "203.0.113.0/24", "ipv4"],
      ["2001:db8::9", "2001:db8::8/127", "ipv6"],
      ["2001:db8::9", "2001:db8::/32", "ipv6"],
    ] as const
  ) {
    for (const door of [peer, network]) {
      const system = attended({ [family]: SSH.replace("203.0.113.7/32", door) });
      system.around.ss = established(peer);
      const { status, err } = await system.run(`delete ${door} --service ssh`);
      assertEquals([status, system.kernel.writes], [1, []], door);
      const way = `to let it in first: pktables add ${peer} --service ssh\n`;
      assertEquals(err.includes(way), door === network, err);
    }
  }
});

Deno.test("delete names a list of the kernel that it cannot read, by which the address may still get in", async () => {
  const system = await loaded();
  system.areListsShown = false;
  const { status, out, err } = await system.run("delete 10.9.2.1 --service ssh");
  assertEquals([status, out], [0, "ssh: 10.9.2.1/32 not open: nothing to do\n"]);
  assertStringIncludes(
    err,
    "warning: 10.9.2.1/32 may still get in: the kernel's list pk-ssh cannot be read\n",
  );
  assert(!err.includes("pk-ssh.v6"));
});

Deno.test("delete does not say closed of a door whose time on the kernel's list was over", async () => {
  for (const [ago, words] of [[28_800, "closed"], [28_802, "not open: nothing to do"]] as const) {
    const system = await loaded();
    system.knocked["pk-ssh"] = { "10.9.2.3": ago };
    const { out } = await system.run("delete 10.9.2.3 --service ssh");
    assertEquals(out, `ssh: 10.9.2.3/32 ${words}\n`);
  }
});

Deno.test("delete says what still lets the address in: no expired door, but a chain without an end", async () => {
  const over = "-A pk-ssh -s 10.0.0.0/8 -m time --datestop 2020-01-01T00:00:00 -j ACCEPT";
  const timed = over.replace("2020", "2030");
  for (
    const [lines, told] of [
      [[over, DOOR, DROP], []],
      [[timed, DOOR, DROP], ["10.0.0.9/32 still gets in: there is a door for 10.0.0.0/8"]],
      [[DOOR], ["chain pk-ssh has no policy at its end: it blocks no one"]],
      [[timed, DOOR], [
        "chain pk-ssh has no policy at its end: it blocks no one",
        "10.0.0.9/32 still gets in: there is a door for 10.0.0.0/8",
      ]],
    ] as const
  ) {
    const system = machine(JUMP, ...lines);
    const { out, err } = await system.run("delete 10.0.0.9 --service ssh");
    assertEquals(out, "ssh: 10.0.0.9/32 closed\n");
    assertEquals(err, told.map((one) => `pktables: warning: ${one}\n`).join(""));
  }
});
