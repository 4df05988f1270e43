// The small ways in which a module can be broken: another operator, another constant, a statement, an
// entry of a list or the text of a string that is left out.
import { matchBrackets, scan, type Token, typeTokens } from "./scan.ts";

/** One change of a module. */
export interface Change {
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** The column on which it begins, from 0. */
  readonly column: number;
  /** Offsets in the source: the text from `start` up to `end` becomes `into`. */
  readonly start: number;
  readonly end: number;
  readonly into: string;
  /** What is done, for the reader. */
  readonly what: string;
}

/** What each operator becomes. */
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  "===": ["!=="],
  "!==": ["==="],
  "<": ["<=", ">"],
  "<=": ["<", ">"],
  ">": [">=", "<"],
  ">=": [">", "<"],
  "&&": ["||"],
  "||": ["&&"],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "<<": [">>"],
  ">>": ["<<"],
  "+=": ["-="],
  "-=": ["+="],
  "++": ["--"],
  "--": ["++"],
};

/** What some words become. */
const WORDS: Readonly<Record<string, string>> = {
  true: "false",
  false: "true",
  some: "every",
  every: "some",
  startsWith: "endsWith",
  endsWith: "startsWith",
  min: "max",
  max: "min",
  continue: "break",
  find: "findLast",
  findLast: "find",
  trimStart: "trimEnd",
  trimEnd: "trimStart",
};

/** Of these, the ones that are methods. */
const METHODS = /^(some|every|startsWith|endsWith|min|max|find|findLast|trimStart|trimEnd)$/;

/** Words with which a statement begins that others rely on: without it the module does not run at all. */
const DECLARING = new Set(
  "const let var import export type interface class function return async readonly private static get set declare enum case default else constructor"
    .split(" "),
);

/** Behind these a `{` begins an object, not a block. */
const BEFORE_OBJECT = new Set(
  ["=", "(", ",", "[", ":", "?", "...", "&&", "||", "??", "return", "yield", "throw", "${", "as"],
);

/** A module that is being read. */
interface Module {
  readonly source: string;
  readonly tokens: readonly Token[];
  readonly partners: ReadonlyMap<number, number>;
  readonly silent: ReadonlySet<number>;
  add(tokens: readonly [from: number, to: number], into: string, what: string): void;
}

/**
 * All changes of a module.
 *
 * @param source TypeScript, formatted by `deno fmt`.
 * @returns The changes in the order of their places. Some may not parse or only change types.
 */
export function changesOf(source: string): Change[] {
  const tokens = scan(source);
  const partners = matchBrackets(tokens);
  const changes: Change[] = [];
  const starts = [...source.matchAll(/^/gm)].map(({ index }) => index);
  const module: Module = {
    source,
    tokens,
    partners,
    silent: typeTokens(tokens, partners),
    add([from, to], into, what) {
      const { start } = tokens[from]!;
      const line = starts.findLastIndex((offset) => offset <= start) + 1;
      const column = start - starts[line - 1]!;
      changes.push({ line, column, start, end: tokens[to]!.end, into, what });
    },
  };
  for (const index of tokens.keys()) {
    if (module.silent.has(index)) continue;
    changeOperator(module, index);
    changeConstant(module, index);
    changeRegex(module, index);
    changeCondition(module, index);
    dropStatement(module, index);
    dropEntries(module, index);
  }
  return changes;
}

/**
 * A module with a change in it.
 *
 * @param source The module that the change was made for.
 * @param change One of {@linkcode changesOf}.
 */
export function applyChange(source: string, { start, end, into }: Change): string {
  return source.slice(0, start) + into + source.slice(end);
}

function isSpaced({ source, tokens }: Module, index: number): boolean {
  const { start, end } = tokens[index]!;
  return /\s/.test(source[start - 1] ?? "") && /\s/.test(source[end] ?? "");
}

function changeOperator(module: Module, index: number): void {
  const { tokens, add } = module;
  const { kind, text } = tokens[index]!;
  const before = tokens[index - 1];
  if (kind === "word" && Object.hasOwn(WORDS, text)) {
    const follows = before?.text === "." || before?.text === "?.";
    if (follows !== METHODS.test(text)) return;
    if (tokens[index + 1]?.text === ":") return; // the name of a property
    return add([index, index], WORDS[text]!, `${text} -> ${WORDS[text]}`);
  }
  if (kind !== "punct") return;
  if (text === "!") {
    const ends = before?.end === tokens[index]!.start && /[\w)\]]$/.test(before.text);
    const negates = tokens[index + 1]?.start === tokens[index]!.end;
    if (!ends && negates) add([index, index], "", "! dropped");
    return;
  }
  if (text !== "++" && text !== "--" && !isSpaced(module, index)) return;
  for (const other of OPERATORS[text] ?? []) add([index, index], other, `${text} -> ${other}`);
}

/** Whether a string or number is a type: one of several, or behind `as`. */
function isType({ tokens }: Module, index: number): boolean {
  return [tokens[index - 1]?.text, tokens[index + 1]?.text].includes("|") ||
    tokens[index - 1]?.text === "as";
}

