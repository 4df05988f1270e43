import { assert, assertEquals, assertMatch } from "@std/assert";
import { Box, forEachBackend } from "../support/box.ts";
import { expectRefusal, expectStatus } from "../support/expect.ts";
import { uninstall } from "../support/fake_iptables/fake_iptables.ts";
import { PKTABLES } from "../support/namespace.ts";

const DOOR = ["203.0.113.9", "--service", "ssh"];

/** What a runtime prints for an uncaught error. */
const RUNTIME = /Uncaught| {4}at |panicked|internal error/;

forEachBackend("a parent that ignores SIGCHLD changes nothing", async (box) => {
  const run = (...args: string[]) =>
    box.ns.run(["env", "--ignore-signal=CHLD", PKTABLES, ...args, "--backend", box.backend]);
  expectStatus(await run("init", "ssh", "--port", "22"), 0);
  for (const word of ["open until", "already open"]) {
    assert(expectStatus(await run("add", ...DOOR), 0).stdout.includes(word));
  }
  assert(expectStatus(await run("list"), 0).stdout.includes("203.0.113.9/32"));
  // The log's program is the only child of this one.
  const refused = expectStatus(await run("add", "x", "--service", "ssh", "--syslog"), 2);
  assertEquals(RUNTIME.test(refused.stderr), false, refused.stderr);
  expectStatus(await run("delete", ...DOOR), 0);
  expectStatus(await run("remove", "ssh"), 0);
});

Deno.test("--wait 0 gets a free lock, also while others take all of the processor", async () => {
  await using box = await Box.create("legacy");
  await box.must("init", "ssh", "--port", "22");
  for (let count = 0; count < 4; count++) box.ns.spawn(["sh", "-c", "while :; do :; done"]);
  for (let count = 0; count < 4; count++) {
    const verb = count % 2 === 0 ? "add" : "delete";
    expectStatus(await box.pktables(verb, ...DOOR, "--wait", "0"), 0);
  }
});

Deno.test("--wait 0 gives up at once where the lock is held, and says so", async () => {
  await using box = await Box.create("legacy");
  await box.must("init", "ssh", "--port", "22");
  const hold = ["flock", "--no-fork", "/run/pktables.lock"];
  const holder = box.ns.spawn([...hold, "sh", "-c", "echo > /mnt/held; exec sleep 60"]);
  while ((await box.ns.run(["test", "-e", "/mnt/held"])).code !== 0);
  const started = Date.now();
  await expectRefusal(box, ["add", ...DOOR, "--wait", "0"], {
    code: 1,
    words: [/another pktables .* holds the lock/],
  });
  assert(Date.now() - started < 3000, "it waited");
  holder.kill("SIGKILL");
  await holder.outcome;
  expectStatus(await box.pktables("add", ...DOOR, "--wait", "0"), 0);
});

forEachBackend("without ip6tables a kernel that has IPv6 is an error", async (box) => {
  await uninstall(box.ns, "ipv6");
  const reach: readonly (readonly [string, RegExp])[] = [
    ["ip -6 address add 2001:db8::1/64 dev lo", /\(address 2001:db8::1\/64 on lo\)/],
    ["ip -6 route add local 2001:db8:5::/64 dev lo", /\(route local 2001:db8:5::\/64\)/],
  ];
  for (const [command, words] of reach) {
    await box.ns.must(["sh", "-c", command]);
    const before = await box.save("ipv4");
    for (const line of ["init ssh --port 22", "list", "sweep"]) {
      const { stdout, stderr } = expectStatus(await box.pktables(...line.split(" ")), 1);
      assertEquals(stdout, "");
      assertMatch(stderr, words);
      assertMatch(stderr, /no ip6tables.*would stay open.*--ipv4/);
    }
    assertEquals(await box.save("ipv4"), before);
    expectStatus(await box.pktables("init", "ssh", "--port", "22", "--ipv4"), 0);
    expectStatus(await box.pktables("add", ...DOOR), 0);
    expectStatus(await box.pktables("remove", "ssh", "--ipv4"), 0);
    await box.ns.must(["sh", "-c", command.replace(" add ", " delete ")]);
  }
  const { stderr } = expectStatus(await box.pktables("init", "ssh", "--port", "22"), 0);
  assertMatch(stderr, /note: no IPv6 here/);
});

