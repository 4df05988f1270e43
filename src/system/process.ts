import { err, ok, type Result } from "../result.ts";
import { decodeBytes, encodeBytes } from "./bytes.ts";
import { adopt, GRACE, isEnding, kill } from "./children.ts";
import { type Failure, failure } from "./failure.ts";
import { PROGRAM_FOLDERS } from "./program_folders.ts";

/** The whole environment of a child. */
const ENVIRONMENT = { PATH: PROGRAM_FOLDERS.join(":"), LC_ALL: "C" };

/** How a child ended and what it printed. */
export interface Outcome {
  /** Exit status; 128 and the signal's number if a signal ended it. */
  readonly code: number;
  /** What it wrote to standard output, as `decodeBytes` reads it; empty for a child that holds a file. */
  readonly stdout: string;
  /** What it wrote to standard error, likewise. */
  readonly stderr: string;
}

/** The input of a child. */
export interface Task {
  /** Its arguments, without the program's name. */
  readonly args: readonly string[];
  /** Its standard input, written by `encodeBytes`; none if absent. */
  readonly input?: string;
  /** Seconds after which it is ended by SIGKILL. */
  readonly limit: number;
  /**
   * A file that it keeps open until it ends, as its standard output, which is then not read. flock(2):
   * a lock on that file is released only when both this process and the child have closed it.
   */
  readonly holds?: Deno.FsFile | undefined;
  /** Whether it changes nothing, so that it may be run twice. */
  readonly reads?: boolean;
}

/**
 * Runs a program found in the fixed folders, without a shell, with a cleared environment.
 *
 * @param name file name of the program
 * @returns its outcome, whatever its exit status; a failure `absent` if it is in none of the folders,
 * `timeout` if it had to be killed, `refused` if the system could not start it
 */
export async function runProgram(name: string, task: Task): Promise<Result<Outcome, Failure>> {
  if (!reaps && !task.reads) catchChildren();
  const ended = await runOnce(name, task);
  if (ended !== "reaped") return ended;
  catchChildren();
  const again = await runOnce(name, task);
  return again === "reaped"
    ? err(failure("refused", `the exit status of ${name} was lost`))
    : again;
}

/**
 * Whether this process is notified when its children end. Its parent may have ignored SIGCHLD, which
 * exec(2) passes on; then the kernel reaps children by itself, and waitpid(2) fails with ECHILD: there is no
 * exit status.
 */
let reaps = false;

/** Any handler ends that. It takes 0.3 ms, which most hooks can save. */
function catchChildren(): void {
  if (reaps) return;
  reaps = true;
  const listener = () => {};
  Deno.addSignalListener("SIGCHLD", listener);
  // The runtime keeps the handler; a listener that stays would keep the process from ending.
  Deno.removeSignalListener("SIGCHLD", listener);
}

async function runOnce(name: string, task: Task): Promise<Result<Outcome, Failure> | "reaped"> {
  if (isEnding()) return await never();
  for (const folder of PROGRAM_FOLDERS) {
    const child = start(`${folder}/${name}`, task);
    if (child === null) continue;
    if (!child.ok) return child;
    const ended = await finish(name, { child: child.value, task });
    if (ended !== "reaped") reaps = true;
    return ended;
  }
  return err(failure("absent", `there is no ${name} on this machine`));
}

function never(): Promise<never> {
  return new Promise(() => {});
}

function start(path: string, task: Task): Result<Deno.ChildProcess, Failure> | null {
  try {
    return ok(
      new Deno.Command(path, {
        args: [...task.args],
        stdin: task.input === undefined ? "null" : "piped",
        stdout: task.holds === undefined ? "piped" : shared(task.holds),
        stderr: "piped",
        clearEnv: true,
        env: ENVIRONMENT,
        cwd: "/",
      }).spawn(),
    );
  } catch (error) {
    // A permission for a path that did not exist at start-up is reported as missing permission.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return null;
    }
    if (error instanceof Deno.errors.PermissionDenied) return null;
    // Too many open files, too many processes, no memory, no program but a text: see execve(2), fork(2).
    if (error instanceof Error) {
      return err(failure("refused", `${path} did not start`, reason(error)));
    }
    throw error;
  }
}

/** The system's own words for an error, without what the runtime put around them. */
function reason(error: Error): string {
  return error.message.replace(/^Failed to spawn '[^']*': /, "").replace(/ \(os error \d+\)/, "");
}

/** The first Deno that expects a file descriptor as the number of a stream, which files do not expose. */
const DESCRIPTORS_SINCE = [2, 7] as const;

/**
 * Passes a file of this process to a child as a stream. Up to version 2.6 Deno accepts the number of a file's
 * resource for that (its own node:child_process does so), but its types do not declare it, and files have
 * their number only under a symbol. `close` of this process's file leaves the child's alone.
 *
 * @throws {TypeError} if the runtime is one that would give the child another file, or none
 */
function shared(file: Deno.FsFile): "piped" {
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  const [firstMajor, firstMinor] = DESCRIPTORS_SINCE;
  const isDescriptor = major > firstMajor || major === firstMajor && minor >= firstMinor;
  const symbol = Object.getOwnPropertySymbols(file).find(({ description }) =>
    description === "Deno.internal.rid"
  );
  const number: unknown = symbol === undefined ? undefined : Reflect.get(file, symbol);
  if (isDescriptor || typeof number !== "number") {
    throw new TypeError(`Deno ${Deno.version.deno} cannot share a file with a child`);
  }
  return number as unknown as "piped";
}

async function finish(
  name: string,
  { child, task }: { child: Deno.ChildProcess; task: Task },
): Promise<Result<Outcome, Failure> | "reaped"> {
  const release = adopt(child);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      kill(child);
      timer = setTimeout(() => resolve(null), GRACE);
    }, task.limit * 1000);
  });
  const started = performance.now();
  // Reading starts before writing, or a full pipe on either side would stop both.
  const output = child.output().catch(reaped).finally(release);
  if (task.input !== undefined) await feed(child, task.input, late);
  const result = await Promise.race([output, late]);
  clearTimeout(timer);
  if (isEnding()) return await never();
  if (result === "reaped") return result;
  const overdue = performance.now() - started >= task.limit * 1000;
  if (result === null || overdue && result.signal === "SIGKILL") {
    return err(failure("timeout", `${name} did not end within ${task.limit} s and was killed`));
  }
  return ok({
    code: result.code,
    stdout: task.holds === undefined ? decodeBytes(result.stdout) : "",
    stderr: decodeBytes(result.stderr),
  });
}

/** For waitpid(2)'s ECHILD. */
function reaped(error: unknown): "reaped" {
  if (error instanceof Error && error.message.includes("(os error 10)")) return "reaped";
  throw error;
}

/** Writes the child's input. A child that ends early makes the write fail: its status shows why. */
async function feed(child: Deno.ChildProcess, input: string, late: Promise<null>): Promise<void> {
  const writer = child.stdin.getWriter();
  const write = writer.write(encodeBytes(input)).then(() => writer.close());
  await Promise.race([write.catch(() => null), late]);
}
