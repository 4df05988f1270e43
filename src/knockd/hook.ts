import type { Result } from "../result.ts";

/** What pktables would do if knockd called it with these words. */
export interface Hook {
  /** The verb, such as `add`; `null` if the words only ask for help or the version. */
  readonly verb: string | null;
  /** The services that it is about, each with the index of the word that names it. */
  readonly services: readonly { readonly name: string; readonly at: number }[];
  /** Seconds for which a door is to stay open; `null` where no end is given. */
  readonly seconds: number | null;
}

/** Why pktables would refuse the words. */
export interface HookProblem {
  /** One sentence without a full stop. */
  readonly message: string;
  /** What to write instead; `null` if there is nothing to suggest. */
  readonly help: string | null;
  /** Index of the word that it is about; `null` where it is about no single word. */
  readonly at: number | null;
  /** Whether a word that should be an address is none. */
  readonly isAddress: boolean;
}

/**
 * Reads a command line of pktables as pktables itself does, with an address of each family in place of
 * `%IP%`. What it is made of is the command line's own business, so it is handed in.
 *
 * @param words the words behind the program's name
 */
export type ReadHook = (words: readonly string[]) => Result<Hook, HookProblem>;
