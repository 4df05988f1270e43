import { assertEquals } from "@std/assert";
import { makeSource } from "../../src/source/source.ts";
import { readSyntax } from "../../src/syntax/ast_reader.ts";

/** Reads a text that has no errors; gives its tree without the spans and what addresses mean. */
export function tree(text: string): unknown {
  const { file, diagnostics } = readSyntax(makeSource("rules.pk", text));
  assertEquals(diagnostics, []);
  return withoutPlaces(file?.statements);
}

/** A tree, or a part of one, without the spans and what addresses mean. */
export function withoutPlaces(value: unknown): unknown {
  const left = ["span", "meaning"];
  return JSON.parse(JSON.stringify(value, (key, part) => left.includes(key) ? undefined : part));
}

/** Codes and marked words of what is wrong with a text. */
export function mistakes(text: string): string[] {
  return readSyntax(makeSource("rules.pk", text)).diagnostics.map(({ code, primary }) =>
    `${code} ${text.slice(primary.span.start, primary.span.end)}`
  );
}
