import type { Family } from "../firewall/address.ts";
import { basicCondition, type Group, matchCondition, matchOf } from "./condition.ts";
import { OF_PROTOCOL } from "./matches/table.ts";
import type { Option } from "./options.ts";
import type { Condition } from "./state.ts";
import { readTarget, type Target } from "./target.ts";
import { splitRule, type Word } from "./words.ts";

/** A rule, parsed as far as possible. */
export interface Rule {
  /** All have to match, in this order. */
  readonly conditions: readonly Condition[];
  /** Its action. */
  readonly target: Target;
}

/** A rule that may match any packet and do anything. */
export const UNREADABLE: Rule = {
  conditions: [],
  target: { kind: "verdict", verdict: "unknown" },
};

/** Short and long names of the options that belong to no match, and their number of values. */
const BASIC: Readonly<Record<string, readonly [short: string, values: number]>> = {
  "-s": ["-s", 1],
  "--source": ["-s", 1],
  "--src": ["-s", 1],
  "-d": ["-d", 1],
  "--destination": ["-d", 1],
  "--dst": ["-d", 1],
  "-p": ["-p", 1],
  "--protocol": ["-p", 1],
  "--proto": ["-p", 1],
  "-i": ["-i", 1],
  "--in-interface": ["-i", 1],
  "-o": ["-o", 1],
  "--out-interface": ["-o", 1],
  "-f": ["-f", 0],
  "--fragment": ["-f", 0],
  "-m": ["-m", 1],
  "--match": ["-m", 1],
  "-j": ["-j", 1],
  "--jump": ["-j", 1],
  "-g": ["-g", 1],
  "--goto": ["-g", 1],
  "-c": ["-c", 2],
  "--set-counters": ["-c", 2],
};

/** A parsed rule. */
interface Parts {
  readonly basic: Option[];
  readonly groups: Group[];
  target: { name: string; options: string[]; goto: boolean } | null;
  /** How many matches are before the target. */
  groupsAhead: number;
}

/**
 * Parses a rule.
 *
 * @param text the words behind `-A CHAIN`
 * @param family the family of its table
 * @param isChain whether its table has a chain of that name
 * @returns its conditions and action; {@link UNREADABLE} if it cannot even be split into words
 */
export function readRule(
  text: string,
  { family, isChain }: { family: Family; isChain: (name: string) => boolean },
): Rule {
  const words = splitRule(text);
  const parts = words === null ? null : takeApart(words);
  if (parts === null) return UNREADABLE;
  return {
    conditions: [
      ...parts.basic.map((option) => basicCondition(option, family)),
      ...parts.groups.map((group) => matchCondition(group, family)),
    ],
    target: parts.target === null ? { kind: "none" } : readTarget(parts.target, isChain),
  };
}

/** Reads words one by one. */
class Words {
  #at = 0;

  constructor(readonly words: readonly Word[]) {}

  next(): Word | null {
    return this.words[this.#at++] ?? null;
  }

  /** Up to `most` values; without a number, all words up to the next option or `!`. */
  values(most: number | null): string[] {
    const values: string[] = [];
    while (values.length < (most ?? Infinity)) {
      const word = this.words[this.#at];
      if (word === undefined) break;
      if (most === null && !word.quoted && /^(-.|!$)/.test(word.text)) break;
      values.push(word.text);
      this.#at++;
    }
    return values;
  }
}

function takeApart(all: readonly Word[]): Parts | null {
  const words = new Words(all);
  const parts: Parts = { basic: [], groups: [], target: null, groupsAhead: 0 };
  let not = false;
  for (let word = words.next(); word !== null; word = words.next()) {
    const { text: name } = word;
    if (name === "!" && !word.quoted) {
      not = true;
      continue;
    }
    if (word.quoted || !name.startsWith("-")) return null;
    const read = Object.hasOwn(BASIC, name) ? readBasic : readOption;
    if (!read({ name, not, words }, parts)) return null;
    not = false;
  }
  return parts;
}

/** An option's name, whether it is negated, and the source of its values. */
interface Found {
  readonly name: string;
  readonly not: boolean;
  readonly words: Words;
}

/** Values of an option; `!` may precede them, as was usual before iptables 1.4.3. */
function readValues({ not, words }: Found, count: number | null): Omit<Option, "name"> {
  const values = words.values(count);
  return count !== null && count > 0 && values[0] === "!"
    ? { not: true, values: words.values(count) }
    : { not, values };
}

function readBasic(found: Found, parts: Parts): boolean {
  const [short, count] = BASIC[found.name] ?? ["", 0];
  const { not, values } = readValues(found, count);
  const [value = ""] = values;
  if (values.length < count) return false;
  if (short === "-m") parts.groups.push({ name: value, options: [] });
  else if (short === "-j" || short === "-g") {
    if (parts.target !== null) return false;
    parts.target = { name: value, options: [], goto: short === "-g" };
    parts.groupsAhead = parts.groups.length;
  } else if (short !== "-c") parts.basic.push({ name: short, not, values });
  return true;
}

/** Options of targets whose value may begin with a dash. */
const FREE_TEXT = new Set(["--log-prefix", "--nflog-prefix", "--ulog-prefix"]);

/**
 * Assigns an option to the match that knows it: the last one named, else an earlier one, else the
 * protocol's. After the target it is the target's, unless a match after the target knows it.
 */
function readOption(found: Found, parts: Parts): boolean {
  const { name } = found;
  const { groups, target } = parts;
  const knows = (group: string) => Object.hasOwn(matchOf(group)?.options ?? {}, name);
  const named = target === null ? groups : groups.slice(parts.groupsAhead);
  const owner = named.findLast((group) => knows(group.name)) ?? ofProtocol(parts, knows);
  if (owner === null && target !== null) {
    target.options.push(name, ...readValues(found, FREE_TEXT.has(name) ? 1 : null).values);
    return true;
  }
  const count = owner === null ? null : matchOf(owner.name)?.options[name] ?? null;
  const option = { name, ...readValues(found, count) };
  if (owner !== null) owner.options.push(option);
  else if (groups.length > 0) groups.at(-1)?.options.push(option);
  else groups.push({ name: "", options: [option] });
  return true;
}

function ofProtocol({ groups, basic }: Parts, knows: (group: string) => boolean): Group | null {
  const protocol = basic.find(({ name }) => name === "-p")?.values[0] ?? "";
  const name = Object.hasOwn(OF_PROTOCOL, protocol) ? OF_PROTOCOL[protocol] ?? "" : "";
  if (!knows(name)) return null;
  const group = { name, options: [] };
  groups.push(group);
  return group;
}
