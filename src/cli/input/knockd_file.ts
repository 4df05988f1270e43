import { describeReadProblem } from "../../source/reader.ts";
import { countDiagnostics, drawDiagnostics } from "../../diagnostics/draw.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { type Knock, type SharedKnock, shareKnocks } from "../../firewall/knock.ts";
import { KnownServices } from "../../knockd/advice.ts";
import { checkKnockdConf } from "../../knockd/check_conf.ts";
import { checkClashes } from "../../knockd/check_sequences.ts";
import { readKnockdConf } from "../../knockd/read_conf.ts";
import { MAX_STEPS } from "../../knockd/sequence.ts";
import { closingSteps, writeKnockdConf } from "../../knockd/write_conf.ts";
import type { Compiled } from "../../semantic/compile.ts";
import { decodeSource, makeSource, type Source } from "../../source/source.ts";
import { joinWords } from "../../text/words.ts";
import { VERSION } from "../../version.ts";
import { quote } from "../../text/quote.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import { checkPath, globalWords } from "./generated.ts";
import { readHookLine } from "./hook_line.ts";

/**
 * Writes the knockd.conf for a rules file to standard output, and warns on standard error of what will
 * not work as expected.
 *
 * @returns the exit status
 */
export function writeConf(
  context: Context,
  { call, path, compiled, binary, route }: {
    call: Invocation;
    path: string;
    compiled: Compiled;
    binary: string;
    /** Where knockd listens by default; `null` if unknown. */
    route: string | null;
  },
): number {
  const { report } = context;
  const heard = compiled.knocks.filter(({ by }) => by !== "kernel");
  const knocks = shareKnocks(heard, compiled.services);
  for (const { services, steps, close } of knocks) {
    const ports = Math.max(steps.length, close?.length ?? 0);
    if (ports <= MAX_STEPS) continue;
    report.error(
      `a knock of \`${services[0]}\` has ${ports} ports, and knockd takes at most ${MAX_STEPS}` +
        ": nothing was written",
    );
    return EXIT.file;
  }
  const safe = path === "-" ? null : checkPath(path);
  const from = safe?.ok ? safe.value : "a rules file";
  const isWhole = call.options.has("options");
  const text = writeKnockdConf(knocks, {
    binary,
    words: globalWords(call),
    heading: [
      `Written by pktables ${VERSION} from ${from}; edit that file and generate this one again.`,
      ...(isWhole ? START : []),
      ...(knocks.length === 0 ? ["No service in it has a knock."] : []),
    ],
    options: isWhole
      ? {
        interface: call.options.get("interface") ?? route,
        logFile: call.options.get("log-file") ?? null,
      }
      : null,
  });
  noteKernelKnocks(context, compiled.knocks);
  warn(context, { knocks, text });
  const target = call.options.get("output");
  if (target === undefined) {
    report.console.out(text);
    return EXIT.done;
  }
  const written = context.system.files.replace(target, text, { secret: true });
  if (!written.ok) {
    report.error(`cannot write ${quote(target)}: ${written.words}`);
    return EXIT.refused;
  }
  report.note(`wrote ${quote(target)}`);
  return EXIT.done;
}

/** Names the services whose knocks the kernel hears, not knockd. */
function noteKernelKnocks({ report }: Context, knocks: readonly Knock[]): void {
  const names = new Set(knocks.flatMap(({ by, service }) => by === "kernel" ? [service] : []));
  if (names.size === 0) return;
  report.note(`note: left out, because the kernel hears the knock: ${[...names].join(", ")}`);
}

/** How to start knockd if its package does not. */
const START = [
  "Debian and Ubuntu start knockd with START_KNOCKD=1 in /etc/default/knockd, and then with",
  "systemctl enable --now knockd",
];

