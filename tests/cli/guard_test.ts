import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { attended, established, LISTENING, peerMachine, SSH } from "../support/peers.ts";

const PEER = "203.0.113.7";
const CLOSED = `${PEER}, which is connected to port 22,`;

Deno.test("on a terminal a service that cuts off and closes out a peer is not made", async () => {
  const system = attended({}, established(PEER));
  assertEquals(await system.run("init ssh --port 22"), {
    status: 1,
    out: "",
    err: `pktables: error: nothing was changed: ${CLOSED} would be cut off and could not connect ` +
      "again: dropped by rule 1 of pk-ssh: -j DROP\n" +
      `  to let it in first: pktables init ssh --port 22 --accept; pktables add ${PEER} --service ssh; ` +
      "then this command with --replace\n" +
      "  to try it: --confirm 60s, which the kernel takes back unless `pktables confirm` follows\n" +
      "  to do it anyway: --force\n",
  });
  assertEquals(system.kernel.writes, []);
});

Deno.test("the way out that a message names works", async () => {
  const system = attended({}, established(PEER));
  for (
    const line of [
      "init ssh --port 22 --accept",
      `add ${PEER} --service ssh`,
      "init ssh --port 22 --replace",
    ]
  ) {
    assertEquals((await system.run(line)).status, 0, line);
  }
  assertEquals(system.kernel.chain("ipv4", "pk-ssh"), [`-s ${PEER}/32 -j ACCEPT`, "-j DROP"]);
});

Deno.test("the way out is for the same backend and family", async () => {
  const system = attended({}, established(PEER));
  const { err } = await system.run("init ssh --port 22 --ipv4 --backend legacy");
  assertStringIncludes(
    err,
    "pktables init ssh --port 22 --accept --ipv4 --backend legacy; " +
      `pktables add ${PEER} --service ssh --backend legacy; then`,
  );
});

Deno.test("a service with `syn` leaves the connection open and is not created either", async () => {
  const system = attended({}, established(PEER));
  const { status, err } = await system.run("init ssh --port 22 --syn");
  assertEquals([status, system.kernel.writes.length], [1, 0]);
  assertStringIncludes(err, `${CLOSED} would stay connected but could not connect again: dropped`);
});

Deno.test("a rule that accepts established connections ahead of it counts", async () => {
  const rule = "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";
  const { err } = await attended({ ipv4: rule }, established(PEER)).run("init ssh --port 22");
  assertStringIncludes(err, `${CLOSED} would stay connected but could not connect again`);
});

Deno.test("where connection tracking begins with the change, it may not know who is connected", async () => {
  const file = `service ssh tcp 22 drop established`;
  const fresh = attended({}, established(PEER));
  fresh.contents["rules.pk"] = file;
  assertStringIncludes(
    (await fresh.run("load rules.pk")).err,
    `${CLOSED} probably would be cut off and could not connect again: dropped by rule 2 of pk-ssh`,
  );
  for (const rule of ["-m state --state INVALID -j DROP", "-p udp -m conntrack --ctstate NEW"]) {
    const tracked = attended({ ipv4: `-A INPUT ${rule}` }, established(PEER));
    tracked.contents["rules.pk"] = file;
    assertStringIncludes(
      (await tracked.run("load rules.pk")).err,
      `${CLOSED} would stay connected but could not connect again`,
    );
  }
  fresh.contents["rules.pk"] = `${file} allow ${PEER}`;
  assertEquals((await fresh.run("load rules.pk")).status, 0);
});

Deno.test("--force does it anyway, and says what it does", async () => {
  const system = attended({}, established(PEER));
  const { status, err } = await system.run("init ssh --port 22 --force");
  assertEquals([status, system.kernel.writes.length], [0, 2]);
  assertMatch(
    err,
    /^pktables: warning: 203\.0\.113\.7, .* will be cut off and cannot connect again/,
  );
});

Deno.test("without a terminal it is one warning, and the status stays", async () => {
  for (const line of ["init ssh --port 22", "load rules.pk"]) {
    const system = peerMachine({}, established(PEER, "203.0.113.8", "2001:db8::7"));
    system.contents["rules.pk"] = "service ssh tcp 22 drop";
    const { status, err } = await system.run(line);
    assertEquals([status, system.kernel.writes.length], [0, 2]);
    assertEquals(
      err,
      `pktables: warning: ${PEER} (connected to port 22) and 2 other clients will be cut off or ` +
        "cannot connect again: dropped by rule 1 of pk-ssh: -j DROP\n",
    );
  }
});

Deno.test("any stream that is a terminal means that someone is there", async () => {
  for (const stream of ["inIsTerminal", "outIsTerminal", "errIsTerminal"]) {
    const system = peerMachine({}, established(PEER));
    Object.assign(system.console, { [stream]: true });
    assertEquals((await system.run("init ssh --port 22")).status, 1, stream);
  }
});

Deno.test("several peers are named, and the rest is counted", async () => {
  const peers = Array.from({ length: 6 }, (_, at) => `203.0.113.${at + 1}`);
  const { err } = await attended({}, established(...peers)).run("init ssh --port 22");
  assertStringIncludes(err, "6 connected clients would be cut off or could not connect again\n");
  assertStringIncludes(
    err,
    "\n  203.0.113.4, port 22: would be cut off and could not connect again",
  );
  assertStringIncludes(err, "\n  and 2 more\n");
  assert(!err.includes("203.0.113.5"));
});

