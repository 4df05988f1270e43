// Cuts TypeScript into tokens, as far as drawing mutants needs it. It relies on `deno fmt`: a binary
// operator is between blanks, and the `<` of type arguments does not.

/** What a token is. `chunk` is the text of a template literal between its holes. */
export type TokenKind = "word" | "number" | "string" | "chunk" | "regex" | "punct";

/** One token; blanks and comments are none. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Offset of its first character. */
  readonly start: number;
  /** Offset behind its last character. */
  readonly end: number;
}

const PUNCTUATION =
  /(?:>>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\+\+|--|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|<<|>>|\*\*|[{}()[\];,<>+\-*/%&|^!~?:=.@])/y;
const WORD = /[#\p{L}_$][\p{L}\p{N}_$]*/uy;
const NUMBER = /(?:0[xob][\da-f_]+|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)n?/iy;
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const CHUNK = /(?:[^`\\$]|\\[^]|\$(?!\{))*/y;
const REGEX = /\/(?![/*])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const SPACE = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)+/y;

/** Words behind which a `/` begins a regular expression. */
const BEFORE_EXPRESSION = new Set(["return", "typeof", "case", "in", "of", "await", "yield"]);

/** Whether a `/` behind this token divides. */
function endsOperand(token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind === "punct") return [")", "]", "}", "`"].includes(token.text);
  return token.kind !== "word" || !BEFORE_EXPRESSION.has(token.text);
}

/**
 * The tokens of a module.
 *
 * @param source TypeScript, formatted by `deno fmt`.
 * @returns Its tokens in their order; a template literal comes as "`", its chunks and holes, "`".
 * @throws {Error} If a character belongs to no token.
 */
export function scan(source: string): Token[] {
  const tokens: Token[] = [];
  /** For each template literal that is open, how many braces are open in its hole. */
  const holes: number[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const push = (kind: TokenKind, text: string) => {
    tokens.push({ kind, text, start: at, end: at + text.length });
    at += text.length;
  };
  /** The text up to the next hole, or up to the end of the literal. */
  const chunk = () => {
    const text = take(CHUNK) ?? "";
    if (text !== "") push("chunk", text);
    if (source[at] === "`") return push("punct", "`");
    push("punct", "${");
    holes.push(0);
  };
  while (at < source.length) {
    const space = take(SPACE);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    if (source[at] === "`") {
      push("punct", "`");
      chunk();
      continue;
    }
    const string = take(STRING);
    if (string !== undefined) {
      push("string", string);
      continue;
    }
    const regex = endsOperand(tokens.at(-1)) ? undefined : take(REGEX);
    if (regex !== undefined) {
      push("regex", regex);
      continue;
    }
    const number = take(NUMBER);
    if (number !== undefined) {
      push("number", number);
      continue;
    }
    const word = take(WORD);
    if (word !== undefined) {
      push("word", word);
      continue;
    }
    const mark = take(PUNCTUATION);
    if (mark === undefined) throw new Error(`no token at ${at}: ${source.slice(at, at + 20)}`);
    push("punct", mark);
    const depth = holes.at(-1);
    if (depth === undefined) continue;
    if (mark === "{") holes[holes.length - 1] = depth + 1;
    if (mark === "}" && depth > 0) holes[holes.length - 1] = depth - 1;
    if (mark === "}" && depth === 0) {
      holes.pop();
      chunk();
    }
  }
  return tokens;
}

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "${": "}" };

/**
 * Which bracket closes which.
 *
 * @param tokens Of a whole module.
 * @returns For the index of each bracket, that of its partner.
 */
export function matchBrackets(tokens: readonly Token[]): Map<number, number> {
  const partners = new Map<number, number>();
  const open: number[] = [];
  for (const [index, { kind, text }] of tokens.entries()) {
    if (kind !== "punct") continue;
    if (text in CLOSING) open.push(index);
    else if (text === ")" || text === "]" || text === "}") {
      const start = open.pop();
      if (start === undefined) continue;
      partners.set(start, index);
      partners.set(index, start);
    }
  }
  return partners;
}

/** Whether a `<` begins type arguments or type parameters. */
function opensTypes(tokens: readonly Token[], index: number): boolean {
  const [before, token] = [tokens[index - 1], tokens[index]!];
  if (token.text !== "<" || token.kind !== "punct") return false;
  return before !== undefined && before.end === token.start;
}

/** The index behind the types that begin at `<`. */
function skipArguments(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let index = from; index < tokens.length; index++) {
    const { kind, text } = tokens[index]!;
    if (kind !== "punct") continue;
    if (text === "<") depth++;
    if (/^>+$/.test(text)) depth -= text.length;
    if (depth <= 0) return index + 1;
  }
  return tokens.length;
}

/** The index after the next `;` outside of brackets. */
function skipStatement(
  tokens: readonly Token[],
  { from, partners }: { from: number; partners: ReadonlyMap<number, number> },
): number {
  let index = from;
  while (index < tokens.length) {
    const { kind, text } = tokens[index]!;
    if (kind === "punct" && text === ";") return index + 1;
    const partner = partners.get(index);
    index = partner !== undefined && partner > index ? partner + 1 : index + 1;
  }
  return index;
}

/**
 * Which tokens do nothing when the module runs: imports, interfaces, type aliases, type arguments.
 *
 * @param tokens Of a whole module.
 * @param partners From {@linkcode matchBrackets}.
 * @returns Their indices.
 */
export function typeTokens(
  tokens: readonly Token[],
  partners: ReadonlyMap<number, number>,
): Set<number> {
  const silent = new Set<number>();
  const skip = (from: number, to: number) => {
    for (let index = from; index < to; index++) silent.add(index);
  };
  for (let index = 0; index < tokens.length; index++) {
    const { kind, text } = tokens[index]!;
    const next = tokens[index + 1];
    let end = index;
    if (kind === "word" && text === "interface") {
      while (tokens[end]?.text !== "{" && end < tokens.length) end++;
      end = (partners.get(end) ?? end) + 1;
    } else if (kind === "word" && text === "type" && next?.kind === "word") {
      end = skipStatement(tokens, { from: index, partners });
    } else if (kind === "word" && text === "import" && next?.text !== "(" && next?.text !== ".") {
      end = skipStatement(tokens, { from: index, partners });
    } else if (kind === "word" && text === "export" && ["{", "*"].includes(next?.text ?? "")) {
      end = skipStatement(tokens, { from: index, partners });
    } else if (opensTypes(tokens, index)) {
      end = skipArguments(tokens, index);
    }
    if (end === index) continue;
    skip(index, end);
    index = end - 1;
  }
  return silent;
}
