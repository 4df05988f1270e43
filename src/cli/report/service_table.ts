// The table of services and doors that `list` prints.
import { formatAddress } from "../../firewall/address.ts";
import { formatDuration } from "../../firewall/duration.ts";
import {
  propertyOf,
  SEEN_NAMES,
  type SeenName,
  type SeenProperties,
} from "../../firewall/properties.ts";
import { type DoorView, secondsLeft, type ServiceView } from "./view.ts";

const HEAD = ["SERVICE", "PORTS", "POLICY", "DOOR", "TIME LEFT", "PACKETS"];

/** The columns that a narrow terminal loses first; the door and its time are the most important. */
const SPARED = ["POLICY", "PORTS"];

/**
 * The services as a table for people: one line for each door, with the service on its first.
 *
 * @param services what to show
 * @param now seconds since 1970
 * @param options `width`: of the terminal; if it is too narrow, some columns of the table are left out
 */
export function drawTable(
  services: readonly ServiceView[],
  now: number,
  { width = Infinity }: { readonly width?: number } = {},
): string {
  let table = [HEAD];
  for (const service of services) {
    const own = [service.name, describePorts(service), describePolicy(service)];
    if (service.doors.length === 0) table.push([...own, "-", "", String(service.packets)]);
    service.doors.forEach((door, at) => {
      table.push((at === 0 ? own : ["", "", ""]).concat(describeDoor(door, now)));
    });
    const others = service.others.length;
    const packets = service.others.reduce((sum, rule) => sum + rule.packets, 0);
    if (others > 0) {
      const rules = others === 1 ? "rule" : "rules";
      table.push(["", "", "", `+${others} foreign ${rules}`, "", String(packets)]);
    }
  }
  let widths = widthsOf(table);
  for (const spared of SPARED) {
    if (widths.reduce((sum, one) => sum + one + 2, -2) <= width) break;
    const at = table[0]!.indexOf(spared);
    table = table.map((row) => row.toSpliced(at, 1));
    widths = widths.toSpliced(at, 1);
  }
  const last = widths.length - 1;
  // No array of cells for each line: a chain may have 65,000.
  return table.map((row) => {
    let line = "";
    for (let column = 0; column < last; column++) {
      line += `${row[column]!.padEnd(widths[column]!)}  `;
    }
    return `${line}${row[last]!.padStart(widths[last]!)}`.trimEnd();
  }).join("\n");
}

/** The width of each column's widest cell. */
function widthsOf(table: readonly (readonly string[])[]): number[] {
  const widths = HEAD.map(({ length }) => length);
  for (const row of table) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column]!, cell.length);
    });
  }
  return widths;
}

function describePorts({ observed, families }: ServiceView): string {
  const words = SEEN_NAMES.flatMap((name) => columnOf(name, observed) ?? []);
  if (observed.protocol === null) {
    words.unshift(observed.jumps.length === 0 ? "no jump in INPUT" : "foreign jump");
  }
  if (families.length === 1) words.push(...families);
  return words.join(" ");
}

function columnOf<K extends SeenName>(name: K, observed: SeenProperties): string | null {
  const property = propertyOf(name);
  return property.column?.(observed[name]) ?? null;
}

function describePolicy({ observed }: ServiceView): string {
  return observed.policy ?? observed.end?.verdict ?? "none";
}

function describeDoor(door: DoorView, now: number): string[] {
  const { address, kind, until, isDead, packets } = door;
  const time = isDead ? "dead" : describeTime({ kind, until, now });
  return [formatAddress(address), time, packets === null ? "-" : String(packets)];
}

/** Shown for a door without an end. */
const ENDLESS = {
  allow: "allowed by file",
  door: "no end",
  kernel: "not known, by kernel",
} as const;

function describeTime(
  { kind, until, now }: { kind: DoorView["kind"]; until: number | null; now: number },
): string {
  if (until === null) return ENDLESS[kind];
  const left = secondsLeft(until, now);
  const words = left === 0 ? "expired" : formatDuration(left);
  return kind === "kernel" ? `${words} by kernel` : words;
}
