import { CODES } from "../diagnostics/codes.ts";
import { diagnose, type Diagnostic, type Label } from "../diagnostics/diagnostic.ts";
import { describeReadProblem, type ReadProblem } from "../source/reader.ts";

/** The path that means standard input. */
export const STANDARD_INPUT = "-";

/**
 * Reports why a file cannot be read.
 *
 * @param given the file, the reason, the place of the `include` that names it (`null` for the file that
 *   the user named), and the `include`s that led there
 */
export function reportUnreadable(given: {
  readonly path: string;
  readonly problem: ReadProblem;
  readonly at: Label["span"] | null;
  readonly chain: readonly Label[];
}): Diagnostic {
  const { path, problem } = given;
  const at = given.at ?? { file: path, start: 0, end: 0 };
  const name = path === STANDARD_INPUT ? "the standard input" : `\`${path}\``;
  if (problem.kind === "too-large") {
    return diagnose(CODES.fileTooLarge, {
      message: `${name} is over 4 MiB`,
      at,
      secondary: given.chain,
      help: "split it, and `include` its parts",
    });
  }
  const special = given.at === null && path !== STANDARD_INPUT
    ? "give `-` to read the standard input"
    : null;
  return diagnose(CODES.unreadable, {
    message: `cannot read ${name}: ${describeReadProblem(problem)}`,
    at,
    secondary: given.chain,
    help: problem.kind === "directory"
      ? "name a file, or include the files in it by a glob such as `services/*.pk`"
      : problem.kind === "special"
      ? special
      : problem.kind === "permission"
      ? "run as a user who may read it"
      : null,
  });
}
