/** A page of `pktables help` that is not about a verb. */
export interface Topic {
  /** The word after `pktables help`. */
  readonly name: TopicName;
  /** What the page is about, in a few words. */
  readonly about: string;
}

/** Names of the topics; none is the name of a verb, whose page has that name already. */
export type TopicName = "language" | "codes" | "kernel" | "json" | "security" | "files";

/**
 * All topics, in the order in which pages and the manual list them. Only their names: the pages are
 * loaded on demand.
 */
export const TOPICS: readonly Topic[] = [
  { name: "language", about: "the language of rules files, with its grammar" },
  { name: "codes", about: "the codes of messages about rules files" },
  { name: "kernel", about: "chains and rules, their order, and how a timed door ends" },
  { name: "json", about: "the fields of every JSON output" },
  { name: "security", about: "what the program may do, its locks, what it cannot prevent" },
  { name: "files", about: "files, programs and variables it uses, and what it requires" },
];
