import { isPort } from "../firewall/port.ts";
import type { KnockStep } from "../firewall/knock.ts";

/** The most ports of a sequence that knockd keeps (SEQ_MAX of knockd 0.8). */
export const MAX_STEPS = 32;

/** Prints a sequence as knockd's `sequence` takes it, each port with its protocol. */
export function formatSequence(steps: readonly KnockStep[]): string {
  return steps.map(({ port, protocol }) => `${port}:${protocol}`).join(",");
}

/** Whether two sequences are knocked alike. */
export function sameSequence(a: readonly KnockStep[], b: readonly KnockStep[]): boolean {
  return a.length === b.length && isPrefix(a, b);
}

/** Whether `start` is a prefix of `whole`; also if both are the same. */
function isPrefix(start: readonly KnockStep[], whole: readonly KnockStep[]): boolean {
  return start.every(({ port, protocol }, at) =>
    port === whole[at]?.port && protocol === whole[at]?.protocol
  );
}

/** One port of a written sequence. */
export type ReadStep =
  | { readonly kind: "step"; readonly step: KnockStep }
  /** Not a port from 1 to 65535. */
  | { readonly kind: "bad-port"; readonly text: string }
  /** Neither tcp nor udp. */
  | { readonly kind: "bad-protocol"; readonly text: string };

/** A written port with its place in the value. */
export interface WrittenStep {
  /** What it is. */
  readonly read: ReadStep;
  /** Offset of its first character in the value. */
  readonly start: number;
  /** Offset behind its last character. */
  readonly end: number;
}

/**
 * Reads the value of `sequence` as knockd does. It reads ports by atoi(3), so a comment behind the last
 * port does no harm, but `70x0` is 70 to it: anything but an integer is reported here.
 */
export function readSequence(value: string): WrittenStep[] {
  let at = 0;
  return value.split(",").map((item) => {
    const lead = item.length - item.trimStart().length;
    const start = at + lead;
    at += item.length + 1;
    return { read: readStep(item.trim()), start, end: start + Math.max(1, item.trim().length) };
  });
}

/** The steps of a written sequence, or `null` if one of them is invalid. */
export function stepsOf(value: string): KnockStep[] | null {
  const steps = readSequence(value).map(({ read }) => read.kind === "step" ? read.step : null);
  return steps.some((step) => step === null) ? null : steps.filter((step) => step !== null);
}

function readStep(item: string): ReadStep {
  const [written = "", protocol = "tcp"] = item.split(":").map((part) => part.trim());
  const port = item.includes(":") ? written : written.replace(/\s+#.*$/, "");
  const number = /^\d{1,9}$/.test(port) ? Number(port) : 0;
  if (!isPort(number)) return { kind: "bad-port", text: port };
  const name = protocol.toLowerCase();
  if (name !== "tcp" && name !== "udp") return { kind: "bad-protocol", text: protocol };
  return { kind: "step", step: { port: number, protocol: name } };
}

/** A common start of sequences. */
interface Node<T> {
  /** The first sequence that equals this start, and its number. */
  end: { readonly owner: T; readonly order: number } | null;
  /** The first that has this start. */
  readonly first: { readonly owner: T; readonly order: number };
}

/**
 * Sequences by their starts (a trie): a lookup takes as many steps as the sequence has, however many there are.
 */
export class SequenceTree<T> {
  readonly #nodes = new Map<string, Node<T>>();
  #count = 0;

  /**
   * Adds a sequence.
   *
   * @returns the first one added before that is the same, the start of this one, or starts with it
   */
  add(steps: readonly KnockStep[], owner: T): T | null {
    const own = { owner, order: this.#count++ };
    let found: Node<T>["end"] = null;
    let start = "";
    for (const [at, { port, protocol }] of steps.entries()) {
      start += `${port}${protocol === "udp" ? "u" : "t"}`;
      const isLast = at === steps.length - 1;
      const known = this.#nodes.get(start);
      if (known === undefined) {
        this.#nodes.set(start, { end: isLast ? own : null, first: own });
        continue;
      }
      const other = isLast ? known.first : known.end;
      if (other !== null && (found === null || other.order < found.order)) found = other;
      if (isLast) known.end ??= own;
    }
    return found?.owner ?? null;
  }
}
