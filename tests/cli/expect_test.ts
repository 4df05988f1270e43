import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { failure } from "../../src/system/failure.ts";
import { err as refuse } from "../../src/result.ts";
import { FakeSystem } from "../support/fake_system.ts";

const FILE = `define office = 203.0.113.0/24, 2001:db8:10::/48
service ssh tcp 22 syn drop
    allow office
expect tcp 22 from office accept
expect tcp 22 from anyone drop
`;
/** A rule that lets everyone in, ahead of a jump that is there and so keeps its place. */
const OPEN = `:pk-ssh - [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 --syn -j pk-ssh
-A pk-ssh -j DROP`;

function machine(start: { ipv4?: string; ipv6?: string } = {}, file = FILE): FakeSystem {
  const system = new FakeSystem(start);
  system.contents["rules.pk"] = file;
  return system;
}

Deno.test("check traces the expectations of a file through the file alone", async () => {
  const good = await machine().run("check rules.pk");
  assertEquals([good.status, good.err], [0, "rules.pk: no problems found in 1 service\n"]);
  const system = machine({}, "service ssh tcp 22 drop\nexpect udp 161 from anyone drop\n");
  const { status, out } = await system.run("check rules.pk --format short");
  assertEquals(status, 3);
  assertEquals(
    out,
    "rules.pk:2:28: error[PK046]: this packet is accepted by the policy of INPUT: no service covers udp 161 (IPv4 and IPv6)\n",
  );
  assertEquals(system.kernel.calls, []);
});

Deno.test("check warns, and no more, where the answer depends on what the file does not say", async () => {
  const text = "service lan tcp 445 drop on br0\nexpect tcp 445 from 192.0.2.1 drop\n";
  const { status, out } = await machine({}, text).run("check rules.pk --format short");
  assertEquals(status, 0);
  assertStringIncludes(out, "warning[PK079]: cannot tell: this depends on `on br0` of service");
});

Deno.test("a file with errors is not traced", async () => {
  const text = "service ssh tcp 22 sny drop\nexpect tcp 22 from anyone accept\n";
  const { status, out } = await machine({}, text).run("check rules.pk --format short");
  assertEquals([status, out.split("\n").length], [3, 2]);
});

/** Counts the readings of what stands around table `filter`. */
function countReadings(system: FakeSystem): { count: number } {
  const readings = { count: 0 };
  const { saveAll } = system.surroundings;
  Object.assign(system.surroundings, {
    saveAll: (...given: Parameters<typeof saveAll>) => (readings.count++, saveAll(...given)),
  });
  return readings;
}

Deno.test("load does what a file expects, and reads no more for a file that expects nothing", async () => {
  const system = machine();
  const { status, out, err } = await system.run("load rules.pk");
  assertEquals([status, out, err], [0, "ssh  created\n", ""]);
  const expecting = countReadings(system);
  assertEquals((await system.run("load rules.pk")).status, 0);
  const plain = machine({}, FILE.replace(/^expect.*\n/gm, ""));
  assertEquals((await plain.run("load rules.pk")).status, 0);
  const readings = countReadings(plain);
  assertEquals((await plain.run("load rules.pk")).status, 0);
  assert(expecting.count >= readings.count + 4, "both iptables, in both families");
});

Deno.test("load changes nothing where the kernel would not do what the file expects", async () => {
  const system = machine({ ipv4: OPEN });
  const before = system.dump();
  const { status, out, err } = await system.run("load rules.pk");
  assertEquals([status, out], [1, ""]);
  assertEquals(
    err,
    "pktables: error: rules.pk:5: `expect tcp 22 from anyone drop` is not met: accepted by rule 1 of " +
      "INPUT: -p tcp -m tcp --dport 22 -j ACCEPT (IPv4)\n" +
      "pktables: error: nothing was changed: 1 expectation is not met (--force loads anyway)\n",
  );
  assertEquals(system.dump(), before);
  assertEquals(system.kernel.writes, []);
  assertEquals(system.steps.at(-1), "unlock");
});

