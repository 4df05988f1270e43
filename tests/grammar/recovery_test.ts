// Where a statement ends that has an error in it, what of it is kept, and where the next one starts.
import { assertEquals } from "@std/assert";
import { makeSource } from "../../src/source/source.ts";
import type { Statement } from "../../src/syntax/ast.ts";
import { readSyntax } from "../../src/syntax/ast_reader.ts";

/** A statement in few words: how many ports or addresses it has, and which options. */
function brief(statement: Statement): string {
  switch (statement.kind) {
    case "service": {
      const { name, ports, options } = statement;
      return `service ${name.value} ${ports.length} ${options.map(({ kind }) => kind)}`.trim();
    }
    case "define":
      return `define ${statement.name.value} ${statement.items.length}`;
    case "expect":
      return `expect ${statement.port.value}`;
    case "include":
      return `include ${statement.path.value}`;
  }
}

/** A text, the codes with the words that they mark, and the statements that are kept. */
const TEXTS: readonly (readonly [text: string, mistakes: string, kept: string])[] = [
  ["foo\nservice a tcp 1\n", "PK004 foo", "service a 1"],
  ["service a tcp 1\nfoo\nservice b tcp 2\n", "PK004 foo", "service a 1; service b 1"],
  ["service a tcp 1\n foo\nservice b tcp 2\n", "PK004 foo", "service a 1; service b 1"],
  ["service a tcp 1\n foo\n bar\nservice b tcp 2\n", "PK004 foo", "service a 1; service b 1"],
  [
    "service a tcp 1\nfoo bar\nbaz\nservice b tcp 2\n",
    "PK004 foo, PK004 baz",
    "service a 1; service b 1",
  ],
  ["service a tcp 1\rfoo\rservice b tcp 2\r", "PK004 foo", "service a 1; service b 1"],
  ["service a tcp 1\r\nfoo\r\nbar", "PK004 foo, PK004 bar", "service a 1"],
  ["define a = b,\nfoo\ndefine c =\nbar\n", "", "define a 2; define c 1"],
  ["define a = b\n,foo\n", "", "define a 2"],
  ["define a = b,\nfoo sny\nservice b tcp 2\n", "PK004 sny", "define a 2; service b 1"],
  ["service a sny\n service b tcp 2\n", "PK004 sny", "service b 1"],
  ["service a sny\n\tservice b tcp 2\n", "PK004 sny", "service b 1"],
  ["service a sny service b tcp 2\n", "PK004 sny", "service b 1"],
  ["service a sny service b tpc 2\n", "PK004 sny", ""],
  ["service a sny service tcp 2\n", "PK004 sny", ""],
  ['service a sny include "x"\n', "PK004 sny", "include x"],
  ["service a sny include x\n", "PK004 sny", ""],
  ["service a sny define b = c\n", "PK004 sny", "define b 1"],
  ["service a sny define b c\n", "PK004 sny", ""],
  ["service a sny define = c\n", "PK004 sny", ""],
  ["service a sny expect tcp 22 drop\n", "PK004 sny", "expect 22"],
  ["service a sny expect udp 22 drop\n", "PK004 sny", "expect 22"],
  ["service a sny expect tcp drop\n", "PK004 sny", ""],
  ["service a sny expect 22\n", "PK004 sny", ""],
  ["service a sny define service = c\n", "PK004 sny", "define service 1"],
  ["service a sny service define udp 3\n", "PK004 sny", "service define 1"],
  ["service a sny service 22 tcp 3\n", "PK004 sny", ""],
  ['service a sny define "x" = c\n', "PK004 sny", ""],
  ["service a tcp 1 include x\n", "PK005 x", "service a 1"],
  ['service a tcp 1 include "x" foo\n', "PK004 foo", "service a 1; include x"],
  ["service a tcp 1 expect foo\n", "PK004 foo", "service a 1"],
  ["service a tcp 1 allow\nservice\n", "", "service a 1 allow"],
  ["service a tcp 1 allow\nservice b\n", "PK006, PK006", "service a 1"],
  ["service a tcp 1 allow\nservice b tcp 2\n", "PK006", "service a 1; service b 1"],
  ["service a tcp 1 allow\nservice\nservice b tcp 2\n", "", "service a 1 allow; service b 1"],
  ["define a =\nservice\ndefine b = x", "", "define a 1; define b 1"],
  ["define\ninclude = 10.0.0.1\nservice x tcp y\n", "PK005 y", "define include 1"],
  ["define\ninclude\n", "PK006, PK006", ""],
  ["service a tcp 1 log prefix sny\n", "PK005 sny", "service a 1 log"],
  ["service a tcp 1 allow b, sny sny\n", "PK004 sny", "service a 1 allow"],
  ["service a tcp 1 knock 7, 8 within\nservice b tcp 2", "PK006", "service a 1 knock; service b 1"],
  ["define a = b, 22, c\nservice s tcp 1 allow a\n", "PK009 22", "define a 1; service s 1 allow"],
  ["define a sny\nservice s tcp 1 allow a\n", "PK005 sny", "define a 0; service s 1 allow"],
  ['define a = "b"\nservice s tcp 1 allow a\n', 'PK005 "b"', "define a 0; service s 1 allow"],
  ["define 22 = b\n", "PK005 22", ""],
  ["expect tcp 1 from\nexpect tcp 2 drop\n", "PK006", "expect 2"],
  [
    "service a tcp 1 drop drop foo service b tcp 2 bar",
    "PK004 foo, PK004 bar",
    "service a 1 policy,policy; service b 1",
  ],
  ['include\n"x"\n', "", "include x"],
  ['include\ninclude "x"\n', "PK006", "include x"],
  ['include x include "y" include z', "PK005 x, PK005 z", "include y"],
  ["= = =", "PK005 =", ""],
  ["service", "PK006", ""],
  ["service\nservice\nservice\n", "PK006, PK006, PK006", ""],
  ["  foo", "PK004 foo", ""],
  ["# c\nfoo # d\nbar", "PK004 foo, PK004 bar", ""],
  ["service a sny\rfoo\n", "PK004 sny, PK004 foo", ""],
  ["service a sny\nfoo\n", "PK004 sny, PK004 foo", ""],
  ["service a sny\n foo\n", "PK004 sny", ""],
  ["service a sny\n\nfoo", "PK004 sny, PK004 foo", ""],
  ["service a sny\ninclude x\n", "PK004 sny, PK005 x", ""],
  ["service a sny\rinclude x\n", "PK004 sny, PK005 x", ""],
  ["service a sny\n  include x\n", "PK004 sny, PK005 x", ""],
  ["service a sny\n\tinclude x\n", "PK004 sny, PK005 x", ""],
  ["service a sny\n \t include x\n", "PK004 sny, PK005 x", ""],
  ["service a sny\n, include x\n", "PK004 sny", ""],
  ["  service a sny include x\n", "PK004 sny", ""],
  ["define a =\nfoo sny\n", "PK004 sny", "define a 1"],
  ["service a sny expect foo 22\n", "PK004 sny", ""],
  ["service a tcp 1 knock once sny\n", "PK005 sny", "service a 1"],
  ["service a tcp 1, sny\n", "PK005 sny", "service a 1"],
  ["service a tcp 1 allow\ninclude\nservice sny\n", "PK006", "service a 1 allow"],
];

Deno.test("one error is one message, and what stands around it is read", () => {
  for (const [text, mistakes, kept] of TEXTS) {
    const { file, diagnostics } = readSyntax(makeSource("a.pk", text));
    const told = diagnostics.map(({ code, primary: { span } }) =>
      `${code} ${text.slice(span.start, span.end)}`.trim()
    );
    const statements = (file?.statements ?? []).map(brief);
    assertEquals([told.join(", "), statements.join("; ")], [mistakes, kept], text);
  }
});
