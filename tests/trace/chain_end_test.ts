// The firewall model says where a chain ends, for what plans and writes; the tracer follows packets by
// code of its own. Both have to say the same of each target and match.
import { assertEquals } from "@std/assert";
import type { Verdict } from "../../src/firewall/chain_end.ts";
import { readFilterTable } from "../support/read_table.ts";
import { ask, filter } from "../support/trace.ts";

/** What the tracer calls it; a packet that comes back from the chain meets the policy of INPUT. */
const CALLED: Readonly<Record<Exclude<Verdict, "elsewhere">, string>> = {
  accept: "accepted",
  drop: "dropped",
  reject: "rejected",
  queue: "queued",
  return: "returned",
};

const TARGETS = [
  ...["-j ACCEPT", "-j DROP", "-j REJECT --reject-with icmp-port-unreachable", "-j RETURN"],
  ...["-j QUEUE", "-j NFQUEUE --queue-num 0", "-j TARPIT", "-j STEAL", "-j DELUDE"],
  ...["-j LOG", "-j NFLOG", "-j drops", "-g drops", "-j returns", "-g returns", "-j tells", ""],
];

const MATCHES = [
  ...["", "-p tcp", "-p tcp -m tcp --dport 22", "-p tcp -m tcp", "-i eth0"],
  ...["-m comment --comment x", "-p udp", "-s 203.0.113.9/32", "! -s 203.0.113.9/32"],
  ...["-m conntrack --ctstate NEW", "-m conntrack --ctstate ESTABLISHED", "! -i eth0"],
];

/** Packets that reach the chain; each match above that can miss one misses one of these. */
const PACKETS = [
  { from: "203.0.113.9", established: false },
  { from: "198.51.100.7", established: false },
  { from: "203.0.113.9", established: true },
];

function tablesWith(rule: string): string {
  return filter(`
:pk-ssh - [0:0]
:drops - [0:0]
:returns - [0:0]
:tells - [0:0]
-A INPUT -i eth0 -p tcp -m tcp --dport 22 -j pk-ssh
-A pk-ssh${rule === "" ? "" : ` ${rule}`}
-A pk-ssh -j LOG
-A drops -j DROP
-A returns -p tcp -j RETURN
-A returns -j DROP
-A tells -j LOG`);
}

/** What the tracer says of packets in the chain, one word each; "goes on" where one gets behind the rule. */
function traced(rule: string): readonly string[] | "goes on" {
  const tables = tablesWith(rule);
  const ends = PACKETS.map((packet) => {
    // What follows the rule decides only packets that get there.
    const [open, shut] = ["ACCEPT", "DROP"].map((target) =>
      ask(tables.replace("-A pk-ssh -j LOG", `-A pk-ssh -j ${target}`), packet)
    );
    if (open?.verdict !== shut?.verdict) return null;
    return open?.end.by?.chain === "INPUT" ? "returned" : open?.verdict ?? "";
  });
  return ends.every((end) => end !== null) ? ends : "goes on";
}

Deno.test("the tracer and the model agree on the rules that take every packet of a chain", () => {
  for (const target of TARGETS) {
    for (const match of MATCHES) {
      const rule = [match, target].filter((words) => words !== "").join(" ");
      const end = readFilterTable(tablesWith(rule), "ipv4").endOf("pk-ssh");
      const found = traced(rule);
      assertEquals(found === "goes on", end?.at !== 0, rule);
      // The model does not follow the target of -g.
      if (end?.at !== 0 || end.verdict === "elsewhere") continue;
      assertEquals(found, PACKETS.map(() => CALLED[end.verdict as keyof typeof CALLED]), rule);
    }
  }
});
