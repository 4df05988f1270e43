// What is asked about to find the place of a jump: ports, addresses and interfaces, each up to a number.
import { assertEquals } from "@std/assert";
import { interfacesToAsk, portsToAsk, reachable } from "../../src/cli/kernel/asked.ts";
import { INIT, machine, STANDING, targets } from "../support/placing.ts";

const range = (from: number, to = from) => ({ from, to });

Deno.test("of a range its ends are asked about, and what rules name within it with the neighbours", () => {
  for (
    const [ports, rules, wanted] of [
      [[range(22)], ["--dport 22", "--dport 20:30"], [22]],
      [[range(20, 30)], [], [20, 30]],
      [[range(20, 30)], ["-p tcp -m tcp --dport 25 -j DROP"], [20, 24, 25, 26, 30]],
      [[range(20, 30)], ["-p tcp -m tcp --dport 20 -j DROP"], [20, 21, 30]],
      [[range(20, 30)], ["-p tcp -m tcp --dport 30 -j DROP"], [20, 29, 30]],
      [[range(20, 30)], ["-p tcp -m tcp --dport 22:27 -j DROP"], [20, 21, 22, 23, 26, 27, 28, 30]],
      [[range(20, 30)], ["-p tcp -m tcp --dport 19 -j A", "--dport 31"], [20, 30]],
      [[range(20, 30)], ["-p tcp -m multiport --dports 5,24,80 -j DROP"], [20, 23, 24, 25, 30]],
      [[range(20, 30)], ["-p tcp -m multiport --ports 24 -j DROP"], [20, 23, 24, 25, 30]],
      [[range(20, 30)], ["-p tcp -m tcp --sport 25 -j DROP", "-s 10.0.0.25/32"], [20, 30]],
      [[range(20, 30)], ["-p tcp -m tcp ! --dport 25 -j DROP"], [20, 24, 25, 26, 30]],
      [
        [range(20, 30)],
        ['-p tcp -m comment --comment "not --dport 22" -m tcp --dport 27 -j DROP'],
        [20, 26, 27, 28, 30],
      ],
      [
        [range(20, 30)],
        ["-p tcp -m tcp --dport 1:90 -m multiport --dports 27 -j DROP"],
        [20, 26, 27, 28, 30],
      ],
      [[range(20, 30)], ["-p tcp -m tcp --dport 25 -j --dport"], [20, 24, 25, 26, 30]],
      [[range(22), range(80, 90)], ["--dport 85", "--dport 22"], [22, 80, 84, 85, 86, 90]],
      [[range(1, 65_535)], ["--dport 0", "--dport 65535"], [1, 65_534, 65_535]],
    ] as const
  ) {
    const asked = portsToAsk(ports, () => rules);
    assertEquals(asked.toSorted((a, b) => a - b), [...wanted], rules.join());
  }
});

Deno.test("no more ports than 64 are asked about, but all ends of ranges", () => {
  const rules = Array.from({ length: 100 }, (_, at) => `--dport ${1000 + 10 * at}`);
  assertEquals(portsToAsk([range(1, 9000)], () => rules).length, 64);
  assertEquals(portsToAsk([range(1, 9000)], () => rules.slice(0, 20)).length, 62);
  const many = Array.from({ length: 40 }, (_, at) => range(100 * at + 1, 100 * at + 50));
  assertEquals(portsToAsk(many, () => ["--dport 25"]).length, 80);
});

Deno.test("addresses that others may send to are asked about, eight at the most", () => {
  const outer = ["10.127.0.1", "192.0.2.1", "2001:db8::1", "2001:db8:fe80::1"];
  const inner = ["127.0.0.1", "127.1.2.3", "::1", "fe80::1"];
  assertEquals(reachable(inner.flatMap((one, at) => [one, outer[at]!])), outer);
  const many = Array.from({ length: 9 }, (_, at) => `10.0.0.${at}`);
  assertEquals(reachable(many), many.slice(0, 8));
});

Deno.test("an outsider comes by the service's interface, or by that of the default route", () => {
  const rules = () => ["-i eth1 -j DROP", "-i eth2 -j DROP"];
  assertEquals(interfacesToAsk("eth1", { outside: "eth0", rules }), ["eth1"]);
  assertEquals(interfacesToAsk(null, { outside: "eth0", rules }), ["eth0"]);
  assertEquals(interfacesToAsk(null, { outside: null, rules }), [null]);
});

Deno.test("of a wildcard the interfaces that rules name are asked about, and one that none does", () => {
  const asked = (own: string, ...rules: string[]) =>
    interfacesToAsk(own, { outside: "wlan0", rules: () => rules });
  assertEquals(asked("eth+"), ["eth0"]);
  assertEquals(asked("eth+", "-i eth1 -j DROP", "-s 10.0.0.1/32 -i eth7 -j A"), [
    ...["eth0", "eth1", "eth7"],
  ]);
  assertEquals(asked("eth+", "-i wlan0 -j DROP", "-i et -j A", "-i eth -j A"), ["eth0", "eth"]);
  assertEquals(asked("eth+", "! -i eth0 -j DROP"), ["eth1", "eth0"]);
  assertEquals(asked("eth+", '-m comment --comment "was -i eth5 once" -i eth6 -j DROP'), [
    ...["eth0", "eth6"],
  ]);
  assertEquals(asked("eth+", "-i eth1+ -j DROP", "-i eth1+ -j A"), ["eth0", "eth10"]);
  assertEquals(asked("eth+", 'iifname "eth3" drop', 'tcp dport 22 iifname != "eth4*" drop'), [
    ...["eth0", "eth3", "eth40"],
  ]);
  assertEquals(asked("eth+", "iif eth5 drop", 'iifname { "eth6", "lo", "eth7" } accept'), [
    ...["eth0", "eth5", "eth6", "eth7"],
  ]);
  const digits = Array.from({ length: 10 }, (_, at) => `-i eth${at} -j DROP`);
  assertEquals(asked("eth+", ...digits), Array.from({ length: 10 }, (_, at) => `eth${at}`));
  const many = Array.from({ length: 70 }, (_, at) => `-i eth${at + 10} -j DROP`);
  assertEquals(asked("eth+", ...many.slice(0, 64)).length, 65);
  // One that is not known stands for those beyond the number.
  assertEquals(asked("eth+", ...many).slice(64), ["eth73", null]);
});

