import type { Failure } from "../../system/failure.ts";
import type { Console } from "../../system/system.ts";
import { printable, printableLines } from "../../text/printable.ts";
import { EXIT } from "../exit.ts";

/** Verbosity and colour. */
export interface ReporterOptions {
  /** Only results, warnings and errors. */
  readonly quiet: boolean;
  /** `auto`: on a terminal, unless NO_COLOR is set. */
  readonly color: "auto" | "always" | "never";
}

/**
 * Reports what a command did: results to standard output, everything else to standard error. All text is
 * made safe for a terminal here, so that no verb has to think of it.
 */
export class Reporter {
  readonly #warned = new Set<string>();

  /**
   * Makes a reporter; nothing is written yet.
   *
   * @param console where to write
   * @param options how much to say, and in what colour
   */
  constructor(readonly console: Console, readonly options: ReporterOptions) {}

  /** What was done, even if `--quiet` suppresses it. */
  readonly deeds: string[] = [];
  /** Why nothing, or not all, was done. */
  readonly refusals: string[] = [];

  /** Whether standard output is coloured. */
  get colorOut(): boolean {
    return this.#color(this.console.outIsTerminal);
  }

  /** Whether standard error is coloured. */
  get colorErr(): boolean {
    return this.#color(this.console.errIsTerminal);
  }

  #color(isTerminal: boolean): boolean {
    const { color } = this.options;
    return color === "always" || color === "auto" && isTerminal && !this.console.noColor;
  }

  /** Prints a result, made safe for a terminal. */
  result(text: string): void {
    this.console.out(`${printableLines(text)}\n`);
  }

  /** Prints a result that may have colours: the caller has made foreign text in it safe. */
  drawn(text: string): void {
    this.console.out(`${text}\n`);
  }

  /** Prints on standard output what was done; `--quiet` suppresses it. */
  done(text: string): void {
    this.deeds.push(text);
    if (!this.options.quiet) this.result(text);
  }

  /** Prints a note; `--quiet` suppresses it. */
  note(text: string): void {
    if (!this.options.quiet) this.#err(text);
  }

  /** Prints a warning, each only once. */
  warn(text: string): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.#say("warning", "33", text);
  }

  /** Prints an error: nothing was done. */
  error(text: string): void {
    this.refusals.push(text);
    this.#say("error", "31", text);
  }

  /** Prints a refusal by the system; returns the exit status for it. */
  failed({ message, raw }: Failure): number {
    this.error(message);
    if (raw !== "" && raw !== message) {
      this.details(raw.split("\n"));
    }
    return EXIT.refused;
  }

  /** Prints details of the last message: each line indented, on standard error. */
  details(lines: readonly string[]): void {
    for (const line of lines) this.#err(`  ${line}`);
  }

  /** Output of the kernel and iptables holds names that anyone may have chosen. */
  #err(text: string): void {
    this.console.err(`${printable(text)}\n`);
  }

  #say(word: string, color: string, text: string): void {
    const head = this.colorErr ? `\x1b[1;${color}m${word}:\x1b[0m` : `${word}:`;
    this.console.err(`pktables: ${head} ${printable(text)}\n`);
  }
}
