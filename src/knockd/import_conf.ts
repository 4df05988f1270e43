// Writes a rules file from a knockd.conf.
import { CODES } from "../diagnostics/codes.ts";
import { diagnose, type Diagnostic, inFileOrder } from "../diagnostics/diagnostic.ts";
import type { Knock, KnockStep } from "../firewall/knock.ts";
import type { Source } from "../source/source.ts";
import type { Span } from "../source/span.ts";
import { type Call, callsOf } from "./called.ts";
import type { ReadHook } from "./hook.ts";
import { type ImportedService, type Meaning, meaningOf } from "./import_call.ts";
import { lastOf, readKnockdConf, secondsIn, type Section } from "./read_conf.ts";
import { MAX_STEPS, sameSequence, stepsOf } from "./sequence.ts";
import { writeImported } from "./write_imported.ts";

/** A rules file, and what is lost of the knockd.conf. */
export interface Imported {
  /** The file; it has no errors. */
  readonly text: string;
  /** How many services it has. */
  readonly services: number;
  /** What could not be expressed, in the order of the knockd.conf, and lines on which knockd exits. */
  readonly lost: readonly Diagnostic[];
}

/** SEQ_TIMEOUT and CMD_TIMEOUT of knockd 0.8, in seconds. */
const DEFAULTS = { seq_timeout: 25, cmd_timeout: 10 } as const;

/** A service with its knocks, while they are collected. */
export interface Collected extends ImportedService {
  /** In the order of the file. */
  readonly opened: Opened[];
}

/** A knock that opens a service. */
export interface Opened {
  /** Its `service` is the name of the one that it is collected with. */
  knock: Knock;
  /** Where its section starts. */
  readonly start: number;
}

/** A section that was understood. */
interface Understood {
  readonly section: Section;
  readonly meanings: readonly Meaning[];
  readonly steps: readonly KnockStep[];
  readonly once: string | null;
  readonly within: number;
}

/**
 * Writes a rules file from a knockd.conf: from commands of pktables, iptables and ufw that let the visitor
 * in or close them out. Comments of the file are not kept.
 *
 * @param source the knockd.conf
 * @param given the parser of pktables' own commands
 */
export function importKnockdConf(
  source: Source,
  { readHook }: { readonly readHook: ReadHook },
): Imported {
  const { sections, options, refused } = readKnockdConf(source);
  const lost: Diagnostic[] = [...refused];
  const services = new Map<string, Collected>();
  const understood = sections.flatMap((section) => understand(section, { readHook, lost }) ?? []);
  for (const one of understood.filter(({ meanings }) => meanings[0]?.does === "opens")) {
    addOpening(one, { services, lost, readHook });
  }
  for (const one of understood.filter(({ meanings }) => meanings[0]?.does === "closes")) {
    addClosing(one, { services, lost });
  }
  const collected = [...services.values()].map(({ opened, ...service }) => (
    { ...service, knocks: opened.map(({ knock }) => knock) }
  ));
  const sorted = inFileOrder(lost);
  const text = writeImported(collected, { source, options, lost: sorted });
  return { text, services: collected.length, lost: sorted };
}

function lose(at: Span, message: string): Diagnostic {
  return diagnose(CODES.knockdUnsaid, { message, at, label: "left out" });
}

function isStop({ setting }: Call): boolean {
  return setting.key.startsWith("stop_command");
}

/** What a section's commands do; `null` if a rules file cannot express it, which is reported. */
function understand(
  section: Section,
  { readHook, lost }: { readonly readHook: ReadHook; readonly lost: Diagnostic[] },
): Understood | null {
  const meanings: Meaning[] = [];
  const starts = callsOf(section).filter((call) => !isStop(call));
  for (const call of starts) {
    const meaning = readMeaning(call, { readHook, lost });
    if (meaning === null) continue;
    if (meanings.every(({ does }) => does === meaning.does)) meanings.push(meaning);
    else lost.push(lose(placeOf(call), "a knock either opens or closes: this does the opposite"));
  }
  if (starts.length === 0) {
    lost.push(lose(section.span, `section ${section.name} runs no command`));
  }
  const knock = readKnock(section, lost);
  if (meanings.length > 0 && knock !== null) return { section, meanings, ...knock };
  for (const call of callsOf(section).filter(isStop)) {
    if (readMeaning(call, { readHook, lost }) === null) continue;
    lost.push(lose(placeOf(call), "this closes a door that nothing here opens"));
  }
  return null;
}

/** A service of a section, and how long its command opens the door. */
interface Meant {
  readonly service: ImportedService;
  readonly seconds: number | null;
}

/** The services of a section's commands, each once: those for IPv4 and IPv6 name the same. */
function servicesOf(meanings: readonly Meaning[]): Map<string, Meant> {
  const meant = new Map<string, Meant>();
  for (const { services, seconds } of meanings) {
    for (const service of services) {
      const key = keyOf(service);
      if (!meant.has(key)) meant.set(key, { service, seconds });
    }
  }
  return meant;
}

function keyOf({ protocol, ports, interface: face }: ImportedService): string {
  return JSON.stringify([protocol, ports, face]);
}

function placeOf({ setting, base, program }: Call, word = program): Span {
  return { ...setting.span, start: base + word.start, end: base + word.end };
}

