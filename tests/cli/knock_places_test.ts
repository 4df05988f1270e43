// Where the jumps to the chains of kernel knocks go in INPUT, rule by rule.
import { assertEquals } from "@std/assert";
import { FakeSystem } from "../support/fake_system.ts";
import { targets } from "../support/placing.ts";

/** Heard at TCP 6984-7016, 8006-8038 and 8987-9019. */
const TCP = "service ssh tcp 22 syn drop ipv4\n    knock 7000, 8022, 9003 for 8h by kernel\n";

/** The same, and by UDP as well. */
const BOTH = TCP.replace("8022", "8022:udp");

/** A machine with these rules. */
function machine(...input: readonly string[]): FakeSystem {
  return new FakeSystem({ ipv4: input.map((rule) => `-A INPUT ${rule}`).join("\n") });
}

/** Loads files one after the other; returns the targets in INPUT, and what was told of the last one. */
async function load(system: FakeSystem, ...files: readonly string[]): Promise<[string, string]> {
  let err = "";
  for (const rules of files) {
    system.contents["rules.pk"] = rules;
    ({ err } = await system.run("load rules.pk --ipv4"));
  }
  return [targets(system).join(" "), err];
}

const drop = (protocol: string, port: number) =>
  `-p ${protocol} -m ${protocol} --dport ${port} -j DROP`;

for (
  const [what, input, rules, wanted] of [
    ["nothing is in its way", [drop("tcp", 6983)], BOTH, "DROP pk-ssh.1 pk-ssh.1 pk-ssh"],
    ["a rule for its first port", [drop("tcp", 6984)], TCP, "pk-ssh.1 DROP pk-ssh"],
    ["a rule for its last port", [drop("tcp", 9019)], TCP, "pk-ssh.1 DROP pk-ssh"],
    ["a rule for the port behind", [drop("tcp", 9020)], TCP, "DROP pk-ssh.1 pk-ssh"],
    ["a rule of the other protocol", [drop("udp", 8022)], TCP, "DROP pk-ssh.1 pk-ssh"],
    ["a rule of UDP", [drop("udp", 8022)], BOTH, "pk-ssh.1 pk-ssh.1 DROP pk-ssh"],
    [
      "the first of two rules decides for all of its jumps",
      [drop("tcp", 7000), drop("tcp", 1), drop("udp", 8022)],
      BOTH,
      "pk-ssh.1 pk-ssh.1 DROP DROP DROP pk-ssh",
    ],
    [
      "the same with UDP first",
      [drop("udp", 8022), drop("tcp", 1), drop("tcp", 7000)],
      BOTH,
      "pk-ssh.1 pk-ssh.1 DROP DROP DROP pk-ssh",
    ],
    // One that is placed might take its packets.
    [
      "a service that goes ahead of a rule",
      [drop("tcp", 80)],
      `service web tcp 80, 7000 drop ipv4\n${TCP}`,
      "pk-ssh.1 pk-web DROP pk-ssh",
    ],
    [
      "two services that go ahead of rules, the later one first in the file",
      [drop("tcp", 80), drop("tcp", 81)],
      `service b tcp 81 drop ipv4\nservice a tcp 80 drop ipv4\n${TCP}`,
      "pk-ssh.1 pk-a DROP pk-b DROP pk-ssh",
    ],
    [
      "two services that go ahead of rules, in the order of these",
      [drop("tcp", 80), drop("tcp", 81)],
      `service a tcp 80 drop ipv4\nservice b tcp 81 drop ipv4\n${TCP}`,
      "pk-ssh.1 pk-a DROP pk-b DROP pk-ssh",
    ],
  ] as const
) {
  Deno.test(`a knock that is new is heard ahead of what decides: ${what}`, async () => {
    const [ended, err] = await load(machine(...input), rules);
    const told = what.endsWith("first in the file")
      ? "pktables: warning: IPv4: in INPUT the jump to a comes before that to b, unlike in the file; " +
        "jumps keep their places\n"
      : "";
    assertEquals([ended, err], [wanted, told]);
  });
}

