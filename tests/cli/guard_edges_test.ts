// Whom the guard names first, what it asks about, and what it says where it cannot look.
import { assertEquals } from "@std/assert";
import { err as failed, ok } from "../../src/result.ts";
import { failure } from "../../src/system/failure.ts";
import { REFUSED } from "../support/fake_kernel.ts";
import type { FakeSystem } from "../support/fake_system.ts";
import { attended, established, LISTENING, SSH } from "../support/peers.ts";
import { loaded, RULES } from "../support/hearing_machine.ts";

const [ONE, TWO] = ["203.0.113.7", "203.0.113.8"];

/** Connections to ports of 10.0.0.5, or of another address of the machine. */
function connections(...all: readonly (readonly [peer: string, port: number, own?: string])[]) {
  return all.map(([peer, port, own = "10.0.0.5"], at) =>
    `ESTAB 0 0 ${own}:${port} ${peer}:${5000 + at}\n`
  ).join("") + LISTENING;
}

/** The peers that are named, one a line. */
const named = (err: string) =>
  err.split("\n").filter((line) => line.startsWith("  2")).map((line) => line.trim());

Deno.test("who is cut off is named ahead of who only could not connect again", async () => {
  for (const order of [[0, 1], [1, 0]]) {
    const both = [[ONE, 22], [TWO, 80]] as const;
    const system = attended({}, connections(...order.map((at) => both[at]!)));
    system.contents["rules.pk"] =
      "service ssh tcp 22 syn drop ipv4\nservice web tcp 80 drop ipv4\n";
    const { err } = await system.run("load rules.pk --ipv4");
    assertEquals(named(err).slice(0, 2), [
      `${TWO}, port 80: would be cut off and could not connect again: dropped by rule 1 of pk-web: ` +
      "-j DROP",
      `${ONE}, port 22: would stay connected but could not connect again: dropped by rule 1 of ` +
      "pk-ssh: -j DROP",
    ]);
  }
});

Deno.test("who surely loses something is named ahead of who most likely does", async () => {
  for (const peers of [[ONE, TWO], [TWO, ONE]]) {
    const system = attended({ ipv4: "-A INPUT -i br-lan -j ACCEPT" }, established(...peers));
    system.around.interface = null;
    system.around.routes[ONE] = "eth0";
    const { err } = await system.run("init ssh --port 22");
    assertEquals(named(err).map((line) => line.split(":")[0]), [
      `${ONE}, port 22`,
      `${TWO}, port 22`,
    ]);
    assertEquals(named(err)[1]?.includes(": probably would be cut off"), true, err);
  }
});

Deno.test("of two connections of a peer to a port the one that loses more is told", async () => {
  const all = [[ONE, 22, "10.0.0.6"], [ONE, 22, "10.0.0.5"]] as const;
  for (const order of [all, all.toReversed()]) {
    const stays = "-A INPUT -d 10.0.0.6/32 -m conntrack --ctstate ESTABLISHED -j ACCEPT";
    const { err } = await attended({ ipv4: stays }, connections(...order)).run(
      "init ssh --port 22 --ipv4",
    );
    assertEquals(
      err.split("\n")[0],
      `pktables: error: nothing was changed: ${ONE}, which is connected to port 22, would be cut off ` +
        "and could not connect again: dropped by rule 1 of pk-ssh: -j DROP",
    );
  }
});

Deno.test("only those are asked about whose ports and families change", async () => {
  const system = attended({}, connections([ONE, 22], [TWO, 80]) + established("2001:db8::7"));
  system.contents["rules.pk"] = "service ssh tcp 22 drop ipv4\n";
  assertEquals((await system.run("load rules.pk")).status, 1);
  assertEquals(system.asked, ["ss", "ip route get ipv4 1"]);
  const saves = system.kernel.calls.filter(({ verb }) => verb === "save-all");
  assertEquals(new Set(saves.map(({ family }) => family)), new Set(["ipv4"]));
});

Deno.test("one line of ss that cannot be read is told as one", async () => {
  for (
    const [odd, count] of [["rubbish\n", "a line"], ["rubbish\nmore\n", "2 lines"]] as const
  ) {
    const { err } = await attended({}, odd + LISTENING).run("init ssh --port 22");
    assertEquals(err, `note: ss printed ${count} that cannot be read: rubbish\n`);
  }
});

Deno.test("that there is no ss is told once, however often the plan is made anew", async () => {
  const system = attended();
  system.around.ss = failure("absent", "there is no ss");
  const { kernel } = system;
  let isFirst = true;
  const restore: typeof kernel.restore = async (...args) => {
    if (!isFirst || args[2]?.test) {
      return await Object.getPrototypeOf(kernel).restore.apply(kernel, args);
    }
    isFirst = false;
    // Another program is there first.
    kernel.load("ipv4", "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT");
    return failed(REFUSED);
  };
  Object.assign(kernel, { restore });
  const { status, err } = await system.run("init ssh --port 22 --syn --ipv4");
  assertEquals([status, err], [
    0,
    "note: there is no ss on this machine (package iproute2): connected clients are not checked\n",
  ]);
});

