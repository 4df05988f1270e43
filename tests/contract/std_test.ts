// Holds @std and its replacement on networks without JSR (dist/networks/npm/) to one
// behaviour: this file passes with both, and the project uses nothing of @std beyond it. What the
// two do differently, and what is therefore not used:
// - parseArgs: an option given twice (the last one, or a list of both), `--no-NAME` (unknown, or
//   NAME switched off), `--opt ""` and `--opt -` (no value, or this one), `--opt=true` of a boolean
//   option's alias, and which texts count as numbers where `string` does not name the option or `_`.
// - assertEquals: 0 and -0, errors with equal messages, objects without a prototype.
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { unicodeWidth } from "@std/cli/unicode-width";
import { basename, dirname, isAbsolute, join, normalize, relative, resolve } from "@std/path";
import fc from "fast-check";

const STRINGS = ["port", "for", "log-prefix"];
const BOOLEANS = ["udp", "quiet"];

/** Parses as the program does: options declared, positionals kept as text, the rest collected. */
function parse(words: readonly string[]): { options: Record<string, unknown>; unknown: string[] } {
  const unknown: string[] = [];
  const { ...options } = parseArgs([...words], {
    string: [...STRINGS, "_"],
    boolean: BOOLEANS,
    unknown: (word: string) => {
      if (!word.startsWith("-") || word === "-") return true;
      unknown.push(word);
      return false;
    },
  });
  return { options, unknown };
}

Deno.test("options and positionals are read in any order, with `=` or a space", () => {
  const options = { _: ["ssh"], port: "22", for: "8h", udp: true, quiet: false };
  for (
    const words of [
      ["ssh", "--port", "22", "--for=8h", "--udp"],
      ["--udp", "ssh", "--for", "8h", "--port=22"],
      ["--port=22", "--for=8h", "--udp", "--", "ssh"],
    ]
  ) assertEquals(parse(words), { options, unknown: [] });
});

Deno.test("numbers stay text, in values and in positionals", () => {
  const { options } = parse(["0x10", "007", "--port", "0022", "--for=1e3"]);
  assertEquals(options, { _: ["0x10", "007"], port: "0022", for: "1e3", udp: false, quiet: false });
});

Deno.test("an option that wants a value and has none gets the empty text", () => {
  assertEquals(parse(["--port"]).options["port"], "");
  assertEquals(parse(["--port", "--udp"]).options["port"], "");
});

Deno.test("an option that is not given is absent if it takes a value, else false", () => {
  assertEquals(parse([]).options, { _: [], udp: false, quiet: false });
});

Deno.test("every unknown option is reported as it was written and left out", () => {
  const { options, unknown } = parse(["ssh", "--servce=x", "--no-such", "-z"]);
  assertEquals(unknown, ["--servce=x", "--no-such", "-z"]);
  assertEquals(options, { _: ["ssh"], udp: false, quiet: false });
});

Deno.test("a lone `-` is a positional", () => {
  assertEquals(parse(["-"]).options["_"], ["-"]);
});

Deno.test("in the form `--opt=value … -- positional …` any text comes through unchanged", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("", "-", "--", "-5", "=", "a=b", "a\nb", " ", "true", "false", "0x10", "--udp"),
  );
  const values = fc.record(
    { port: text, for: text, "log-prefix": text },
    { requiredKeys: [] },
  );
  fc.assert(fc.property(values, fc.boolean(), fc.array(text), (values, udp, positionals) => {
    const words = [
      ...Object.entries(values).map(([name, value]) => `--${name}=${value}`),
      ...(udp ? ["--udp"] : []),
      "--",
      ...positionals,
    ];
    const { options, unknown } = parse(words);
    assertEquals(unknown, []);
    assertEquals({ ...options }, { ...values, udp, quiet: false, _: positionals });
  }));
});

Deno.test("a text is as wide as its characters are", () => {
  assertEquals(unicodeWidth("pk-ssh"), 6);
  assertEquals(unicodeWidth("\u5929\u5730 \uff41"), 7);
  assertEquals(unicodeWidth("e\u0301"), 1);
  assertEquals(unicodeWidth("\u00b1\u0444"), 2);
  assertEquals(unicodeWidth("\u{1f512}\u{20000}"), 4);
  assertEquals(unicodeWidth("\u0000\u001b\u0085\u200b"), 0);
});

Deno.test("paths are joined, cut and compared by their text alone", () => {
  assertEquals(join("/etc/pktables", "../services", "./a.pk"), "/etc/services/a.pk");
  assertEquals(join("", ""), ".");
  assertEquals(basename("/etc/pktables/rules.pk"), "rules.pk");
  assertEquals(basename("/etc/pktables/"), "pktables");
  assertEquals(basename("rules.pk", ".pk"), "rules");
  assertEquals(dirname("/etc/pktables/rules.pk"), "/etc/pktables");
  assertEquals(dirname("rules.pk"), ".");
  assertEquals(dirname("/"), "/");
  assertEquals(normalize("/a//b/../c/."), "/a/c");
  assertEquals(normalize(""), ".");
  assertEquals(relative("/etc/pktables", "/etc/knockd.conf"), "../knockd.conf");
  assertEquals(resolve("/etc", "pktables", "../a.pk"), "/etc/a.pk");
  assertEquals(resolve("/etc", "/run"), "/run");
});

Deno.test("a path is absolute only if it begins with a slash", () => {
  assert(isAbsolute("/etc"));
  assert(!isAbsolute("etc/a"));
  assert(!isAbsolute("./etc"));
  assert(!isAbsolute(""));
});

Deno.test("equality is deep and strict, and does not look at the order of keys", () => {
  assertEquals({ a: [1, { b: 2n }], c: "x" }, { c: "x", a: [1, { b: 2n }] });
  assertEquals(new Map([["a", new Set([1])]]), new Map([["a", new Set([1])]]));
  assertEquals(new Uint8Array([1, 2]), new Uint8Array([1, 2]));
  assertEquals(NaN, NaN);
  assertNotEquals({ a: undefined } as unknown, {});
  assertNotEquals<unknown>(1, "1");
  assertNotEquals([1, 2], [2, 1]);
});

Deno.test("an assertion that does not hold throws an error", () => {
  const failures = [
    () => assert(0),
    () => assertEquals({ a: 1 }, { a: 2 }),
    () => assertNotEquals([1], [1]),
    () => assertStringIncludes("chain", "door"),
    () => assertMatch("pk-ssh", /^pk-web$/),
    () => assertThrows(() => {}),
  ];
  for (const failure of failures) assert(assertThrows(failure) instanceof Error);
});

Deno.test("an assertion that holds prints nothing, and assertThrows returns what was thrown", () => {
  const thrown = new TypeError("no");
  assertEquals(
    assertThrows(() => {
      throw thrown;
    }) === thrown,
    true,
  );
  assertStringIncludes("pk-ssh", "ssh");
  assertMatch("pk-ssh", /^pk-/);
  assert("text");
});
