import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Box, forEachBackend } from "../support/box.ts";
import { expectSound, expectStatus } from "../support/expect.ts";
import { install, starts, uninstall } from "../support/fake_iptables/fake_iptables.ts";
import { AHEAD } from "../support/follow_cases.ts";
import { FAMILIES, type Family } from "../support/iptables_text.ts";
import { PKTABLES } from "../support/namespace.ts";
import { lockHeld } from "../support/waiting.ts";

const FILE = "/mnt/rules.pk";

const RULES = `define office = 198.51.100.0/24, 2001:db8::/48
service ssh tcp 22 syn drop allow office
service web tcp 80, 443 accept
`;

async function write(box: Box, text: string): Promise<void> {
  await Deno.writeTextFile(box.ns.path(FILE), text);
}

async function phases(box: Box): Promise<string[]> {
  return (await starts(box.ns)).map(({ program, phase }) => `${program} ${phase}`).sort();
}

/** A service in use: doors, one of them timed, and everything counted. */
function inUse(family: Family): string {
  const [host, net] = family === "ipv4"
    ? ["203.0.113.9/32", "203.0.113.128/25"]
    : ["2001:db8:9::9/128", "2001:db8:a::/48"];
  return [
    "*filter\n:INPUT ACCEPT [11:660]\n:FORWARD DROP [1:1]\n:OUTPUT ACCEPT [2:2]",
    ":pk-old - [0:0]\n:pk-ssh - [0:0]",
    "[8:480] -A INPUT -i lo -j ACCEPT",
    "[9:540] -A INPUT -p tcp -m tcp --dport 2222 -j pk-ssh",
    "[7:420] -A INPUT -p udp -m udp --dport 9 -j pk-old",
    "[6:360] -A pk-old -j DROP",
    `[5:300] -A pk-ssh -s ${host} -m time --datestop ${AHEAD} -j ACCEPT`,
    `[4:240] -A pk-ssh -s ${net} -j ACCEPT`,
    "[3:180] -A pk-ssh -j REJECT\nCOMMIT\n",
  ].join("\n");
}

async function loadInUse(box: Box): Promise<string> {
  for (const family of FAMILIES) await box.load(family, inUse(family));
  return await box.saveAll({ counters: true });
}

forEachBackend(
  "load reads and writes once a family, and then looks once at what packets meet",
  async (box) => {
    await install(box.ns, []);
    await write(box, RULES);
    const first = await box.must("load", FILE);
    assertEquals(first, "ssh  created\nweb  created\n");
    // Both backends decide over a packet, so the look reads both.
    const look = (family: string) => Array<string>(3).fill(`${family}-save save`);
    assertEquals(await phases(box), [
      ...["ip6tables-restore write", ...look("ip6tables")],
      ...["iptables-restore write", ...look("iptables")],
    ]);
    const state = await box.saveAll({ counters: true });
    await install(box.ns, []);
    assertEquals(await box.must("load", FILE), "ssh  unchanged\nweb  unchanged\n");
    assertEquals(await phases(box), [...look("ip6tables"), ...look("iptables")]);
    assertEquals(await box.saveAll({ counters: true }), state);
    await write(box, RULES.replace("198.51.100.0/24", "198.51.100.7"));
    await install(box.ns, []);
    assertMatch(await box.must("load", FILE), /^ssh {2}allow .*\(IPv4\)\nweb {2}unchanged\n$/);
    const edit = ["iptables-restore write", ...look("iptables")];
    assertEquals(await phases(box), [...look("ip6tables"), ...edit], "one family was edited");
    await expectSound(box);
  },
);

forEachBackend(
  "load keeps doors, their counters and places while the service changes",
  async (box) => {
    await loadInUse(box);
    await write(box, "service ssh tcp 22 syn drop established\n");
    const printed = await box.must("load", FILE);
    assertMatch(printed, /^ssh {2}.*ports 2222 -> 22.*policy reject -> drop.*, 4 doors kept\n$/);
    for (const family of FAMILIES) {
      const saved = await box.save(family, { counters: true });
      assertMatch(saved, /-i lo -j ACCEPT\n.*--dport 22 .*-j pk-ssh\n.*--dport 9 -j pk-old/);
      // ip6tables-nft-restore 1.8.9 sets no counters of rules: there are none to keep.
      if (box.backend === "nft" && family === "ipv6") continue;
      assertMatch(
        saved,
        /\[5:300\] -A pk-ssh -s \S+ -m time --datestop 2034-01-02T03:04:05 -j ACCEPT/,
      );
      assertMatch(saved, /\[4:240\] -A pk-ssh -s \S+ -j ACCEPT\n.*-A pk-ssh -j DROP/);
      assertStringIncludes(saved, "[7:420] -A INPUT -p udp -m udp --dport 9 -j pk-old");
    }
  },
);

forEachBackend("load --prune takes away services that the file does not name", async (box) => {
  await loadInUse(box);
  await write(box, RULES);
  assertStringIncludes((await box.pktables("load", FILE)).stderr, "left alone: old");
  assertMatch(await box.must("load", FILE, "--prune"), /^ssh .*\nweb .*\nold {2}removed\n$/);
  for (const family of FAMILIES) assert(!(await box.save(family)).includes("pk-old"));
  await expectSound(box);
});

