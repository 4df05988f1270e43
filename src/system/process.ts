import { bad, good, type Result } from "../firewall/result.ts";
import { decodeBytes, encodeBytes } from "./bytes.ts";
import { type Failure, failure } from "./failure.ts";

/** Where programs may lie. PATH is never asked: it belongs to whoever called us. */
const FOLDERS = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin"];

/** All that a child sees of the environment. */
const ENVIRONMENT = { PATH: FOLDERS.join(":"), LC_ALL: "C" };

/** How long to wait for a killed child's pipes before its output is given up, in milliseconds. */
const GRACE = 1000;

/** How a child ended and what it printed. */
export interface Outcome {
  /** Exit status; 128 and the signal's number if a signal ended it. */
  readonly code: number;
  /** What it wrote to standard output, as `decodeBytes` reads it. */
  readonly stdout: string;
  /** What it wrote to standard error, likewise. */
  readonly stderr: string;
}

/** What a child is given. */
export interface Task {
  /** Its arguments, without the program's name. */
  readonly args: readonly string[];
  /** Its standard input, written by `encodeBytes`; none if absent. */
  readonly input?: string;
  /** Seconds after which it is ended by SIGKILL. */
  readonly limit: number;
}

/**
 * Runs a program found in the fixed folders, without a shell, with a cleared environment.
 *
 * @param name file name of the program
 * @returns how it ended, whatever its exit status; a failure `absent` if it is in none of the folders,
 * `timeout` if it had to be killed
 */
export async function runProgram(name: string, task: Task): Promise<Result<Outcome, Failure>> {
  for (const folder of FOLDERS) {
    const child = start(`${folder}/${name}`, task);
    if (child !== null) return await finish(name, { child, task });
  }
  return bad(failure("absent", `there is no ${name} on this machine`));
}

function start(path: string, task: Task): Deno.ChildProcess | null {
  try {
    return new Deno.Command(path, {
      args: [...task.args],
      stdin: task.input === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
      clearEnv: true,
      env: ENVIRONMENT,
      cwd: "/",
    }).spawn();
  } catch (error) {
    // A permission for a path that did not exist at start-up is reported as missing permission.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return null;
    }
    if (error instanceof Deno.errors.PermissionDenied) return null;
    throw error;
  }
}

async function finish(
  name: string,
  { child, task }: { child: Deno.ChildProcess; task: Task },
): Promise<Result<Outcome, Failure>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      child.kill("SIGKILL");
      timer = setTimeout(() => resolve(null), GRACE);
    }, task.limit * 1000);
  });
  const started = performance.now();
  // Reading starts before writing, or a full pipe on either side would stop both.
  const output = child.output();
  if (task.input !== undefined) await feed(child, task.input, late);
  const result = await Promise.race([output, late]);
  clearTimeout(timer);
  const overdue = performance.now() - started >= task.limit * 1000;
  if (result === null || overdue && result.signal === "SIGKILL") {
    return bad(failure("timeout", `${name} did not end within ${task.limit} s and was killed`));
  }
  return good({
    code: result.code,
    stdout: decodeBytes(result.stdout),
    stderr: decodeBytes(result.stderr),
  });
}

/** Writes the child's input. A child that ends early makes the write fail: its status tells why. */
async function feed(child: Deno.ChildProcess, input: string, late: Promise<null>): Promise<void> {
  const writer = child.stdin.getWriter();
  const write = writer.write(encodeBytes(input)).then(() => writer.close());
  await Promise.race([write.catch(() => null), late]);
}
