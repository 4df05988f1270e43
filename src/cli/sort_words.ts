import { nearest } from "../diagnostics/nearest.ts";
import { err, ok } from "../result.ts";
import type { OptionSpec } from "./command.ts";
import { quote } from "../text/quote.ts";
import { type Parse, wrong } from "./usage.ts";

/** The positions of words in a command line, as indexes from 0. */
export interface Places {
  /** The verb; no word has this index where the line names none. */
  readonly verb: number;
  /** The operands, in their order. */
  readonly operands: readonly number[];
  /** The word with the value of each option, or the switch itself, by the option's name. */
  readonly options: ReadonlyMap<string, number>;
  /** The same for all values of a repeated option, in their order. */
  readonly repeated: ReadonlyMap<string, readonly number[]>;
}

/** The words of a command line, sorted: normalized options, and the rest. */
export interface Sorted {
  /** Each as `--name` or `--name=value`. */
  readonly options: readonly string[];
  /** Neither options nor the verb. */
  readonly others: readonly string[];
  /** Their positions. */
  readonly places: Places;
}

/** The options that a line may have, and the command that shows a page about them. */
export interface Known {
  /** The options. */
  readonly specs: readonly OptionSpec[];
  /** Such as `pktables help add`. */
  readonly page: string;
  /** Index of the verb, which is neither option nor operand; that of no word where there is none. */
  readonly verb: number;
}

/** Separates options, their values and other words. */
export function sortWords(words: readonly string[], known: Known): Parse<Sorted> {
  const options: string[] = [];
  const others: number[] = [];
  const places = new Map<string, number>();
  const repeated = new Map<string, number[]>();
  let ended = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (at === known.verb) continue;
    if (word === "--" && !ended) {
      ended = true;
      continue;
    }
    if (ended || !word.startsWith("-") || word === "-") {
      others.push(at);
      continue;
    }
    const found = findOption(word, known);
    if (!found.ok) return err({ ...found.problem, at });
    const { spec, value } = found.value;
    places.set(spec.name, at);
    if (spec.value === undefined) {
      if (value !== null) return wrong(`\`--${spec.name}\` takes no value`, null, at);
      options.push(`--${spec.name}`);
      continue;
    }
    const next = at + 1 === known.verb ? at + 2 : at + 1;
    const given = value ?? words[next];
    if (given === undefined || value === null && /^--?[a-z]/.test(given)) {
      const kind = spec.choices?.join(", ") ?? spec.value;
      return wrong(`\`--${spec.name}\` needs a value: ${kind}`, null, at);
    }
    if (value === null) {
      places.set(spec.name, next);
      at = next;
    }
    if (spec.repeats === true) repeated.set(spec.name, [...repeated.get(spec.name) ?? [], at]);
    options.push(`--${spec.name}=${given}`);
  }
  return ok({
    options,
    others: others.map((at) => words[at]!),
    places: { verb: known.verb, operands: others, options: places, repeated },
  });
}

function findOption(
  word: string,
  { specs, page }: Known,
): Parse<{ spec: OptionSpec; value: string | null }> {
  const { written, value } = splitOption(word);
  const spec = specs.find(({ name, short }) => written === `--${name}` || written === `-${short}`);
  if (spec !== undefined) return ok({ spec, value });
  const near = nearest(written.replace(/^-+/, ""), specs.map(({ name }) => name));
  const help = near === null ? `see \`${page}\`` : `did you mean \`--${near}\`?`;
  return wrong(`unknown option ${quote(written)}`, help);
}

/** What stands ahead of the first `=` of an option, and behind it; no value where there is none. */
export function splitOption(word: string): { written: string; value: string | null } {
  const equals = word.indexOf("=");
  if (equals === -1) return { written: word, value: null };
  return { written: word.slice(0, equals), value: word.slice(equals + 1) };
}
