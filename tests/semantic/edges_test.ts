// The edges of the checks: what is just reported and what is just not, and in which order.
import { assert, assertEquals } from "@std/assert";
import { compileFile } from "../../src/semantic/compile.ts";
import { readSyntax } from "../../src/syntax/ast_reader.ts";
import { makeSource } from "../../src/source/source.ts";
import { memoryReader } from "../support/memory_reader.ts";

const NOW = 1_735_689_600;

/** All diagnostics of a file: the code, the marked words, and the help. */
function told(text: string): string[] {
  const compiled = compileFile("a.pk", { reader: memoryReader({ "a.pk": text }), now: NOW });
  return compiled.diagnostics.map(({ code, primary: { span }, help }) =>
    `${code} ${text.slice(span.start, span.end)}: ${help}`
  );
}

Deno.test("a mistyped word behind the parts of a knock is taken for the most similar option", () => {
  const knock = "service a tcp 1 knock 7001, 9002, 8003";
  for (
    const [words, wrong, meant] of [
      ["within 5s sny", "sny", "syn"],
      ["within 5s fro 8h", "fro", "for"],
      ["for 8h sny", "sny", "syn"],
      ["withni 5s", "withni", "within"],
      ["for 8h dorp", "dorp", "drop"],
      ["within 5s for 8h estabished", "estabished", "established"],
    ] as const
  ) {
    const [first] = told(`${knock} ${words}\n`);
    assertEquals(first, `PK004 ${wrong}: did you mean \`${meant}\`?`, words);
  }
});

Deno.test("options are in the tree as they were written", () => {
  const source = makeSource("a.pk", "service a tcp 1 allow 10.0.0.1 log drop on eth0 syn ipv4\n");
  const [service] = readSyntax(source).file?.statements ?? [];
  const kinds = service?.kind === "service" ? service.options.map(({ kind }) => kind) : [];
  assertEquals(kinds, ["allow", "log", "policy", "interface", "syn", "family"]);
});

Deno.test("of several undefined names each is reported, except those that may be half written", () => {
  const text = "define half = 10.0.0.1/99\ndefine whole = 10.0.0.1\n" +
    "service a tcp 1 allow whole, half, xyzzy, plugh\n";
  const codes = told(text).filter((one) => one.startsWith("PK021"));
  assertEquals(codes.map((one) => one.split(":")[0]), ["PK021 xyzzy", "PK021 plugh"]);
  const broken = "define half 10.0.0.1\ndefine q = = 10.0.0.2\nservice a tcp 1 allow q, xyzzy\n";
  assertEquals(
    told(broken).filter((one) => one.startsWith("PK021")).map((one) => one.split(":")[0]),
    ["PK021 xyzzy"],
  );
});

Deno.test("a service that is given twice is reported once, not as two that match the same packets", () => {
  const codes = told("service ssh tcp 22\nservice ssh tcp 22\nservice web tcp 22\n")
    .map((one) => one.split(":")[0]);
  assertEquals(codes, ["PK020 ssh", "PK060 22"]);
});

/** Lists of which each holds the next one twice: the first stands for 2 to the power of `depth`. */
function doubling(depth: number): string[] {
  const lists = Array.from(
    { length: depth },
    (_, at) => `define d${depth - at} = d${depth - at - 1}`,
  );
  return [...lists.map((line) => `${line}, ${line.split(" = ")[1]}`), "define d0 = 10.0.0.1"];
}

Deno.test("a list that is too large is told of once, at that list, wherever it stands", () => {
  const users = ["service a tcp 1 allow d18, d17", "expect tcp 2 from d19 accept"];
  const lists = doubling(20);
  const told17 = (lines: readonly string[]) =>
    told(`${lines.join("\n")}\n`).filter((one) => one.startsWith("PK027"));
  const help = "allow networks instead of single addresses";
  assertEquals(told17([...users, ...lists]), [`PK027 d17: ${help}`]);
  assertEquals(told17([...lists.toReversed(), ...users]), [`PK027 d17: ${help}`]);
  assertEquals(told17([...doubling(16), "service a tcp 1 allow d16"]), []);
  // The item with which all services together are too many.
  const two = ["service a tcp 1 allow d15, d14", "service b tcp 2 allow d14, d0 allow d1"];
  assertEquals(told17([...doubling(16), ...two]), [`PK027 d0: ${help}`]);
  assertEquals(told17([...doubling(16), two[0]!, "service b tcp 2 allow d14"]), []);
});

Deno.test("a list counts by way of lists that hold nothing else, are empty or go round", () => {
  const lists = "define lone = lone2\ndefine lone2 = lone3\ndefine lone3 = 10.0.0.1, lone4\n" +
    "define lone4 = 10.0.0.2\ndefine round = round2\ndefine round2 = round, 10.0.0.3\n" +
    "define user = round, lone, none\n";
  const compiled = (allow: string) => {
    const text = `${lists}service a tcp 1 ipv6 allow ${allow}\n`;
    return told(text).filter((one) => one.startsWith("PK033"));
  };
  const help = "remove `ipv6` to cover both families, or the address from the list";
  for (const name of ["lone", "lone2", "lone3", "lone4", "user", "10.0.0.9"]) {
    assertEquals(compiled(name), [`PK033 ${name}: ${help}`], name);
  }
  for (const name of ["round", "round2", "none", "::1"]) assertEquals(compiled(name), [], name);
});

Deno.test("lists that double each other cost no more than their text, also if nothing is in them", () => {
  const lists = Array.from({ length: 23 }, (_, at) => `define a${at + 1} = a${at}, a${at}\n`);
  for (const item of ["none", "10.0.0.300"]) {
    const started = performance.now();
    const text = `define a0 = ${item}, ${item}\n${lists.join("")}service s tcp 1 allow a23\n`;
    assertEquals(told(text).length, 2, item);
    assert(performance.now() - started < 500, item);
  }
});
