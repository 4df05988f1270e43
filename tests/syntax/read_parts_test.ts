// The parts of statements: what is kept of them, with which values, from where to where.
import { assertEquals } from "@std/assert";
import { decodeSource, makeSource } from "../../src/source/source.ts";
import { readSyntax } from "../../src/syntax/ast_reader.ts";
import { mistakes, withoutPlaces } from "../support/read_syntax.ts";

Deno.test("an expectation of which a part cannot be read is left out, and so is no other", () => {
  for (
    const [part, mistake] of [
      ["22 from 1.2.3", "PK009 1.2.3"],
      ["22 to 1.2.3", "PK009 1.2.3"],
      ["22 on --x", "PK014 --x"],
      ['22 on "\\x"', "PK008 \\x"],
      ["1111111111", "PK013 1111111111"],
      ["22 from 1.2.3 to 4.5.6", "PK009 1.2.3"],
    ] as const
  ) {
    const text = `expect tcp ${part} drop\nexpect tcp 1 from anyone to ::1 on x drop\n`;
    const { file } = readSyntax(makeSource("rules.pk", text));
    const ports = file?.statements.map((one) => one.kind === "expect" ? one.port.value : null);
    assertEquals([mistakes(text)[0], ports], [mistake, [1]], part);
  }
});

Deno.test("every part of a log has the value that follows its word, also where it is given twice", () => {
  const { file } = readSyntax(makeSource(
    "rules.pk",
    'service s tcp 1 log prefix "a" level info burst 5 prefix "b" limit 1/day level err burst 6\n',
  ));
  const [service] = file?.statements ?? [];
  const [log] = service?.kind === "service" ? service.options : [];
  assertEquals(withoutPlaces(log?.kind === "log" ? log.parts : null), [
    { kind: "prefix", text: { value: "a" } },
    { kind: "level", name: { value: "info" } },
    { kind: "burst", count: { value: 5 } },
    { kind: "prefix", text: { value: "b" } },
    { kind: "limit", rate: { value: { count: 1, unit: "day" } } },
    { kind: "level", name: { value: "err" } },
    { kind: "burst", count: { value: 6 } },
  ]);
});

Deno.test("an option, a part of it and a value know from where to where they are written", () => {
  const text = 'expect tcp 22 from a to ::1 on "x" established drop\n' +
    "service s tcp 1 - 2, 3 drop ipv4 on x log level info  burst 5 knock 7 : udp within 5s for 8h " +
    'close 9, 8:tcp by knockd knock once "/x"\ninclude "y"\ndefine a = b, ::1\n';
  const spans: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { span } = value as { span?: { start: number; end: number } };
    if (span !== undefined) spans.push(text.slice(span.start, span.end));
    for (const part of Object.values(value)) walk(part);
  };
  const { file } = readSyntax(makeSource("rules.pk", text));
  for (const statement of file?.statements ?? []) walk(statement);
  assertEquals(spans, [
    text.slice(0, text.indexOf("\n")),
    ...'tcp|22|a|::1|"x"|established|drop'.split("|"),
    text.slice(text.indexOf("service"), text.indexOf("\ninclude")),
    ..."s|tcp|1 - 2|3|drop|ipv4|on x|x|log level info  burst 5".split("|"),
    ..."level info|info|burst 5|5".split("|"),
    "knock 7 : udp within 5s for 8h close 9, 8:tcp by knockd",
    ...'7 : udp|5s|8h|9|8:tcp|knockd|knock once "/x"|"/x"'.split("|"),
    ...'include "y"|"y"|define a = b, ::1|a|b|::1'.split("|"),
  ]);
});

Deno.test("a file that is no text is told of once, at the byte that is none, and has no tree", () => {
  const read = (bytes: Uint8Array) => {
    const { file, comments, diagnostics } = readSyntax(decodeSource("rules.pk", bytes));
    assertEquals([file, comments, diagnostics.length], [null, [], 1]);
    return diagnostics.map((
      { message, help, primary: { span, text } },
    ) => [message, text, help, span.start, span.end])[0];
  };
  assertEquals(read(new Uint8Array((4 << 20) + 1).fill(0x20)), [
    "the file `rules.pk` is over 4 MiB",
    "",
    "split it, and `include` the parts",
    0,
    0,
  ]);
  assertEquals(read(new Uint8Array([0x23, 0x20, 0, 0x20])), [
    "the file contains a NUL byte",
    "",
    "it may be saved as UTF-16, or not be text",
    2,
    3,
  ]);
  assertEquals(read(new Uint8Array([0x23, 0xe9, 0x20])), [
    "the file is not UTF-8",
    "the first invalid byte",
    "save the file as UTF-8",
    1,
    2,
  ]);
});

Deno.test("an option whose value cannot be read is left out, and the others stay", () => {
  for (
    const [option, mistake] of [
      ['knock once "\\x" for 8h', "PK008 \\x"],
      ["on --x", "PK014 --x"],
      ['on "\\x"', "PK008 \\x"],
    ] as const
  ) {
    const text = `service a tcp 1, 2 drop ${option} established\n`;
    const { file } = readSyntax(makeSource("rules.pk", text));
    const [service] = file?.statements ?? [];
    const kinds = service?.kind === "service" ? service.options.map(({ kind }) => kind) : null;
    assertEquals([mistakes(text), kinds], [[mistake], ["policy", "established"]], option);
  }
  const parts = 'log prefix "\\x" level info limit 1/week burst 1111111111';
  const { file } = readSyntax(makeSource("rules.pk", `service a tcp 1-1111111111, 2 ${parts}\n`));
  const [service] = file?.statements ?? [];
  assertEquals(
    withoutPlaces(service?.kind === "service" ? [service.ports, service.options] : null),
    [
      [{ kind: "port", from: 2, to: 2 }],
      [{ kind: "log", parts: [{ kind: "level", name: { value: "info" } }] }],
    ],
  );
  const knock = "knock 7, 1111111111, 8:udp within 5y for 8h close 1111111111, 9";
  const read = readSyntax(makeSource("rules.pk", `service a tcp 1 ${knock}\n`)).file;
  const [only] = read?.statements ?? [];
  assertEquals(withoutPlaces(only?.kind === "service" ? only.options : null), [{
    kind: "knock",
    ports: [{ port: 7, protocol: null }, { port: 8, protocol: "udp" }],
    once: null,
    within: null,
    for: { value: { count: 8, unit: "h" } },
    close: [{ port: 9, protocol: null }],
    by: null,
  }]);
});
