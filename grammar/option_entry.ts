// What the table of options says of each word. Without the parser's library: everyone may read it.

/** The kinds of value that one token holds: its tokens by name (of two, either), and words for it. */
export const VALUES = {
  string: { tokens: ["STRING"], what: "a text in double quotes" },
  level: { tokens: ["NAME"], what: "a log level such as `info`" },
  interface: { tokens: ["NAME", "STRING"], what: "the name of an interface" },
  number: { tokens: ["NUMBER"], what: "a number" },
  rate: { tokens: ["RATE"], what: "a rate such as `10/minute`" },
  duration: { tokens: ["DURATION"], what: "a duration such as `30s`" },
} as const;

/** A kind of value that one token holds. */
export type ValueKind = keyof typeof VALUES;

/** What a word belongs to: the top level of a file, a statement, or an option of a service. */
export type Owner = "file" | "service" | "expect" | "knock" | "log";

/** One word of the language, or several of which one is chosen. */
export interface Entry {
  /** What its node in the tree is called, and its rule in pk.ebnf if it has one of its own. */
  readonly kind: string;
  /** Its keywords: one, but for a choice. */
  readonly words: readonly string[];
  /**
   * `statement` starts one; `fixed` stands at one place of its owner and is no option; `flag` is a bare
   * word; `choice` one of several bare words; `value` a word and one value; what follows `own` has a
   * rule, a node and a printer of its own.
   */
  readonly form: "statement" | "fixed" | "flag" | "choice" | "value" | "own";
  /** What follows the word, for the form `value`. */
  readonly value?: ValueKind;
  /** Where it may stand. */
  readonly owners: readonly Owner[];
  /** Its place among those of its owner, in canonical form and in messages. */
  readonly order: number;
  /** Of an option of a service: it stands on the line of the service, behind the ports. */
  readonly head?: true;
  /** Whether it may be given more than once. */
  readonly repeats?: true;
  /** What editors take it for, if not for a statement or an option. */
  readonly looks?: "protocol" | "policy";
  /** What is said of it given twice, if not just that. */
  readonly twice?: { readonly message: string; readonly help: string };
  /** Its terms on the language page, each with its line; a part is in the lines of its owner. */
  readonly help?: readonly (readonly [string, string])[];
  /** Uses of it: statements, or what is behind `service NAME PROTOCOL PORTS`. A test reads them. */
  readonly examples: readonly string[];
}
