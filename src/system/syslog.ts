import { err, ok, type Result } from "../result.ts";
import { describeExit, type Failure, failure } from "./failure.ts";
import { runProgram } from "./process.ts";

/** Seconds that a log daemon may delay a hook. */
const LIMIT = 5;

/** The longest line, in characters: RFC 3164 ends a message at 1024 bytes. */
const LONGEST = 900;

/** See {@link System.syslog}. */
export async function writeSyslog(
  line: string,
  level: "notice" | "warning",
): Promise<Result<null, Failure>> {
  const text = line.length > LONGEST ? `${line.slice(0, LONGEST)}...` : line;
  const args = ["-t", "pktables", "-p", `auth.${level}`, "--", text];
  const ended = await runProgram("logger", { args, limit: LIMIT });
  if (!ended.ok) return ended;
  const { code, stderr } = ended.value;
  if (code === 0) return ok(null);
  return err(failure("refused", describeExit("logger", code), stderr));
}
