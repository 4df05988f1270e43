import { assertEquals } from "@std/assert";
import { parseInterfaces, parseSockets } from "../../src/system/sockets.ts";

/** What iproute2 6.1 prints, with states because two were asked for. */
const PRINTED = `
ESTAB  0      0                           10.0.0.5:22              203.0.113.7:42594
LISTEN 4      5                                  *:22                        *:*
LISTEN 0      128                          0.0.0.0:8080                0.0.0.0:*
LISTEN 0      128                             [::]:8443                   [::]:*
ESTAB  0      36                [::ffff:10.0.0.5]:22      [::ffff:203.0.113.8]:46546
ESTAB  0      0                     [2001:db8::5]:22              [2001:db8::7]:34426
ESTAB  0      0      [fe80::e8b4:d5ff:feac:1e66]%va:22 [fe80::2]:42076
TIME-WAIT 0   0                           10.0.0.5:22              203.0.113.9:1
`;

Deno.test("what ss prints is read: states, mapped and scoped addresses, ports that listen", () => {
  const { connections, listening, odd } = parseSockets(PRINTED);
  const plain = { port: 22, interface: null };
  assertEquals(connections, [
    { family: "ipv4", peer: "203.0.113.7", local: "10.0.0.5", ...plain },
    { family: "ipv4", peer: "203.0.113.8", local: "10.0.0.5", ...plain },
    { family: "ipv6", peer: "2001:db8::7", local: "2001:db8::5", ...plain },
    {
      ...{ family: "ipv6", peer: "fe80::2", local: "fe80::e8b4:d5ff:feac:1e66" },
      ...{ port: 22, interface: "va" },
    },
  ]);
  assertEquals([...listening ?? []], [22, 8080, 8443]);
  assertEquals(odd, []);
});

Deno.test("lines without a state are connections, and then nobody knows who listens", () => {
  const { connections, listening } = parseSockets(
    "0      0      10.0.0.5:22      10.0.0.9:51234\n",
  );
  assertEquals(connections.map(({ peer, port }) => [peer, port]), [["10.0.0.9", 22]]);
  assertEquals(listening, null);
});

Deno.test("IPv6 is read in every form that iproute2 has printed", () => {
  for (
    const local of ["[fe80::5]%eth0:22", "[fe80::5%eth0]:22", "fe80::5%eth0:22", "[fe80::5]:22"]
  ) {
    const { connections: [found] } = parseSockets(`0 0 ${local} [fe80::7]:1\n`);
    const name = local.includes("%") ? "eth0" : null;
    assertEquals([found?.local, found?.peer, found?.interface], ["fe80::5", "fe80::7", name]);
  }
  const { connections: [mapped] } = parseSockets("0 0 ::ffff:10.0.0.5:22 ::ffff:10.0.0.7:1\n");
  assertEquals([mapped?.family, mapped?.peer], ["ipv4", "10.0.0.7"]);
});

Deno.test("the interface of IPv4 sockets that are bound to one is read", () => {
  const { connections: [found] } = parseSockets("0 0 10.0.0.5%wg0:22 10.0.0.7:1");
  assertEquals([found?.local, found?.interface], ["10.0.0.5", "wg0"]);
});

Deno.test("lines that are no connection are kept apart, and no line makes one up", () => {
  for (
    const line of [
      "Netid State Recv-Q",
      "0 0 10.0.0.5:22",
      "0 0 10.0.0.5:22 example.org:99999",
      "0 0 10.0.0.5:ssh 10.0.0.7:1",
      "0 0 10.0.0.5:22 [2001:db8::1]:1",
      "0 0 10.0.0.5/8:22 10.0.0.7:1",
      "\x1b[2J",
    ]
  ) {
    const { connections } = parseSockets(line);
    assertEquals(connections, [], line);
  }
  assertEquals(parseSockets("0 0 10.0.0.5:22 host:1").odd, ["0 0 10.0.0.5:22 host:1"]);
  assertEquals(parseSockets("").connections, []);
});

Deno.test("interfaces are found by peer and own address, whatever is missing in between", () => {
  const text = [
    "local 127.0.0.1 from 127.0.0.1 dev lo uid 0 \\    cache <local> ",
    "203.0.113.7 from 10.0.0.5 via 10.0.0.1 dev eth0 uid 0 \\    cache ",
    "2001:db8::7 from 2001:db8::5 via fe80::1 dev eth1 proto ra src 2001:db8::5 metric 100",
    "RTNETLINK answers: Network is unreachable",
  ].join("\n");
  const routes = [
    { peer: "192.0.2.1", local: "10.0.0.5" },
    { peer: "203.0.113.7", local: "10.0.0.5" },
    { peer: "127.0.0.1", local: "127.0.0.1" },
    { peer: "2001:db8::7", local: "2001:db8::5" },
  ];
  assertEquals(parseInterfaces(text, routes), [null, "eth0", "lo", "eth1"]);
  assertEquals(parseInterfaces("", routes), [null, null, null, null]);
});
