import { type FlagKind, SERVICE_OPTIONS, type ServiceEntry } from "../../grammar/words.ts";
import { type Address, compareAddresses, FAMILIES } from "../firewall/address.ts";
import type { Knock, KnockStep } from "../firewall/knock.ts";
import { normalizePorts } from "../firewall/port.ts";
import {
  DEFAULT_BURST,
  DEFAULT_LOG_LEVEL,
  defaultBurst,
  type Log,
  parseLogLevel,
  type Service,
} from "../firewall/service.ts";
import type { KnockPort, Option, Service as WrittenService } from "../syntax/ast.ts";
import { type Bare, valueOf } from "../syntax/value_kinds.ts";
import type { Expansion } from "./expansion.ts";
import { DEFAULT_WITHIN, secondsOf } from "./limits.ts";
import { firstOption, optionsOf, policyOf } from "./options.ts";

/**
 * Lowers a service of the AST to the firewall model.
 *
 * @param service a service without errors
 * @param given the addresses that it allows, in any order, and its knocks from {@link lowerKnocks}
 */
export function lowerService(
  service: WrittenService,
  { expansion, knocks }: { readonly expansion: Expansion; readonly knocks: readonly Knock[] },
): Service {
  const family = firstOption(service, "family");
  return {
    name: service.name.value,
    protocol: service.protocol.value,
    ports: normalizePorts(service.ports.map(({ from, to }) => ({ from, to }))),
    policy: policyOf(service),
    families: family === null ? FAMILIES : [family.family],
    ...lowerOptions(service),
    interface: lowerInterface(service),
    log: lowerLog(service),
    allow: lowerAddresses(expansion),
    ...lowerKernelKnocks(knocks),
  };
}

/** The entries of options that are a word and a value. */
type ValueEntry = Extract<ServiceEntry, { readonly form: "value" }>;

/** Which bare words are given, and the values of options: `null` if one is not given. */
type LoweredOptions =
  & Record<FlagKind, boolean>
  & { readonly [E in ValueEntry as E["kind"]]: Bare<E["value"]> | null };

/** The defaults of a service, and how an option of each kind is lowered. */
const WITHOUT_OPTIONS: Record<string, unknown> = {};
const LOWER = new Map<string, (option: Option) => unknown>();
for (const entry of SERVICE_OPTIONS) {
  if (entry.form !== "flag" && entry.form !== "value") continue;
  WITHOUT_OPTIONS[entry.kind] = entry.form === "flag" ? false : null;
  LOWER.set(entry.kind, entry.form === "flag" ? () => true : (one) => valueOf(entry.value, one));
}

/** The options that are a bare word or a word with a value; each is a property of its kind. */
function lowerOptions({ options }: WrittenService): LoweredOptions {
  const lowered = { ...WITHOUT_OPTIONS };
  for (const option of options) {
    const lower = LOWER.get(option.kind);
    if (lower !== undefined) lowered[option.kind] = lower(option);
  }
  return lowered as LoweredOptions;
}

/** A `+` alone is every interface, and iptables-save does not print it. */
function lowerInterface(service: WrittenService): string | null {
  const name = firstOption(service, "interface")?.name.value ?? "+";
  return name === "+" ? null : name;
}

/** Address order, each address once. */
function lowerAddresses(expansion: Expansion): Address[] {
  const unique = new Map(expansion.map(({ address }) => [address.key, address]));
  return [...unique.values()].sort(compareAddresses);
}

function lowerLog(service: WrittenService): Log | null {
  const written = firstOption(service, "log");
  if (written === null) return null;
  const log: { -readonly [K in keyof Log]: Log[K] } = {
    prefix: null,
    level: DEFAULT_LOG_LEVEL,
    limit: null,
    burst: DEFAULT_BURST,
  };
  let burst: number | null = null;
  for (const part of written.parts) {
    if (part.kind === "prefix") log.prefix = part.text.value;
    else if (part.kind === "level") log.level = parseLogLevel(part.name.value) ?? DEFAULT_LOG_LEVEL;
    else if (part.kind === "limit") log.limit = part.rate.value;
    else burst = part.count.value;
  }
  return { ...log, burst: burst ?? defaultBurst(log.limit) };
}

/** The knocks of a service, in the order of the text. */
export function lowerKnocks(service: WrittenService): Knock[] {
  return optionsOf(service, "knock").map((knock) => ({
    service: service.name.value,
    steps: knock.ports.map(lowerStep),
    once: knock.once?.value ?? null,
    within: knock.within === null ? DEFAULT_WITHIN : secondsOf(knock.within.value),
    for: knock.for === null ? null : secondsOf(knock.for.value),
    close: knock.close?.map(lowerStep) ?? null,
    ...(knock.by?.value === "kernel" ? { by: "kernel" } : {}),
  }));
}

/** The knocks that become rules; a service without one has no such property. */
function lowerKernelKnocks(knocks: readonly Knock[]): Pick<Service, "knocks"> {
  const kernel = knocks.flatMap(({ by, steps, within, for: open, close }) =>
    by === "kernel" && open !== null ? [{ steps, within, for: open, close }] : []
  );
  return kernel.length === 0 ? {} : { knocks: kernel };
}

function lowerStep({ port, protocol }: KnockPort): KnockStep {
  return { port, protocol: protocol ?? "tcp" };
}
