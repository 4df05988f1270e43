import type { Result } from "../result.ts";

/** What pktables would do if knockd called it with these arguments. */
export interface Hook {
  /** The verb, such as `add`; `null` if the words only ask for help or the version. */
  readonly verb: string | null;
  /** Its services, each with the index of the word that names it. */
  readonly services: readonly { readonly name: string; readonly at: number }[];
  /** Seconds for which a door is to stay open; `null` without an end. */
  readonly seconds: number | null;
}

/** Why pktables would refuse the words. */
export interface HookProblem {
  /** One sentence without a full stop. */
  readonly message: string;
  /** What to write instead; `null` if there is nothing to suggest. */
  readonly help: string | null;
  /** Index of the word that it is about; `null` if it is not about a single word. */
  readonly at: number | null;
  /** Whether a word that should be an address is not one. */
  readonly isAddress: boolean;
}

/**
 * Reads a command line of pktables as pktables itself does, with an address of each family in place of
 * `%IP%`. The command line passes this function in.
 *
 * @param words the words behind the program's name
 */
export type ReadHook = (words: readonly string[]) => Result<Hook, HookProblem>;