Deno.test("the default route counts for each service without an interface, whatever the others have", async () => {
  const web = "service web tcp 80 on wg0 drop ipv4\n";
  const ssh = "service ssh tcp 22 syn drop ipv4\n";
  for (const rules of [web + ssh, ssh + web]) {
    const system = machine("-A INPUT -i eth0 -j DROP");
    system.contents["rules.pk"] = rules;
    await system.run("load rules.pk --ipv4");
    assertEquals(targets(system), ["pk-ssh", "DROP", "pk-web"]);
  }
});

Deno.test("a service that accepts everyone cuts nobody", async () => {
  const opening = "-A INPUT -p tcp -m tcp --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -j DROP";
  const cuts =
    "pktables: warning: IPv4: ssh is ahead of the rule of INPUT that accepts established " +
    "connections and cuts them: use `established` or `syn` (--syn)\n";
  for (const [option, said] of [["", cuts], [" --accept", ""], [" --syn", ""]]) {
    const system = machine(opening, STANDING);
    const { status, err } = await system.run(`init ssh --port 22 --ipv4${option}`);
    assertEquals([status, err.includes(cuts)], [0, said !== ""], err);
    assertEquals(targets(system), ["pk-ssh", "DROP", "ACCEPT"]);
  }
});

Deno.test("of the rules behind that let somebody in, four are named", async () => {
  for (const count of [3, 4, 5]) {
    const allows = Array.from({ length: count }, (_, at) => `-s 192.0.2.${at}/32 -j ACCEPT`);
    const system = machine(
      "-A INPUT -p tcp -m tcp --dport 22 -j DROP",
      ...allows.map((rule) => `-A INPUT ${rule}`),
    );
    const { err } = await system.run(INIT);
    const told = allows.slice(0, 4).map((rule, at) =>
      `pktables: warning: IPv4: ssh is ahead of rule ${
        at + 2
      } of INPUT (${rule}): what it accepts ` +
      "needs a door now\n"
    );
    assertEquals(err, told.join(""));
  }
});

Deno.test("a comment that looks like an option does not hide a port that is closed ahead", async () => {
  const rule = '-p tcp -m comment --comment "not --dport 22" -m tcp --dport 6500 -j DROP';
  const system = machine(`-A INPUT ${rule}`);
  const { out } = await system.run("init app --port 6000-7000 --ipv4");
  assertEquals(out, `app: created (IPv4), ahead of rule 1 of INPUT: ${rule}\n`);
});

Deno.test("what a rule is for is read from its options, not from a comment", async () => {
  const port = "-p tcp -m tcp --dport 22";
  for (const words of ["no -i  here", "no -s  here", "-i eth1", "-s 192.0.2.1", "! -s  a"]) {
    const rule = `${port} -m comment --comment "x ${words} x" -j ACCEPT`;
    const system = machine(`-A INPUT ${port} -j DROP`, `-A INPUT ${rule}`);
    assertEquals((await system.run(INIT)).err, "", words);
  }
});

Deno.test("a port of a range that a chain behind INPUT closes or opens is asked about, too", async () => {
  const chains = [":ufw - [0:0]", ":more - [0:0]", "-A INPUT -j ufw", "-A ufw -p tcp -j more"];
  const closed = machine(...chains, "-A more -p tcp -m tcp --dport 6500 -j DROP");
  const { out } = await closed.run("init app --port 6000-7000 --ipv4");
  assertEquals(out, "app: created (IPv4), ahead of rule 1 of INPUT: -j ufw\n");
  const opened = machine(...chains, "-A more -p tcp -m tcp --dport 6500 -j ACCEPT");
  const { err } = await opened.run("init app --port 6000-7000 --ipv4 --append");
  assertEquals(
    err,
    "pktables: warning: IPv4: port 6500 is open to everyone: accepted by rule 1 of more: " +
      "-p tcp -m tcp --dport 6500 -j ACCEPT\n",
  );
});

Deno.test("ports that only forwarded packets or services meet do not use up the number", async () => {
  for (const chain of ["FORWARD", "pk-other"]) {
    const many = Array.from(
      { length: 70 },
      (_, at) => `-A ${chain} -p tcp -m tcp --dport ${6001 + 2 * at} -j LOG`,
    );
    const system = machine(
      ":pk-other - [0:0]",
      ...[":ufw - [0:0]", "-A INPUT -j ufw", "-A ufw -p tcp -m tcp --dport 6500 -j DROP"],
      ...many,
    );
    const { out } = await system.run("init app --port 6000-7000 --ipv4");
    assertEquals(out, "app: created (IPv4), ahead of rule 1 of INPUT: -j ufw\n", chain);
  }
});
