import type { Family } from "../firewall/address.ts";
import type { Backend, System } from "../system/system.ts";
import type { Reporter } from "./report/reporter.ts";

/** What a shell offers for a word: files by their ending, folders, or what the kernel has now. */
export type Completion = "pk-file" | "file" | "folder" | "service" | "door" | "topic";

/** An option of a verb. Parsing, help, manual and completions are all made from it. */
export interface OptionSpec {
  /** Name without the leading dashes. */
  readonly name: string;
  /** The short form, one letter, if there is one. */
  readonly short?: string;
  /** Placeholder of its value, in capitals; an option without one is a switch. */
  readonly value?: string;
  /** The allowed values, if there are only a few. */
  readonly choices?: readonly string[];
  /** What a shell completes for its value, if it has no choices. */
  readonly completes?: Completion;
  /** Whether the verb requires it. */
  readonly required?: true;
  /** Whether it may be repeated and all its values count; otherwise the last one counts. */
  readonly repeats?: true;
  /** What it does, as a sentence without a full stop. */
  readonly help: string;
}

/** Option of verbs that change the kernel: only show the change. */
export const DRY_RUN = {
  name: "dry-run",
  help: "Only show what would change, as lines for iptables-restore",
} as const satisfies OptionSpec;

/** The operands of a verb. */
export interface OperandSpec {
  /** Placeholder, in capitals. */
  readonly name: string;
  /** The least number. */
  readonly min: number;
  /** The greatest number; `Infinity` for no limit. */
  readonly max: number;
  /** What a shell completes, word by word; the last entry applies to all further words. */
  readonly completes?: readonly (Completion | readonly string[])[];
}

/** A verb. */
export interface Command {
  /** The word that calls it. */
  readonly name: string;
  /** Whether it is only for programs, so that no page or list names it. */
  readonly hidden?: true;
  /** What it does, in one line without a full stop. */
  readonly summary: string;
  /** Its operands; `null` if it takes none. */
  readonly operand: OperandSpec | null;
  /** Its own options, in the order of the help page; those of every verb come on top. */
  readonly options: readonly OptionSpec[];
  /** What people need to know beyond the summary, a paragraph an entry. */
  readonly details: readonly string[];
  /** Command lines to start from, with what they do. */
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** Does the work; returns the exit status. */
  run(call: Invocation, context: Context): Promise<number>;
}

/** The options that every verb takes. */
export interface GlobalOptions {
  /** Families asked for, both unless narrowed. */
  readonly families: readonly Family[];
  /** Whether one family was named: then it is an error if it is missing. */
  readonly familyAsked: boolean;
  /** Which iptables to call; `system` is the one that the distribution chose. */
  readonly backend: Backend;
  /** Seconds to wait for each lock. */
  readonly wait: number;
}

/** The usage of a verb: its operands and required options. */
export function usageOf({ name, operand, options }: Command): string {
  const more = operand !== null && operand.max === Infinity ? "..." : "";
  const word = operand === null ? [] : [`${operand.name}${more}`];
  const words = operand?.min === 0 ? word.map((one) => `[${one}]`) : word;
  const required = options.filter((option) => option.required)
    .map(writtenOption);
  return ["pktables", name, ...words, ...required, "[OPTIONS]"].join(" ");
}

/** An option as it stands in a usage line: `--port PORTS`. */
export function writtenOption({ name, value }: OptionSpec): string {
  return `--${name} ${value ?? ""}`.trimEnd();
}

/** A parsed command line. */
export interface Invocation {
  /** The options that every verb takes. */
  readonly global: GlobalOptions;
  /** The verb's own options; a switch that was given has the value `""`. */
  readonly options: ReadonlyMap<string, string>;
  /** All values of each option that may repeat, in the order in which they were given. */
  readonly repeated: ReadonlyMap<string, readonly string[]>;
  /** The operands, as many as the verb takes. */
  readonly operands: readonly string[];
}

/** What a verb works with. */
export interface Context {
  /** The machine. */
  readonly system: System;
  /** Where to report. */
  readonly report: Reporter;
}
