// Whether packets of a kernel knock reach the chain that hears it, whatever rules are ahead.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeSystem } from "../support/fake_system.ts";

const RULES = "service ssh tcp 22 syn knock 7000, 8022:udp, 9003 within 5s for 1h by kernel\n";

async function loaded(): Promise<FakeSystem> {
  const system = new FakeSystem();
  system.contents["rules.pk"] = RULES;
  assertEquals(await system.run("load rules.pk").then(({ err }) => err), "");
  return system;
}

Deno.test("list, load and diff say that a knock is not heard where a rule ahead takes its packets", async () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      "-I INPUT -p tcp -m tcp --dport 9003 -j DROP",
      "IPv4: the knock of ssh is not heard at tcp port 9003: dropped by rule 1 of INPUT: " +
      "-p tcp -m tcp --dport 9003 -j DROP",
    ],
    [
      "-I INPUT -p udp -m multiport --dports 53,8022 -j ACCEPT",
      "IPv4: the knock of ssh is not heard at udp port 8022: accepted by rule 1 of INPUT: " +
      "-p udp -m multiport --dports 53,8022 -j ACCEPT",
    ],
  ];
  for (const [lines, words] of cases) {
    const system = await loaded();
    system.kernel.load("ipv4", lines);
    for (const line of ["list", "load rules.pk", "diff rules.pk"]) {
      assertStringIncludes((await system.run(line)).err, words, line);
    }
    await system.run("load --move rules.pk");
    assertEquals((await system.run("list")).err, "");
  }
});

Deno.test("nothing is reported for a knock that is heard, with rules for others ahead", async () => {
  const system = await loaded();
  system.kernel.load(
    "ipv4",
    "-I INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-I INPUT -s 192.0.2.0/24 -j DROP",
  );
  for (const line of ["list --quiet", "load rules.pk", "diff rules.pk --quiet"]) {
    assertEquals(await system.run(line).then(({ status, err }) => [status, err]), [0, ""], line);
  }
});

Deno.test("list reports a service of init that takes packets of a knock", async () => {
  const system = await loaded();
  system.kernel.load("ipv4", "-I INPUT -p tcp -m tcp --dport 80 -j ACCEPT");
  await system.run("init web --port 80,7000");
  assertStringIncludes(
    (await system.run("list")).err,
    "IPv4: the knock of ssh is not heard at tcp port 7000: dropped by rule 1 of pk-web",
  );
});

Deno.test("a knock that one family alone hears is told of the other, whichever it is", async () => {
  for (const [family, other] of [["ipv4", "IPv6"], ["ipv6", "IPv4"]] as const) {
    const system = new FakeSystem();
    system.contents["rules.pk"] = RULES;
    system.contents["plain.pk"] = "service ssh tcp 22 syn\n";
    await system.run("load plain.pk");
    await system.run(`load --${family} rules.pk`);
    assertEquals(
      (await system.run("list")).err,
      `pktables: warning: ${other}: the knock of ssh is not heard at tcp port 7000: accepted by the ` +
        "policy of INPUT\n",
    );
    assertEquals((await system.run(`list --${family}`)).err, "");
  }
});

Deno.test("a chain of others whose name ends like that of a knock hears none", async () => {
  const system = await loaded();
  const rule = "-p tcp -m tcp --dport 7000 -j my-pk-ssh.1";
  system.kernel.load("ipv4", `-N my-pk-ssh.1\n-A my-pk-ssh.1 -j DROP\n-I INPUT ${rule}`);
  assertEquals(
    (await system.run("list")).err,
    "pktables: warning: IPv4: the knock of ssh is not heard at tcp port 7000: dropped by rule 1 of " +
      "my-pk-ssh.1: -j DROP\n",
  );
});

Deno.test("where the families hear other knocks, IPv6 is asked for that of IPv4", async () => {
  const system = await loaded();
  system.contents["rules.pk"] = RULES.replace("7000", "6000");
  await system.run("load --ipv6 rules.pk");
  assertEquals(
    (await system.run("list")).err,
    "pktables: warning: IPv6: the knock of ssh is not heard at tcp port 7000: accepted by the policy " +
      "of INPUT\n",
  );
});

Deno.test("a knock on any of some interfaces is heard on each", async () => {
  const system = new FakeSystem();
  system.contents["rules.pk"] = RULES.replace("syn ", "syn on eth+ ");
  assertEquals((await system.run("load rules.pk")).err.includes("knock"), false);
});

Deno.test("if it is unknown whether a knock is heard, that is reported", async () => {
  const system = await loaded();
  const [jump = ""] = system.kernel.chain("ipv4", "INPUT") ?? [];
  system.kernel.load("ipv4", `-D INPUT ${jump}\n-I INPUT -m limit --limit 1/hour ${jump}`);
  const { err } = await system.run("list");
  assertEquals(
    err,
    "note: IPv4: whether the knock of ssh is heard at tcp port 7000 is not known: accepted by the " +
      "policy of INPUT\n",
  );
});

Deno.test("a knock is ahead of what decides over neighbours of its ports, or a scan would open it", async () => {
  const ports = ["7001:8021", "8023:9002"];
  const rules = RULES.replace("8022:udp", "8022");
  const targets = (system: FakeSystem) =>
    (system.kernel.chain("ipv4", "INPUT") ?? []).map((rule) => rule.split(" ").at(-1));
  const foreign = new FakeSystem({
    ipv4: ports.map((range) => `-A INPUT -p tcp -m tcp --dport ${range} -j DROP`).join("\n"),
  });
  foreign.contents["rules.pk"] = rules;
  await foreign.run("load rules.pk");
  assertEquals(targets(foreign), ["pk-ssh.1", "DROP", "DROP", "pk-ssh"]);
  const own = new FakeSystem();
  own.contents["web.pk"] = "service web tcp 7001-8021, 8023-9002 drop\n";
  own.contents["rules.pk"] = `${own.contents["web.pk"]}${rules}`;
  await own.run("load web.pk");
  await own.run("load rules.pk");
  assertEquals(targets(own), ["pk-ssh.1", "pk-web", "pk-ssh"]);
});
