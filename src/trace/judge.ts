import { type Address, type Family, formatAddress, parseAddress } from "../firewall/address.ts";
import type { Expectation } from "../firewall/expectation.ts";
import { coversPort, type Protocol, type Service } from "../firewall/service.ts";
import type { Borders } from "./borders.ts";
import { outsider, packetFrom } from "./packet.ts";
import type { Stage } from "./stage.ts";
import type { Verdict } from "./target.ts";
import type { Machine } from "./translate.ts";
import { type Trace, traceStages } from "./verdict.ts";

/** The input for one family. */
export interface TraceInput {
  /** The family of the packets. */
  readonly family: Family;
  /** The stages; see traceStages(). */
  readonly stages: readonly Stage[];
  /** The texts of all rules in the stages. */
  readonly borders: Borders;
  /** The services of the file: an outsider comes in on the interface of the requested one. */
  readonly services: readonly Service[];
  /** The interface of an outsider otherwise; `null` if unknown. */
  readonly interface: string | null;
  /** Further facts about the machine. */
  readonly machine: Machine;
  /** Seconds since 1970 UTC. */
  readonly now: number;
}

/** An expectation that is not met in one family, or for which that is unknown. */
export interface Finding {
  /** The expectation. */
  readonly expectation: Expectation;
  /** The family. */
  readonly family: Family;
  /** `failed` if it certainly is not met. */
  readonly state: "failed" | "unknown";
  /** The sender of the traced packet; `null` for anyone. */
  readonly from: string | null;
  /** The trace; `null` if there are too many kinds of senders. */
  readonly trace: Trace | null;
}

const WANTED: Readonly<Record<Expectation["policy"], Verdict>> = {
  accept: "accepted",
  drop: "dropped",
  reject: "rejected",
};

/** Ends whose result is unknown. */
const OPEN: ReadonlySet<Verdict> = new Set<Verdict>(["unknown", "queued"]);

/**
 * Tests which expectations are not met in one family. For a list of senders the first that fails is
 * reported, otherwise the first for which it is unknown.
 *
 * @param expectations those of a file; the ones of only the other family are skipped
 * @param input the stages, and what else is known
 */
export function judge(expectations: readonly Expectation[], input: TraceInput): Finding[] {
  return expectations.filter(({ families }) => families.includes(input.family))
    .map((one) => judgeOne(one, input)).filter((found) => found !== null);
}

function judgeOne(expectation: Expectation, input: TraceInput): Finding | null {
  const { family } = input;
  const hosts = expectation.from === null ? [null] : input.borders.samples(expectation.from);
  if (hosts === null) {
    return { expectation, family, state: "unknown", from: null, trace: null };
  }
  let doubtful: Finding | null = null;
  for (const from of hosts) {
    const trace = send(expectation, { from, input });
    const state = compare(expectation, trace);
    if (state === "met") continue;
    const found: Finding = { expectation, family, state, from: shorten(from), trace };
    if (state === "failed") return found;
    doubtful ??= found;
  }
  return doubtful;
}

/** Whether a packet met what was expected; a failure may be certain even if several ends are possible. */
function compare(
  { policy }: Expectation,
  { verdict, outcomes }: Trace,
): "met" | "failed" | "unknown" {
  const wanted = WANTED[policy];
  if (verdict === wanted) return "met";
  const isOpen = outcomes.some((one) => one.verdict === wanted || OPEN.has(one.verdict));
  return isOpen ? "unknown" : "failed";
}

function send(
  expectation: Expectation,
  { from, input }: { from: string | null; input: TraceInput },
): Trace {
  const { protocol, port, to, established } = expectation;
  const service = { protocol, port, family: input.family };
  const options = {
    now: input.now,
    interface: expectation.interface ?? (from === null ? interfaceOf(service, input) : null),
    destination: to === null ? null : withoutLength(to),
    established,
  };
  const packet = from === null ? outsider(service, options) : packetFrom(service, from, options);
  if (packet === null) throw new TypeError("a checked address is invalid");
  return traceStages(input.stages, packet, input.machine);
}

/**
 * The interface by which an outsider reaches a service: that of the service's `on`, otherwise that of the
 * default route.
 *
 * @param to the destination
 * @param given the services of a rules file, and the default route's interface
 * @returns `null` if unknown
 */
export function interfaceOf(
  to: { readonly family: Family; readonly protocol: Protocol; readonly port: number },
  given: { readonly services: readonly Service[]; readonly interface: string | null },
): string | null {
  const names = new Set(
    given.services.filter((service) =>
      service.families.includes(to.family) && coversPort(service, to)
    ).flatMap((service) => service.interface ?? []),
  );
  const [only] = names;
  // One that ends in + matches many, of which any will do.
  return only === undefined || names.size > 1 ? given.interface : only.replace(/\+$/, "0");
}

/** An address as people write it. */
function shorten(host: string | null): string | null {
  const parsed = host === null ? null : parseAddress(host);
  return parsed?.ok ? withoutLength(parsed.value) : host;
}

/** An address as a packet has it. */
function withoutLength(address: Address): string {
  return formatAddress(address).replace(/\/\d+$/, "");
}