Deno.test("--force loads anyway, and says so", async () => {
  const system = machine({ ipv4: OPEN });
  const { status, out, err } = await system.run("load rules.pk --force");
  assertEquals(status, 0);
  assertStringIncludes(out, "ssh  ");
  assertStringIncludes(err, "warning: rules.pk:5: `expect tcp 22 from anyone drop` is not met:");
  assertStringIncludes(err, "1 expectation is not met: loaded anyway because of --force");
  assertEquals(system.kernel.chain("ipv4", "pk-ssh")?.length, 2);
  assertEquals(system.kernel.chain("ipv6", "pk-ssh")?.length, 2);
});

Deno.test("the kernel is judged as it will be, not as it is", async () => {
  // What is there lets everyone in; the file closes them out.
  const open = ":pk-ssh - [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh\n-A pk-ssh -j ACCEPT";
  assertEquals((await machine({ ipv4: open, ipv6: open }).run("load rules.pk")).status, 0);
  // What is there closes everyone out; the file no longer does.
  const text = "service ssh tcp 22 accept\nexpect tcp 22 from anyone drop\n";
  const shut = machine({ ipv4: open.replace("-j ACCEPT", "-j DROP") }, text);
  const { status, err } = await shut.run("load rules.pk");
  assertEquals(status, 1);
  assertStringIncludes(err, "accepted by rule 1 of pk-ssh: -j ACCEPT (IPv4 and IPv6)");
  assertStringIncludes(err, "  rule 1 of INPUT: -p tcp -m tcp --dport 22 -j pk-ssh\n");
});

Deno.test("an open door is no outsider, and an expectation of its address sees it", async () => {
  const door = ":pk-ssh - [0:0]\n-A INPUT -p tcp -m tcp --dport 22 --syn -j pk-ssh\n" +
    "-A pk-ssh -s 198.51.100.7/32 -j ACCEPT\n-A pk-ssh -j DROP";
  assertEquals((await machine({ ipv4: door }).run("load rules.pk")).status, 0);
  const file = `${FILE}expect tcp 22 from 198.51.100.7 drop\n`;
  const { status, err } = await machine({ ipv4: door }, file).run("load rules.pk");
  assertEquals(status, 1);
  assertStringIncludes(err, "is not met: accepted by rule 1 of pk-ssh: door\n");
});

Deno.test("what cannot be known is warned of, and keeps nothing from being loaded", async () => {
  const set = "-A INPUT -i br0 -p tcp -j DROP";
  const system = machine({ ipv4: set });
  const { status, err } = await system.run("load rules.pk");
  assertEquals(status, 0);
  assertStringIncludes(
    err,
    "warning: rules.pk:4: cannot tell whether `expect tcp 22 from office accept` is met: " +
      "from 203.0.113.0: depends on rule 1 of INPUT (-i br0) (IPv4)",
  );
  const shown = await system.run("diff rules.pk");
  assertEquals(shown.status, 0);
  assertStringIncludes(shown.err, "cannot tell whether");
});

Deno.test("a list is met only if all of its addresses meet what is expected", async () => {
  const file = "define two = 192.0.2.1, 192.0.2.2\nservice ssh tcp 22 drop allow 192.0.2.1\n" +
    "expect tcp 22 from two accept\n";
  const { status, err } = await machine({}, file).run("load rules.pk");
  assertEquals(status, 1);
  assertStringIncludes(err, "is not met: from 192.0.2.2: dropped by rule 2 of pk-ssh: -j DROP\n");
});

Deno.test("of a list the address that fails is reported, not the one that is unknown", async () => {
  const file = "define two = 192.0.2.1, 192.0.2.2\nservice ssh tcp 22 drop\n" +
    "expect tcp 22 from two accept\n";
  const rules = "-A INPUT -s 192.0.2.1/32 -i br0 -j ACCEPT";
  const { status, err } = await machine({ ipv4: rules }, file).run("load rules.pk");
  assertEquals(status, 1);
  assertStringIncludes(err, "is not met: from 192.0.2.2: dropped");
});

