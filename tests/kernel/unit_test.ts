import { assert, assertEquals, assertMatch } from "@std/assert";
import { Box } from "../support/box.ts";
import { writeExecutable } from "../support/executable.ts";
import { expectStatus } from "../support/expect.ts";
import { BACKENDS } from "../support/iptables_text.ts";
import { PKTABLES } from "../support/namespace.ts";

const RULES = "service ssh tcp 22 syn drop\nservice vpn udp 500, 4500 allow 203.0.113.0/24\n";
const KINDS = ["systemd", "openrc", "sysv"] as const;

/** Writes a script for rules at `path`, and puts it where `/mnt/NAME` is. */
async function writeScript(
  box: Box,
  { kind, name, path = "/mnt/rules.pk", words = [] }: {
    kind: typeof KINDS[number];
    name: string;
    path?: string;
    words?: string[];
  },
): Promise<string> {
  await Deno.writeTextFile(box.ns.path(path), RULES);
  const text = await box.must("unit", kind, path, ...words);
  const file = box.ns.path(`/mnt/${name}`);
  if (kind === "systemd") await Deno.writeTextFile(file, text);
  else await writeExecutable(file, text);
  return text;
}

/** A path with all characters that are special to systemd and shells. */
const ODD = `/mnt/it's "50%" $HOME \\ rules.pk`;

Deno.test("sh and shellcheck have no complaints about the boot scripts", async () => {
  await using box = await Box.create("nft");
  for (const kind of ["openrc", "sysv"] as const) {
    for (const words of [[], ["--remove-on-stop", "--ipv4"]]) {
      // Without a `$`: shellcheck warns about one in single quotes, which is intended.
      await writeScript(box, { kind, name: "script", path: ODD.replace("$", ""), words });
      await box.ns.must(["sh", "-n", "/mnt/script"]);
      await box.ns.must(["shellcheck", "/mnt/script"]);
    }
  }
});

Deno.test("systemd-analyze has no complaints about the unit, and few about its rights", async () => {
  await using box = await Box.create("nft");
  for (const path of ["/mnt/rules.pk", ODD]) {
    await writeScript(box, { kind: "systemd", name: "pktables.service", path });
    const verify = await box.ns.run(["systemd-analyze", "verify", "/mnt/pktables.service"]);
    // What it says of the machine's own units is not about this one.
    const about = verify.stderr.split("\n").filter((line) => line.includes("pktables"));
    assertEquals([verify.code, about], [0, []]);
  }
  const args = ["security", "--offline=true", "--threshold=20", "/mnt/pktables.service"];
  // The threshold counts in tenths: an exposure of more than 2.0 is a failure.
  expectStatus(await box.ns.run(["systemd-analyze", ...args]), 0);
});

Deno.test("what the unit takes away is not needed, on either backend", async () => {
  for (const backend of BACKENDS) {
    await using box = await Box.create(backend);
    await writeScript(box, { kind: "systemd", name: "pktables.service" });
    // As systemd does for ProtectSystem=strict: all is read-only but /run.
    const enter = 'mount -o remount,bind,ro / && mount -o remount,bind,rw /run; exec "$@"';
    const unit = await Deno.readTextFile(box.ns.path("/mnt/pktables.service"));
    const line = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(" ") ?? [];
    const rights = ["setpriv", "--bounding-set=-all,+net_admin,+net_raw", "--no-new-privs"];
    const strict = ["unshare", "--mount", "sh", "-c", enter, "sh", ...rights, ...line];
    expectStatus(await box.ns.run(strict), 0);
    assertMatch(await box.save("ipv4"), /-A INPUT .* -j pk-ssh/);
    assertMatch(await box.save("ipv6"), /-A INPUT .* -j pk-vpn/);
  }
});

Deno.test("an init script starts, reports its state, reloads an edit and stops without harm", async () => {
  for (const backend of BACKENDS) {
    await using box = await Box.create(backend);
    await writeScript(box, { kind: "sysv", name: "init", path: ODD });
    const script = async (verb: string, code = 0) =>
      expectStatus(await box.ns.run(["/mnt/init", verb]), code);
    await script("status", 3);
    await script("start");
    await script("status");
    await box.must("add", "203.0.113.9", "--service", "ssh", "--for", "1h");
    await Deno.writeTextFile(box.ns.path(ODD), `${RULES}service web tcp 80 reject\n`);
    await script("status", 3);
    await script("reload");
    await script("status");
    const loaded = await box.saveAll();
    assert(loaded.includes("-s 203.0.113.9/32") && loaded.includes("pk-web"), loaded);
    await script("stop");
    assertEquals(await box.saveAll(), loaded);
    await Deno.writeTextFile(box.ns.path(ODD), "service ssh tcp 22 sny\n");
    await script("reload", 3);
    assertEquals(await box.saveAll(), loaded);
    await script("nonsense", 2);
  }
});

Deno.test("stopping removes everything if that was requested", async () => {
  await using box = await Box.create("nft");
  const before = await box.saveAll();
  await writeScript(box, { kind: "sysv", name: "init", words: ["--remove-on-stop"] });
  await box.ns.must(["/mnt/init", "start"]);
  assert(await box.saveAll() !== before);
  await box.ns.must(["/mnt/init", "stop"]);
  assertEquals(await box.saveAll(), before);
});

Deno.test("no script is written for a file that is wrong, missing or standard input", async () => {
  await using box = await Box.create("nft");
  await Deno.writeTextFile(box.ns.path("/mnt/wrong.pk"), "service ssh tcp 22 sny\n");
  const cases = [["/mnt/wrong.pk", 3], ["/mnt/missing.pk", 3], ["-", 2]] as const;
  for (const kind of KINDS) {
    for (const [path, code] of cases) {
      const { stdout, stderr } = expectStatus(await box.pktables("unit", kind, path), code);
      assertEquals(stdout, "");
      assert(stderr !== "");
    }
  }
  const { stderr } = expectStatus(await box.pktables("unit", "upstart", "/mnt/wrong.pk"), 2);
  assertMatch(stderr, /systemd, openrc, sysv/);
  const relative = await box.ns.run([PKTABLES, "unit", "sysv", "x.pk", "--binary", "pktables"]);
  assertMatch(expectStatus(relative, 2).stderr, /absolute path/);
});

Deno.test("a unit names its file by its absolute path", async () => {
  await using box = await Box.create("nft");
  await Deno.writeTextFile(box.ns.path("/mnt/rules.pk"), RULES);
  const line = `cd /mnt && exec ${PKTABLES} unit systemd ./rules.pk`;
  const unit = await box.ns.must(["sh", "-c", line]);
  assertMatch(unit, /^ExecStart=\/mnt\/bin\/pktables load \/mnt\/rules\.pk$/m);
});
