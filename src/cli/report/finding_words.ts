import type { Family } from "../../firewall/address.ts";
import type { Expectation } from "../../firewall/expectation.ts";
import { positionOf, type Source } from "../../source/source.ts";
import type { Span } from "../../source/span.ts";
import { FAMILY_NAMES, joinWords } from "../../text/words.ts";
import type { Finding } from "../../trace/judge.ts";

/** The report on an expectation. */
export interface DescribedFinding {
  /** The expectation. */
  readonly expectation: Expectation;
  /** Whether it certainly is not met. */
  readonly state: "failed" | "unknown";
  /** The families that this is about. */
  readonly families: readonly Family[];
  /** The address of the packet, if the statement leaves that open; otherwise `null`. */
  readonly sender: string | null;
  /** What the packet meets, and in which families, if the statement leaves that open. */
  readonly words: string;
  /** The rules that lead there, a line each. */
  readonly way: readonly string[];
}

/** What one packet meets, in words. */
export interface Description {
  /** In one line. */
  readonly words: string;
  /** The rules that lead there, a line each. */
  readonly way: readonly string[];
}

/**
 * Describes findings in the order of the file; what is the same in both families is reported once.
 *
 * @param findings of one family after the other
 * @param expectations all of the file
 * @param describe says what a packet meets
 */
export function reportFindings(
  findings: readonly Finding[],
  { expectations, describe }: {
    expectations: readonly Expectation[];
    describe: (finding: Finding) => Description;
  },
): DescribedFinding[] {
  const merged = new Map<string, DescribedFinding>();
  const order = new Map(expectations.map((one, at) => [one, at]));
  for (const finding of findings) {
    const { expectation, family, state } = finding;
    const { words, way } = describe(finding);
    const sender = senderOf(finding);
    const key = JSON.stringify([order.get(expectation), state, sender, words, way]);
    const families = [...(merged.get(key)?.families ?? []), family];
    merged.set(key, { expectation, state, families, sender, words, way });
  }
  return [...merged.values()]
    .sort((a, b) => order.get(a.expectation)! - order.get(b.expectation)!)
    .map((described) => ({ ...described, words: `${described.words}${inFamilies(described)}` }));
}

/** Reported for an expectation that could not be tested. */
export const NOT_LOOKED_AT =
  "too many different senders to test, or the tables changed while they were read";

/** Names the address if the statement names a list. */
function senderOf({ expectation, from }: Finding): string | null {
  return from === null || expectation.text.includes(` from ${from} `) ? null : from;
}

/** Names the families if the statement is about both. */
function inFamilies({ expectation, families }: DescribedFinding): string {
  if (expectation.families.length < 2) return "";
  return ` (${joinWords(families.map((family) => FAMILY_NAMES[family]))})`;
}

/** Names a place by file and line: `rules.pk:5`. */
export function placeOf(span: Span, sources: ReadonlyMap<string, Source>): string {
  const source = sources.get(span.file);
  return source === undefined ? span.file : `${span.file}:${positionOf(source, span.start).line}`;
}
