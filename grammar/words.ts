// What is derived from the table of options. Does not need the parser's library: anyone may import it.
import type { Entry, Owner } from "./option_entry.ts";
import { OPTIONS } from "./options.ts";

/** An entry of the table, with its words as types. */
export type Known = (typeof OPTIONS)[number];

/** A word with a meaning of its own. */
export type Keyword = Known["words"][number];

/** The entries that may be in an owner, among `E`. */
export type OwnedBy<O extends Owner, E = Known> = E extends
  { readonly owners: readonly (infer P)[] } ? O extends P ? E : never
  : never;

/** Entries that are options of a service. */
export type ServiceEntry = Exclude<OwnedBy<"service">, { readonly form: "fixed" }>;

/** The kinds of options of a service that have a rule, a node and a printer of their own. */
export type OwnKind = Extract<ServiceEntry, { readonly form: "own" }>["kind"];

/** Entries that are parts of a log. */
export type LogEntry = Extract<OwnedBy<"log">, { readonly form: "value" }>;

/** The kinds of options that are a bare word. */
export type FlagKind = Extract<Known, { readonly form: "flag" }>["kind"];

/** The kinds of options that are one of several bare words. */
export type ChoiceKind = Extract<Known, { readonly form: "choice" }>["kind"];

/** The words of a choice. */
export type ChoiceOf<K extends ChoiceKind> = Extract<Known, { readonly kind: K }>["words"][number];

/** Words with a meaning of their own, each once. */
export const KEYWORDS: readonly Keyword[] = OPTIONS.flatMap(({ words }): readonly Keyword[] =>
  words
);

/** The options of an owner, in canonical order; without those that have one fixed place. */
export function ownedBy(owner: Owner): readonly Known[] {
  return OPTIONS.filter(({ owners, form }) =>
    form !== "fixed" && (owners as readonly Owner[]).includes(owner)
  ).sort((a, b) => a.order - b.order);
}

/** The words of entries, in their order. */
export function wordsOf(entries: readonly Known[]): readonly Keyword[] {
  return entries.flatMap(({ words }): readonly Keyword[] => words);
}

/** The words of one kind. */
export function wordsOfKind(kind: Known["kind"]): readonly Keyword[] {
  return wordsOf(OPTIONS.filter((entry) => entry.kind === kind));
}

/** The words of a choice. */
export function choicesOf<K extends ChoiceKind>(kind: K): readonly ChoiceOf<K>[] {
  return wordsOfKind(kind) as readonly ChoiceOf<K>[];
}

/** What is allowed at the top level of a file. */
export const STATEMENTS: readonly Known[] = ownedBy("file");

/** The options of a service, in canonical order. */
export const SERVICE_OPTIONS: readonly ServiceEntry[] = ownedBy("service") as ServiceEntry[];

/** Those that are behind the ports, and those that stand on lines of their own. */
export const HEAD_OPTIONS: readonly ServiceEntry[] = SERVICE_OPTIONS.filter(isHead);

/** The options of a service that have a line of their own where there are several. */
export const BODY_OPTIONS: readonly ServiceEntry[] = SERVICE_OPTIONS.filter((one) => !isHead(one));

/** The parts of a log, in canonical order. */
export const LOG_PARTS: readonly LogEntry[] = ownedBy("log") as LogEntry[];

/** The parts of a knock that follow its steps, in the required order. */
export const KNOCK_PARTS: readonly Known[] = ownedBy("knock");

/** The parts of an expectation ahead of its verdict, in the required order. */
export const EXPECT_PARTS: readonly Known[] = ownedBy("expect");

/** Whether an option is behind the ports of its service. */
function isHead(entry: Entry): boolean {
  return entry.head === true;
}

/** The name of a keyword's token: a capital letter keeps it apart from the rule of the same name. */
export function tokenName(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Quotes words for a message: `` `a`, `b` ``. */
export function quoteWords(words: readonly string[], last = ", "): string {
  const quoted = words.map((word) => `\`${word}\``);
  return quoted.length < 2
    ? quoted.join("")
    : `${quoted.slice(0, -1).join(", ")}${last}${quoted.at(-1)}`;
}
