import type { File, Option } from "../../src/syntax/ast.ts";
import { sortLogParts, sortOptions } from "../../src/syntax/segments.ts";

/**
 * A tree as text without its places and with options in canonical order: equal texts mean the same
 * rules.
 */
export function meaningOf(file: File | null): string {
  const statements = (file?.statements ?? []).map((statement) =>
    statement.kind === "service"
      ? { ...statement, options: sortOptions(statement.options).map(sortParts) }
      : statement
  );
  return JSON.stringify(statements, (key, value) => key === "span" ? undefined : value);
}

function sortParts(option: Option): Option {
  return option.kind === "log" ? { ...option, parts: sortLogParts(option.parts) } : option;
}