function readMeaning(
  call: Call,
  { readHook, lost }: { readonly readHook: ReadHook; readonly lost: Diagnostic[] },
): Meaning | null {
  const meaning = meaningOf(call, readHook);
  for (const { word, message } of meaning.lost) lost.push(lose(placeOf(call, word), message));
  return meaning.does === null ? null : meaning;
}

/** The sequence of a section and its time. */
function readKnock(
  section: Section,
  lost: Diagnostic[],
): Pick<Understood, "steps" | "once" | "within"> | null {
  for (const key of ["target", "tcpflags"]) {
    const setting = lastOf(section, key);
    if (setting === undefined || key === "tcpflags" && /^syn$/i.test(setting.value)) continue;
    lost.push(lose(setting.span, `${key} ${setting.value}: a knock is a SYN to this machine`));
  }
  const time = lastOf(section, "seq_timeout");
  const within = time === undefined ? DEFAULTS.seq_timeout : secondsIn(time.value);
  if (within === null) {
    lost.push(lose(time?.span ?? section.span, "no knock is possible in that time"));
    return null;
  }
  const once = lastOf(section, "one_time_sequences");
  if (once !== undefined) {
    if (/^\/[^\p{Cc}]*$/u.test(once.value)) return { steps: [], once: once.value, within };
    lost.push(lose(once.span, "a rules file cannot hold this path"));
    return null;
  }
  const sequence = lastOf(section, "sequence");
  const steps = sequence === undefined ? null : stepsOf(sequence.value);
  if (sequence !== undefined && (steps === null || steps.length > MAX_STEPS)) {
    lost.push(lose(sequence.span, "invalid sequence of ports"));
  }
  return steps === null || steps.length > MAX_STEPS ? null : { steps, once: null, within };
}

function addOpening(
  { section, meanings, steps, once, within }: Understood,
  { services, lost, readHook }: {
    readonly services: Map<string, Collected>;
    readonly lost: Diagnostic[];
    readonly readHook: ReadHook;
  },
): void {
  const opened = servicesOf(meanings);
  const timed = readTimed(section, { opened, lost, readHook });
  for (const [key, { service: meant, seconds }] of opened) {
    const names = new Set([...services.values()].map(({ name }) => name));
    const service = services.get(key) ??
      { ...meant, name: freeName(meant.name, names), opened: [] };
    services.set(key, service);
    const end = seconds ?? timed.get(key) ?? null;
    const knock = { service: service.name, steps, once, within, for: end, close: null };
    service.opened.push({ knock, start: section.span.start });
  }
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let number = 2;; number++) if (!taken.has(`${name}-${number}`)) return `${name}-${number}`;
}

/** How long a section's doors stay open until its stop_command closes them: its timer, by service. */
function readTimed(
  section: Section,
  { opened, lost, readHook }: {
    readonly opened: ReadonlyMap<string, Meant>;
    readonly lost: Diagnostic[];
    readonly readHook: ReadHook;
  },
): Map<string, number> {
  const closed = new Set<string>();
  for (const call of callsOf(section).filter(isStop)) {
    const meaning = readMeaning(call, { readHook, lost });
    if (meaning === null) continue;
    const keys = meaning.services.map(keyOf).filter((key) => opened.has(key));
    if (meaning.does === "closes") { for (const key of keys) closed.add(key); }
    if (meaning.does === "closes" && keys.length === meaning.services.length) continue;
    lost.push(lose(placeOf(call), "this does not close the door that the section opens"));
  }
  const ending = [...closed].filter((key) => opened.get(key)?.seconds === null);
  if (ending.length === 0) return new Map();
  const timer = lastOf(section, "cmd_timeout");
  const seconds = timer === undefined ? DEFAULTS.cmd_timeout : secondsIn(timer.value);
  if (seconds !== null) return new Map(ending.map((key) => [key, seconds]));
  lost.push(lose(timer?.span ?? section.span, "a door cannot have this time"));
  return new Map();
}

/** Gives a closing section to the knocks of its services that it most likely belongs to. */
function addClosing(
  { section, meanings, steps, once }: Understood,
  { services, lost }: {
    readonly services: ReadonlyMap<string, Collected>;
    readonly lost: Diagnostic[];
  },
): void {
  for (const key of servicesOf(meanings).keys()) {
    const service = services.get(key);
    const opened = service === undefined || once !== null
      ? undefined
      : openedFor(service, { steps, start: section.span.start });
    if (opened !== undefined) {
      opened.knock = { ...opened.knock, close: steps };
      continue;
    }
    const message = once !== null
      ? "no list of one-time sequences closes a door"
      : service === undefined
      ? "this closes what no section opens"
      : "each knock has a closing one already";
    lost.push(lose(section.span, message));
  }
}

/**
 * Any closing knock closes the door of any knock that opened it, so this only matters to readers: the knock
 * with the same ports backwards, else the nearest one before it without an end, else the nearest, else any.
 *
 * @returns `undefined` if each knock has one already
 */
function openedFor(
  { opened }: Collected,
  { steps, start }: { readonly steps: readonly KnockStep[]; readonly start: number },
): Opened | undefined {
  const isAhead = (one: Opened) => one.start < start;
  const backwards = steps.toReversed();
  const tries: readonly ((one: Opened) => boolean)[] = [
    ({ knock }) => sameSequence(knock.steps, backwards),
    (one) => one.knock.for === null && isAhead(one),
    isAhead,
    () => true,
  ];
  for (const fits of tries) {
    const found = opened.findLast((one) => one.knock.close === null && fits(one));
    if (found !== undefined) return found;
  }
  return undefined;
}
