import { assertEquals } from "@std/assert";
import { makeSource } from "../../src/source/source.ts";
import type { Service } from "../../src/syntax/ast.ts";
import { readSyntax } from "../../src/syntax/ast_reader.ts";
import { mistakes, tree } from "../support/read_syntax.ts";

Deno.test("the example of the language's description becomes the tree that it says", () => {
  assertEquals(
    tree(`# /etc/pktables/rules.pk
define office = 203.0.113.0/24, 2001:db8:10::/48, home
service vpn udp 500, 4500-4510 drop
    allow office
    knock 7001:udp, 9002 within 2s for 8h by kernel
    knock once "/etc/vpn.once" close 3:udp, 4
    log prefix "vpn \\"\\\\ " limit 10/minute burst 5 level info
service web tcp 80 syn accept on eth0 on "eth0.100" ipv6 established
include "services/*.pk"
`),
    [
      {
        kind: "define",
        name: { value: "office" },
        items: [
          { kind: "address", text: "203.0.113.0/24" },
          { kind: "address", text: "2001:db8:10::/48" },
          { kind: "name", name: "home" },
        ],
      },
      {
        kind: "service",
        name: { value: "vpn" },
        protocol: { value: "udp" },
        ports: [{ kind: "port", from: 500, to: 500 }, { kind: "port", from: 4500, to: 4510 }],
        options: [
          { kind: "policy", policy: "drop" },
          { kind: "allow", items: [{ kind: "name", name: "office" }] },
          {
            kind: "knock",
            ports: [{ port: 7001, protocol: "udp" }, { port: 9002, protocol: null }],
            once: null,
            within: { value: { count: 2, unit: "s" } },
            for: { value: { count: 8, unit: "h" } },
            close: null,
            by: { value: "kernel" },
          },
          {
            kind: "knock",
            ports: [],
            once: { value: "/etc/vpn.once" },
            within: null,
            for: null,
            close: [{ port: 3, protocol: "udp" }, { port: 4, protocol: null }],
            by: null,
          },
          {
            kind: "log",
            parts: [
              { kind: "prefix", text: { value: 'vpn "\\ ' } },
              { kind: "limit", rate: { value: { count: 10, unit: "minute" } } },
              { kind: "burst", count: { value: 5 } },
              { kind: "level", name: { value: "info" } },
            ],
          },
        ],
      },
      {
        kind: "service",
        name: { value: "web" },
        protocol: { value: "tcp" },
        ports: [{ kind: "port", from: 80, to: 80 }],
        options: [
          { kind: "syn" },
          { kind: "policy", policy: "accept" },
          { kind: "interface", name: { value: "eth0" } },
          { kind: "interface", name: { value: "eth0.100" } },
          { kind: "family", family: "ipv6" },
          { kind: "established" },
        ],
      },
      { kind: "include", path: { value: "services/*.pk" } },
    ],
  );
});

Deno.test("every keyword may name a service, a list and an interface", () => {
  const words = "include define service tcp udp syn drop accept reject ipv4 ipv6 on established " +
    "allow knock within for log prefix level limit burst";
  for (const word of words.split(" ")) {
    const text = `define ${word} = ${word}\nservice ${word} tcp 1 drop on ${word} allow ${word}\n`;
    assertEquals(mistakes(text), [], word);
  }
});

Deno.test("white space and line ends only separate", () => {
  const text = "service ssh tcp 22, 80 - 90 drop allow 10.0.0.1 knock 7001:udp , 2 within 2s";
  const spread = text.replaceAll(" ", "\r\n\t").replaceAll(",", " , ");
  assertEquals(tree(spread), tree(text));
  assertEquals(tree("\ufeff" + text), tree(text));
});

Deno.test("every node has the place where it was written", () => {
  const text = 'service s tcp 1-2 syn allow 10.0.0.1, a knock 1:udp for 2h log prefix "é"\n';
  const { file } = readSyntax(makeSource("rules.pk", text));
  const service = file?.statements[0] as Service;
  const words = [service, service.name, service.protocol, ...service.ports, ...service.options]
    .map(({ span }) => text.slice(span.start, span.end));
  assertEquals(words, [
    text.trim(),
    "s",
    "tcp",
    "1-2",
    "syn",
    "allow 10.0.0.1, a",
    "knock 1:udp for 2h",
    'log prefix "é"',
  ]);
});

Deno.test("a file with nothing but comments is an empty file", () => {
  for (const text of ["", "\n\n", "# a", "  # a\r\n# b\n"]) assertEquals(tree(text), []);
});

Deno.test("comments are kept with their places", () => {
  const { comments } = readSyntax(makeSource("rules.pk", "# a \r\nservice ssh tcp 22 #b\n"));
  assertEquals(comments.map(({ text, span }) => [text, span.start, span.end]), [
    ["# a", 0, 3],
    ["#b", 25, 27],
  ]);
});

Deno.test("one error gives one message, and the next statement is read again", () => {
  assertEquals(
    mistakes(`servce ssh tcp 22 drop
service a tcp 1 sny drop allow 300.1.1.1 knock knock
service b tcp
define c =
service d tcp 4 allow 300.1.1.1, 10.0.0
include services/*.pk
service e tcp 5
`),
    [
      "PK004 servce",
      "PK004 sny",
      "PK006 ",
      "PK006 ",
      "PK009 300.1.1.1",
      "PK009 10.0.0",
      "PK005 services/*.pk",
    ],
  );
});

Deno.test("statements on one line are distinguished too", () => {
  assertEquals(
    mistakes("service a tpc 1 service b tcp 2 define c 1.1.1.1 include x include 'y'"),
    ["PK004 tpc", "PK005 1.1.1.1"],
  );
});
