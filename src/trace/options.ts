import type { Family } from "../firewall/address.ts";
import { every, invert, type Test } from "./state.ts";

/** One option of a match: `! --dport 22`. */
export interface Option {
  /** With its dashes. */
  readonly name: string;
  /** Whether it is negated by `!`. */
  readonly not: boolean;
  /** Its values, at most as many as the match's table allows. */
  readonly values: readonly string[];
}

/** The first word behind an option; empty where there is none. */
export function wordOf({ values }: Option): string {
  return values[0] ?? "";
}

/** The input for building a match. */
export interface MatchContext {
  /** The rule's family. */
  readonly family: Family;
  /** The name after `-m`. */
  readonly name: string;
}

/** A match of iptables-extensions(8): its options and their conditions. */
export interface Match {
  /** The number of values of each option. An option that is not listed makes the match unknown. */
  readonly options: Readonly<Record<string, number>>;
  /** See Condition.fickle. */
  readonly fickle?: true;
  /** See Condition.rate. */
  readonly rate?: true;
  /** The condition of all options; `null` if one is not understood. */
  build(options: readonly Option[], context: MatchContext): Test | null;
}

/** A match whose result the rules alone do not determine. */
export function never(options: Readonly<Record<string, number>> = {}): Match {
  return { options, build: () => null };
}

/** Reads a number as iptables prints it: decimal, or hexadecimal after `0x`. */
export function readNumber(text: string): number | null {
  if (!/^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text)) return null;
  const value = Number(text);
  return value <= 0xffffffff ? value : null;
}

/** A value and its mask: `0x1/0xff`, or all bits. */
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

/** The tests of all options, which all have to match; `null` if one is not understood. */
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
