import type { Family } from "../firewall/address.ts";
import { every, invert, type Test } from "./state.ts";

/** One option of a match: `! --dport 22`. */
export interface Option {
  /** With its dashes. */
  readonly name: string;
  /** Whether `!` stands before it. */
  readonly not: boolean;
  /** The words behind it, at most as many as the match's table says. */
  readonly values: readonly string[];
}

/** The first word behind an option; empty where there is none. */
export function wordOf({ values }: Option): string {
  return values[0] ?? "";
}

/** What a match is built from. */
export interface MatchContext {
  /** The rule's family. */
  readonly family: Family;
  /** Name behind `-m`. */
  readonly name: string;
}

/** A match of iptables-extensions(8): its options, and what they ask of a packet. */
export interface Match {
  /** How many words are behind each option. An option that is not listed makes the match unknown. */
  readonly options: Readonly<Record<string, number>>;
  /** See Condition.fickle. */
  readonly fickle?: true;
  /** See Condition.rate. */
  readonly rate?: true;
  /** What the options ask, all of them; `null` where that is not understood. */
  build(options: readonly Option[], context: MatchContext): Test | null;
}

/** A match about which nothing can be known from the rules alone. */
export function never(options: Readonly<Record<string, number>> = {}): Match {
  return { options, build: () => null };
}

/** Reads a number as iptables prints it: decimal, or hexadecimal behind `0x`. */
export function readNumber(text: string): number | null {
  if (!/^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text)) return null;
  const value = Number(text);
  return value <= 0xffffffff ? value : null;
}

/** A value and the bits of it that count: `0x1/0xff`, or all bits. */
export interface Masked {
  /** The value. */
  readonly value: number;
  /** Bits that are compared or set. */
  readonly mask: number;
}

/** Reads `VALUE` or `VALUE/MASK`; `null` for anything else. */
export function readMasked(text: string): Masked | null {
  const [first = "", second, ...rest] = text.split("/");
  const value = readNumber(first);
  const mask = second === undefined ? 0xffffffff : readNumber(second);
  return value === null || mask === null || rest.length > 0 ? null : { value, mask };
}

/** A test of each option, all of which have to hold; `null` if one is not understood. */
export function allOf(
  options: readonly Option[],
  build: (option: Option) => Test | null,
): Test | null {
  const tests: Test[] = [];
  for (const option of options) {
    const test = build(option);
    if (test === null) return null;
    tests.push((state, at) => invert(test(state, at), option.not));
  }
  const [only] = tests;
  if (tests.length === 1 && only !== undefined) return only;
  return (state, at) => every(tests.map((test) => test(state, at)));
}
