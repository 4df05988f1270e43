import fc from "fast-check";
import { EXAMPLES, examplesIn } from "../syntax/examples.ts";
import { mutate, randomFrom, rightFile, soup } from "./inputs.ts";
import { checkInput, type Tally } from "./properties.ts";
import { wholeFile } from "./whole_files.ts";

/** What mutations start from: the examples, and the wrong files with their messages. */
const FILES: readonly Uint8Array[] = [
  ...examplesIn(EXAMPLES).values(),
  ...examplesIn(new URL("../errors/", import.meta.url)).values(),
].map((text) => new TextEncoder().encode(text));

/** How many inputs of each kind to try, and the seed that decides which. */
export interface FuzzOptions {
  /** Equal seeds give equal inputs. */
  readonly seed: number;
  /** Files that follow the grammar. */
  readonly right: number;
  /** Files that follow the grammar and mean something: nearly all of them compile. */
  readonly whole: number;
  /** Words in no order. */
  readonly soups: number;
  /** Mutations of files that we have. */
  readonly mutations: number;
}

/**
 * Tries many inputs.
 *
 * @param options what and how many
 * @param tally counts them
 * @throws Error with the smallest input found that breaks a property, and the seed
 */
export function fuzz(options: FuzzOptions, tally: Tally): void {
  const { seed } = options;
  const encoder = new TextEncoder();
  const check = (text: string): void => checkInput(encoder.encode(text), tally);
  fc.assert(fc.property(rightFile, check), { seed, numRuns: options.right });
  fc.assert(fc.property(wholeFile(0), check), { seed, numRuns: options.whole });
  fc.assert(fc.property(soup, check), { seed, numRuns: options.soups });
  const random = randomFrom(seed);
  for (let count = 0; count < options.mutations; count++) {
    const input = mutate(FILES, random);
    try {
      checkInput(input, tally);
    } catch (cause) {
      const shown = JSON.stringify(new TextDecoder().decode(input));
      throw new Error(`seed ${seed}, mutation ${count}: ${shown}`, { cause });
    }
  }
}
