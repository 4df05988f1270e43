// Replaces the programs of the machine: their arguments are recorded, their output is given.
import { withDeno } from "./stub.ts";

/** What a program prints, and how it ends. */
export interface Printed {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
}

/** What the stand-in runs: it takes its input, prints both texts, and ends with the status. */
const SCRIPT = 'cat > /dev/null; printf %s "$1"; printf %s "$2" >&2; exit "$3"';

/**
 * Runs work on a machine that has these programs alone, in /usr/sbin.
 *
 * @param programs What each prints, by its name and words: `ip -6 route`; the longest start that fits.
 * @param work What runs there.
 * @returns What `work` returned, and the command lines, without the folder, in their order.
 */
export async function withPrograms<T>(
  programs: Readonly<Record<string, Printed>>,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly calls: readonly string[] }> {
  const calls: string[] = [];
  const find = (line: string) =>
    Object.keys(programs).filter((start) => `${line} `.startsWith(`${start} `))
      .sort((a, b) => b.length - a.length)[0];
  const value = await withDeno("Command", (real) =>
    class extends real {
      readonly #line: string;
      constructor(path: string | URL, options: Deno.CommandOptions = {}) {
        const line = [`${path}`.replace("/usr/sbin/", ""), ...(options.args ?? [])].join(" ");
        const { stdout = "", stderr = "", code = 0 } = programs[find(line) ?? ""] ?? {};
        super("/bin/sh", { ...options, args: ["-c", SCRIPT, "sh", stdout, stderr, `${code}`] });
        this.#line = line;
      }
      override spawn(): Deno.ChildProcess {
        if (find(this.#line) === undefined) throw new Deno.errors.NotFound("no such program");
        calls.push(this.#line);
        return super.spawn();
      }
    }, work);
  return { value, calls };
}
