import { assert, assertEquals } from "@std/assert";
import { outsider } from "../../src/trace/packet.ts";
import { readTables } from "../../src/trace/tables.ts";
import { traceTables } from "../support/trace.ts";
import { filter, NOW } from "../support/trace.ts";

/** Type and code of ICMP by RFC 792, 950 and 1256, of ICMPv6 by RFC 4443 and 4861; -1 is any code. */
const ICMP: Readonly<Record<"ipv4" | "ipv6", Readonly<Record<string, readonly [number, number]>>>> =
  {
    ipv4: {
      "echo-reply": [0, -1],
      "destination-unreachable": [3, -1],
      "network-unreachable": [3, 0],
      "host-unreachable": [3, 1],
      "protocol-unreachable": [3, 2],
      "port-unreachable": [3, 3],
      "fragmentation-needed": [3, 4],
      "source-route-failed": [3, 5],
      "source-quench": [4, -1],
      "redirect": [5, -1],
      "echo-request": [8, -1],
      "router-advertisement": [9, -1],
      "router-solicitation": [10, -1],
      "time-exceeded": [11, -1],
      "ttl-zero-during-transit": [11, 0],
      "ttl-zero-during-reassembly": [11, 1],
      "parameter-problem": [12, -1],
      "timestamp-request": [13, -1],
      "timestamp-reply": [14, -1],
      "address-mask-request": [17, -1],
      "address-mask-reply": [18, -1],
      ...{ ping: [8, -1], pong: [0, -1], "ttl-exceeded": [11, -1], "3": [3, -1], "3/1": [3, 1] },
    },
    ipv6: {
      "destination-unreachable": [1, -1],
      "no-route": [1, 0],
      "communication-prohibited": [1, 1],
      "beyond-scope": [1, 2],
      "address-unreachable": [1, 3],
      "port-unreachable": [1, 4],
      "packet-too-big": [2, -1],
      "time-exceeded": [3, -1],
      "parameter-problem": [4, -1],
      "bad-header": [4, 0],
      "unknown-header-type": [4, 1],
      "unknown-option": [4, 2],
      "echo-request": [128, -1],
      "echo-reply": [129, -1],
      "router-solicitation": [133, -1],
      "router-advertisement": [134, -1],
      "neighbour-solicitation": [135, -1],
      "neighbor-solicitation": [135, -1],
      "neighbour-advertisement": [136, -1],
      "neighbor-advertisement": [136, -1],
      "redirect": [137, -1],
      ...{ ping: [128, -1], pong: [129, -1], "ttl-exceeded": [3, -1], "1/4": [1, 4] },
    },
  };

Deno.test("each kind of ICMP packet is that type, with its code or with any", () => {
  for (const [family, names] of Object.entries(ICMP) as ["ipv4" | "ipv6", typeof ICMP["ipv4"]][]) {
    const option = family === "ipv4" ? "-m icmp --icmp-type" : "-m icmp6 --icmpv6-type";
    const number = family === "ipv4" ? 1 : 58;
    const to = { family, protocol: "tcp", port: 22 } as const;
    const packet = outsider(to, { now: NOW, interface: "eth0" });
    assert(packet !== null);
    const takes = (name: string, icmp: { type: number; code: number } | null) => {
      const text = filter(`-A INPUT ${option} ${name} -j ACCEPT`, "DROP");
      const tables = [readTables(text, { family })];
      const { verdict } = traceTables(tables, { ...packet, protocol: number, icmp });
      return verdict === "accepted" ? true : verdict === "dropped" ? false : null;
    };
    for (const [name, [type, code]] of Object.entries(names)) {
      const own = Math.max(0, code);
      assertEquals(takes(name, { type, code: own }), true, name);
      assertEquals(takes(name, { type, code: own + 1 }), code === -1, name);
      assertEquals(takes(name, { type: type + 1, code: own }), false, name);
      assertEquals(takes(name, null), null, name);
    }
    assertEquals(takes("any", { type: 200, code: 7 }), family === "ipv4" ? true : null);
    assertEquals(takes("255", { type: 200, code: 7 }), family === "ipv4");
    assertEquals(takes("any", null), family === "ipv4" ? true : null);
    for (const strange of ["nonsense", "8/x", "x/0", "/0", "8/", "constructor"]) {
      assertEquals(takes(strange, { type: 8, code: 0 }), null, strange);
    }
  }
});