forEachBackend(
  "load --dry-run and diff show the change, exit 1 and change nothing",
  async (box) => {
    const before = await loadInUse(box);
    await write(box, RULES);
    const shown = expectStatus(await box.pktables("load", FILE, "--dry-run"), 1);
    const diff = expectStatus(await box.pktables("diff", FILE), 1);
    assertEquals(diff.stdout, shown.stdout);
    assertStringIncludes(
      diff.stdout,
      "+ -I pk-ssh 1 -s 198.51.100.0/24 -m comment --comment pk-allow",
    );
    assertEquals(await box.saveAll({ counters: true }), before);
    expectStatus(await box.pktables("load", FILE), 0);
    assertEquals(expectStatus(await box.pktables("diff", FILE), 0).stdout, "");
  },
);

forEachBackend("drift made by hand is reported in words, and repaired by load", async (box) => {
  await write(box, RULES);
  await box.must("load", FILE);
  const good = await box.saveAll();
  const jump = ["INPUT", "-p", "tcp", "--dport", "22", "--syn", "-j", "pk-ssh"];
  const drifts: [string[], string][] = [
    [["-F", "pk-ssh"], "ssh: its chain was flushed (IPv4)"],
    [["-A", ...jump], "ssh: duplicate jump in INPUT (IPv4)"],
    [["-D", "pk-web", "1"], "web: its chain was flushed (IPv4)"],
    [["-R", "pk-web", "1", "-j", "DROP"], "web: policy drop -> accept (IPv4)"],
    [["-A", "pk-ssh", "-s", "192.0.2.1", "-j", "ACCEPT"], "ssh: 1 door is behind the end (IPv4)"],
    [["-D", "pk-ssh", "1"], "ssh: allow + 198.51.100.0/24 (IPv4)"],
  ];
  for (const [command, words] of drifts) {
    await box.iptables("ipv4", ...command);
    const { stdout } = expectStatus(await box.pktables("diff", FILE), 1);
    assertEquals(stdout.split("\n")[0], words);
    await box.must("load", FILE);
    if (words.includes("behind the end")) await box.must("delete", "192.0.2.1", "--service", "ssh");
    assertEquals(await box.saveAll(), good, words);
  }
  await box.iptables("ipv4", "-D", ...jump);
  const { stdout } = expectStatus(await box.pktables("diff", FILE), 1);
  assertEquals(stdout.split("\n")[0], "ssh: the jump in INPUT is missing (IPv4)");
  await box.must("load", FILE);
  await expectSound(box);
});

forEachBackend(
  "without IPv6 load continues with IPv4 and says so; with --ipv6 it fails",
  async (box) => {
    await uninstall(box.ns, "ipv6");
    await write(box, RULES);
    const { stdout, stderr } = expectStatus(await box.pktables("load", FILE), 0);
    assertEquals(stdout, "ssh  created\nweb  created\n");
    assertEquals(stderr.match(/IPv6/g)?.length, 1, stderr);
    expectStatus(await box.pktables("load", FILE, "--ipv6"), 1);
    expectStatus(await box.pktables("diff", FILE), 0);
  },
);

forEachBackend(
  "at boot load works: read-only root, fresh /run, no network, empty environment",
  async (box) => {
    await write(box, RULES);
    await box.ns.must([
      "sh",
      "-c",
      `set -e
      umount /run
      mount -t tmpfs -o mode=755 tmpfs /run
      mount -o remount,bind,ro /
      ! touch /var/tmp/pktables-tried 2> /dev/null
      ip link set lo down`,
    ]);
    const started = performance.now();
    const line = [PKTABLES, "load", FILE, "--backend", box.backend];
    const { stdout } = expectStatus(await box.ns.run(line, { env: {} }), 0);
    assert(performance.now() - started < 10_000);
    assertEquals(stdout, "ssh  created\nweb  created\n");
    await expectSound(box);
  },
);

forEachBackend(
  "if the second family refuses, the first is back, doors and counters included",
  async (box) => {
    for (const rules of [RULES, "service ssh tcp 2222 drop", "service new tcp 9 drop"]) {
      await install(box.ns, []);
      const before = await loadInUse(box);
      await write(box, rules);
      for (const prune of [[], ["--prune"]]) {
        for (const family of FAMILIES) {
          const action = { kind: "fail", code: 4, stderr: "line 3: RULE_INSERT failed" } as const;
          await install(box.ns, [{ family, phase: "write", action }]);
          const { stderr, stdout } = expectStatus(await box.pktables("load", FILE, ...prune), 1);
          assertEquals(stdout, "");
          assertStringIncludes(stderr, "RULE_INSERT failed");
          assertEquals(await box.saveAll({ counters: true }), before, `${family} ${rules}`);
        }
      }
    }
  },
);

forEachBackend("remove of several names, and --all, is one transaction a family", async (box) => {
  const clean = await box.saveAll();
  await write(box, `${RULES}service vpn udp 500 drop\nservice mail tcp 25 drop ipv4\n`);
  await box.must("load", FILE);
  for (const names of [["ssh", "mail"], ["--all"]]) {
    await install(box.ns, []);
    await box.must("remove", ...names);
    const writes = (await phases(box)).filter((phase) => phase.endsWith("write"));
    assertEquals(writes, ["ip6tables-restore write", "iptables-restore write"]);
  }
  assertEquals(await box.saveAll(), clean);
  assertMatch(await box.must("remove", "--all"), /nothing to do/);
});

Deno.test("load waits for xtables' lock, and for no longer than --wait says", async () => {
  await using box = await Box.create("legacy");
  await write(box, RULES);
  const before = await box.saveAll();
  box.ns.spawn(["flock", "/run/xtables.lock", "sleep", "3"]);
  await lockHeld(box.ns, "/run/xtables.lock");
  assertMatch(expectStatus(await box.pktables("load", FILE, "--wait", "1"), 1).stderr, /lock/);
  assertEquals(await box.saveAll(), before);
  assertEquals(await box.must("load", FILE), "ssh  created\nweb  created\n");
});
