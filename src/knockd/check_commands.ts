import { CODES } from "../diagnostics/codes.ts";
import { diagnose, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { printDuration } from "../firewall/duration.ts";
import type { Span } from "../source/span.ts";
import { insteadOf, type KnownServices } from "./advice.ts";
import { baseName, type Call, type Called } from "./called.ts";
import type { ForeignCall } from "./foreign_call.ts";
import type { HookProblem, ReadHook } from "./hook.ts";
import { readForeign } from "./read_foreign.ts";
import { secondsIn, type Section } from "./read_conf.ts";
import type { ShellWord } from "./shell.ts";

/** What commands are checked against. */
export interface Known {
  /** The rules file's services. */
  readonly services: KnownServices;
  /** Parses the words of a hook as pktables itself does. */
  readonly readHook: ReadHook;
  /** Whether a path is an executable program. */
  isProgram(path: string): boolean;
}

/** The default cmd_timeout (CMD_TIMEOUT of knockd 0.8), in seconds. */
const DEFAULT_TIMER = "10";

/** The help for a rule that is deleted by its number. */
const NUMBERED = "rule numbers change: by then the number may be that of another rule";

/** Reports the problems of one section's commands. */
export function checkCommands({ section, calls }: Called, known: Known): Diagnostic[] {
  const time = timeOf(section);
  return [
    ...checkTimer(section, { calls, known }),
    ...calls.flatMap((call) => {
      if (isOurs(call)) {
        return [...checkProgram(call, known), ...checkHook(call, known)];
      }
      const foreign = readForeign(call);
      // The warning about its timer already says to leave stop_command out.
      const isEnd = isStop(call.setting.key) && foreign?.does === "closes" &&
        foreign.byNumber === null;
      return foreign === null || isEnd ? [] : [reportForeign(call, { foreign, known, time })];
    }),
  ];
}

function isOurs({ program }: Call): boolean {
  return baseName(program.text) === "pktables";
}

/** Whether a section only closes: then it does no harm if someone else knocks it. */
export function onlyCloses({ calls }: Called): boolean {
  return calls.length > 0 &&
    calls.every((call) =>
      isOurs(call)
        ? call.args.some(({ text }) => text === "delete")
        : readForeign(call)?.does === "closes"
    );
}

/** How long the section's timer leaves its door open, as a duration for --for; `null` without a timer. */
function timeOf({ settings }: Section): string | null {
  if (!settings.some(({ key }) => isStop(key))) return null;
  const written = settings.findLast(({ key }) => key === "cmd_timeout")?.value ?? DEFAULT_TIMER;
  const seconds = secondsIn(written);
  return seconds === null ? "TIME" : printDuration(seconds);
}

function isStop(key: string): boolean {
  return key === "stop_command" || key === "stop_command_6";
}

function checkTimer(
  section: Section,
  { calls, known }: { readonly calls: readonly Call[]; readonly known: Known },
): Diagnostic[] {
  const { settings } = section;
  const stop = settings.find(({ key }) => isStop(key));
  const time = timeOf(section);
  if (stop === undefined || time === null) return [];
  const timer = settings.findLast(({ key }) => key === "cmd_timeout");
  return [diagnose(CODES.knockdTimer, {
    message: "the door stays open forever if knockd is stopped before `stop_command` runs",
    at: stop.span,
    secondary: timer === undefined ? [] : [{ span: timer.span, text: "the timer" }],
    help: timerAdvice(calls.filter(({ setting }) => !isStop(setting.key)), { known, time }),
  })];
}

/** What to write instead of a timer: only pktables has `--for`. */
function timerAdvice(
  starts: readonly Call[],
  { known, time }: { readonly known: Known; readonly time: string },
): string {
  if (starts.some((call) => isOurs(call) && call.args.some(({ text }) => text === "add"))) {
    return `leave out stop_command and cmd_timeout, and end the command with --for ${time}`;
  }
  for (const call of starts) {
    const foreign = readForeign(call);
    if (foreign === null || foreign.does === "closes") continue;
    const instead = insteadOf(foreign, { services: known.services, time });
    return `leave out stop_command and cmd_timeout, and let the kernel keep the time: ${instead}`;
  }
  return "let the command itself end what it starts: knockd's timer dies with knockd";
}

function reportForeign(
  call: Call,
  { foreign, known, time }: {
    readonly foreign: ForeignCall;
    readonly known: Known;
    readonly time: string | null;
  },
): Diagnostic {
  const { program, word, byNumber, source, does } = foreign;
  const instead = insteadOf(foreign, { services: known.services, time });
  if (byNumber !== null) {
    return diagnose(CODES.knockdByNumber, {
      message: `the command deletes rule ${byNumber.text}, which may be another rule by then`,
      at: within(call, byNumber),
      label: NUMBERED,
      help: `delete it by its address: pktables delete %IP% --service NAME`,
    });
  }
  if (does === "opens" && (source === null || /^(?:0\.0\.0\.0|::)\/0$/.test(source))) {
    return diagnose(CODES.knockdOpensEverybody, {
      message: "the command has no %IP%: one knock lets everyone in",
      at: within(call, word),
      help: `allow only the visitor: ${instead}`,
    });
  }
  return diagnose(CODES.knockdRawIptables, {
    message: `the command calls ${program} itself`,
    at: within(call, word),
    help: `let pktables do it: ${instead}`,
  });
}

function checkProgram(call: Call, known: Known): Diagnostic[] {
  const path = call.program.text;
  if (path.startsWith("/") && known.isProgram(path)) return [];
  return [diagnose(CODES.knockdNoProgram, {
    message: path.startsWith("/") ? `no program at ${path}` : "pktables is called without its path",
    at: within(call, call.program),
    help: "write the absolute path of pktables",
  })];
}

/** Parses the hook as pktables would; a word that the shell expands is unknown. */
function checkHook(call: Call, known: Known): Diagnostic[] {
  const words = call.args.map(({ text }) => text);
  const hasVisitor = words.some((text) => text.includes("%IP%"));
  const expands = call.args.some((word) => word.expands);
  const hook = expands ? null : known.readHook(words);
  if (hook !== null && !hook.ok && !(hook.problem.isAddress && !hasVisitor)) {
    return [reportProblem(call, hook.problem)];
  }
  const verbs = hook?.ok ? [hook.value.verb] : words;
  const opens = verbs.some((verb) => verb === "add" || verb === "delete");
  return [
    ...(hook?.ok ? checkServices(call, { services: hook.value.services, known }) : []),
    ...(opens && !hasVisitor ? [reportNoVisitor(call)] : []),
  ];
}

function reportProblem(call: Call, { message, help, at }: HookProblem): Diagnostic {
  const word = at === null ? undefined : call.args[at];
  return diagnose(CODES.knockdBadCommand, {
    message,
    at: within(call, word ?? call.program),
    label: "pktables refuses it, and nothing happens",
    help,
  });
}

function checkServices(
  call: Call,
  { services, known }: {
    readonly services: readonly { readonly name: string; readonly at: number }[];
    readonly known: Known;
  },
): Diagnostic[] {
  const { names } = known.services;
  return services.filter(({ name }) => !names.has(name)).map(({ name, at }) => {
    const near = nearest(name, names);
    const word = call.args[at] ?? call.program;
    return diagnose(CODES.knockdUnknownService, {
      message: `the rules file has no service \`${name}\``,
      at: within(call, word),
      help: near === null ? null : `did you mean \`${near}\`?`,
    });
  });
}

function reportNoVisitor(call: Call): Diagnostic {
  const wrong = call.args.find(({ text }) => /ip/i.test(text) && /[%$]/.test(text));
  return diagnose(CODES.knockdNoAddress, {
    message: "the command has no %IP%, so it is not about the visitor",
    at: within(call, wrong ?? call.program),
    help: "write %IP%, in capitals, where the address belongs",
  });
}

function within({ setting, base }: Call, word: ShellWord): Span {
  return { ...setting.span, start: base + word.start, end: base + word.end };
}