function changeConstant(module: Module, index: number): void {
  const { tokens, add } = module;
  const { kind, text } = tokens[index]!;
  if (kind === "chunk") return add([index, index], "", `${JSON.stringify(text)} left out`);
  if (isType(module, index)) return;
  if (kind === "string") {
    const [next, before] = [tokens[index + 1]?.text, tokens[index - 1]?.text];
    const isKey = next === ":" && (before === "{" || before === ",");
    const into = text.length > 2 && !isKey ? '""' : `"${text.slice(1, -1)}x"`;
    return add([index, index], into, `${text} -> ${into}`);
  }
  if (kind !== "number") return;
  const isBig = text.endsWith("n");
  const value = BigInt(Math.trunc(Number(text.replace(/n$/, "").replaceAll("_", ""))));
  const others = value === 0n ? [1n] : [value + 1n, value - 1n];
  for (const other of others) {
    const into = `${other}${isBig ? "n" : ""}`;
    add([index, index], into, `${text} -> ${into}`);
  }
}

function changeRegex({ tokens, add }: Module, index: number): void {
  const { kind, text } = tokens[index]!;
  if (kind !== "regex") return;
  const turn = (into: string) => {
    if (into !== text && !into.startsWith("//")) add([index, index], into, `${text} -> ${into}`);
  };
  turn(text.replace(/^\/\^/, "/"));
  turn(text.replace(/(?<!\\)\$(?=\/[a-z]*$)/, ""));
  turn(text.replace(/(\d+)\}/, (_, most) => `${Number(most) + 1}}`));
  turn(text.replace(/(?<=[\])\w])\+/, "*"));
  turn(text.replace(/(?<=[\])\w])\*/, "+"));
}

/** `if` and `while`: as if it held always, or never. */
function changeCondition({ tokens, partners, add }: Module, index: number): void {
  const { kind, text } = tokens[index]!;
  if (kind !== "word" || (text !== "if" && text !== "while")) return;
  const close = partners.get(index + 1);
  if (close === undefined || tokens[index + 1]!.text !== "(") return;
  const ways = text === "if" ? ["true", "false"] : ["false"];
  for (const way of ways) add([index + 2, close - 1], way, `${text} (${way})`);
}

/** Whether a `{` begins a block of statements. */
function isBlock({ tokens }: Module, index: number): boolean {
  if (tokens[index]?.text !== "{") return false;
  for (let at = index - 1; at >= 0 && !/^[;{}]$/.test(tokens[at]!.text); at--) {
    if (tokens[at]!.text === "class") return false;
  }
  return !BEFORE_OBJECT.has(tokens[index - 1]?.text ?? "");
}

/** The bracket around a token. */
function around({ partners }: Module, index: number): number {
  for (let at = index - 1; at >= 0; at--) {
    const partner = partners.get(at);
    if (partner === undefined) continue;
    if (partner > at) return at;
    at = partner;
  }
  return -1;
}

/** Whether a statement may begin behind this token. */
function endsStatement(module: Module, index: number): boolean {
  const text = module.tokens[index]?.text;
  // Types of objects have semicolons too.
  const outer = around(module, index + 1);
  if (outer >= 0 && !isBlock(module, outer)) return false;
  if (text === undefined || text === ";") return true;
  if (text === "{") return isBlock(module, index);
  return text === "}" && isBlock(module, module.partners.get(index) ?? -1);
}

function dropStatement(module: Module, index: number): void {
  const { tokens, partners, add } = module;
  const { kind, text } = tokens[index]!;
  if (kind === "string" || DECLARING.has(text) || !endsStatement(module, index - 1)) return;
  if (!/^\s*$/.test(module.source.slice(0, tokens[index]!.start).split("\n").at(-1)!)) return;
  for (let at = index; at < tokens.length; at++) {
    const mark = tokens[at]!;
    if (mark.kind === "punct" && mark.text === ";") {
      return add([index, at], ";", "statement dropped");
    }
    const partner = partners.get(at);
    if (partner === undefined) continue;
    if (partner < at) return;
    const wholeBlock = mark.text === "{" && isBlock(module, at);
    at = partner;
    if (!wholeBlock || tokens[at + 1]?.text === "else") continue;
    if (!/^(if|for|while)$/.test(text)) return;
    return add([index, at], ";", "block dropped");
  }
}

/** The entries of a list, each left out. */
function dropEntries(module: Module, index: number): void {
  const { tokens, partners, add } = module;
  if (tokens[index]!.kind !== "punct" || tokens[index]!.text !== "[") return;
  const before = tokens[index - 1];
  const close = partners.get(index);
  if (before === undefined || close === undefined || close === index + 1) return;
  const isIndex = before.end === tokens[index]!.start && /^[\w$#)\]`"!]|\?\.$/.test(before.text);
  const isPattern = ["const", "let", "var"].includes(before.text) ||
    ["=", "=>"].includes(tokens[close + 1]?.text ?? "") ||
    tokens[close + 1]?.text === ")" && ["=>", ":"].includes(tokens[close + 2]?.text ?? "");
  if (
    isIndex || isPattern || ["readonly", "|", "of"].includes(before.text) && before.text !== "of"
  ) {
    return;
  }
  let start = index + 1;
  for (let at = start; at <= close; at++) {
    const partner = partners.get(at);
    if (at < close && partner !== undefined && partner > at) {
      at = partner;
      continue;
    }
    const ends = at === close || tokens[at]!.kind === "punct" && tokens[at]!.text === ",";
    if (!ends) continue;
    if (at > start) {
      const to = at < close ? at : at - 1;
      add([start, to], "", `entry ${shorten(module, [start, at - 1])} left out`);
    }
    start = at + 1;
  }
}

function shorten({ source, tokens }: Module, [from, to]: readonly [number, number]): string {
  const text = source.slice(tokens[from]!.start, tokens[to]!.end).replace(/\s+/g, " ");
  return text.length > 50 ? `${text.slice(0, 47)}...` : text;
}
