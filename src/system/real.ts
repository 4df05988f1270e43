import { realFiles } from "./files.ts";
import { IptablesPrograms } from "./iptables.ts";
import { FileLock } from "./lock.ts";
import { realPaths } from "./paths.ts";
import type { Console, System } from "./system.ts";

/** Standard output and error. A reader who went away early is no error: the rest is not wanted. */
class Terminal implements Console {
  readonly outIsTerminal = Deno.stdout.isTerminal();
  readonly errIsTerminal = Deno.stderr.isTerminal();

  outProblem?: string;

  out(text: string): void {
    const problem = writeAll(Deno.stdout, text);
    if (problem !== null) this.outProblem ??= problem;
  }

  err(text: string): void {
    writeAll(Deno.stderr, text); // if that is lost, there is nowhere left to say so
  }

  get columns(): number {
    try {
      return Deno.consoleSize().columns;
    } catch {
      return 80;
    }
  }

  get noColor(): boolean {
    return (Deno.env.get("NO_COLOR") ?? "") !== "";
  }
}

/** Writes a text; returns why that failed, or `null`. */
function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): string | null {
  let rest = new TextEncoder().encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return null;
    return error instanceof Error ? error.message : String(error);
  }
  return null;
}

/** The machine this program runs on. */
export function realSystem(): System {
  return {
    iptables: (options) => new IptablesPrograms(options),
    lock: new FileLock(),
    console: new Terminal(),
    files: realFiles,
    paths: realPaths,
    now: () => Date.now() / 1000,
    async dropFileAccess() {
      await Deno.permissions.revoke({ name: "read" });
      // The lock's own grant is narrower than "/" and stays (deno compile --allow-write=/,FILE).
      await Deno.permissions.revoke({ name: "write", path: "/" });
    },
  };
}
