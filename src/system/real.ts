import { failure } from "./failure.ts";
import { realFiles } from "./files.ts";
import { SignalInterruption } from "./interruption.ts";
import { IptablesPrograms } from "./iptables.ts";
import { terminalKeys } from "./keys.ts";
import { findIpv6 } from "./ipv6.ts";
import { FileLock } from "./lock.ts";
import { realPaths } from "./paths.ts";
import { runProgram } from "./process.ts";
import { realSurroundings } from "./surroundings.ts";
import { writeSyslog } from "./syslog.ts";
import type { Console, Keys, System } from "./system.ts";

/** Standard output and error. A reader that went away early is not an error: the rest is not wanted. */
class Terminal implements Console {
  readonly outIsTerminal = Deno.stdout.isTerminal();
  readonly errIsTerminal = Deno.stderr.isTerminal();

  /** On demand: it is one system call, which a hook can save. */
  get inIsTerminal(): boolean {
    return Deno.stdin.isTerminal();
  }

  outProblem?: string;
  outGone = false;

  out(text: string): void {
    const problem = writeAll(Deno.stdout, text);
    if (problem === GONE) this.outGone = true;
    else if (problem !== null) this.outProblem ??= problem;
  }

  err(text: string): void {
    writeAll(Deno.stderr, text); // if that fails, there is nowhere left to report it
  }

  keys(): Keys | null {
    return terminalKeys();
  }

  get columns(): number {
    try {
      return Deno.consoleSize().columns;
    } catch {
      return 80;
    }
  }

  get rows(): number {
    try {
      return Deno.consoleSize().rows;
    } catch {
      return 24;
    }
  }

  get noColor(): boolean {
    return (Deno.env.get("NO_COLOR") ?? "") !== "";
  }
}

/** The errors of a write to a pipe or terminal whose reader went away. */
const GONE = Symbol("gone");

/** Writes a text; returns why that failed, or `null`. */
function writeAll(
  stream: { writeSync(bytes: Uint8Array): number },
  text: string,
): string | null | typeof GONE {
  let rest = new TextEncoder().encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return GONE;
    return error instanceof Error ? error.message : String(error);
  }
  return null;
}

const TOOLS = { run: runProgram, failure };

/** The machine this program runs on. */
export function realSystem(): System {
  const lock = new FileLock();
  return {
    iptables: (options) => new IptablesPrograms(options, lock),
    ipv6: findIpv6,
    lock,
    surroundings: realSurroundings,
    // Loaded only if there is such a list: it costs a hook nothing.
    recent: {
      read: async (names) => await (await import("./recent.ts")).readLists(names, TOOLS),
      remove: async (name, hosts) =>
        await (await import("./recent.ts")).takeOff({ name, hosts }, TOOLS),
    },
    console: new Terminal(),
    files: realFiles,
    paths: realPaths,
    now: () => Date.now() / 1000,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    interruption: () => new SignalInterruption(),
    syslog: writeSyslog,
    async dropFileAccess() {
      await Deno.permissions.revoke({ name: "read" });
      // The lock's own grant is narrower than "/" and stays (deno compile --allow-write=/,FILE).
      await Deno.permissions.revoke({ name: "write", path: "/" });
    },
  };
}
