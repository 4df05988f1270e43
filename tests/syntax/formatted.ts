import { assert, assertEquals } from "@std/assert";
import { makeSource } from "../../src/source/source.ts";
import { readSyntax } from "../../src/syntax/ast_reader.ts";
import { format } from "../../src/syntax/formatter.ts";
import { meaningOf } from "./tree.ts";

/** Formats a text, and checks what holds for every text. */
export function formatted(text: string): string {
  const result = format(text, "rules.pk");
  assert(result.ok, JSON.stringify(result));
  const read = (from: string) => readSyntax(makeSource("rules.pk", from));
  assertEquals(meaningOf(read(result.value).file), meaningOf(read(text).file));
  assertEquals(
    read(result.value).comments.map((comment) => comment.text).sort(),
    read(text).comments.map((comment) => comment.text).sort(),
  );
  assertEquals(format(result.value, "rules.pk"), result);
  return result.value;
}
