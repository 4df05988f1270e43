import { type Diagnostic, inFileOrder } from "../diagnostics/diagnostic.ts";
import type { Source } from "../source/source.ts";
import { checkCommands, type Known } from "./check_commands.ts";
import { checkClashes, checkSequences } from "./check_sequences.ts";
import { readKnockdConf } from "./read_conf.ts";

/**
 * Tells what goes wrong with a knockd.conf in practice. All of it are warnings, also what knockd
 * would not start with: they are about a file that pktables only reads.
 *
 * @param source the knockd.conf
 * @param known what its commands are compared with
 * @returns in file order
 */
export function checkKnockdConf(source: Source, known: Known): Diagnostic[] {
  const { sections, refused } = readKnockdConf(source);
  return inFileOrder([
    ...refused,
    ...checkSequences(sections),
    ...checkClashes(sections),
    ...sections.flatMap((section) => checkCommands(section, known)),
  ]);
}
