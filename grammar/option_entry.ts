// The shape of the table of options. Does not need the parser's library: anyone may import it.

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

/** One word of the language, or a choice of several. */
export interface Entry {
  /** What its node in the tree is called, and its rule in pk.ebnf if it has one of its own. */
  readonly kind: string;
  /** Its keywords: one, but for a choice. */
  readonly words: readonly string[];
  /**
   * `statement` starts one; `fixed` has one place in its owner and is not an option; `flag` is a bare
   * word; `choice` one of several bare words; `value` a word and one value; what follows `own` has a
   * rule, a node and a printer of its own.
   */
  readonly form: "statement" | "fixed" | "flag" | "choice" | "value" | "own";
  /** What follows the word, for the form `value`. */
  readonly value?: ValueKind;
  /** What it may belong to. */
  readonly owners: readonly Owner[];
  /** Its place among those of its owner, in canonical form and in messages. */
  readonly order: number;
  /** For an option of a service: it is on the line of the service, after the ports. */
  readonly head?: true;
  /** Whether it may be given more than once. */
  readonly repeats?: true;
  /** How editors highlight it, if not as a statement or an option. */
  readonly looks?: "protocol" | "policy";
  /** The message for a duplicate, if the default does not fit. */
  readonly twice?: { readonly message: string; readonly help: string };
  /** Its terms on the language page, each with its line; a part is in the lines of its owner. */
  readonly help?: readonly (readonly [string, string])[];
  /** Examples: statements, or what follows `service NAME PROTOCOL PORTS`. A test reads them. */
  readonly examples: readonly string[];
}
