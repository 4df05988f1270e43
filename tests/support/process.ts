/** How a finished process ended and what it printed. */
export interface Outcome {
  /** Exit status; 128 + the signal's number where a signal ended the process, as a shell reports it. */
  readonly code: number;
  /** The signal that ended the process, if one did. */
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that has been started and may still run. */
export interface Running {
  readonly pid: number;
  /** Resolves when the process has ended and both of its outputs are read. Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Sends a signal; does nothing where the process has ended. */
  kill(signal: Deno.Signal): void;
}

/** What a process is started with. */
export interface ProcessOptions {
  /** Text for standard input, which is empty without it. */
  readonly stdin?: string | undefined;
  /** The whole environment of the process: nothing is inherited. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds after which the process is ended by SIGKILL. Default: 60 000. */
  readonly timeout?: number | undefined;
}

/** The environment that commands get unless a test says otherwise. */
export const PLAIN_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C",
};

/**
 * Starts a program without a shell.
 *
 * @param argv Program and arguments; the program is looked for in the PATH of `options.env`.
 * @param options Input, environment and time limit.
 * @returns The started process.
 * @throws {Deno.errors.NotFound} If there is no such program.
 */
export function start(argv: readonly string[], options: ProcessOptions = {}): Running {
  const [program, ...args] = argv;
  if (program === undefined) throw new TypeError("start: no program given");
  const child = new Deno.Command(program, {
    args,
    clearEnv: true,
    env: { ...(options.env ?? PLAIN_ENVIRONMENT) },
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const kill = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // It ended before the signal could be sent: nothing is left to end.
    }
  };
  const timer = setTimeout(() => kill("SIGKILL"), options.timeout ?? 60_000);
  if (options.stdin !== undefined) void feed(child.stdin, options.stdin);
  const outcome = Promise.all([
    child.status,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]).then(([status, stdout, stderr]) => {
    clearTimeout(timer);
    return { code: status.code, signal: status.signal, stdout, stderr };
  });
  return { pid: child.pid, outcome, kill };
}

async function feed(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    // The process ended without reading all of its input (EPIPE); its status shows why.
  }
}

/**
 * The processes in a network namespace.
 *
 * @param link The namespace as /proc/PID/ns/net names it, for example `net:[4026532008]`.
 * @returns Their process ids.
 */
export async function processesIn(link: string): Promise<number[]> {
  const pids: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // The link of a process that has ended, or is another user's, cannot be read: it is not ours.
    const theirs = await Deno.readLink(`/proc/${name}/ns/net`).catch(() => undefined);
    if (theirs === link) pids.push(Number(name));
  }
  return pids;
}

/** Sends SIGKILL to each process; those that have ended are passed over. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It ended in between.
    }
  }
}

/**
 * Whether these tests run as the machine's root, who may be any user and read what no other may; not
 * the root of a user namespace, whose one user is mapped.
 */
export function isMachineRoot(): boolean {
  const everybody = /^\s*0\s+0\s+4294967295\s*$/;
  return Deno.uid() === 0 && everybody.test(Deno.readTextFileSync("/proc/self/uid_map"));
}
