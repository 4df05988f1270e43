import { assert, assertEquals, assertMatch } from "@std/assert";
import { Box, forEachBackend } from "../support/box.ts";
import { expectRefusal, expectSound, expectStatus } from "../support/expect.ts";
import { install, starts, uninstall } from "../support/fake_iptables/fake_iptables.ts";
import { EMPTY_FILTER, FAMILIES, normalize } from "../support/iptables_text.ts";
import { Namespace, PKTABLES } from "../support/namespace.ts";
import { isMachineRoot } from "../support/process.ts";
import { lockHeld, lockWaitedFor } from "../support/waiting.ts";

const ABSENT =
  "ip6tables: can't initialize ip6tables table `filter': Address family not supported by protocol\n" +
  "Perhaps ip6tables or your kernel needs to be upgraded.";

async function phases(box: Box): Promise<string[]> {
  return (await starts(box.ns)).map(({ program, phase }) => `${program} ${phase}`);
}

forEachBackend(
  "promise 1, all or nothing: a hook of one family pays for one read and one write",
  async (box) => {
    await box.must("init", "ssh", "--port", "22");
    for (const [address, family] of [["203.0.113.9", "iptables"], ["2001:db8::9", "ip6tables"]]) {
      for (const verb of ["add", "delete"]) {
        await install(box.ns, []);
        await box.must(verb, address ?? "", "--service", "ssh");
        assertEquals(await phases(box), [`${family} save`, `${family}-restore write`], verb);
        await install(box.ns, []);
        await box.must(verb, address ?? "", "--service", "ssh");
        assertEquals(await phases(box), [`${family} save`], `${verb} again`);
      }
    }
  },
);

forEachBackend(
  "promise 1, all or nothing: both families are tested before the first is written",
  async (box) => {
    await install(box.ns, []);
    await box.must("init", "ssh", "--port", "22");
    const seen = await phases(box);
    const order = seen.filter((entry) => !entry.endsWith(" save"));
    assertEquals(order.slice(0, 2).sort(), ["ip6tables-restore test", "iptables-restore test"]);
    assertEquals(order.slice(2).sort(), ["ip6tables-restore write", "iptables-restore write"]);
    const waits = (await starts(box.ns)).filter(({ phase }) => phase !== "save");
    for (const { args } of waits) assertMatch(args, /(-w|--wait)[ =]?10\b/);
  },
);

forEachBackend("without IPv6 in the kernel IPv4 continues, and it is said once", async (box) => {
  const action = { kind: "fail", code: 3, stderr: ABSENT } as const;
  await install(box.ns, [{ family: "ipv6", phase: "any", action }]);
  const { stderr } = expectStatus(await box.pktables("init", "ssh", "--port", "22"), 0);
  assertEquals(stderr.match(/IPv6/g)?.length, 1, stderr);
  expectStatus(await box.pktables("add", "203.0.113.9", "--service", "ssh"), 0);
  expectStatus(await box.pktables("list"), 0);
  assertMatch(await box.save("ipv4"), /-A pk-ssh -s 203\.0\.113\.9\/32 -j ACCEPT/);
  const forced = await box.pktables("init", "web", "--port", "80", "--ipv6");
  assertMatch(expectStatus(forced, 1).stderr, /IPv6/);
  const door = await box.pktables("add", "2001:db8::9", "--service", "ssh");
  assert(door.code !== 0, "an IPv6 door cannot be opened");
  assertEquals(expectStatus(await box.pktables("remove", "ssh"), 0).code, 0);
  assertEquals(await box.save("ipv4"), normalize(EMPTY_FILTER));
});

forEachBackend("without ip6tables on the box IPv4 continues, and it is said once", async (box) => {
  await uninstall(box.ns, "ipv6");
  const { stderr } = expectStatus(await box.pktables("init", "ssh", "--port", "22"), 0);
  assertEquals(stderr.match(/IPv6/g)?.length, 1, stderr);
  expectStatus(await box.pktables("add", "203.0.113.9", "--service", "ssh"), 0);
  const forced = await box.pktables("init", "web", "--port", "80", "--ipv6");
  assertMatch(expectStatus(forced, 1).stderr, /ip6tables|IPv6/);
});

forEachBackend(
  "without the capability the change is refused and the capability named",
  async (box) => {
    await box.must("init", "ssh", "--port", "22");
    const before = await box.saveAll();
    const drop = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-all"];
    const stranger = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    // A user namespace has one user: there is no other to switch to.
    for (const prefix of isMachineRoot() ? [drop, stranger] : [drop]) {
      const add = ["add", "203.0.113.9", "--service", "ssh", "--backend", box.backend];
      const outcome = await box.ns.run([...prefix, PKTABLES, ...add]);
      assertMatch(expectStatus(outcome, 1).stderr, /CAP_NET_ADMIN/);
      assert(outcome.stderr.includes("root"), outcome.stderr);
    }
    assertEquals(await box.saveAll(), before);
  },
);

