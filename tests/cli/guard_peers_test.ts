import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { init } from "../../src/cli/commands/init.ts";
import { guardPeers } from "../../src/cli/kernel/guard.ts";
import { Reporter } from "../../src/cli/report/reporter.ts";
import { FAMILIES } from "../../src/firewall/address.ts";
import type { Edit } from "../../src/plan/edit.ts";
import { err as failed } from "../../src/result.ts";
import { failure } from "../../src/system/failure.ts";
import { attended, established, peerMachine, SSH } from "../support/peers.ts";

const PEER = "203.0.113.7";
const CLOSED = `${PEER}, which is connected to port 22,`;

Deno.test("a table that cannot be shown is left out: who is connected came through it", async () => {
  const system = attended({}, established(PEER));
  system.around.nft = "{";
  assertEquals((await system.run("init ssh --port 22")).status, 1);
});

Deno.test("remove closes out where INPUT drops, and names no door as a way out", async () => {
  const system = attended({ ipv4: `:INPUT DROP [0:0]\n${SSH}` }, established(PEER));
  const { status, err } = await system.run("remove ssh");
  assertEquals([status, system.kernel.writes.length], [1, 0]);
  assertStringIncludes(err, "could not connect again: dropped by the policy of INPUT\n");
  assertStringIncludes(err, "\n  to do it anyway: --force\n");
  assert(!err.includes("let it in first"));
  assertEquals((await system.run("remove ssh --force")).status, 0);
});

Deno.test("delete on a terminal does not close the door of who is connected", async () => {
  const system = attended({ ipv4: SSH }, established(PEER));
  const { status, err } = await system.run(`delete ${PEER} --service ssh`);
  assertEquals([status, system.kernel.writes.length], [1, 0]);
  assertStringIncludes(err, `${CLOSED} would stay connected but could not connect again`);
  assert(!err.includes("let it in first"));
  assertEquals((await system.run(`delete ${PEER} --service ssh --force`)).status, 0);
});

Deno.test("where a network's door is closed, a door of his own keeps a peer in", async () => {
  const system = attended({ ipv4: SSH.replace("203.0.113.7/32", "203.0.113.0/24") });
  system.around.ss = established(PEER);
  const { err } = await system.run("delete 203.0.113.0/24 --service ssh");
  assertStringIncludes(err, `to let it in first: pktables add ${PEER} --service ssh\n`);
  assertEquals((await system.run(`add ${PEER} --service ssh`)).status, 0);
  assertEquals((await system.run("delete 203.0.113.0/24 --service ssh")).status, 0);
});

Deno.test("hooks do not check who is connected: neither add, nor delete without a terminal", async () => {
  const hook = peerMachine({ ipv4: SSH }, established(PEER));
  await hook.run(`add 203.0.113.8 --service ssh --for 30s`);
  await hook.run(`delete ${PEER} --service ssh`);
  assertEquals([hook.kernel.writes.length, hook.asked, hook.console.errText], [2, [], ""]);
  const person = attended({ ipv4: SSH }, established(PEER));
  await person.run(`add 203.0.113.8 --service ssh`);
  assertEquals(person.asked, []);
});

Deno.test("connected clients are not checked if nothing is to be written", async () => {
  const system = attended({ ipv4: SSH, ipv6: SSH.replace(/.*203.*\n/, "") }, established(PEER));
  system.contents["rules.pk"] = "service ssh tcp 22 syn drop";
  assertEquals((await system.run("load rules.pk")).status, 0);
  assertEquals((await system.run("init ssh --port 22 --syn")).status, 0);
  assertEquals((await system.run("delete 203.0.113.8 --service ssh")).status, 0);
  assertEquals([system.kernel.writes.length, system.asked], [0, []]);
});

Deno.test("without ss there is one note and no guard", async () => {
  const system = attended();
  system.around.ss = failure("absent", "there is no ss on this machine");
  const { status, err } = await system.run("init ssh --port 22");
  assertEquals([status, system.kernel.writes.length], [0, 2]);
  assertEquals(
    err,
    "note: there is no ss on this machine (package iproute2): connected clients are not checked\n",
  );
});

