// What `init` changes of a service that is there, and what it says of it.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeSystem } from "../support/fake_system.ts";
import { chain, DROP, JUMP, machine } from "../support/ssh_machine.ts";

/** The words of the jump, as iptables-save prints them. */
const PRINTED = "-p tcp -m tcp --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -j pk-ssh";

Deno.test("init --move moves a jump only with --replace, as it is a change", async () => {
  for (
    const [options, moves] of [["", false], ["--move", false], ["--replace", false], [
      "--replace --move",
      true,
    ]] as const
  ) {
    const system = machine("-A INPUT -i lo -j ACCEPT", "-A INPUT -j REJECT", JUMP, DROP);
    const { status, out } = await system.run(`init ssh --port 22 --syn --ipv4 ${options}`);
    assertEquals(status, 0);
    const at = system.kernel.chain("ipv4", "INPUT")?.indexOf(PRINTED);
    assertEquals(at, moves ? 1 : 2, options);
    assertEquals(
      out,
      moves
        ? "ssh: repaired (IPv4), ahead of rule 2 of INPUT: -j REJECT --reject-with icmp-port-unreachable\n"
        : "ssh: already exists: nothing to do (IPv4)\n",
    );
  }
});

Deno.test("init --replace puts the service's own jump in the place of one with further matches", async () => {
  const narrow = JUMP.replace("INPUT", "INPUT -s 10.0.0.0/8");
  const system = machine(narrow, DROP);
  assertEquals((await system.run("init ssh --port 22 --syn --ipv4")).status, 1);
  assertEquals((await system.run("init ssh --port 22 --syn --ipv4 --replace")).status, 0);
  assertEquals(system.kernel.chain("ipv4", "INPUT"), [PRINTED]);
});

Deno.test("where only the jump is missing, init says where it went", async () => {
  const system = machine("-A INPUT -j REJECT", DROP);
  const { out } = await system.run("init ssh --port 22 --syn --ipv4");
  assertEquals(
    out,
    "ssh: repaired (IPv4), ahead of rule 1 of INPUT: -j REJECT --reject-with icmp-port-unreachable\n",
  );
  assertEquals(system.kernel.writes[0]?.payload.split("\n").length, 4);
});

Deno.test("init says once what a foreign rule makes of the service", async () => {
  for (const rule of ["-p tcp -j ACCEPT", "-p tcp -m tcp --dport 22 -j ACCEPT"]) {
    const system = machine(JUMP, `-A pk-ssh ${rule}`, DROP);
    const { status, err } = await system.run("init ssh --port 22 --syn --ipv4 --replace");
    assertEquals([status, err.match(/warning/g)?.length], [0, 1], err);
    assertStringIncludes(err, `rule 1 of pk-ssh (${rule})`);
    assertEquals(chain(system), [rule, "-j DROP"]);
  }
});

Deno.test("init --confirm says until when, and on a machine without a clock does nothing", async () => {
  const system = new FakeSystem();
  const { status, out, err } = await system.run("init ssh --port 22 --confirm 60s");
  assertEquals([status, err], [0, ""]);
  assertEquals(
    out,
    "ssh: created (IPv4 and IPv6)\nunconfirmed, 1m left: the kernel takes this back after " +
      "2026-05-06T07:09:09Z unless `pktables confirm` keeps it; `pktables revert` takes it back now\n",
  );
  for (const line of ["init ssh --port 22", "load a.pk"]) {
    const old = new FakeSystem();
    old.clock = 86_400;
    old.contents["a.pk"] = "service ssh tcp 22 drop\n";
    const refused = await old.run(`${line} --confirm 60s`);
    assertEquals([refused.status, refused.out, old.kernel.writes], [1, "", []], line);
    assertStringIncludes(refused.err, "the clock says 1970-01-02: it was never set");
    assertEquals((await old.run(line)).status, 0, line);
  }
});

Deno.test("of several services that are not there the first is named", async () => {
  const system = machine(JUMP, DROP);
  const { status, err } = await system.run("remove ssh first second ssh third");
  assertEquals([status, system.kernel.writes], [4, []]);
  assertStringIncludes(err, "unknown service `first`");
});

Deno.test("one difference is enough to be refused, and to be replaced", async () => {
  for (
    const [options, difference] of [
      ["--port 22 --syn --accept", "policy: drop (wanted: accept)"],
      ["--port 22", "syn: yes (wanted: no)"],
      ["--port 23 --syn", "ports: 22 (wanted: 23)"],
    ]
  ) {
    const system = machine(JUMP, DROP);
    const line = `init ssh ${options} --ipv4`;
    assertEquals(await system.run(line), {
      status: 1,
      out: "",
      err: `pktables: error: service ssh exists and differs:\n  IPv4 ${difference}\n` +
        "  use --replace to change it; its doors stay open\n",
    });
    const { out } = await system.run(`${line} --replace`);
    assertEquals(out, "ssh: replaced (IPv4)\n");
    assertEquals((await system.run(line)).out, "ssh: already exists: nothing to do (IPv4)\n");
  }
});
