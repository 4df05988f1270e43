import { formatDuration } from "../firewall/duration.ts";
import { parseDate } from "../firewall/time.ts";
import { escaped } from "../text/printable.ts";
import type { Verdict } from "./target.ts";
import type { Dependence, Trace } from "./verdict.ts";
import type { Outcome, Place } from "./way.ts";

/** The most dependencies that are named in a line; the rest is counted. */
const MOST_NAMED = 3;

/** How a result is described. */
export interface DescribeOptions {
  /** Seconds since 1970 UTC, for the remaining time of a door. */
  readonly now: number;
  /** Whether to name which iptables a rule belongs to. Default: no. */
  readonly backends?: boolean;
}

/**
 * What a packet meets, in one line without a full stop.
 *
 * @returns for instance `dropped by rule 3 of INPUT: -p tcp -m tcp --dport 22 -j DROP`
 */
export function describeTrace(trace: Trace, options: DescribeOptions): string {
  const { verdict, depends, end } = trace;
  if (verdict !== "unknown") return describeOutcome(end, options);
  // A map of nft whose verdict is unknown depends on itself twice, in the same words.
  const all = [...new Set(depends.map((one) => describeDependence(one, options)))];
  const named = all.slice(0, MOST_NAMED);
  const more = all.length - named.length;
  const rest = more > 0 ? ` and ${more} more` : "";
  return `unknown: depends on ${named.join(", ")}${rest}`;
}

/** One possible end of a packet, in the same words. */
export function describeOutcome(outcome: Outcome, options: DescribeOptions): string {
  const { by, reason } = outcome;
  const what = whatBecomes(outcome);
  if (by === null) {
    return reason === null ? `${what}: no rule looks at it` : `unknown: ${escaped(reason)}`;
  }
  const words = by.number === 0 ? "" : `: ${describeRule(by, options)}`;
  const why = reason === null ? "" : ` (${escaped(reason)})`;
  return `${what} by ${describePlace(by, options)}${words}${why}`;
}

const VERDICTS: Readonly<Record<Verdict, string>> = {
  accepted: "accepted",
  dropped: "dropped",
  rejected: "rejected",
  queued: "queued to a program",
  redirected: "redirected",
  unknown: "unknown: decided",
};

function whatBecomes({ verdict, translated }: Outcome): string {
  if (translated === null) return VERDICTS[verdict];
  const { address, port } = translated;
  const shown = address?.includes(":") ? `[${address}]` : address;
  if (verdict !== "redirected") return `${VERDICTS[verdict]} at port ${port ?? "unknown"}`;
  return `redirected to ${escaped(shown ?? "")}${port === null ? "" : `:${port}`}`;
}

/** Names a rule by its place: `rule 3 of INPUT`, `the policy of INPUT`, `rule 2 of DOCKER in table nat`. */
export function describePlace(place: Place, { backends = false }: DescribeOptions): string {
  const { number, chain, table, backend } = place;
  const which = number === 0 ? "the policy" : `rule ${number}`;
  const inTable = table === "filter" ? "" : ` in table ${escaped(table)}`;
  const by = backends && backend !== "" ? ` (${backend})` : "";
  return `${which} of ${escaped(chain)}${inTable}${by}`;
}

/** Chains of this program's services. */
const OWN = /^pk[-.]/;

/** The text of a rule, or its meaning if it is a rule of a service. */
function describeRule({ chain, text }: Place, { now }: DescribeOptions): string {
  const isDoor = OWN.test(chain) && /^-s \S+ /.test(text) && text.endsWith("-j ACCEPT");
  if (!isDoor) return escaped(text === "" ? "(no words)" : text);
  const stop = parseDate(/ --datestop (\S+)/.exec(text)?.[1] ?? "");
  if (stop === null) return "door";
  // The second of the end still counts (xt_time.c).
  const left = formatDuration(Math.max(0, Math.floor(stop + 1 - now))).replaceAll(" ", "");
  return `door, ${left} left`;
}

function describeDependence({ place, on }: Dependence, options: DescribeOptions): string {
  const what = escaped(on.join(", "));
  if (place === null) return what;
  const where = describePlace(place, options);
  return `${where} (${what === "" ? escaped(place.text) : what})`;
}

/** The rules that sent or changed the packet on its most likely way, one line each, except the last. */
export function describeWay({ end }: Trace, options: DescribeOptions): string[] {
  return end.path.filter((place) => place !== end.by).map((place) =>
    `${describePlace(place, options)}: ${describeRule(place, options)}`
  );
}