Deno.test("what goes wrong while it is looked is reported, and stops nothing", async () => {
  const broken = attended();
  broken.around.ss = failure("timeout", "ss did not end within 10 s and was killed");
  const { status, err } = await broken.run("init ssh --port 22");
  assertEquals([status, broken.kernel.writes.length], [0, 2]);
  assertStringIncludes(err, "warning: cannot check who is connected: ss did not end within 10 s");
  const blind = attended({}, established(PEER));
  const problem = failure("timeout", "iptables-save did not end within 10 s");
  Object.assign(blind.surroundings, { saveAll: () => Promise.resolve(failed(problem)) });
  const seen = await blind.run("init ssh --port 22");
  assertEquals([seen.status, blind.kernel.writes.length], [0, 2]);
  assertStringIncludes(
    seen.err,
    "pktables: warning: cannot check whether a connected client is cut off: iptables-save did not end",
  );
  const odd = attended({}, `rubbish\n${established(PEER)}0 0 a:1 b:2\n`);
  const told = await odd.run("init ssh --port 22");
  assertEquals(told.status, 1);
  assertStringIncludes(told.err, "note: ss printed 2 lines that cannot be read: rubbish\n");
});

Deno.test("a verb that takes --confirm names it as a way out, and with it the guard only warns", async () => {
  const confirm = { name: "confirm", value: "DURATION", help: "" };
  const verb = { ...init, options: [...init.options, confirm] };
  const place = { last: true, packets: 0, bytes: 0, index: 1 };
  const jump = "-p tcp -m tcp --dport 22 -j pk-ssh";
  const edits: readonly Edit[] = [
    { op: "create-chain", chain: "pk-ssh" },
    { op: "insert", chain: "pk-ssh", text: "-j DROP", ...place },
    { op: "insert", chain: "INPUT", text: jump, ...place },
  ];
  for (const options of [new Map<string, string>(), new Map([["confirm", "60s"]])]) {
    const system = attended({}, established(PEER));
    const report = new Reporter(system.console, { quiet: false, color: "never" });
    const global = {
      ...{ families: FAMILIES, familyAsked: false },
      ...{ backend: "system", wait: 1 } as const,
    };
    const call = { global, options, repeated: new Map<string, string[]>(), operands: [] };
    const plans = [{ family: "ipv4", edits } as const];
    const status = await guardPeers({ system, report }, { call, verb, plans });
    const err = system.console.errText;
    assertEquals(status, options.has("confirm") ? null : 1);
    assertEquals(err.includes("warning:"), options.has("confirm"), err);
    assertEquals(
      err.includes(
        "\n  to try it: --confirm 60s, which the kernel takes back unless `pktables confirm` follows\n",
      ),
      !options.has("confirm"),
      err,
    );
  }
});

Deno.test("a thousand peers are judged at once if no rule distinguishes them", async () => {
  const peers = Array.from({ length: 1000 }, (_, at) => `198.51.${at >> 8}.${at & 255}`);
  const allows = peers.slice(0, 500).map((peer) => `-A INPUT -s ${peer}/32 -j ACCEPT`);
  const system = attended({ ipv4: allows.join("\n") }, established(...peers));
  const started = performance.now();
  const { err } = await system.run("init ssh --port 22");
  assertStringIncludes(err, "500 connected clients would be cut off");
  assertEquals(system.asked, ["ss", "ip route get ipv4 1000"]);
  assert(performance.now() - started < 5000, `${performance.now() - started} ms`);
});

Deno.test("a chain that others lead all packets to is looked at for all ports", async () => {
  const before = SSH.replace("-p tcp -m tcp --dport 22 --syn -j", "-s 203.0.113.0/24 -j");
  const system = attended({ ipv4: before }, established(PEER));
  assertEquals((await system.run(`delete ${PEER} --service ssh`)).status, 1);
});