Deno.test("without ip6tables and without ip it is an error, because IPv6 is unknown", async () => {
  await using box = await Box.create("legacy");
  await uninstall(box.ns, "ipv6");
  // Not executable is as good as missing; /usr/sbin/ip and the like are links to it.
  const hide = ': > /mnt/none; mount --bind /mnt/none "$(readlink -f /usr/bin/ip)"';
  await box.ns.must(["sh", "-c", hide]);
  const { code, stderr } = await box.pktables("list");
  assertEquals(code, 1, stderr);
  assertMatch(
    stderr,
    /cannot tell whether the kernel has IPv6 \(there is no ip on this machine\).*--ipv4/,
  );
});

forEachBackend("too few open files end in a sentence and change nothing", async (box) => {
  await box.must("init", "ssh", "--port", "22");
  const refused: number[] = [];
  for (const files of [14, 16, 18, 20]) {
    const limit = ["sh", "-c", `ulimit -n ${files}; exec "$@"`, "sh"];
    for (const line of [["add", ...DOOR], ["list"], ["init", "web", "--port", "80"]]) {
      const command = [...limit, PKTABLES, ...line, "--backend", box.backend];
      const before = await box.saveAll();
      const { code, stderr } = await box.ns.run(command);
      // How many are enough depends on those that are inherited.
      if (code === 0) continue;
      assertEquals(code, 1);
      assertMatch(stderr, /^pktables: error: .*\n {2}Too many open files/);
      assertEquals(RUNTIME.test(stderr), false, stderr);
      assertEquals(await box.saveAll(), before);
      refused.push(files);
    }
  }
  assert(refused.length > 0, "fourteen were enough: try fewer");
});

Deno.test("a closed terminal, a full one, an empty environment and odd limits change nothing", async () => {
  await using box = await Box.create("legacy");
  await box.must("init", "ssh", "--port", "22");
  const odd = [
    `"$@" <&- >&- 2>&-`,
    "trap '' PIPE HUP INT TERM; \"$@\"",
    'ulimit -f 0; "$@"',
    'ulimit -c 0; ulimit -l 0; "$@"',
    'umask 0777; rm -f /run/pktables.lock; "$@"',
    'exec env -i "$@"',
    'exec env TMPDIR=/nowhere HOME=/nowhere DENO_DIR=/nowhere LD_LIBRARY_PATH=/nowhere "$@"',
    "exec env NO_COLOR=$(printf '\\351') XDG_RUNTIME_DIR=$(printf '\\351') \"$@\"",
  ];
  for (const script of odd) {
    for (const verb of ["add", "delete"]) {
      const command = [PKTABLES, verb, ...DOOR, "--backend", box.backend];
      const { code, stderr } = await box.ns.run(["bash", "-c", script, "sh", ...command]);
      assertEquals([code, stderr], [0, ""], script);
      assertEquals((await box.save("ipv4")).includes("203.0.113.9"), verb === "add", script);
    }
  }
  const full = ["sh", "-c", `"$@" > /dev/full`, "sh", PKTABLES, "list", "--backend", box.backend];
  const { stderr } = expectStatus(await box.ns.run(full), 1);
  assertMatch(stderr, /^pktables: error: standard output cannot be written: No space left/);
  await box.ns.must(["mount", "-o", "remount,ro", "/run"]);
  await expectRefusal(box, ["add", ...DOOR], { code: 1, words: [/Read-only file system/] });
});

Deno.test("what ends Deno's runtime before the program begins is no success and changes nothing", async () => {
  await using box = await Box.create("legacy");
  await box.must("init", "ssh", "--port", "22");
  const before = await box.saveAll({ counters: true });
  const early = [
    `exec "$@" "$(printf '\\377')"`,
    'mkdir /mnt/gone; cd /mnt/gone; rmdir /mnt/gone; exec "$@"',
    'ulimit -n 8; exec "$@"',
    'ulimit -v 1000000; exec "$@"',
  ];
  for (const script of early) {
    const command = [PKTABLES, "add", ...DOOR, "--backend", box.backend];
    const { code, stdout, stderr } = await box.ns.run(["bash", "-c", script, "sh", ...command]);
    assert(code !== 0 && stdout === "" && stderr !== "", `${script}: ${code} ${stdout}`);
  }
  assertEquals(await box.saveAll({ counters: true }), before);
});