forEachBackend(
  "promise 2, no lost update: the lock is root's alone and waited for",
  async (box) => {
    await box.must("init", "ssh", "--port", "22");
    const mode = await box.ns.must(["stat", "-c", "%a %u", "/run/pktables.lock"]);
    assertEquals(mode, "600 0\n");
    const holder = box.ns.spawn(["flock", "/run/pktables.lock", "sleep", "60"]);
    await lockHeld(box.ns, "/run/pktables.lock");
    const add = ["add", "203.0.113.9", "--service", "ssh"];
    const started = Date.now();
    await expectRefusal(box, [...add, "--wait", "1"], { code: 1, words: [/lock/] });
    assert(Date.now() - started < 10_000, "the wait has a limit");
    const waiting = box.spawn([...add, "--wait", "30"]).outcome;
    await lockWaitedFor(box.ns, "/run/pktables.lock");
    // flock(1) runs sleep as a child that holds the lock, too: both have to end.
    await box.ns.must([
      "sh",
      "-c",
      "for p in $(ps -o pid= --ppid $0); do kill -9 $p; done",
      String(holder.pid),
    ]);
    expectStatus(await waiting, 0);
    await expectSound(box);
  },
);

forEachBackend(
  "promise 2, no lost update: the lock is exclusive, so one that others share keeps it out",
  async (box) => {
    await box.must("init", "ssh", "--port", "22");
    box.ns.spawn(["flock", "--shared", "/run/pktables.lock", "sleep", "60"]);
    await lockHeld(box.ns, "/run/pktables.lock");
    const add = ["add", "203.0.113.9", "--service", "ssh", "--wait", "1"];
    await expectRefusal(box, add, { code: 1, words: [/lock/] });
  },
);

Deno.test("promise 2, no lost update: no lock is taken where anyone could hold it", async () => {
  await using box = await Box.create("nft");
  await box.ns.must(["sh", "-c", "umask 0; : > /run/pktables.lock"]);
  await box.must("init", "ssh", "--port", "22");
  assertEquals(await box.ns.must(["stat", "-c", "%a", "/run/pktables.lock"]), "600\n");
  const before = await box.saveAll();
  for (const mode of ["777", "1777"]) {
    await box.ns.must(["chmod", mode, "/run"]);
    const words = [/\/run is writable by everyone/];
    await expectRefusal(box, ["add", "203.0.113.9", "--service", "ssh"], { code: 1, words });
  }
  assertEquals(await box.saveAll(), before);
});

Deno.test("iptables' own lock is waited for no longer than --wait says", async () => {
  await using box = await Box.create("legacy");
  await box.must("init", "ssh", "--port", "22");
  box.ns.spawn(["flock", "/run/xtables.lock", "sleep", "60"]);
  await lockHeld(box.ns, "/run/xtables.lock");
  const started = Date.now();
  const line = ["add", "203.0.113.9", "--service", "ssh", "--wait", "1"];
  assertMatch(expectStatus(await box.pktables(...line), 1).stderr, /lock/);
  assert(Date.now() - started < 10_000, "the wait has a limit");
});

forEachBackend("promise 1, all or nothing: a full disk changes nothing", async (box) => {
  await box.must("init", "ssh", "--port", "22");
  const before = await box.saveAll();
  // One inode, which the folder itself takes: no lock file can be made, not even an empty one.
  await box.ns.must([
    "mount",
    "-t",
    "tmpfs",
    "-o",
    "mode=755,size=4k,nr_inodes=1",
    "tmpfs",
    "/run",
  ]);
  const { stderr } = expectStatus(await box.pktables("add", "203.0.113.9", "--service", "ssh"), 1);
  assertMatch(stderr, /lock/);
  await box.ns.must(["umount", "/run"]);
  assertEquals(await box.saveAll(), before);
});

Deno.test("without --backend the system's iptables is used", async () => {
  for (const backend of ["nft", "legacy"] as const) {
    await using ns = await Namespace.create();
    for (const family of FAMILIES) await ns.load(backend, family, EMPTY_FILTER);
    await ns.must([
      "sh",
      "-c",
      `set -e
      mkdir /mnt/alternatives
      for name in iptables ip6tables; do for end in "" -save -restore; do
        ln -s /usr/sbin/$name-${backend}$end /mnt/alternatives/$name$end
      done; done
      mount --bind /mnt/alternatives /etc/alternatives`,
    ]);
    expectStatus(await ns.pktables("init", "ssh", "--port", "22"), 0);
    for (const family of FAMILIES) {
      assertMatch(await ns.save(backend, family), /-A INPUT .* -j pk-ssh/, `${backend} ${family}`);
    }
  }
});

Deno.test("--version and help need no root, no kernel and no iptables", async () => {
  await using ns = await Namespace.create();
  await uninstall(ns, "ipv4");
  await uninstallBoth(ns);
  assertMatch(expectStatus(await ns.pktables("--version"), 0).stdout, /^pktables \d+\.\d+\.\d+/);
  for (const line of ["help", "--help", "help add", "add --help"]) {
    assertMatch(expectStatus(await ns.pktables(...line.split(" ")), 0).stdout, /pktables/);
  }
  assertMatch(expectStatus(await ns.pktables("help", "ad"), 2).stderr, /add/);
});

async function uninstallBoth(ns: Namespace): Promise<void> {
  await ns.must(["sh", "-c", "rm -f /usr/sbin/ip6tables*"]);
}
