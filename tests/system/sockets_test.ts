import { assertEquals } from "@std/assert";
import { parseInterfaces, parseSockets } from "../../src/system/sockets.ts";

/** What iproute2 6.1 prints, with states because two were requested. */
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

Deno.test("lines without a state are connections, and then the listening ports are unknown", () => {
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

Deno.test("of a line each part has to be what it is, up to the highest port", () => {
  const told = (text: string) => {
    const { connections, odd, listening } = parseSockets(text);
    return [connections.map(({ port }) => port), odd.length, [...listening ?? []]];
  };
  const peer = "10.0.0.7:1";
  const cases: readonly (readonly [line: string, ports: number[], odd: number, heard: number[]])[] =
    [
      [`0 0 10.0.0.5:65535 ${peer}`, [65_535], 0, []],
      [`0 0 10.0.0.5:65536 ${peer}`, [], 1, []],
      [`0 0 10.0.0.5:000022 ${peer}`, [], 1, []],
      [`0 0 10.0.0.5:22x ${peer}`, [], 1, []],
      [`0 0 :22 ${peer}`, [], 1, []],
      [`0 0 10.0.0.5: ${peer}`, [], 1, []],
      [`0 0 10.0.0.256:22 ${peer}`, [], 1, []],
      [`0 0 10.0.0.05:22 ${peer}`, [], 1, []],
      [`0 0 *:22 ${peer}`, [], 1, []],
      [`0 0 x[::5]:22 [::7]:1`, [], 1, []],
      [`0 0 [::5]x:22 [::7]:1`, [], 1, []],
      [`0 0 [::5:22 [::7]:1`, [22], 0, []],
      [`0 0 :[:5]:22 [::7]:1`, [], 1, []],
      [`ESTAB 0 0 10.0.0.5:22 ${peer}`, [22], 0, []],
      [`0E 0 10.0.0.5:22 ${peer}`, [22], 0, []],
      [`LISTEN 0 0 10.0.0.5:65535 *:*`, [], 0, [65_535]],
      [`LISTEN 0 0 nobody *`, [], 0, []],
      [`SYN-SENT 0 0 10.0.0.5:22 ${peer}`, [], 0, []],
      // What is in another state ends nothing.
      [`TIME-WAIT 0 0 10.0.0.5:22 ${peer}\nESTAB 0 0 10.0.0.5:23 ${peer}\n`, [23], 0, []],
      [`\n\n0 0 10.0.0.5:22 ${peer}\n \n0 0 10.0.0.5:23 ${peer}\n`, [22, 23], 0, []],
      [`LISTEN 0 0 *:80 *:*\nLISTEN 0 0 *:81 *:*\n0 0 10.0.0.5:82 ${peer}`, [82], 0, [80, 81]],
    ];
  for (const [line, ...wanted] of cases) assertEquals(told(line), wanted, line);
});

Deno.test("a route is read from the start of its line, with its kind ahead or without", () => {
  const route = { peer: "10.0.0.7", local: "10.0.0.5" };
  const cases: readonly (readonly [line: string, name: string | null])[] = [
    ["10.0.0.7 from 10.0.0.5 dev eth0 uid 0", "eth0"],
    ["local 10.0.0.7 from 10.0.0.5 dev lo", "lo"],
    ["10.0.0.7 from 10.0.0.5 via 10.0.0.1 dev eth0 src 10.0.0.5", "eth0"],
    ["::ffff:10.0.0.7 from 10.0.0.5 dev eth0", "eth0"],
    ["x 1 10.0.0.7 from 10.0.0.5 dev eth0", null],
    [" 10.0.0.7 from 10.0.0.5 dev eth0", null],
    ["10.0.0.7 from 10.0.0.5 eth0", null],
    ["10.0.0.7 from 10.0.0.6 dev eth0", null],
    ["10.0.0.8 from 10.0.0.5 dev eth0", null],
    ["10.0.0.7 from 10.0.0.5 xdev eth0", null],
    ["10.0.0.7 dev eth0", null],
  ];
  for (const [line, name] of cases) assertEquals(parseInterfaces(line, [route]), [name], line);
});