for (
  const [port, moves] of [
    ["tcp 80, 6983", false],
    ["tcp 80, 6984", true],
    ["tcp 80, 7016", true],
    ["tcp 80, 7017", false],
    ["tcp 80, 7017-8005", false],
    ["tcp 80, 7017-8006", true],
    ["tcp 80, 9019-9100", true],
    ["tcp 80, 9020-9100", false],
    ["udp 80, 7000", false],
  ] as const
) {
  Deno.test(`a knock that is there goes ahead of a new service if that takes its packets: ${port}`, async () => {
    const start = machine(drop("tcp", 80), drop("udp", 80));
    const [ended, err] = await load(start, TCP, `service web ${port} drop ipv4\n${TCP}`);
    const isTcp = port.startsWith("tcp");
    const web = isTcp ? "pk-web DROP DROP" : "DROP pk-web DROP";
    assertEquals([ended, err], [moves ? `pk-ssh.1 ${web} pk-ssh` : `${web} pk-ssh.1 pk-ssh`, ""]);
  });
}

Deno.test("a knock goes ahead of all services that stand ahead of one of its jumps and take packets", async () => {
  const first = "service one tcp 7000 drop ipv4\n";
  const second = "service two udp 8022 drop ipv4\n";
  const third = second.replace("udp", "tcp");
  for (const services of [first + second, second + first, first + third, third + first]) {
    const system = machine();
    await load(system, `${services}${BOTH}`);
    assertEquals(targets(system).slice(0, 2), ["pk-ssh.1", "pk-ssh.1"]);
    // Another program puts them in another order.
    const jumps = system.kernel.chain("ipv4", "INPUT")!.slice(0, 4);
    const [tcp = "", udp = ""] = jumps.filter((jump) => jump.endsWith(".1"));
    const [one = "", two = ""] = ["one", "two"].map((name) =>
      jumps.find((jump) => jump.endsWith(name))!
    );
    for (const order of [[tcp, one, udp, two], [one, tcp, two, udp], [two, tcp, one, udp]]) {
      const lines = [...jumps.map((jump) => `-D INPUT ${jump}`)];
      lines.push(...order.toReversed().map((jump) => `-I INPUT 1 ${jump}`));
      system.kernel.load("ipv4", lines.join("\n"));
      const [ended] = await load(system, `${services}${BOTH}`);
      const rest = order.filter((jump) => jump === one || jump === two)
        .map((jump) => jump === one ? "pk-one" : "pk-two");
      assertEquals(ended, `pk-ssh.1 pk-ssh.1 ${rest.join(" ")} pk-ssh`, order.join("\n"));
    }
  }
});

Deno.test("what a service's place brings with it is not told of the knock ahead of it", async () => {
  const established = "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";
  const opening = "-p tcp -m tcp --dport 80 --tcp-flags FIN,SYN,RST,ACK SYN -j DROP";
  const system = machine(opening, established, "-s 10.0.0.0/8 -j ACCEPT");
  const [ended, err] = await load(system, `service web tcp 80, 7000 drop ipv4\n${TCP}`);
  assertEquals(ended, "pk-ssh.1 pk-web DROP ACCEPT ACCEPT pk-ssh");
  assertEquals(
    err,
    "pktables: warning: IPv4: web is ahead of the rule of INPUT that accepts established connections " +
      "and cuts them: use `established` or `syn` (--syn)\n" +
      "pktables: warning: IPv4: web is ahead of rule 3 of INPUT (-s 10.0.0.0/8 -j ACCEPT): what it " +
      "accepts needs a door now\n",
  );
});

Deno.test("each knock of which nobody knows whether it is heard is named with its rules", async () => {
  const maybe = (protocol: string, port: number) =>
    `-p ${protocol} -m ${protocol} --dport ${port} -m set --match-set x dst -j DROP`;
  const rules = [maybe("tcp", 7000), maybe("tcp", 1000), maybe("udp", 8022), maybe("tcp", 5003)];
  const system = machine(...rules);
  const web = "service web tcp 80 drop ipv4\n    knock 1000, 3000, 5003 for 8h by kernel\n";
  const [, err] = await load(system, `${web}${BOTH}`);
  const told = (name: string, at: number) =>
    `pktables: warning: IPv4: whether the knock of ${name} sees a packet depends on rule ${at} of ` +
    `INPUT (${rules[at - 1]})\n`;
  assertEquals(err, told("web", 2) + told("web", 4) + told("ssh", 1) + told("ssh", 3));
});
