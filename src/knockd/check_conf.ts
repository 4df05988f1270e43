import { CODES } from "../diagnostics/codes.ts";
import { diagnose, type Diagnostic, inFileOrder } from "../diagnostics/diagnostic.ts";
import { type Source, spanOf } from "../source/source.ts";
import { callsOf } from "./called.ts";
import { checkCommands, type Known as KnownToCommands } from "./check_commands.ts";
import { checkClashes, checkSequences } from "./check_sequences.ts";
import { checkSettings, type ReadSequences } from "./check_settings.ts";
import { readKnockdConf, refuse } from "./read_conf.ts";

/** What a knockd.conf is checked against. */
export interface Known extends KnownToCommands {
  /** Reads a file of one-time sequences. */
  readonly readSequences: ReadSequences;
  /** Whether the file starts with a byte order mark, which a source does not contain. */
  readonly hasMark: boolean;
  /** Whether everyone may read the file. */
  readonly isPublic: boolean;
}

/**
 * Reports practical problems of a knockd.conf. Most are warnings, even a line with which knockd does not
 * start, because pktables only reads this file. A command that pktables itself would refuse is an error.
 *
 * @param source the knockd.conf
 * @param known what it is checked against
 * @returns in file order
 */
export function checkKnockdConf(source: Source, known: Known): Diagnostic[] {
  const { sections, refused } = readKnockdConf(source);
  const called = sections.map((section) => ({ section, calls: callsOf(section) }));
  return inFileOrder([
    ...(known.hasMark ? [reportMark(source)] : []),
    ...(known.isPublic && sections.length > 0 ? [reportPublic(source)] : []),
    ...refused,
    ...checkSequences(called),
    ...checkClashes(sections),
    ...sections.flatMap((section) => checkSettings(section, known.readSequences)),
    ...called.flatMap((one) => checkCommands(one, known)),
  ]);
}

/** knockd takes the mark for a setting outside of any section. */
function reportMark(source: Source): Diagnostic {
  return refuse(spanOf(source, 0, 1), {
    message: "the file starts with a byte order mark",
    help: "save it as UTF-8 without one",
  });
}

function reportPublic(source: Source): Diagnostic {
  return diagnose(CODES.knockdReadable, {
    message: "every user of this machine can read the knocks",
    at: spanOf(source, 0, 1),
    help: `chmod 600 ${source.name}`,
  });
}