Deno.test("where it cannot be known what packets meet, that is told, and stops nothing", async () => {
  const head = "pktables: warning: cannot check whether a connected client is cut off: ";
  for (
    const [text, why] of [
      // The service is not there any more.
      ["*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", "the tables changed while they were read"],
      [
        "# Table `filter' is incompatible, use 'nft' tool.\n",
        "table filter cannot be shown by iptables",
      ],
    ] as const
  ) {
    const system = attended({ ipv4: SSH }, established(ONE));
    Object.assign(system.surroundings, {
      saveAll: (_: string, backend: string) =>
        Promise.resolve(ok(backend === "legacy" ? "" : text)),
    });
    const { status, out, err } = await system.run(`delete ${ONE} --service ssh`);
    assertEquals([status, out], [0, `ssh: ${ONE}/32 closed\n`]);
    assertEquals(err.split("\n")[0]?.startsWith(head), true, err);
    if (why.startsWith("the tables")) assertEquals(err.split("\n")[0], head + why);
  }
});

Deno.test("a chain of others that is called like one of ours is no service to open a door in", async () => {
  const rules = [
    ":pk-ssh - [0:0]",
    ":zpk-ssh - [0:0]",
    "-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh",
    "-A INPUT -p tcp -m tcp --dport 22 -j zpk-ssh",
    "-A pk-ssh -s 203.0.113.0/24 -j ACCEPT",
    "-A zpk-ssh -j DROP",
  ];
  const system = attended({ ipv4: rules.join("\n") }, established(ONE));
  const { status, err } = await system.run("delete 203.0.113.0/24 --service ssh");
  assertEquals(status, 1);
  assertEquals(
    err.split("\n").filter((line) => line.startsWith("pktables: error") || line.startsWith("  ")),
    [
      `pktables: error: nothing was changed: ${ONE}, which is connected to port 22, would be cut off ` +
      "and could not connect again: dropped by rule 1 of zpk-ssh: -j DROP",
      "  to do it anyway: --force",
    ],
  );
});

Deno.test("what is lost at once counts, also where the old rules would let it in again", async () => {
  const system = attended({ ipv4: SSH.replace(/-j DROP$/, "-j ACCEPT") }, established(ONE));
  system.contents["rules.pk"] = "service ssh tcp 22 syn drop ipv4\n";
  assertEquals((await system.run("load rules.pk --confirm 60s --ipv4")).status, 0);
  const { status, err } = await system.run(`delete ${ONE} --service ssh`);
  assertEquals(status, 1);
  assertEquals(
    err.split("\n").find((line) => line.startsWith("pktables: error")),
    `pktables: error: nothing was changed: ${ONE}, which is connected to port 22, would stay ` +
      "connected but could not connect again: dropped by rule 1 of pk.ssh: -j DROP",
  );
});

Deno.test("who has knocked is not taken for his neighbours, whatever the kernel writes of him", async () => {
  const full = "fd00:0000:0000:0000:0000:0000:0000:0002";
  for (const [host, address] of [["10.9.2.2", "10.9.2.2"], ["fd00::2", full]] as const) {
    const rest = host.startsWith("10") ? ["10.9.2.1", "10.9.2.3"] : ["fd00::1", "fd00::3"];
    for (const peers of [[host, ...rest], [...rest, host]]) {
      const system: FakeSystem = await loaded();
      Object.assign(system.console, { errIsTerminal: true, noColor: true });
      system.around.ss = established(...peers);
      system.knocked["pk-ssh"] = { "10.9.2.2": 60 };
      system.knocked["pk-ssh.v6"] = { [address]: 60 };
      system.contents["rules.pk"] = RULES.replace(/ +knock.*\n/, "");
      const { status, err } = await system.run("load rules.pk");
      assertEquals(status, 1);
      assertEquals(err.split("\n")[0]?.includes(`changed: ${host}, which is connected`), true, err);
    }
  }
});

Deno.test("peers whose addresses and ports read alike without a blank between them are two", async () => {
  const system = attended({}, connections(["203.0.113.7", 22], ["203.0.113.72", 2]));
  system.contents["rules.pk"] = "service a tcp 22 drop ipv4\nservice b tcp 2 drop ipv4\n";
  const { err } = await system.run("load rules.pk --ipv4");
  assertEquals(named(err).map((line) => line.split(":")[0]), [
    "203.0.113.7, port 22",
    "203.0.113.72, port 2",
  ]);
});

Deno.test("a doubt about the next connection alone is told as well", async () => {
  const system = attended({}, established(ONE));
  system.around.interface = null;
  system.contents["rules.pk"] = "service ssh tcp 22 syn drop ipv4 on eth7";
  const { status, err } = await system.run("load rules.pk --ipv4");
  assertEquals([status, err.split("\n")[0]], [
    0,
    `pktables: warning: whether ${ONE} (connected to port 22) can still get in is not known: perhaps ` +
    "dropped by rule 1 of pk-ssh: -j DROP",
  ]);
});

Deno.test("who has a door of either kind loses both", async () => {
  const system: FakeSystem = await loaded();
  await system.run("add 10.9.2.1 --service ssh");
  system.knocked["pk-ssh"] = { "10.9.2.1": 60 };
  Object.assign(system.console, { errIsTerminal: true, noColor: true });
  system.around.ss = established("10.9.2.1");
  const before = system.dump();
  assertEquals((await system.run("delete 10.9.2.1 --service ssh")).status, 1);
  assertEquals([system.dump(), system.knocked["pk-ssh"]], [before, { "10.9.2.1": 60 }]);
});