/** Warns of what is written although it will not work as expected. */
function warn(
  context: Context,
  { knocks, text }: { knocks: readonly SharedKnock[]; text: string },
): void {
  if (knocks.length === 0) context.report.warn("no service has a knock for knockd: nothing opens");
  for (const knock of knocks) {
    const names = joinWords(knock.services);
    if (knock.within === 1) {
      context.report.warn(
        `${names}: knockd counts whole seconds, so a knock \`within 1s\` fails whenever the ` +
          "clock reaches the next second: use 2s or more",
      );
    }
    if (knock.for === null && closingSteps(knock) === null) {
      const why = knock.once === null
        ? "the knock reads the same backwards"
        : "each of its sequences works only once";
      context.report.warn(
        `${names}: ${why}, so no knock closes the door: only \`pktables delete\` does`,
      );
    }
  }
  const source = makeSource("knockd.conf", text);
  print(context, {
    diagnostics: checkClashes(readKnockdConf(source).sections),
    source,
    out: false,
  });
}

/**
 * Reports the problems of a knockd.conf on standard output.
 *
 * @param given the path of the knockd.conf, `-` for standard input, the rules file, and all verbs
 * @returns the exit status: 1 if anything was reported, about the rules file too
 */
export function checkConf(
  context: Context,
  { conf, compiled, commands }: {
    conf: string;
    compiled: Compiled;
    commands: readonly Command[];
  },
): number {
  const { system, report } = context;
  const read = readConf(context, { conf, commands });
  if (read === null) return EXIT.refused;
  const { bytes, source, readHook } = read;
  const diagnostics = checkKnockdConf(source, {
    services: new KnownServices(compiled.services),
    readHook: once(readHook),
    isProgram: once((path) => system.paths.isProgram(path)),
    readSequences: (path) => readSequences(context, path),
    hasMark: MARK.every((byte, at) => bytes[at] === byte),
    isPublic: conf !== "-" && system.files.isPublic(conf),
  });
  print(context, { diagnostics, source, out: true });
  if (diagnostics.length > 0 || compiled.diagnostics.length > 0) return EXIT.refused;
  report.note(`${conf}: no problems found`);
  return EXIT.done;
}

/** The byte order mark of UTF-8. */
const MARK = [0xef, 0xbb, 0xbf];

/** Caches the answers to a question: thousands of sections may call the same program. */
function once<Q extends string | readonly string[], A>(
  ask: (question: Q) => A,
): (question: Q) => A {
  const answers = new Map<string, A>();
  return (question) => {
    const key = JSON.stringify(question);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = ask(question);
    answers.set(key, answer);
    return answer;
  };
}

function readSequences({ system }: Context, path: string): { text: string } | "missing" | null {
  const bytes = system.files.read(path);
  if (bytes.ok) return { text: new TextDecoder().decode(bytes.value) };
  return bytes.problem.kind === "missing" ? "missing" : null;
}

/**
 * Reads a knockd.conf.
 *
 * @param given its path, `-` for standard input, and all verbs
 * @returns its bytes, its text, and a parser of commands in it that call pktables; `null` if the file cannot
 * be read, which has then been reported
 */
export function readConf(
  { system, report }: Context,
  { conf, commands }: { conf: string; commands: readonly Command[] },
): {
  bytes: Uint8Array;
  source: Source;
  readHook: (words: readonly string[]) => ReturnType<typeof readHookLine>;
} | null {
  const bytes = conf === "-" ? system.files.readInput() : system.files.read(conf);
  if (bytes.ok) {
    const readHook = (words: readonly string[]) =>
      readHookLine(words, { commands, now: system.now() });
    return { bytes: bytes.value, source: decodeSource(conf, bytes.value), readHook };
  }
  report.error(`${quote(conf)} cannot be read: ${describeReadProblem(bytes.problem)}`);
  return null;
}

function print(
  { report }: Context,
  { diagnostics, source, out }: {
    diagnostics: readonly Diagnostic[];
    source: Source;
    /** Whether this is the result. */
    out: boolean;
  },
): void {
  if (diagnostics.length === 0) return;
  const sources = new Map([[source.name, source]]);
  const color = out ? report.colorOut : report.colorErr;
  const drawn = drawDiagnostics(diagnostics, { sources, color });
  if (out) report.console.out(drawn);
  else report.console.err(drawn);
  report.note("");
  report.note(`${source.name}: ${countDiagnostics(diagnostics)}`);
}
