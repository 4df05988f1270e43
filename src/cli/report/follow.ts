import { type Family, formatAddress } from "../../firewall/address.ts";
import { type Edit, emitEdit } from "../../plan/edit.ts";
import type { FollowPlan, ServiceChange, Staying } from "../../plan/follow.ts";
import { describeOverrule } from "./overrule.ts";
import { printable } from "../../text/printable.ts";
import { describePlaces, type Placement } from "./place.ts";
import type { Reporter } from "./reporter.ts";
import { FAMILY_NAMES, joinWords } from "../../text/words.ts";

/** The plan by which one family follows a rules file. */
export interface FamilyFollow {
  /** The family of the table. */
  readonly family: Family;
  /** The planned changes. */
  readonly plan: FollowPlan;
  /** Where its new jumps go. */
  readonly placement: Placement;
}

/** A service's changes, family by family. */
interface Row {
  readonly name: string;
  readonly families: readonly { readonly family: Family; readonly change: ServiceChange }[];
}

/** A place after all others; infinite places could not be subtracted. */
const MANY = Number.MAX_SAFE_INTEGER;

/** Joins the families' changes by service: those of the file in its order, then others. */
function byService(plans: readonly FamilyFollow[]): Row[] {
  const rows = new Map<string, { family: Family; change: ServiceChange }[]>();
  for (const { family, plan } of plans) {
    for (const change of plan.changes) {
      const known = rows.get(change.name);
      if (known === undefined) rows.set(change.name, [{ family, change }]);
      else known.push({ family, change });
    }
  }
  const place = ({ families }: Row) =>
    Math.min(MANY, ...families.map(({ change }) => change.place));
  return [...rows].map(([name, families]) => ({ name, families }))
    .sort((a, b) => place(a) - place(b));
}

/**
 * One line for each service: its name, and what happens to it.
 *
 * @example `vpn  policy drop -> reject, 2 doors kept`
 */
export function summarize(plans: readonly FamilyFollow[]): string[] {
  const rows = byService(plans);
  const width = Math.max(...rows.map(({ name }) => name.length));
  const placed = plans.map(({ placement }) => placement);
  return rows.map((row) => {
    const where = isUnchanged(row) ? "" : describePlaces(placed, row.name);
    const what = `${row.name.padEnd(width)}  ${describeRow(row)}`;
    return where === "" ? what : `${what}, ${where}`;
  });
}

function isUnchanged({ families }: Row): boolean {
  return families.every(({ change }) => change.state === "unchanged");
}

function describeRow({ families }: Row): string {
  const where = new Map<string, Family[]>();
  for (const { family, change } of families) {
    for (const word of change.state === "changed" ? change.drift : [change.state]) {
      const known = where.get(word);
      if (known === undefined) where.set(word, [family]);
      else known.push(family);
    }
  }
  if (where.size > 1) where.delete("unchanged");
  const said = [...where].map(([word, some]) =>
    some.length === families.length ? word : `${word} (${nameFamilies(some)})`
  );
  const kept = families.reduce((sum, { change }) => sum + change.doorsKept, 0);
  const doors = kept === 0 ? [] : [`${kept} ${kept === 1 ? "door" : "doors"} kept`];
  return [...said, ...doors].join(", ");
}

function nameFamilies(families: readonly Family[]): string {
  return joinWords(families.map((family) => FAMILY_NAMES[family]));
}

/** Reports what a file cannot change: jumps that keep a wrong place, and other services. */
export function noteWhatStays(plans: readonly FamilyFollow[], report: Reporter): void {
  for (const { family, plan: { swapped, stays } } of plans) {
    const where = FAMILY_NAMES[family];
    for (const one of stays) report.warn(`${where}: ${describeStaying(one)}`);
    if (swapped !== null) {
      const order = `the jump to ${swapped.first} comes before that to ${swapped.second}`;
      report.warn(`${where}: in INPUT ${order}, unlike in the file; jumps keep their places`);
    }
  }
  const unmanaged = unmanagedOf(plans);
  if (unmanaged.length > 0) {
    report.note(`note: not in the file, left alone: ${unmanaged.join(", ")}`);
  }
}

