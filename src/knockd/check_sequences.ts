import { CODES } from "../diagnostics/codes.ts";
import { diagnose, type Diagnostic } from "../diagnostics/diagnostic.ts";
import type { KnockStep } from "../firewall/knock.ts";
import type { Span } from "../source/span.ts";
import { refuse, type Section, type Setting } from "./read_conf.ts";
import { isPrefix, MAX_STEPS, readSequence } from "./sequence.ts";

/** Tells what is wrong with sequences, each by itself. */
export function checkSequences(sections: readonly Section[]): Diagnostic[] {
  return sections.flatMap((section) => {
    const setting = lastOf(section, "sequence");
    return setting === undefined ? [] : checkSteps(setting);
  });
}

/** knockd takes the last of two equal keys. */
function lastOf({ settings }: Section, wanted: string): Setting | undefined {
  return settings.findLast(({ key }) => key === wanted);
}

function checkSteps({ value, span }: Setting): Diagnostic[] {
  const steps = readSequence(value);
  const found = steps.flatMap(({ read, start, end }) => {
    const at = { ...span, start: span.start + start, end: span.start + end };
    if (read.kind === "step") return [];
    if (read.kind === "bad-protocol") {
      return [refuse(at, { message: `\`${read.text}\` is no protocol`, help: "write tcp or udp" })];
    }
    const large = /^\d+$/.test(read.text) && Number(read.text) > 65535;
    return [diagnose(CODES.knockdPort, {
      message: `\`${read.text}\` is no port`,
      at,
      label: large ? "knockd does not start" : "knockd takes it for another number",
      help: "a port is a whole number from 1 to 65535",
    })];
  });
  if (steps.length <= MAX_STEPS) return found;
  const message = `the sequence has ${steps.length} ports`;
  return [...found, refuse(span, { message, help: `${MAX_STEPS} are the most that knockd takes` })];
}

/** A sequence that can be compared. */
interface Sound {
  readonly name: string;
  readonly target: string | undefined;
  readonly steps: readonly KnockStep[];
  readonly span: Span;
}

/** Tells of sequences that are the same as another, or the start of one. */
export function checkClashes(sections: readonly Section[]): Diagnostic[] {
  const sound = sections.flatMap(readSound);
  return sound.flatMap((later, index) => {
    const clash = sound.slice(0, index).find((one) =>
      one.target === later.target &&
      (isPrefix(one.steps, later.steps) || isPrefix(later.steps, one.steps))
    );
    return clash === undefined ? [] : [tellClash(clash, later)];
  });
}

function readSound(section: Section): Sound[] {
  const setting = lastOf(section, "sequence");
  if (setting === undefined) return [];
  const steps = readSequence(setting.value).flatMap(({ read }) =>
    read.kind === "step" ? [read.step] : []
  );
  if (steps.length !== setting.value.split(",").length) return [];
  const target = lastOf(section, "target")?.value;
  return [{ name: section.name, target, steps, span: setting.span }];
}

function tellClash(first: Sound, later: Sound): Diagnostic {
  if (first.steps.length === later.steps.length) {
    return diagnose(CODES.knockdSameSequence, {
      message: `\`${later.name}\` has the same sequence as \`${first.name}\``,
      at: later.span,
      secondary: [{ span: first.span, text: "the same" }],
      help: "a knock runs both commands at once: give each its own sequence",
    });
  }
  const [short, long] = first.steps.length < later.steps.length ? [first, later] : [later, first];
  return diagnose(CODES.knockdPrefix, {
    message: `the sequence of \`${long.name}\` starts with that of \`${short.name}\``,
    at: long.span,
    secondary: [{ span: short.span, text: "this one is knocked on the way" }],
    help: "let them differ in their first ports",
  });
}
