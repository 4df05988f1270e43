import { splitWords } from "./quote.ts";
import type { Rule } from "./rule.ts";
import type { Protocol } from "./service.ts";

/** What happens to the packets that a rule takes. `elsewhere`: another chain, which never returns them. */
export type Verdict = "accept" | "drop" | "reject" | "return" | "queue" | "elsewhere";

/** A rule, as far as the end of a chain depends on it. */
export interface ChainRule {
  /** What it says, as far as this tool understands it. */
  readonly rule: Rule;
  /** The words behind `-A CHAIN`. */
  readonly text: string;
  /** Whether its text does not show everything that it matches on. */
  readonly isNative?: boolean;
}

/** Chains that jump to each other. */
export interface Chains {
  /** Whether a chain of that name exists. */
  hasChain(chain: string): boolean;
  /** Its rules, from top to bottom. */
  rules(chain: string): readonly ChainRule[];
  /** Where it ends; also `null` while that is being computed. */
  endOf(chain: string): ChainEnd | null;
  /** The rules of all chains that jump or go to a chain. */
  jumpTextsTo(chain: string): readonly string[];
}

/** The first rule of a chain that no packet gets past. */
export interface ChainEnd {
  /** Its index in the chain. */
  readonly at: number;
  /** What it does with every packet that reaches it. */
  readonly verdict: Verdict;
  /** Whether it is a policy as this tool reads it: a bare DROP, ACCEPT or REJECT, with or without a comment. */
  readonly isPolicy: boolean;
}

/**
 * Targets that let no packet continue in the chain (iptables-extensions(8), and those of xtables-addons). The
 * tracer has a list of its own (trace/target.ts): it shares no code with planning and writing, so that it
 * can find errors there. A test compares both.
 */
const VERDICTS: Readonly<Record<string, Verdict>> = {
  ACCEPT: "accept",
  DROP: "drop",
  REJECT: "reject",
  RETURN: "return",
  QUEUE: "queue",
  NFQUEUE: "queue",
  TARPIT: "drop",
  STEAL: "drop",
  DELUDE: "reject",
};

/** Options that depend only on the packet, so that what matched at a jump still matches behind it. */
export const LASTING = /^(! )?(-p|-i|-s|-d|--dport|--sport|--dports|--sports|--tcp-flags) /;

/** Chains that the kernel itself sends packets to, of every kind. */
export const BUILT_IN: ReadonlySet<string> = new Set(["INPUT", "FORWARD", "OUTPUT"]);

/** Modules that match everything without an option. */
const NEUTRAL = new Set(["tcp", "udp", "comment", "multiport", "conntrack", "state"]);

/** The matches of a rule, and its target. */
export interface RuleShape {
  /** Each option with its values, `! ` before a negated one; without comments. */
  readonly matches: readonly string[];
  /** The target; `null` for a rule that only counts. */
  readonly target: string | null;
  /** Whether it was reached by `-g`, so that its chain does not return here. */
  readonly isGoto: boolean;
}

/**
 * Splits a printed rule into options, whatever they mean: a word that starts with `-` starts an option.
 *
 * @returns `null` if a quote is not closed
 */
export function shapeOf(text: string): RuleShape | null {
  const words = splitWords(text);
  if (words === null) return null;
  const matches: string[] = [];
  let negated = "";
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const next = words[at + 1] ?? "";
    if (word === "-j" || word === "-g") return { matches, target: next, isGoto: word === "-g" };
    if (word === "!") {
      negated = "! ";
      continue;
    }
    if (word === "--comment" || word === "-m" && NEUTRAL.has(next)) at++;
    else if (word.startsWith("-")) matches.push(negated + word);
    else matches.push(`${matches.pop() ?? ""} ${word}`);
    negated = "";
  }
  return { matches, target: null, isGoto: false };
}

/** What a rule does with every packet that it matches; `null` if some may continue. */
function verdictOf({ target, isGoto }: RuleShape, table: Chains): Verdict | null {
  if (target === null) return null;
  if (Object.hasOwn(VERDICTS, target)) return VERDICTS[target]!;
  if (!table.hasChain(target)) return null;
  // A chain that is reached by -g never returns to the chain that it was called from.
  return isGoto ? "elsewhere" : table.endOf(target) === null ? null : verdictBehind(table, target);
}

/**
 * What a user chain that was jumped to does with every packet; `null` if it may return one: by RETURN or
 * -g, which both leave it before its end, or by a rule that is not fully shown.
 */
function verdictBehind(table: Chains, chain: string): Verdict | null {
  const end = table.endOf(chain);
  if (end === null || end.verdict === "return" || end.verdict === "elsewhere") return null;
  const leaves = table.rules(chain).slice(0, end.at).some(({ text, isNative }) => {
    const shape = shapeOf(text);
    return isNative === true || shape === null || shape.isGoto || shape.target === "RETURN";
  });
  return leaves ? null : end.verdict;
}

/**
 * Finds the first rule of a chain that takes every packet which reaches the chain.
 *
 * @param change what will be different: the rules that send packets to the chain, the protocol of its
 * service, and chains that go with all jumps to them
 */
export function findEnd(
  table: Chains,
  chain: string,
  { jumps = table.jumpTextsTo(chain), protocol = null, removed = [] }: {
    readonly jumps?: readonly string[];
    readonly protocol?: Protocol | null;
    readonly removed?: readonly string[];
  } = {},
): ChainEnd | null {
  const rules = table.rules(chain);
  let reach: ReadonlySet<string> | null | undefined;
  const isImplied = (match: string) => {
    if (reach === undefined) reach = reachOf(chain, jumps);
    return reach === null ? /^-p (tcp|udp)$/.test(match) : reach.has(match);
  };
  for (let at = 0; at < rules.length; at++) {
    const seen = rules[at]!;
    const { rule } = seen;
    if (rule.kind === "policy") {
      const { protocol: only } = rule;
      if (only !== null && only !== protocol && !isImplied(`-p ${only}`)) continue;
      return { at, verdict: rule.policy, isPolicy: true };
    }
    if (rule.kind !== "foreign" && rule.kind !== "jump" || seen.isNative) continue;
    if (rule.kind === "jump" && removed.includes(rule.chain)) continue;
    const shape = shapeOf(seen.text);
    const verdict = shape === null ? null : verdictOf(shape, table);
    if (shape === null || verdict === null) continue;
    if (shape.matches.every(isImplied)) return { at, verdict, isPolicy: false };
  }
  return null;
}

/**
 * What is known about every packet that reaches a chain: the matches that all jumps to it have in common.
 *
 * @returns `null` if no rule jumps to it
 */
function reachOf(chain: string, jumps: readonly string[]): ReadonlySet<string> | null {
  let reach: Set<string> | null = BUILT_IN.has(chain) ? new Set() : null;
  for (const text of jumps) {
    const matches: ReadonlySet<string> = new Set(
      shapeOf(text)?.matches.filter((match) => LASTING.test(match)),
    );
    reach = reach === null ? new Set(matches) : reach.intersection(matches);
  }
  return reach;
}

/** The chain or target that a printed rule jumps or goes to; `null` if it has none. */
export function targetOf(text: string): string | null {
  return / -[jg] (\S+)(?: --.*)?$/.exec(` ${text}`)?.[1] ?? null;
}