Deno.test("a peer of two of the machine's addresses is named once", async () => {
  const both = established(PEER) + "ESTAB 0 0 10.0.0.6:22 203.0.113.7:6000\n";
  const { err } = await attended({}, both).run("init ssh --port 22");
  assertStringIncludes(err, `nothing was changed: ${CLOSED}`);
});

Deno.test("many connections of one peer to one port are one", async () => {
  const { err } = await attended({}, established(PEER, PEER, PEER)).run("init ssh --port 22");
  assertStringIncludes(err, `nothing was changed: ${CLOSED}`);
});

Deno.test("while rules are unconfirmed, and after their end, delete asks for who is connected", async () => {
  const window = async () => {
    const system = attended({ ipv4: SSH }, established(PEER));
    system.contents["rules.pk"] = "service ssh tcp 22 syn reject";
    assertEquals((await system.run("load rules.pk --confirm 60s")).status, 0);
    return system;
  };
  for (const later of [0, 100]) {
    const system = await window();
    system.clock += later;
    const before = system.dump();
    const { status, err } = await system.run(`delete ${PEER} --service ssh`);
    assertEquals([status, system.dump()], [1, before], err);
    assertStringIncludes(err, `${CLOSED} would stay connected but could not connect again`);
    assertEquals((await system.run(`delete ${PEER} --service ssh --force`)).status, 0);
    assert(!system.dump().includes(PEER));
  }
});

Deno.test("a door that only the old rules need is checked: they may come back", async () => {
  const system = attended({ ipv4: SSH }, established(PEER));
  system.contents["rules.pk"] = "service ssh tcp 22 syn accept";
  assertEquals((await system.run("load rules.pk --confirm 60s")).status, 0);
  const { status, err } = await system.run(`delete ${PEER} --service ssh`);
  assertEquals(status, 1);
  assertStringIncludes(
    err,
    "could not connect again: once the unconfirmed rules are taken back, dropped by rule 1 of pk-ssh",
  );
});

Deno.test("a comment that looks like an option hides no client", async () => {
  for (
    const jump of [
      '-p tcp -m tcp --dport 22 -m comment --comment "was -j OLD" -j pk-ssh',
      '-p tcp -m comment --comment "was --dport 99 once" -m tcp --dport 22 -j pk-ssh',
    ]
  ) {
    const rules = SSH.replace("-p tcp -m tcp --dport 22 --syn -j pk-ssh", jump);
    const system = attended({ ipv4: rules }, established(PEER));
    assertEquals((await system.run(`delete ${PEER} --service ssh`)).status, 1, jump);
  }
});

Deno.test("confirm checks those who would get in again if it were not confirmed", async () => {
  const system = attended({}, established(PEER));
  system.contents["rules.pk"] = "service ssh tcp 22 drop";
  assertEquals((await system.run("load rules.pk --confirm 60s")).status, 0);
  const before = system.dump();
  const { status, err } = await system.run("confirm");
  assertEquals([status, system.dump()], [1, before]);
  assertStringIncludes(err, `${CLOSED} would be cut off and could not connect again: dropped by`);
  const dry = await system.run("confirm --dry-run");
  assertEquals(dry.status, 0);
  assertStringIncludes(dry.err, `${CLOSED} would be cut off and could not connect again`);
  assertEquals((await system.run(`add ${PEER} --service ssh`)).status, 0);
  assertEquals((await system.run("confirm")).out, "confirmed (IPv4 and IPv6)\n");
});

Deno.test("confirm without a terminal is done, and warns", async () => {
  const system = peerMachine({}, established(PEER));
  system.contents["rules.pk"] = "service ssh tcp 22 drop";
  await system.run("load rules.pk --confirm 60s");
  const { status, err } = await system.run("confirm");
  assertEquals(status, 0);
  assertStringIncludes(
    err,
    "will be cut off and cannot connect again: dropped by rule 1 of pk-ssh",
  );
});
