import { assert, assertEquals, assertMatch } from "@std/assert";
import { run } from "../../src/cli/run.ts";
import { realSystem } from "../../src/system/real.ts";
import type { Box } from "../support/box.ts";
import { forEachBackend } from "../support/box.ts";
import { expectIdempotent, expectRefusal, expectStatus } from "../support/expect.ts";
import { install } from "../support/fake_iptables/fake_iptables.ts";

const ADD = ["add", "203.0.113.9", "--service", "ssh"];

/** The one door of service ssh, from `list --json`. */
async function door(box: Box): Promise<{ expires: string | null; secondsLeft: number | null }> {
  const { services: [ssh] } = JSON.parse(await box.must("list", "ssh", "--json"));
  assertEquals(ssh.doors.length, 1);
  return ssh.doors[0];
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

forEachBackend("list counts a door's time down, in words and in seconds", async (box) => {
  await box.must("init", "ssh", "--port", "22");
  await box.must(...ADD, "--for", "1m");
  const first = await door(box);
  await pause(2100);
  const before = Date.now() / 1000;
  const second = await door(box);
  const after = Date.now() / 1000;
  assertMatch(first.expires ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assertEquals(first.expires, second.expires);
  const passed = (first.secondsLeft ?? 0) - (second.secondsLeft ?? 0);
  assert(passed >= 2 && passed <= 4, `${passed} s passed`);
  // The door is open until the last second ends.
  const end = Date.parse(second.expires ?? "") / 1000 + 1;
  const [least, most] = [Math.ceil(end - after), Math.ceil(end - before)];
  const left = second.secondsLeft ?? 0;
  assert(least <= left && left <= most, `${left} s left, not ${least} to ${most}`);
  assertMatch(await box.must("list"), /203\.0\.113\.9\/32 +5\ds +0/);
});

forEachBackend(
  "add says whether a door opens, extends, stays or becomes permanent",
  async (box) => {
    await box.must("init", "ssh", "--port", "22");
    const end = String.raw`until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;
    const said = async (...time: string[]) => await box.must(...ADD, ...time);
    assertMatch(await said("--for", "1h"), new RegExp(`opened ${end}\n`));
    assertMatch(await said("--for", "2h"), new RegExp(`open ${end} \\(extended\\)\n`));
    assertMatch(await said("--for", "1m"), new RegExp(`already open ${end}: nothing to do\n`));
    assertMatch(await said(), /stays open until deleted\n/);
    assertMatch(await said("--for", "1m"), /already open until deleted: nothing to do\n/);
  },
);

forEachBackend("sweep removes expired doors, says so, and fits a line of cron", async (box) => {
  await box.must("init", "ssh", "--port", "22");
  await box.must("init", "vpn", "--port", "500", "--udp");
  await box.must("add", "203.0.113.9", "--service", "vpn");
  const kept = await box.saveAll();
  for (const address of ["198.51.100.7", "2001:db8::7"]) {
    for (const name of ["ssh", "vpn"]) {
      await box.must("add", address, "--service", name, "--for", "1s");
    }
  }
  await pause(2200);
  assertMatch(await box.must("list", "ssh"), /198\.51\.100\.7\/32 +expired/);
  assertEquals(
    (await box.must("sweep")).trim().split("\n").sort(),
    ["198.51.100.7/32", "2001:db8::7/128"].flatMap((address) =>
      ["ssh", "vpn"].map((name) => `${name}: ${address} removed (expired)`)
    ).sort(),
  );
  assertEquals(await box.saveAll(), kept);
  await expectIdempotent(box, ["sweep"]);
  const quiet = expectStatus(await box.pktables("sweep", "--quiet"), 0);
  assertEquals([quiet.stdout, quiet.stderr], ["", ""]);
});

forEachBackend("each verb that writes sweeps the service that it touches", async (box) => {
  await Deno.writeTextFile(box.ns.path("/mnt/rules.pk"), "service ssh tcp 22 reject\n");
  const verbs = [
    ADD,
    ["delete", "203.0.113.9", "--service", "ssh"],
    ["init", "ssh", "--port", "22", "--syn", "--replace"],
    ["load", "/mnt/rules.pk"],
  ];
  for (const verb of verbs) {
    await box.load(
      "ipv4",
      `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:pk-ssh - [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh
-A pk-ssh -s 192.0.2.1/32 -m time --datestop 2001-01-01T00:00:00 -j ACCEPT
${
        verb[0] === "delete"
          ? "-A pk-ssh -s 203.0.113.9/32 -j ACCEPT\n"
          : ""
      }-A pk-ssh -j DROP\nCOMMIT\n`,
    );
    await box.must(...verb);
    assert(!(await box.save("ipv4")).includes("192.0.2.1"), verb.join(" "));
  }
});

/** As iptables 1.8.9 says it; its own words for a kernel without the match, seen with `ipvs`. */
const KERNEL_LACKS = {
  nft: "Warning: Extension time revision 0 not supported, missing kernel module?\n" +
    "iptables-nft-restore v1.8.9 (nf_tables): \n" +
    "line 4: RULE_INSERT failed (No such file or directory): rule in chain pk-ssh",
  legacy: "Warning: Extension time revision 0 not supported, missing kernel module?\n" +
    "iptables-restore: line 4 failed",
} as const;

forEachBackend(
  "without xt_time in the kernel a timed door stays closed, and it is said",
  async (box) => {
    await box.must("init", "ssh", "--port", "22");
    const action = {
      kind: "fail",
      code: box.backend === "nft" ? 4 : 1,
      stderr: KERNEL_LACKS[box.backend],
    } as const;
    await install(box.ns, [{ phase: "write", action }]);
    await expectRefusal(box, [...ADD, "--for", "1h"], {
      code: 1,
      words: [/xt_time/, /kernel-modules-extra/, /kmod-ipt-core/, /missing kernel module/],
    });
  },
);

forEachBackend("without iptables' own part for it a timed door stays closed too", async (box) => {
  await box.must("init", "ssh", "--port", "22");
  const folders = await box.ns.must(["sh", "-c", "echo /usr/lib/*/xtables /usr/lib/xtables"]);
  for (const folder of folders.trim().split(" ")) {
    if ((await box.ns.run(["test", "-e", `${folder}/libxt_time.so`])).code !== 0) continue;
    // Nothing can be removed from the machine's folder: a copy without the file covers it.
    const script = 'cp -a "$1" /mnt/xtables && rm /mnt/xtables/libxt_time.so && ' +
      'mount --bind /mnt/xtables "$1"';
    await box.ns.must(["sh", "-c", script, "sh", folder]);
  }
  await expectRefusal(box, [...ADD, "--for", "1h"], {
    code: 1,
    words: [/xt_time/, /Couldn't load match `time'/],
  });
  expectStatus(await box.pktables(...ADD), 0);
});

/** Runs a command in this process, at another time. */
async function at(now: string, ...words: string[]): Promise<{ code: number; said: string }> {
  let said = "";
  const real = realSystem();
  const tell = (text: string) => void (said += text);
  const console = {
    ...{ inIsTerminal: false, outIsTerminal: false, errIsTerminal: false },
    ...{ columns: 80, rows: 24, noColor: true },
    ...{ out: tell, err: tell },
  };
  const system = {
    ...real,
    console,
    now: () => Date.parse(now) / 1000,
    // This process must keep its permissions, and this machine must not be touched.
    dropFileAccess: () => Promise.resolve(),
    iptables: () => {
      throw new Error("iptables was called");
    },
    lock: { take: () => Promise.resolve({ ok: true as const, value: { release: () => {} } }) },
  };
  return { code: await run(words, system), said };
}

Deno.test("a clock that was never set, or a time past 2038, is an error that says why", async () => {
  const early = await at("1970-01-01T00:03:00Z", ...ADD, "--for", "1h");
  assertEquals(early.code, 1);
  assertMatch(early.said, /the clock says 1970-01-01: it was never set/);
  const late = await at("2038-01-18T00:00:00Z", ...ADD, "--for", "2d");
  assertEquals(late.code, 2);
  assertMatch(late.said, /ends after 2038-01-19/);
});
