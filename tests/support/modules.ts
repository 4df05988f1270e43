// Reads what TypeScript modules import: strings, comments, templates and regular expressions are separated
// from code, so that an import in a comment does not count and one in odd layout is not missed.

/** What one module imports. */
export interface Imports {
  /** Specifiers of imports and re-exports that are loaded with the module. */
  readonly static: readonly string[];
  /** Specifiers of `import type` and `export type`, which are erased at run time. */
  readonly types: readonly string[];
  /** Specifiers of `import()`; `?` for one that is not a string literal. */
  readonly dynamic: readonly string[];
  /** Whether code, not a comment or text, says `Deno.` or uses it as a value. */
  readonly usesDeno: boolean;
  readonly lines: number;
}

/** The code with comments gone and every text replaced by `"N"`, N its index in `texts`. */
interface Bare {
  readonly code: string;
  readonly texts: readonly string[];
}

/** A slash behind one of these starts a regular expression, behind anything else it divides. */
const BEFORE_REGEXP = /(?:^|[([{}=:;,!&|?+\-*%<>~^\n]|\breturn|\btypeof|\bcase|=>)\s*$/;

function strip(source: string): Bare {
  const texts: string[] = [];
  let code = "";
  let at = 0;
  const keep = (text: string): void => {
    code += `"${texts.length}"`;
    texts.push(text);
  };
  while (at < source.length) {
    const char = source.charAt(at);
    const two = source.slice(at, at + 2);
    if (two === "//") at = endOf(source, "\n", at);
    else if (two === "/*") at = endOf(source, "*/", at) + 2;
    else if (char === '"' || char === "'") {
      const end = closing(source, char, at + 1);
      keep(source.slice(at + 1, end));
      at = end + 1;
    } else if (char === "`") {
      const { end, inner } = template(source, at + 1);
      code += inner === "" ? "" : `(${inner})`;
      if (inner === "") keep(source.slice(at + 1, end));
      at = end + 1;
    } else if (char === "/" && BEFORE_REGEXP.test(code)) {
      at = closing(source, "/", at + 1) + 1;
      code += " 0";
    } else {
      code += char;
      at++;
    }
  }
  return { code, texts };
}

function endOf(source: string, mark: string, from: number): number {
  const at = source.indexOf(mark, from);
  return at < 0 ? source.length : at;
}

/** Index of the closing sign; in a regular expression a class may hold it. */
function closing(source: string, sign: string, from: number): number {
  let inClass = false;
  for (let at = from; at < source.length; at++) {
    const char = source.charAt(at);
    if (char === "\\") at++;
    else if (sign === "/" && char === "[") inClass = true;
    else if (sign === "/" && char === "]") inClass = false;
    else if (char === sign && !inClass) return at;
  }
  return source.length;
}

/** A template's end, and the code within its `${}`. */
function template(source: string, from: number): { end: number; inner: string } {
  let inner = "";
  let at = from;
  while (at < source.length && source.charAt(at) !== "`") {
    if (source.charAt(at) === "\\") at += 2;
    else if (source.slice(at, at + 2) === "${") {
      let depth = 1;
      const start = at + 2;
      at = start;
      while (at < source.length && depth > 0) {
        const char = source.charAt(at);
        if (char === "{") depth++;
        if (char === "}") depth--;
        if (char === '"' || char === "'") at = closing(source, char, at + 1);
        if (char === "`") at = template(source, at + 1).end;
        at++;
      }
      inner += ` ${source.slice(start, at - 1)};`;
    } else at++;
  }
  return { end: at, inner: inner === "" ? "" : blank(inner) };
}

/** Nested code as code without texts: its imports count as ones that are not string literals. */
function blank(code: string): string {
  return strip(code).code.replace(/"\d+"/g, "0");
}

/** Only types: `import type { A } from`, but not `import type from` or `import type, { A } from`. */
const TYPES = /^(?:import|export)\s+type\b(?!\s*,|\s+from\s*")/;

/** Reads a module's text. */
export function readImports(source: string): Imports {
  const { code, texts } = strip(source);
  const text = (index: string | undefined): string => texts[Number(index)] ?? "?";
  const fixed = [...code.matchAll(/\b(?:import|export)\b(?!\s*[(.])[^";]*?(?:\bfrom\s*)?"(\d+)"/g)]
    .filter(([whole]) => /\bfrom\s*"|^import\s*"/.test(whole));
  const moving = [...code.matchAll(/\bimport\s*\(\s*(?:"(\d+)"\s*[,)])?/g)];
  return {
    static: fixed.filter(([whole]) => !TYPES.test(whole)).map(([, index]) => text(index)),
    types: fixed.filter(([whole]) => TYPES.test(whole)).map(([, index]) => text(index)),
    dynamic: moving.map(([, index]) => index === undefined ? "?" : text(index)),
    usesDeno: /(?<![\w.$])Deno\b(?!\s*:)/.test(code),
    lines: source.split("\n").length - (source.endsWith("\n") ? 1 : 0),
  };
}
