import type { Section, Setting } from "./read_conf.ts";
import { type ShellWord, splitCommands } from "./shell.ts";

/** A program that a section calls. */
export interface Call {
  /** The setting with the command. */
  readonly setting: Setting;
  /** As written, such as `/sbin/iptables`. */
  readonly program: ShellWord;
  /** Its arguments. */
  readonly args: readonly ShellWord[];
  /** The offset in the file that `program` and `args` are relative to. */
  readonly base: number;
}

/** A section with all that it calls. */
export interface Called {
  /** The section. */
  readonly section: Section;
  /** In the order of the file. */
  readonly calls: readonly Call[];
}

/** Settings whose value knockd runs with a shell. */
const COMMAND_KEYS = ["start_command", "start_command_6", "stop_command", "stop_command_6"];

/** Programs that only start another one, given among their arguments. */
const STARTERS = ["sudo", "exec", "env", "nice", "nohup", "time", "setsid", "ionice"];

const SHELLS = ["sh", "bash", "dash", "ash", "busybox"];

/** All programs that a section's commands call, in the order of the file. */
export function callsOf({ settings }: Section): Call[] {
  return settings.filter(({ key }) => COMMAND_KEYS.includes(key)).flatMap((setting) =>
    callsIn(setting.value, { setting, base: setting.span.start })
  );
}

/** The name of a program without its folders. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function callsIn(line: string, place: { setting: Setting; base: number }): Call[] {
  return splitCommands(line).flatMap((words) => {
    const rest = withoutStarters(words);
    const [program, ...args] = rest;
    if (program === undefined) return [];
    const script = scriptOf(baseName(program.text), args);
    if (script !== undefined) {
      // The opening quote before the script is one character.
      return callsIn(script.text, { ...place, base: place.base + script.start + 1 });
    }
    return [{ ...place, program, args }];
  });
}

/** Skips `VARIABLE=value`, and sudo and the like with their options. */
function withoutStarters(words: readonly ShellWord[]): readonly ShellWord[] {
  let at = 0;
  for (let started = false; at < words.length; at++) {
    const text = words[at]?.text ?? "";
    if (STARTERS.includes(baseName(text))) started = true;
    else if (!/^\w+=/.test(text) && !(started && text.startsWith("-"))) break;
  }
  return words.slice(at);
}

/** The script of `sh -c SCRIPT`. */
function scriptOf(program: string, args: readonly ShellWord[]): ShellWord | undefined {
  if (!SHELLS.includes(program)) return undefined;
  const at = args.findIndex(({ text }) => /^-\w*c$/.test(text));
  return at < 0 ? undefined : args[at + 1];
}