Deno.test("load of a new service names `allow`, of one that is there `add`", async () => {
  const fresh = attended({}, established(PEER));
  fresh.contents["rules.pk"] = "service ssh tcp 22 drop";
  assertStringIncludes(
    (await fresh.run("load rules.pk")).err,
    `\n  to let it in first: write \`allow ${PEER}\` in service ssh of the file\n`,
  );
  fresh.contents["rules.pk"] = `service ssh tcp 22 drop allow ${PEER}`;
  assertEquals((await fresh.run("load rules.pk")).status, 0);

  const open = attended(
    { ipv4: SSH.replace("-j DROP", "-j ACCEPT") },
    established("203.0.113.9"),
  );
  open.contents["rules.pk"] = "service ssh tcp 22 drop ipv4";
  const add = "pktables add 203.0.113.9 --service ssh --backend nft";
  const { status, err } = await open.run("load rules.pk --backend nft");
  assertEquals(status, 1);
  assertStringIncludes(err, `\n  to let it in first: ${add}\n`);
  assertEquals((await open.run(add.replace("pktables ", ""))).status, 0);
  assertEquals((await open.run("load rules.pk --backend nft")).status, 0);
});

Deno.test("a client that could not reconnect before is not reported as shut out, but is not cut off", async () => {
  const system = attended({ ipv4: SSH }, established("203.0.113.9"));
  assertEquals((await system.run("init ssh --port 22 --log --syn --ipv4 --replace")).status, 0);
  const { status, err } = await system.run("init ssh --port 22 --ipv4 --replace");
  assertEquals(status, 1);
  assertStringIncludes(err, "would be cut off: dropped by rule 2 of pk-ssh: -j DROP");
});

Deno.test("a client that the change still lets in is not reported", async () => {
  const lines = [
    "init ssh --port 22 --accept",
    "init web --port 80",
    "init vpn --port 22 --udp",
    "init ssh --port 22 --ipv6",
  ];
  for (const line of lines) {
    const system = attended({}, established(PEER));
    assertEquals((await system.run(line)).status, 0, line);
  }
});

Deno.test("the connections of one family do not matter to the other", async () => {
  const system = attended({}, established("2001:db8::7"));
  assertEquals((await system.run("init ssh --port 22 --ipv4")).status, 0);
  const { status, err } = await system.run("init ssh --port 22");
  assertEquals(status, 1);
  assertStringIncludes(err, "2001:db8::7, which is connected to port 22,");
});

Deno.test("a mapped address is IPv4, a link-local one comes by its own interface", async () => {
  const mapped = "ESTAB 0 0 [::ffff:10.0.0.5]:22 [::ffff:203.0.113.7]:5000\n" + LISTENING;
  assertMatch((await attended({}, mapped).run("init ssh --port 22")).err, /203\.0\.113\.7, which/);
  const scoped = "ESTAB 0 0 [fe80::5]%eth7:22 [fe80::7]:5000\n" + LISTENING;
  const trusting = { ipv6: "-A INPUT -i eth7 -j ACCEPT" };
  assertEquals((await attended(trusting, scoped).run("init ssh --port 22")).status, 0);
  assertEquals((await attended({}, scoped).run("init ssh --port 22")).status, 1);
});

Deno.test("the interface that a peer comes by decides, not that of the default route", async () => {
  const trusting = { ipv4: "-A INPUT -i br-lan -j ACCEPT" };
  const lan = attended(trusting, established("192.168.1.9"));
  lan.around.routes["192.168.1.9"] = "br-lan";
  assertEquals((await lan.run("init ssh --port 22")).status, 0);
  assertEquals((await attended(trusting, established(PEER)).run("init ssh --port 22")).status, 1);
});

Deno.test("if the interface is unknown, it is refused and called likely", async () => {
  const system = attended({ ipv4: "-A INPUT -i br-lan -j ACCEPT" }, established(PEER));
  system.around.interface = null;
  const { status, err } = await system.run("init ssh --port 22");
  assertEquals(status, 1);
  assertStringIncludes(err, `${CLOSED} probably would be cut off`);
});

Deno.test("the machine's own connections come by lo", async () => {
  const own = "ESTAB 0 0 127.0.0.1:22 127.0.0.1:5000\nESTAB 0 0 10.0.0.5:22 10.0.0.5:5001\n";
  const lo = { ipv4: "-A INPUT -i lo -j ACCEPT" };
  assertEquals((await attended(lo, own + LISTENING).run("init ssh --port 22")).status, 0);
  const { status, err } = await attended({}, own + LISTENING).run("init ssh --port 22");
  assertEquals(status, 1);
  assertStringIncludes(err, "2 connected clients");
});

Deno.test("a connection that this machine made cannot be made again from outside", async () => {
  const made = "ESTAB 0 0 10.0.0.5:40022 203.0.113.7:443\nLISTEN 0 5 *:22 *:*\n";
  const system = attended({}, made);
  assertEquals((await system.run("init many --port 40000-50000 --syn")).status, 0);
  const { status, err } = await system.run("init many --port 40000-50000 --replace");
  assertEquals(status, 1);
  assertStringIncludes(err, "port 40022, would be cut off: dropped by");
  // Without listening sockets in the output, every port may be one that clients connect to.
  const blind = attended({}, made.split("\n")[0]!);
  assertEquals((await blind.run("init many --port 40000-50000 --syn")).status, 1);
});

Deno.test("what cannot be determined is a warning, and stops nothing", async () => {
  const system = attended({}, established(PEER, "203.0.113.8"));
  system.around.interface = null;
  system.contents["rules.pk"] = "service ssh tcp 22 drop on eth7";
  const { status, err } = await system.run("load rules.pk");
  assertEquals([status, system.kernel.writes.length], [0, 2]);
  assertEquals(
    err.split("\n")[0],
    `pktables: warning: whether ${PEER} (connected to port 22) and 1 more can still get in is not ` +
      "known: perhaps dropped by rule 1 of pk-ssh: -j DROP",
  );
});
