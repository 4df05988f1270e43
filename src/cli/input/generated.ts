import { hasControl } from "../../text/printable.ts";
import { err, ok, type Result } from "../../result.ts";
import { quote } from "../../text/quote.ts";
import type { UsageProblem } from "../args.ts";
import type { Context, Invocation, OptionSpec } from "../command.ts";

/** The option that makes a generated file name another pktables than this one. */
export const BINARY_OPTION: OptionSpec = {
  name: "binary",
  value: "PATH",
  completes: "file",
  help: "Absolute path of pktables on the machine it is for (default: this program's)",
};

/**
 * The path by which generated files call pktables: `--binary`, or the path of this program.
 *
 * @returns an absolute path that can be written to any of these files
 */
export function readBinary(
  { options }: Invocation,
  { system }: Context,
): Result<string, UsageProblem> {
  const path = options.get("binary") ?? system.paths.program;
  if (path === null) {
    const message = "this pktables runs from its sources, so it has no path to write down";
    return err({ message, help: "give `--binary /usr/local/bin/pktables`" });
  }
  if (!path.startsWith("/")) {
    const message = `invalid value ${quote(path)} for \`--binary\`: must be an absolute path`;
    return err({ message, help: null });
  }
  return checkPath(path);
}

/** Whether a path can be written to a file for other programs; one with a line break could add lines. */
export function checkPath(path: string): Result<string, UsageProblem> {
  if (!hasControl(path) && !path.includes("%IP%")) return ok(path);
  const message = `invalid path ${quote(path)}`;
  return err({ message, help: "use a path without control characters and without %IP%" });
}

/** The given options of every verb, as words for a generated command. */
export function globalWords({ global, options }: Invocation): string[] {
  return [
    ...(global.backend === "system" ? [] : ["--backend", global.backend]),
    ...(options.has("wait") ? ["--wait", String(global.wait)] : []),
  ];
}
