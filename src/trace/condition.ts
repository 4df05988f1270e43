import type { Family } from "../firewall/address.ts";
import {
  destinationTest,
  fragmentTest,
  interfaceTest,
  outTest,
  protocolTest,
  sourceTest,
} from "./matches/basic.ts";
import { MATCHES } from "./matches/table.ts";
import { type Match, type Option, wordOf } from "./options.ts";
import { type Condition, invert, type Test } from "./state.ts";

/** A match and its options, from a rule. */
export interface Group {
  /** The name after `-m`. */
  readonly name: string;
  /** In their order. */
  readonly options: Option[];
}

/** A match by its name; undefined if it is unknown. */
export function matchOf(name: string): Match | undefined {
  return Object.hasOwn(MATCHES, name) ? MATCHES[name] : undefined;
}

const UNKNOWN: Test = () => null;

function inverted(test: Test, not: boolean): Test {
  return not ? (state, at) => invert(test(state, at), true) : test;
}

/** The condition of an option that belongs to no match. */
export function basicCondition(option: Option, family: Family): Condition {
  const { name, not, values } = option;
  const value = wordOf(option);
  const words = [name, ...values].join(" ");
  const plain = {
    text: not ? `! ${words}` : words,
    key: words,
    inverted: not,
    fickle: false,
    rate: false,
  };
  const test = basicTest(name, value, family);
  // Without an output interface, older kernels do not match `! -o` either (nft_meta.c).
  if (test === null || name === "-o" && not) return { ...plain, test: UNKNOWN };
  const isName = name === "-i" && !not && !value.endsWith("+");
  return {
    ...plain,
    test: inverted(test, not),
    ...(isName ? { interface: value } : {}),
  };
}

function basicTest(name: string, value: string, family: Family): Test | null {
  switch (name) {
    case "-s":
      return sourceTest(value, family);
    case "-d":
      return destinationTest(value, family);
    case "-p":
      return protocolTest(value);
    case "-i":
      return interfaceTest(value);
    case "-o":
      return outTest(value);
    default:
      return fragmentTest;
  }
}

/** The condition of a match. */
export function matchCondition({ name, options }: Group, family: Family): Condition {
  const match = matchOf(name);
  const [only] = options;
  const not = options.length === 1 && only !== undefined && only.not;
  const print = (withNot: boolean) =>
    [
      ...(name === "" ? [] : ["-m", name]),
      ...options.flatMap((option) => [
        ...(option.not && withNot ? ["!"] : []),
        ...[option.name, ...option.values],
      ]),
    ].join(" ");
  const known = match !== undefined &&
    options.every((option) => Object.hasOwn(match.options, option.name));
  return {
    text: print(true),
    key: not ? print(false) : print(true),
    inverted: not,
    fickle: match?.fickle ?? false,
    rate: match?.rate ?? false,
    test: (known ? match.build(options, { family, name }) : null) ?? UNKNOWN,
  };
}
