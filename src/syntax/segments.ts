// Cuts a statement into pieces between which a line may break and to which comments belong.
import type { ValueKind } from "../../grammar/option_entry.ts";
import { HEAD_OPTIONS, type Known, LOG_PARTS, SERVICE_OPTIONS } from "../../grammar/words.ts";
import { inDoubleQuotes } from "../text/quoted.ts";
import type {
  AddressItem,
  Define,
  Expect,
  Include,
  Knock,
  KnockPort,
  Log,
  LogPart,
  Option,
  PortItem,
  Service,
  Source,
  Statement,
} from "./ast.ts";
import { VALUE_FORMS, valueOf } from "./value_kinds.ts";

/** A piece of a statement. */
export interface Segment {
  /** As it is printed; the comma between items is not part of it. */
  readonly text: string;
  /** Its start in the source, by which comments are placed. */
  readonly start: number;
  /** `intro` starts a unit, `item` is one of a list, `tail` follows the list. */
  readonly kind: "intro" | "item" | "tail";
  /** Comments on lines of their own before it. */
  readonly before: string[];
  /** Comments after it on its line. */
  readonly after: string[];
}

/** What goes on one line if it fits: the head of a service, one of its options, another statement. */
export type Unit = readonly Segment[];

const ORDER: readonly Option["kind"][] = SERVICE_OPTIONS.map(({ kind }) => kind);
const LOG_ORDER: readonly LogPart["kind"][] = LOG_PARTS.map(({ kind }) => kind);

/** Sorts options into canonical order; those of one kind keep theirs. */
export function sortOptions(options: readonly Option[]): Option[] {
  return [...options].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

/** Sorts the parts of a log into canonical order; those of one kind keep theirs. */
export function sortLogParts(parts: readonly LogPart[]): LogPart[] {
  return [...parts].sort((a, b) => LOG_ORDER.indexOf(a.kind) - LOG_ORDER.indexOf(b.kind));
}

/** Cuts a statement into units; the head of a service comes first. */
export function unitsOf(statement: Statement): Unit[] {
  switch (statement.kind) {
    case "include":
      return [unitOfInclude(statement)];
    case "define":
      return [unitOfDefine(statement)];
    case "service":
      return unitsOfService(statement);
    case "expect":
      return [unitOfExpect(statement)];
  }
}

function segment(kind: Segment["kind"], start: number, text: string): Segment {
  return { kind, start, text, before: [], after: [] };
}

function unitOfInclude({ span, path }: Include): Unit {
  return [segment("intro", span.start, `include ${inDoubleQuotes(path.value)}`)];
}

function unitOfDefine({ span, name, items }: Define): Unit {
  return [segment("intro", span.start, `define ${name.value} =`), ...items.map(addressSegment)];
}

function addressSegment(item: AddressItem): Segment {
  return segment("item", item.span.start, item.kind === "address" ? item.text : item.name);
}

function unitsOfService({ span, name, protocol, ports, options }: Service): Unit[] {
  const head = [
    segment("intro", span.start, `service ${name.value} ${protocol.value}`),
    ...ports.map((port) => segment("item", port.span.start, portText(port))),
  ];
  const units: Unit[] = [];
  for (const option of sortOptions(options)) {
    const isHead = HEAD_OPTIONS.some(({ kind }) => kind === option.kind);
    if (isHead) head.push(segment("tail", option.span.start, plainText(option)));
    else units.push(unitOfOption(option));
  }
  return [head, ...units];
}

function unitOfExpect(expect: Expect): Unit {
  const { span, protocol, port, from, to, established, policy } = expect;
  const unit = [segment("intro", span.start, `expect ${protocol.value} ${port.value}`)];
  if (from !== null) unit.push(segment("tail", from.span.start, `from ${sourceText(from)}`));
  if (to !== null) unit.push(segment("tail", to.span.start, `to ${to.text}`));
  const on = expect.interface;
  if (on !== null) {
    unit.push(segment("tail", on.span.start, `on ${VALUE_FORMS.interface.print(on.value)}`));
  }
  if (established !== null) unit.push(segment("tail", established.span.start, "established"));
  return [...unit, segment("tail", policy.span.start, policy.value)];
}

function sourceText(from: Source): string {
  if (from.kind === "anyone") return "anyone";
  return from.kind === "address" ? from.text : from.name;
}

function portText({ from, to }: PortItem): string {
  return from === to ? String(from) : `${from}-${to}`;
}

function unitOfOption(option: Option): Unit {
  const { start } = option.span;
  switch (option.kind) {
    case "allow":
      return [segment("intro", start, "allow"), ...option.items.map(addressSegment)];
    case "knock":
      return unitOfKnock(option);
    case "log":
      return unitOfLog(option);
    default:
      return [segment("intro", start, plainText(option))];
  }
}

/** An option, or a part of a log, that is a word, one of several, or a word and its value. */
function plainText(option: Option | LogPart): string {
  const entry = PLAIN.get(option.kind);
  const fields: Readonly<Record<string, unknown>> = { ...option };
  if (entry?.form === "choice") return String(fields[entry.kind]);
  const [word = ""] = entry?.words ?? [];
  if (entry?.form !== "value") return word;
  return `${word} ${printValue(entry.value, option)}`;
}

const PLAIN: ReadonlyMap<string, Known> = new Map(
  [...SERVICE_OPTIONS, ...LOG_PARTS].map((entry) => [entry.kind, entry]),
);

function printValue<V extends ValueKind>(kind: V, node: Option | LogPart): string {
  return VALUE_FORMS[kind].print(valueOf(kind, node));
}

function unitOfKnock(knock: Knock): Unit {
  const words = knock.once === null ? "knock" : `knock once ${inDoubleQuotes(knock.once.value)}`;
  const unit = [segment("intro", knock.span.start, words), ...knock.ports.map(knockSegment)];
  for (const [word, duration] of [["within", knock.within], ["for", knock.for]] as const) {
    if (duration === null) continue;
    const { count, unit: letter } = duration.value;
    unit.push(segment("tail", duration.span.start, `${word} ${count}${letter}`));
  }
  // Items again, but of a second list: each brings its own comma.
  for (const [at, port] of (knock.close ?? []).entries()) {
    const comma = at + 1 < (knock.close ?? []).length ? "," : "";
    const text = `${at === 0 ? "close " : ""}${knockText(port)}${comma}`;
    unit.push(segment("tail", port.span.start, text));
  }
  if (knock.by !== null) {
    unit.push(segment("tail", knock.by.span.start, `by ${knock.by.value}`));
  }
  return unit;
}

function knockSegment(port: KnockPort): Segment {
  return segment("item", port.span.start, knockText(port));
}

function knockText({ port, protocol }: KnockPort): string {
  return protocol === null ? String(port) : `${port}:${protocol}`;
}

function unitOfLog(log: Log): Unit {
  const parts = sortLogParts(log.parts);
  const texts = parts.map((part) => segment("tail", part.span.start, plainText(part)));
  return [segment("intro", log.span.start, "log"), ...texts];
}