Deno.test("tables of the other iptables and of nft decide over what is expected as well", async () => {
  const file = "service web tcp 80 accept\nexpect tcp 80 accept\n";
  const system = machine({}, file);
  system.around.legacy = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n";
  const { status, err } = await system.run("load rules.pk --ipv4");
  assertEquals(status, 1);
  assertStringIncludes(err, "dropped by the policy of INPUT (legacy)");
  system.around.legacy = "";
  system.around.nft = "no JSON";
  const unknown = await system.run("load rules.pk --ipv4");
  assertEquals(unknown.status, 0);
  assertStringIncludes(unknown.err, "nft's output cannot be read");
});

Deno.test("--backend selects whose rules are written", async () => {
  const file = "service web tcp 80 drop\nexpect tcp 80 drop\n";
  const system = machine({}, file);
  system.around.legacy = "# nothing yet\n";
  const { status, err } = await system.run("load rules.pk --ipv4 --backend legacy");
  assertEquals([status, err], [0, ""]);
  const open = machine({}, file.replaceAll("drop", "accept"));
  open.around.legacy = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n";
  assertEquals((await open.run("diff rules.pk --ipv4")).out.includes("not met"), true);
  const legacy = await open.run("diff rules.pk --ipv4 --backend legacy");
  assertEquals(legacy.out.includes("not met"), false);
});

Deno.test("diff lists what will not be met, and counts it as a difference", async () => {
  const system = machine({ ipv4: OPEN });
  await system.run("load rules.pk --force");
  const { status, out } = await system.run("diff rules.pk");
  assertEquals(status, 1);
  assertEquals(
    out,
    "expect tcp 22 from anyone drop (rules.pk:5): not met: accepted by rule 1 of INPUT: " +
      "-p tcp -m tcp --dport 22 -j ACCEPT (IPv4)\n",
  );
  const dry = await system.run("load rules.pk --dry-run");
  assertEquals([dry.status, dry.out], [1, out]);
  const json = JSON.parse((await system.run("diff rules.pk --json")).out);
  assertEquals(json.changes, []);
  assertEquals(json.expectations, [{
    place: "rules.pk:5",
    expectation: "expect tcp 22 from anyone drop",
    state: "failed",
    families: ["ipv4"],
    sender: null,
    words: "accepted by rule 1 of INPUT: -p tcp -m tcp --dport 22 -j ACCEPT (IPv4)",
    way: [],
  }]);
});

Deno.test("an open door that is not expected is a difference, although nothing is to be written", async () => {
  const system = machine({}, `${FILE}expect tcp 22 from 192.0.2.7 drop\n`);
  assertEquals((await system.run("load rules.pk")).status, 0);
  assertEquals((await system.run("diff rules.pk")).status, 0);
  assertEquals((await system.run("add 192.0.2.7 --service ssh")).status, 0);
  const { status, out } = await system.run("diff rules.pk");
  assertEquals(status, 1);
  assertStringIncludes(out, "(rules.pk:6): not met: accepted by rule 1 of pk-ssh: door");
});

Deno.test("an outsider comes in by the service's interface, else by that of the default route", async () => {
  const file = "service web tcp 80 drop on ppp+\nexpect tcp 80 drop\n";
  assertEquals((await machine({}, file).run("load rules.pk")).status, 0);
  const open = "service web tcp 80 drop\nexpect tcp 80 drop\n";
  const ahead = ":pk-web - [0:0]\n-A INPUT -i eth0 -j ACCEPT\n" +
    "-A INPUT -p tcp -m tcp --dport 80 -j pk-web\n-A pk-web -j DROP";
  const { status, err } = await machine({ ipv4: ahead }, open).run("load rules.pk");
  assertEquals(status, 1);
  assertStringIncludes(err, "accepted by rule 1 of INPUT: -i eth0 -j ACCEPT (IPv4)");
  const other = machine({ ipv4: ahead }, open.replace("expect tcp 80", "expect tcp 80 on eth1"));
  assertEquals((await other.run("load rules.pk")).status, 0);
});

