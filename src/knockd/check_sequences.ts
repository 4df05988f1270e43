import { MAX_PORT } from "../firewall/port.ts";
import { CODES } from "../diagnostics/codes.ts";
import { diagnose, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { easyKnock, type KnockStep } from "../firewall/knock.ts";
import type { Span } from "../source/span.ts";
import type { Called } from "./called.ts";
import { onlyCloses } from "./check_commands.ts";
import { lastOf, refuse, type Section, type Setting } from "./read_conf.ts";
import { MAX_STEPS, readSequence, SequenceTree, stepsOf } from "./sequence.ts";

/** Reports the problems of each single sequence. */
export function checkSequences(sections: readonly Called[]): Diagnostic[] {
  return sections.flatMap((called) => {
    const { section } = called;
    const setting = lastOf(section, "sequence");
    if (setting === undefined) return [];
    return [...checkSteps(setting), ...(onlyCloses(called) ? [] : checkEasy(setting))];
  });
}

/** A sequence that opens something and that strangers find, by guessing or by scanning. */
function checkEasy({ value, span }: Setting): Diagnostic[] {
  const easy = easyKnock(stepsOf(value) ?? []);
  if (easy === null) return [];
  const help = "use your own ports, in mixed order: pktables sequences 1";
  return easy === "famous"
    ? [diagnose(CODES.knockdFamous, {
      message: "this sequence is an example from knockd's manual or package",
      at: span,
      label: "the first that an attacker tries",
      help,
    })]
    : [diagnose(CODES.knockdRising, {
      message: "rising ports: an upward port scan knocks them in this order",
      at: span,
      help,
    })];
}

function checkSteps({ value, span }: Setting): Diagnostic[] {
  const steps = readSequence(value);
  const found = steps.flatMap(({ read, start, end }) => {
    const at = { ...span, start: span.start + start, end: span.start + end };
    if (read.kind === "step") return [];
    if (read.kind === "bad-protocol") {
      return [
        refuse(at, { message: `invalid protocol \`${read.text}\``, help: "write tcp or udp" }),
      ];
    }
    const large = /^\d+$/.test(read.text) && Number(read.text) > MAX_PORT;
    return [diagnose(CODES.knockdPort, {
      message: `invalid port \`${read.text}\``,
      at,
      label: large ? "knockd does not start" : "knockd reads it as another number",
      help: `must be 1-${MAX_PORT}`,
    })];
  });
  if (steps.length <= MAX_STEPS) return found;
  const message = `the sequence has ${steps.length} ports`;
  return [...found, refuse(span, { message, help: `knockd takes at most ${MAX_STEPS}` })];
}

/** A sequence that can be compared. */
interface Sound {
  readonly name: string;
  readonly steps: readonly KnockStep[];
  readonly span: Span;
}

/** Warns of sequences that equal another or are the start of one; each is reported with the first such other. */
export function checkClashes(sections: readonly Section[]): Diagnostic[] {
  const trees = new Map<string | undefined, SequenceTree<Sound>>();
  return sections.flatMap((section) => {
    const later = readSound(section);
    if (later === null) return [];
    const target = lastOf(section, "target")?.value;
    const tree = trees.get(target) ?? new SequenceTree();
    trees.set(target, tree);
    const clash = tree.add(later.steps, later);
    return clash === null ? [] : [reportClash(clash, later)];
  });
}

function readSound(section: Section): Sound | null {
  const setting = lastOf(section, "sequence");
  const steps = setting === undefined ? null : stepsOf(setting.value);
  if (setting === undefined || steps === null) return null;
  return { name: section.name, steps, span: setting.span };
}

function reportClash(first: Sound, later: Sound): Diagnostic {
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
    help: "make them differ in their first ports",
  });
}
