import { assert, assertEquals } from "@std/assert";
import { formatAddress } from "../../src/firewall/address.ts";
import { decodeSource, makeSource } from "../../src/source/source.ts";
import type { Service } from "../../src/syntax/ast.ts";
import { readSyntax } from "../../src/syntax/ast_reader.ts";
import { stepsOf } from "../support/steps.ts";

/** Reads a text that has no errors; gives its tree without the spans and what addresses mean. */
function tree(text: string): unknown {
  const { file, diagnostics } = readSyntax(makeSource("rules.pk", text));
  assertEquals(diagnostics, []);
  return withoutPlaces(file?.statements);
}

function withoutPlaces(value: unknown): unknown {
  const left = ["span", "meaning"];
  return JSON.parse(JSON.stringify(value, (key, part) => left.includes(key) ? undefined : part));
}

/** Codes and marked words of what is wrong with a text. */
function mistakes(text: string): string[] {
  return readSyntax(makeSource("rules.pk", text)).diagnostics.map(({ code, primary }) =>
    `${code} ${text.slice(primary.span.start, primary.span.end)}`
  );
}

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

Deno.test("an error does not make a keyword that is a name elsewhere a second one", () => {
  const text = "define service =\n service\nservice x tcp 1 allow\n service\nservice y tpc 2\n";
  assertEquals(mistakes(text), ["PK004 tpc"]);
});

Deno.test("what is ahead of an error is kept in the tree", () => {
  const read = (text: string): unknown =>
    withoutPlaces(readSyntax(makeSource("rules.pk", text)).file?.statements);
  assertEquals(read("define a = 10.0.0.1,, 10.0.0.2"), tree("define a = 10.0.0.1"));
  assertEquals(read("define a ="), [{ kind: "define", name: { value: "a" }, items: [] }]);
  assertEquals(read("service a tcp 1 drop nonsense"), tree("service a tcp 1 drop"));
  assertEquals(read("service a tcp 1 log prefix x drop"), tree("service a tcp 1 log"));
  assertEquals(read("service a tcp 1 allow 10.0.0.1, 22"), tree("service a tcp 1 allow 10.0.0.1"));
  assertEquals(read("service a tcp"), []);
});

Deno.test("a value that cannot be read is left out, what stands around it stays", () => {
  const { file } = readSyntax(
    makeSource("rules.pk", "service a tcp 1, 99999999999 drop allow 300.0.0.1, 10.0.0.1\n"),
  );
  const service = file?.statements[0] as Service;
  assertEquals(service.ports.map(({ from }) => from), [1]);
  assertEquals(service.options.length, 2);
});

Deno.test("host bits and ports out of range are left to the checks of meaning", () => {
  assertEquals(mistakes("service a tcp 0, 70000, 9-8 udp\n".replace(" udp", "")), []);
  assertEquals(mistakes("service a tcp 1 allow 10.0.0.5/24\n"), []);
});

Deno.test("bytes that are no text are told before anything else is read", () => {
  const read = (...bytes: number[]) =>
    readSyntax(decodeSource("rules.pk", new Uint8Array(bytes))).diagnostics.map(({ code }) => code);
  assertEquals(read(0x23, 0xe9), ["PK001"]);
  assertEquals(read(0x23, 0), ["PK002"]);
  assertEquals(
    readSyntax(decodeSource("rules.pk", new Uint8Array(5 << 20))).diagnostics[0]?.code,
    "PK003",
  );
});

Deno.test("after 10,000 errors reading stops and says so", () => {
  for (const text of ["x\n", "service a tcp 1 allow 300.0.0.1\n"]) {
    const codes = mistakes(text.repeat(9999));
    assertEquals([codes.length, codes.at(-1)?.slice(0, 5)], [9999, codes[0]?.slice(0, 5)]);
    const more = mistakes(text.repeat(20_000));
    assertEquals([more.length, more.at(-1)], [10_001, "PK015 "]);
  }
});

Deno.test("reading a file takes as many steps as it is long, errors or not", () => {
  const steps = (line: string, count: number): number => {
    const source = makeSource("rules.pk", line.repeat(count));
    return stepsOf(() => readSyntax(source));
  };
  for (const line of ["service s tcp 22 drop allow 10.0.0.1\n", "service s tcp 22 sny\n", "x "]) {
    steps(line, 10); // what is made once for all files
    const [short, long] = [steps(line, 250), steps(line, 2500)];
    // What goes over everything once for each line takes a hundred times as many.
    assert(short > 250 && long < 12 * short, `${line}: ${short} steps, ${long} steps`);
  }
});

Deno.test("an address is read once, into what it means", () => {
  const { file } = readSyntax(
    makeSource("a.pk", "define a = 10.0.0.0/8, ::ffff:10.0.0.1, 10.0.0.1/8\n"),
  );
  const [define] = file?.statements ?? [];
  const items = define?.kind === "define" ? define.items : [];
  assertEquals(
    items.map((item) => {
      if (item.kind === "name") return item.name;
      if (item.meaning.ok) return formatAddress(item.meaning.value);
      const { host, network } = item.meaning.problem;
      return [formatAddress(host), formatAddress(network)];
    }),
    ["10.0.0.0/8", "10.0.0.1/32", ["10.0.0.1/32", "10.0.0.0/8"]],
  );
});

Deno.test("an expectation becomes the tree that it says, whatever it leaves out", () => {
  assertEquals(
    tree('expect tcp 22 from anyone to ::1 on "eth0.1" established reject\nexpect udp 53 drop\n'),
    [
      {
        kind: "expect",
        protocol: { value: "tcp" },
        port: { value: 22 },
        from: { kind: "anyone" },
        to: { kind: "address", text: "::1" },
        interface: { value: "eth0.1" },
        established: {},
        policy: { value: "reject" },
      },
      {
        kind: "expect",
        protocol: { value: "udp" },
        port: { value: 53 },
        from: null,
        to: null,
        interface: null,
        established: null,
        policy: { value: "drop" },
      },
    ],
  );
  assertEquals(tree("expect tcp 22 from office accept"), [{
    kind: "expect",
    protocol: { value: "tcp" },
    port: { value: 22 },
    from: { kind: "name", name: "office" },
    to: null,
    interface: null,
    established: null,
    policy: { value: "accept" },
  }]);
});

Deno.test("of a file of more than 10,000 errors the rest is not read, and one of 10,000 is read to its end", () => {
  const read = (count: number) =>
    readSyntax(makeSource("rules.pk", "service 1\n".repeat(count))).diagnostics;
  const most = read(10_000);
  assertEquals(most.length, 10_000);
  const [code] = new Set(most.map(({ code }) => code));
  assertEquals(new Set(most.map(({ code }) => code)).size, 1);
  for (const count of [10_001, 10_100]) {
    const more = read(count);
    assertEquals(more.length, 10_001);
    assertEquals(more.at(-2)?.code, code);
    const { message, primary: { span } } = more.at(-1)!;
    assertEquals(message, "more than 10000 errors");
    // It stands where the last error that is shown ends.
    const { end } = more.at(-2)!.primary.span;
    assertEquals([span.start, span.end], [end, end]);
  }
});

Deno.test("a list that is not written yet ends with its name", () => {
  const { file } = readSyntax(makeSource("rules.pk", "define office\nservice a tcp 1\n"));
  const [define, service] = file?.statements ?? [];
  assertEquals([define?.kind, define?.span.start, define?.span.end], ["define", 0, 13]);
  assertEquals(service?.kind, "service");
});
