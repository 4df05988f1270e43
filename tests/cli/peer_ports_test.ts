import { assertEquals } from "@std/assert";
import { changedPorts, portsOf } from "../../src/cli/kernel/peer_ports.ts";
import type { Edit } from "../../src/plan/edit.ts";
import { stagesOf } from "../../src/trace/stage.ts";
import { readTables } from "../../src/trace/tables.ts";
import { filter } from "../support/trace.ts";

Deno.test("the TCP ports of a rule are read, and a rule without any is one of all", () => {
  const one = (from: number, to = from) => [{ from, to }];
  const known: readonly (readonly [string, ReturnType<typeof portsOf>])[] = [
    ["-p tcp -m tcp --dport 22 -j pk-ssh", one(22)],
    ["-i eth0 -p tcp -m tcp --dport 8000:8010 --syn -j pk-web", one(8000, 8010)],
    ["-p tcp -m tcp --dport :99 -j pk-x", one(0, 99)],
    ["-p tcp -m tcp --dport 60000: -j pk-x", one(60000, 65535)],
    ["-p tcp -m multiport --dports 80,443,8000:8010 -j pk-web", [
      ...one(80),
      ...one(443),
      ...one(8000, 8010),
    ]],
    ["-p 6 -m multiport --dports 0,65535 -j pk-x", [...one(0), ...one(65535)]],
    ["--protocol tcp --destination-port 22 -j pk-x", one(22)],
    ["--protocol tcp -m multiport --destination-ports 22,23 -j pk-x", [...one(22), ...one(23)]],
    ["-p all --dport 22 -j pk-x", one(22)],
    ["-p 0 --dport 22 -j pk-x", one(22)],
    ["-p 17 --dport 22 -j pk-x", []],
    ["--protocol udp --dport 22 -j pk-x", []],
    ["! -p tcp --dport 22 -j pk-x", one(22)],
    ["-p tcp --dport ssh -j pk-x", null],
    ["-p tcp -m multiport --dports 22,,23 -j pk-x", null],
    ["-p tcp -m multiport ! --dports 22,23 -j pk-x", null],
    ["-p udp -m udp --dport 53 -j pk-dns", []],
    ["-p icmp -j pk-ping", []],
    ['-p tcp -m comment --comment "no --dport 99" -m tcp --dport 22 -j pk-x', one(22)],
    ['-p tcp -m comment --comment "say \\"hi\\" --dport 99" -j pk-x', null],
    ["! -p udp -j pk-x", null],
    ["-p tcp -j pk-x", null],
    ["-p tcp -m tcp ! --dport 22 -j pk-x", null],
    ["-s 10.0.0.0/8 -j pk-x", null],
    ["-p tcp -m multiport --ports 22 -j pk-x", null],
    ["tcp dport 22 jump pk-ssh", null],
    ["", null],
  ];
  for (const [text, ports] of known) assertEquals(portsOf(text), ports, text);
});

Deno.test("the ports of all rules that lead to a chain that changes count, before and after", () => {
  const rules = ":pk-ssh - [0:0]\n:pk-web - [0:0]\n:wan - [0:0]\n" +
    "-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh\n-A INPUT -p tcp -m tcp --dport 80 -j pk-web\n" +
    "-A INPUT -i eth0 -j wan\n-A wan -p tcp -m tcp --dport 2022 -g pk-ssh\n" +
    "-A pk-ssh -s 10.0.0.9/32 -j ACCEPT\n-A pk-ssh -j DROP";
  const stages = stagesOf(readTables(filter(rules), { family: "ipv4" }));
  const rule = { index: 1, last: true, packets: 0, bytes: 0 };
  const door: Edit = { op: "insert", chain: "pk-ssh", text: "-s 10.0.0.1/32 -j ACCEPT", ...rule };
  const jump = "-p tcp -m tcp --dport 2222 --syn -j pk-ssh";
  const moved: Edit = { op: "insert", chain: "INPUT", text: jump, ...rule };
  const numbers = (edits: readonly Edit[]) =>
    changedPorts(edits, [stages])?.map(({ from }) => from).sort((a, b) => a - b);
  assertEquals(numbers([door]), [22, 2022]);
  assertEquals(numbers([door, moved]), [22, 2022, 2222]);
  assertEquals(numbers([moved]), [2222]);
  assertEquals(numbers([]), []);
  // A chain of another table is another chain, whatever its name.
  const mangle = "*mangle\n:PREROUTING ACCEPT [0:0]\n:pk-ssh - [0:0]\n" +
    "-A PREROUTING -p tcp -m tcp --dport 9 -j pk-ssh\n-A PREROUTING -j pk-ssh\nCOMMIT\n";
  const both = stagesOf(readTables(mangle + filter(rules), { family: "ipv4" }));
  assertEquals(changedPorts([door], [both])?.map(({ from }) => from), [22, 2022]);
  const all: Edit = { op: "insert", chain: "INPUT", text: "-j pk-ssh", ...rule };
  assertEquals(changedPorts([door, all], [stages]), null);
  assertEquals(changedPorts([{ op: "create-chain", chain: "pk-new" }], [stages]), []);
});