function describeStaying(one: Staying): string {
  if (one.kind === "overrule") return `${describeOverrule(one.overrule)} (wanted: ${one.wanted})`;
  const { name, jump } = one;
  return `rule ${jump.at} of INPUT (${jump.text}) sends only some packets to ${name}: left alone, ` +
    "--replace puts the file's jump in its place";
}

/** The texts of foreign rules that decide in place of a service's policy. */
export function overruling(plans: readonly FamilyFollow[]): Set<string> {
  return new Set(
    plans.flatMap(({ plan }) =>
      plan.stays.flatMap((one) => one.kind === "overrule" ? [one.overrule.text] : [])
    ),
  );
}

/** Reports which doors behind the end of their chain open again. */
export function noteRevived(plans: readonly FamilyFollow[], report: Reporter): void {
  const names = [...new Set(plans.flatMap(({ plan }) => plan.changes.map(({ name }) => name)))];
  for (const name of names) {
    const doors = plans.flatMap(({ plan }) =>
      plan.changes.filter((change) => change.name === name).flatMap(({ revived }) => revived)
    );
    if (doors.length === 0) continue;
    const shown = doors.slice(0, 3).map(({ address }) => formatAddress(address)).join(", ");
    const more = doors.length > 3 ? ` and ${doors.length - 3} more` : "";
    report.warn(
      `${name}: doors behind the end of the chain open again: ${shown}${more}`,
    );
  }
}

/** Whether anything differs from the file: what would be written, and what stays anyway. */
export function isDifferent({ plan }: FamilyFollow): boolean {
  return plan.edits.length > 0 || plan.stays.length > 0 || plan.swapped !== null;
}

/** Services that the file does not name and that stay, over all families. */
export function unmanagedOf(plans: readonly FamilyFollow[]): string[] {
  return [...new Set(plans.flatMap(({ plan }) => plan.unmanaged))].sort();
}

/** One line of a difference: removed ones have `-`, added ones `+`. */
export interface DiffLine {
  /** `+` for a line that adds a chain or a rule. */
  readonly sign: "+" | "-";
  /** The line of the payload for iptables-restore. */
  readonly line: string;
}

/** The changes of a service in one family. */
export interface DiffBlock {
  /** Its name. */
  readonly service: string;
  /** The family of the table. */
  readonly family: Family;
  /** What happens to the service there. */
  readonly state: ServiceChange["state"];
  /** What differs, in words. */
  readonly reasons: readonly string[];
  /** Its part of the transaction, in order. */
  readonly lines: readonly DiffLine[];
}

/** An edit as a line of a difference. */
export function toDiffLine(edit: Edit): DiffLine {
  const sign = edit.op === "create-chain" || edit.op === "insert" ? "+" : "-";
  return { sign, line: emitEdit(edit) };
}

/** All differences, by service and family. */
export function diffBlocks(plans: readonly FamilyFollow[]): DiffBlock[] {
  return byService(plans).flatMap(({ name, families }) =>
    families.filter(({ change }) => change.edits.length > 0).map((
      { family, change },
    ): DiffBlock => ({
      service: name,
      family,
      state: change.state,
      reasons: change.drift,
      lines: change.edits.map(toDiffLine),
    }))
  );
}

/** Draws differences like a patch, with the reasons as headings. */
export function drawDiff(blocks: readonly DiffBlock[], color: boolean): string {
  return blocks.map(({ service, family, state, reasons, lines }) => {
    const why = state === "changed" ? reasons.join(", ") : state;
    return drawLines(lines, { heading: `${service}: ${why} (${FAMILY_NAMES[family]})`, color });
  }).join("\n\n");
}

/** Draws lines of a difference below a heading. */
export function drawLines(
  lines: readonly DiffLine[],
  { heading, color }: { readonly heading: string; readonly color: boolean },
): string {
  const paint = (code: string, text: string) => {
    const safe = printable(text);
    return color ? `\x1b[${code}m${safe}\x1b[0m` : safe;
  };
  const body = lines.map(({ sign, line }) => paint(sign === "+" ? "32" : "31", `${sign} ${line}`));
  return [paint("1", heading), ...body].join("\n");
}
