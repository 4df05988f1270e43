// What every script has in common: its main(), and how it starts other programs. Imports nothing, so
// that it also runs before it is known where modules can be loaded from.

/** The outcome of a child process. */
export interface Outcome {
  /** Its exit status; 128 + signal number when a signal ended it. */
  readonly code: number;
  /** What it wrote to standard output, decoded as UTF-8. */
  readonly stdout: string;
  /** Standard output, then standard error, as one text. */
  readonly output: string;
  /** Whether it was killed because its time had expired. */
  readonly timedOut: boolean;
}

/** How a child process is started. */
export interface RunOptions {
  /** Milliseconds after which it is killed by SIGKILL; without it there is no limit. */
  readonly timeLimit?: number;
  /** Variables added to the inherited environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its working directory; without it, the caller's. */
  readonly cwd?: string;
}

/** The running children. */
const children = new Set<Deno.ChildProcess>();

/** What is removed when this script ends, also by a signal. */
const scratch = new Set<string>();

/** The signals by which a terminal or a CI ends a script, with their numbers (signal(7)). */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** How long a child may take to end after SIGTERM. */
const GRACE_MILLISECONDS = 2000;

let ending: Promise<never> | undefined;

/**
 * Makes a signal end what {@linkcode run} has started and remove what {@linkcode withScratch} keeps,
 * before it ends this script with status 128 + its number. May be called again.
 */
export function cleanUpOnSignal(): void {
  if (listening) return;
  listening = true;
  for (const [signal, number] of Object.entries(SIGNALS)) {
    Deno.addSignalListener(signal as keyof typeof SIGNALS, () => ending ??= end(128 + number));
  }
}

let listening = false;

async function end(code: number): Promise<never> {
  const statuses = Promise.all([...children].map((child) => child.status));
  const killAll = (signal: Deno.Signal) => {
    for (const child of children) {
      try {
        child.kill(signal);
      } catch {
        continue; // it ended by itself
      }
    }
  };
  killAll("SIGTERM");
  const grace = new Promise((resolve) => setTimeout(resolve, GRACE_MILLISECONDS));
  await Promise.race([statuses, grace]);
  killAll("SIGKILL");
  for (const path of scratch) removeAll(path);
  Deno.exit(code);
}

function removeAll(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Works with a temporary file or folder: it is removed when the work is done or has failed,
 * and when SIGHUP, SIGINT or SIGTERM ends the script.
 *
 * @param path It need not exist, neither before nor after.
 * @param work The work.
 * @returns What `work` returned.
 */
export async function withScratch<T>(path: string, work: () => Promise<T>): Promise<T> {
  cleanUpOnSignal();
  scratch.add(path);
  try {
    return await work();
  } finally {
    removeAll(path);
    scratch.delete(path);
  }
}

/**
 * Runs a script's work and ends the script with the status that it returns, 0 by default. An
 * exception ends it with one line on standard error, `NAME: message`, and status 1.
 *
 * @param name The prefix of the line.
 * @param work The script's work.
 */
export async function main(name: string, work: () => Promise<number | void>): Promise<never> {
  let status: number;
  try {
    status = await work() ?? 0;
  } catch (error) {
    fail(name, error);
  }
  Deno.exit(status);
}

/**
 * If the reader of standard output has gone away (`| head`), nothing is printed; the status is that of a
 * program that SIGPIPE ends.
 */
function fail(script: string, error: unknown): never {
  if (error instanceof Deno.errors.BrokenPipe) Deno.exit(128 + 13);
  console.error(`${script}: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}

/** Reads `stream` into `chunks` until it ends or is cancelled. */
async function collect(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
  }
}

/**
 * Runs a command to its end and keeps what it wrote. Its standard input is empty.
 *
 * @param command The program and its arguments; no shell is involved.
 * @param options Time limit, environment and working directory.
 * @returns Its outcome; a program that cannot be started has status 127 and the reason as output.
 */
export async function run(
  command: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const [program = "", ...args] = command;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args,
      env: { NO_COLOR: "1", ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    const output = `${program}: ${error instanceof Error ? error.message : error}\n`;
    return { code: 127, stdout: "", output, timedOut: false };
  }
  children.add(child);
  const readers = [child.stdout.getReader(), child.stderr.getReader()];
  const texts = Promise.all(readers.map(collect));
  let timedOut = false;
  const kill = () => {
    timedOut = true;
    child.kill("SIGKILL");
  };
  const timer = options.timeLimit === undefined ? undefined : setTimeout(kill, options.timeLimit);
  const status = await child.status;
  children.delete(child);
  // A terminal sends its signals to both, and the child may be the first to end of one.
  if (listening && status.signal !== null && status.signal in SIGNALS) {
    await new Promise((go) => setTimeout(go, 100));
  }
  if (ending) await ending; // not a failure of the command: a signal ends this script
  clearTimeout(timer);
  // A grandchild that outlives a killed child would hold its pipes open forever.
  if (timedOut) { for (const reader of readers) await reader.cancel(); }
  const [stdout = "", stderr = ""] = await texts;
  return { code: status.code, stdout, output: stdout + stderr, timedOut };
}

/** How {@linkcode must} starts a command. */
export interface MustOptions extends RunOptions {
  /** What its error calls the command; without it, the whole command line. */
  readonly name?: string;
}

/**
 * Runs a command as {@linkcode run} does, and fails if it fails.
 *
 * @param command The program and its arguments.
 * @param options Those of `run`, and the command's name.
 * @returns What it wrote to standard output.
 * @throws {Error} If its status is not 0; the message holds all that it wrote.
 */
export async function must(command: readonly string[], options: MustOptions = {}): Promise<string> {
  const { code, stdout, output } = await run(command, options);
  if (code === 0) return stdout;
  throw new Error(`\`${options.name ?? command.join(" ")}\` failed (${code}):\n${output}`);
}

/**
 * Runs a command on this script's own terminal, with an empty standard input.
 *
 * @param command The program and its arguments.
 * @param options Variables added to the inherited environment.
 * @returns Its exit status; 128 + signal number when a signal ended it.
 */
export async function show(
  command: readonly string[],
  { env = {} }: Pick<RunOptions, "env"> = {},
): Promise<number> {
  const [program = "", ...args] = command;
  return (await new Deno.Command(program, { args, env, stdin: "null" }).spawn().status).code;
}

/**
 * Whether a program can be found in PATH.
 *
 * @param program Its file name.
 * @returns `true` if one of the folders of PATH holds a file of that name.
 */
export async function isInstalled(program: string): Promise<boolean> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    try {
      if ((await Deno.stat(`${folder}/${program}`)).isFile) return true;
    } catch {
      continue;
    }
  }
  return false;
}
