import type { KnockStep } from "../firewall/knock.ts";

/** The most ports that knockd keeps of a sequence (SEQ_MAX of knockd 0.8). */
export const MAX_STEPS = 32;

/** Prints a sequence as knockd's `sequence` takes it, each port with its protocol. */
export function formatSequence(steps: readonly KnockStep[]): string {
  return steps.map(({ port, protocol }) => `${port}:${protocol}`).join(",");
}

/** Whether two sequences are knocked alike. */
export function sameSequence(a: readonly KnockStep[], b: readonly KnockStep[]): boolean {
  return a.length === b.length && isPrefix(a, b);
}

/** Whether `start` is what one knocks first on the way through `whole`; also if both are the same. */
export function isPrefix(start: readonly KnockStep[], whole: readonly KnockStep[]): boolean {
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
 * Reads the value of `sequence`. knockd reads ports by atoi(3), which takes `70x0` for 70: what is no
 * whole number is told here.
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

function readStep(item: string): ReadStep {
  const [port = "", protocol = "tcp"] = item.split(":").map((part) => part.trim());
  const number = /^\d{1,9}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65535) return { kind: "bad-port", text: port };
  const name = protocol.toLowerCase();
  if (name !== "tcp" && name !== "udp") return { kind: "bad-protocol", text: protocol };
  return { kind: "step", step: { port: number, protocol: name } };
}
