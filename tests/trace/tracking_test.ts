import { assert, assertEquals } from "@std/assert";
import { packetFrom } from "../../src/trace/packet.ts";
import { stagesOf } from "../../src/trace/stage.ts";
import { readTables } from "../../src/trace/tables.ts";
import { asksTracking, tracksConnections } from "../../src/trace/tracking.ts";
import { traceTables } from "../support/trace.ts";
import { filter, NOW } from "../support/trace.ts";

Deno.test("matches of connection tracking are known for iptables and nft", () => {
  for (
    const text of [
      "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "-p tcp -m state --state NEW -j DROP",
      "-m connlimit --connlimit-above 3 -j REJECT",
      "-m connmark --mark 0x1 -j RETURN",
      "-j CONNMARK --restore-mark",
      "-p tcp -j DNAT --to-destination 10.0.0.7:22",
      "-o eth0 -j MASQUERADE",
      "ct state established accept",
      "tcp dport 22 redirect to :2222",
      "-m helper --helper ftp -j ACCEPT",
      "-m connbytes --connbytes 1000 --connbytes-mode bytes --connbytes-dir both -j DROP",
      "-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 0x1 -j ACCEPT",
      "-j CONNSECMARK --restore",
      "-p tcp -j REDIRECT --to-ports 2222",
      "-s 10.0.0.0/8 -j NETMAP --to 10.1.0.0/16",
      "-j SNAT --to-source 192.0.2.1",
      "-j CT --helper ftp",
      "-p tcp -j CT --zone 1",
      "-p tcp -j SYNPROXY --sack-perm",
      "ip daddr 192.0.2.1 dnat to 10.0.0.7",
      "oif eth0 snat to 192.0.2.1",
      "oif eth0 masquerade",
      '-m comment --comment "" -m state --state NEW -m comment --comment "" -j DROP',
      '-m comment --comment "a \\" b" -m state --state NEW -j DROP',
      "tcp dport 80 synproxy mss 1460",
    ]
  ) assertEquals(asksTracking(text), true, text);
  for (
    const text of [
      "-p tcp -m tcp --dport 22 -j ACCEPT",
      '-m comment --comment "direct contact" -j ACCEPT',
      '-m comment --comment "no -m state here" -j ACCEPT',
      '-m comment --comment "no \\" -m state here" -j ACCEPT',
      '-m comment --comment "no\n-m state here" -j ACCEPT',
      "-m xstate --state NEW",
      "xct state new",
      // Names of chains are not quoted, and a quote in one is a character of it.
      '-j C"x"T',
      "-j CT --notrack",
      "-j NOTRACK",
      "-j CTRL",
      "-p tcp -m tcp --dport 22 -j pk-ssh",
      "-s 10.0.0.0/8 -j LOG --log-prefix contrack",
      "",
    ]
  ) assertEquals(asksTracking(text), false, text);
});

Deno.test("a rule of any chain of the tables counts, also where nothing comes in", () => {
  const stages = (text: string) => stagesOf(readTables(text, { family: "ipv4" }));
  assertEquals(tracksConnections(stages(filter("-A INPUT -p tcp -j ACCEPT"))), false);
  const forward = ":FORWARD ACCEPT [0:0]\n-A FORWARD -m conntrack --ctstate INVALID -j DROP";
  assertEquals(tracksConnections(stages(filter(forward))), true);
  const mangle = "*mangle\n:INPUT ACCEPT [0:0]\n-A INPUT -j LOG\nCOMMIT\n";
  assertEquals(tracksConnections(stages(mangle + filter(forward))), true);
  assertEquals(tracksConnections(stages(mangle + filter("-A INPUT -j LOG"))), false);
  assertEquals(tracksConnections([]), false);
  const rule = "-m state --state NEW -j DROP";
  for (const at of [0, 1, 2]) {
    const rules = ["-j LOG", "-j LOG", "-j LOG"].with(at, rule);
    const text = filter(rules.map((one) => `-A INPUT ${one}`).join("\n"));
    assertEquals(tracksConnections(stages(text)), true, `rule ${at + 1}`);
  }
});

Deno.test("a packet of a connection that is not known is NEW, and opens none", () => {
  const to = { family: "ipv4", protocol: "tcp", port: 22 } as const;
  const packet = packetFrom(to, "10.0.0.9", { now: NOW, established: true });
  assert(packet !== null);
  const meets = (words: string, known: boolean) => {
    const ruleset = readTables(filter(`-A INPUT ${words} -j ACCEPT`, "DROP"), { family: "ipv4" });
    return traceTables([ruleset], { ...packet, known }).verdict;
  };
  for (const known of [true, false]) {
    const [yes, no] = known ? ["accepted", "dropped"] : ["dropped", "accepted"];
    assertEquals(meets("-m conntrack --ctstate ESTABLISHED", known), yes);
    assertEquals(meets("-m state --state NEW", known), no);
    assertEquals(meets("-m conntrack --ctstate INVALID", known), "dropped");
    assertEquals(meets("-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN", known), "dropped");
  }
});
