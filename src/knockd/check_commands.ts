import { CODES } from "../diagnostics/codes.ts";
import { diagnose, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { Span } from "../source/span.ts";
import { baseName, type Call, callsOf } from "./called.ts";
import type { Section } from "./read_conf.ts";
import type { ShellWord } from "./shell.ts";

/** What commands are compared with. */
export interface Known {
  /** Names of the rules file's services. */
  readonly services: readonly string[];
  /** Whether a path is that of a program which can be started. */
  isProgram(path: string): boolean;
}

/** cmd_timeout where a section has none (CMD_TIMEOUT of knockd 0.8), in seconds. */
const DEFAULT_TIMER = "10";

/** iptables under any of its names; nft makes the same mistakes possible. */
const RAW = /^(?:ip6?tables(?:-nft|-legacy)?(?:-restore)?|nft)$/;

/** Tells what is wrong with the commands of one section. */
export function checkCommands(section: Section, known: Known): Diagnostic[] {
  const calls = callsOf(section);
  const ours = calls.filter(({ program }) => baseName(program.text) === "pktables");
  return [
    ...checkTimer(section),
    ...calls.filter(({ program }) => RAW.test(baseName(program.text))).map(tellRaw),
    ...ours.flatMap((call) => [
      ...checkProgram(call, known),
      ...checkService(call, known),
      ...checkAddress(call),
    ]),
  ];
}

function checkTimer({ settings }: Section): Diagnostic[] {
  const stop = settings.find(({ key }) => key === "stop_command" || key === "stop_command_6");
  if (stop === undefined) return [];
  const timer = settings.findLast(({ key }) => key === "cmd_timeout");
  const seconds = timer?.value ?? DEFAULT_TIMER;
  return [diagnose(CODES.knockdTimer, {
    message: "the door stays open for good if knockd is stopped before `stop_command` runs",
    at: stop.span,
    secondary: timer === undefined ? [] : [{ span: timer.span, text: "the timer" }],
    help: `leave out stop_command and cmd_timeout, and end the command with --for ${seconds}s`,
  })];
}

function tellRaw({ setting, program, base }: Call): Diagnostic {
  return diagnose(CODES.knockdRawIptables, {
    message: `the command calls ${baseName(program.text)} itself`,
    at: within(setting.span, { word: program, base }),
    help: "let pktables do it: pktables add %IP% --service NAME --for TIME",
  });
}

function checkProgram({ setting, program, base }: Call, known: Known): Diagnostic[] {
  const path = program.text;
  if (path.startsWith("/") && known.isProgram(path)) return [];
  return [diagnose(CODES.knockdNoProgram, {
    message: path.startsWith("/")
      ? `there is no program at ${path}`
      : "pktables is named without its path",
    at: within(setting.span, { word: program, base }),
    help: "write the absolute path of pktables",
  })];
}

function checkService({ setting, args, base }: Call, known: Known): Diagnostic[] {
  const word = serviceWord(args);
  if (word === undefined || known.services.includes(word.name)) return [];
  const near = nearest(word.name, known.services);
  return [diagnose(CODES.knockdUnknownService, {
    message: `the rules file has no service \`${word.name}\``,
    at: within(setting.span, { word: word.word, base }),
    help: near === null ? null : `did you mean \`${near}\`?`,
  })];
}

/** The value of `--service NAME`, `--service=NAME` or `-s NAME`. */
function serviceWord(args: readonly ShellWord[]): { word: ShellWord; name: string } | undefined {
  for (const [at, word] of args.entries()) {
    const next = args[at + 1];
    if (/^(?:--service|-s)$/.test(word.text) && next !== undefined) {
      return { word: next, name: next.text };
    }
    const [, name] = /^(?:--service|-s)=(.*)$/.exec(word.text) ?? [];
    if (name !== undefined) return { word, name };
  }
  return undefined;
}

function checkAddress({ setting, args, program, base }: Call): Diagnostic[] {
  const opens = args.some(({ text }) => text === "add" || text === "delete");
  if (!opens || args.some(({ text }) => text.includes("%IP%"))) return [];
  const wrong = args.find(({ text }) => /ip/i.test(text) && /[%$]/.test(text)) ?? program;
  return [diagnose(CODES.knockdNoAddress, {
    message: "the command has no %IP%, so it is not about the visitor",
    at: within(setting.span, { word: wrong, base }),
    help: "write %IP%, in capitals, where the address belongs",
  })];
}

function within(span: Span, { word, base }: { word: ShellWord; base: number }): Span {
  return { ...span, start: base + word.start, end: base + word.end };
}