Deno.test("what cannot be read keeps a file with expectations from being loaded, but for --force", async () => {
  const system = machine();
  Object.assign(system.surroundings, {
    saveAll: () => Promise.resolve(refuse(failure("refused", "iptables-legacy-save failed"))),
  });
  const { status, err } = await system.run("load rules.pk");
  assertEquals([status, err], [1, "pktables: error: iptables-legacy-save failed\n"]);
  const forced = await system.run("load rules.pk --force");
  assertEquals(forced.status, 0);
  assertStringIncludes(forced.err, "no expectation was tested: iptables-legacy-save failed");
});

Deno.test("trace --file uses a file, and with --all the kernel after a load", async () => {
  const system = machine({ ipv4: OPEN });
  const alone = await system.run("trace tcp 22 from anyone --file rules.pk --ipv4");
  assertEquals([alone.status, alone.out], [1, "dropped by rule 2 of pk-ssh: -j DROP\n"]);
  assertEquals(system.kernel.calls, []);
  const friend = await system.run("trace tcp 22 from 203.0.113.9 --file rules.pk");
  assertEquals(friend.status, 0);
  const all = await system.run("trace tcp 22 from anyone --file rules.pk --all --ipv4");
  assertEquals(all.status, 0);
  assertEquals(all.out, "accepted by rule 1 of INPUT: -p tcp -m tcp --dport 22 -j ACCEPT\n");
  const six = await system.run("trace tcp 22 from anyone --file rules.pk --all --ipv6");
  assertEquals([six.status, six.out], [1, "dropped by rule 2 of pk-ssh: -j DROP\n"]);
  assertEquals(system.kernel.writes, []);
  const wrong = await system.run("trace tcp 22 from anyone --all");
  assertEquals([wrong.status, wrong.err], [2, "pktables: error: `--all` needs `--file`\n"]);
  system.contents["bad.pk"] = "service";
  assertEquals((await system.run("trace tcp 22 from anyone --file bad.pk")).status, 3);
});

Deno.test("the sender is named if the statement names a list, even one of its own", async () => {
  const text = "define office = 192.0.2.1\nservice ssh tcp 22 drop\n" +
    "expect tcp 22 from office to 192.0.2.1 accept\nexpect tcp 22 from 192.0.2.1 accept\n";
  const { out } = await machine({}, text).run("check rules.pk --format short");
  const told = out.split("\n").filter((line) => line.includes("PK046"));
  assertEquals(told.length, 2, out);
  assertStringIncludes(told[0] ?? "", "a packet from 192.0.2.1 is dropped");
  assertStringIncludes(told[1] ?? "", "this packet is dropped");
});

Deno.test("where nobody can stand for all senders, it is said that nobody was looked at", async () => {
  const hole = "-A INPUT -s 10.0.3.0/255.0.255.0 -j DROP";
  const { status, err } = await machine({ ipv4: hole }).run("load rules.pk");
  assertEquals([status, err.split("\n")], [0, [
    "pktables: warning: rules.pk:4: cannot tell whether `expect tcp 22 from office accept` is met: " +
    "too many different senders to test, or the tables changed while they were read (IPv4)",
    "",
  ]]);
  const many = Array.from({ length: 600 }, (_, at) => `10.0.${at >> 7}.${(at & 127) * 2}`).join(
    ", ",
  );
  const text = `service ssh tcp 22 drop allow ${many}\nexpect tcp 22 from 10.0.0.0/8 drop\n`;
  assertEquals(
    (await machine({}, text).run("check rules.pk --format short")).out,
    "rules.pk:2:31: warning[PK079]: cannot tell: this depends on too many different addresses to test\n",
  );
});
