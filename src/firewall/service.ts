import type { Address, Family } from "./address.ts";
import type { PortRange } from "./port.ts";

/** Transport protocols a service can use. */
export type Protocol = "tcp" | "udp";

/** What happens to packets that no door lets in. */
export type Policy = "drop" | "accept" | "reject";

/** Units of a rate, as the limit match names them. */
export type RateUnit = "second" | "minute" | "hour" | "day";

/** A rate such as 10/minute. */
export interface Rate {
  /** Packets a unit, at least 1. */
  readonly count: number;
  /** The unit of time. */
  readonly unit: RateUnit;
}

/** How packets that are not let in are logged. */
export interface Log {
  /** At most 29 bytes; the kernel keeps no more. */
  readonly prefix: string | null;
  /** syslog level, 0 (emerg) to 7 (debug); default `DEFAULT_LOG_LEVEL`. */
  readonly level: number;
  /** Log no more than that; `null` for every packet. */
  readonly limit: Rate | null;
  /** Packets that may pass the limit at once; default `defaultBurst`. */
  readonly burst: number;
}

/** The wanted state of one chain `pk-NAME` and its jump. */
export interface Service {
  /** As `isServiceName` accepts it; its chain is `pk-` and this. */
  readonly name: string;
  /** What its ports belong to. */
  readonly protocol: Protocol;
  /** In canonical order (see `normalizePorts`), never empty. */
  readonly ports: readonly PortRange[];
  /** Only TCP packets that open a connection. */
  readonly syn: boolean;
  /** What ends the chain. */
  readonly policy: Policy;
  /** The families it covers, never empty. */
  readonly families: readonly Family[];
  /** Interface the packets must arrive on; a trailing `+` is the kernel's wildcard. */
  readonly interface: string | null;
  /** Let packets of accepted connections through ahead of everything else. */
  readonly established: boolean;
  /** How packets that reach the policy are logged; `null` if they are not. */
  readonly log: Log | null;
  /**
   * The permanently allowed addresses that a rules file names, in address order. `null` if the
   * caller does not define them (`init`), so those in the kernel stay.
   */
  readonly allow: readonly Address[] | null;
  /**
   * The knocks that the kernel hears by itself, in the order of the text; absent for none. If `allow` is
   * `null`, those in the kernel stay as well.
   */
  readonly knocks?: readonly KernelKnock[];
}

/** One step of a knock. */
export interface KnockStep {
  /** 1-65535. */
  readonly port: number;
  /** Whether it is a TCP SYN or a UDP packet. */
  readonly protocol: Protocol;
}

/** A knock that rules of iptables hear, see kernel_knock.ts. */
export interface KernelKnock {
  /** In the order of the knock, never empty. */
  readonly steps: readonly KnockStep[];
  /** Seconds that the whole knock may take, at least 1. */
  readonly within: number;
  /** Seconds for which the door then stays open, at least 1. */
  readonly for: number;
  /** The steps that close the door, never empty; `null` for none. */
  readonly close: readonly KnockStep[] | null;
}

/** Whether a service has a protocol and port; its family, interface and `syn` may still exclude a packet. */
export function coversPort(
  { protocol, ports }: Pick<Service, "protocol" | "ports">,
  to: { readonly protocol: Protocol; readonly port: number },
): boolean {
  return protocol === to.protocol &&
    ports.some(({ from, to: last }) => from <= to.port && to.port <= last);
}

/** An address that a hook or a user let in. */
export interface Door {
  /** Who gets in: a host or a network. */
  readonly address: Address;
  /** When the kernel closes it, in seconds since 1970 UTC; `null` for no end. */
  readonly until: number | null;
}

/** What every chain of this tool starts with. */
export const CHAIN_PREFIX = "pk-";

/** Longest service name: the kernel takes 28 characters for a chain (XT_EXTENSION_MAXNAMELEN). */
export const MAX_SERVICE_NAME = 25;

/** Longest interface name: IFNAMSIZ less the closing NUL. */
export const MAX_INTERFACE_NAME = 15;

/** Longest log prefix in bytes; the LOG target silently cuts the rest. */
export const MAX_LOG_PREFIX = 29;

/** The latest end of a timed door, 2038-01-19T03:14:06 UTC: one more means "no end" to xt_time. */
export const MAX_UNTIL = 2 ** 31 - 2;

/** The default level of a LOG rule: warning (iptables-extensions(8)). */
export const DEFAULT_LOG_LEVEL = 4;

/** The default burst of the limit match (iptables-extensions(8)). */
export const DEFAULT_BURST = 5;

/** The largest burst that iptables takes. */
export const MAX_BURST = 10_000;

/** syslog's level names in order, as the LOG target takes them. */
export const LOG_LEVELS = [
  "emerg",
  "alert",
  "crit",
  "error",
  "warning",
  "notice",
  "info",
  "debug",
] as const;

/** The chain of a service. */
export function chainOf(name: string): string {
  return CHAIN_PREFIX + name;
}

/** The service whose chain has this name; `null` for a foreign chain. */
export function serviceOf(chain: string): string | null {
  return chain.startsWith(CHAIN_PREFIX) ? chain.slice(CHAIN_PREFIX.length) : null;
}

/**
 * The service whose knocks a chain hears, see kernel_knock.ts; `null` for any other chain. A `.` is in no
 * service's name.
 */
export function knockedServiceOf(chain: string): string | null {
  const [, name] = /^pk-([^.]+)\.\d+$/.exec(chain) ?? [];
  return name ?? null;
}

/** Whether a text may name a service: a letter, then letters, digits, `-` and `_`, 25 at the most. */
export function isServiceName(text: string): boolean {
  return text.length <= MAX_SERVICE_NAME && /^[A-Za-z][A-Za-z0-9_-]*$/.test(text);
}

/**
 * Whether a text may name a network interface: 1-15 printable ASCII characters without space, `/`
 * and `!`, not `.` or `..` (dev_valid_name() in the kernel), and no leading `-`.
 */
export function isInterfaceName(text: string): boolean {
  return text.length <= MAX_INTERFACE_NAME && /^[\x21-\x7e]+$/.test(text) &&
    !/^-|["'\\\/!:]/.test(text) &&
    text !== "." && text !== "..";
}

/** Whether a text may be a log prefix: at most 29 bytes of UTF-8, no control character, not empty. */
export function isLogPrefix(text: string): boolean {
  return text.length > 0 && new TextEncoder().encode(text).length <= MAX_LOG_PREFIX &&
    // deno-lint-ignore no-control-regex -- control characters are what this refuses
    !/[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]/.test(
      text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ""),
    );
}

/**
 * Reads a log level: a syslog name, its short form `err`, `warn` or `panic`, or a number 0-7.
 *
 * @returns the number, or `null` if the text is none of these
 */
export function parseLogLevel(text: string): number | null {
  if (/^[0-7]$/.test(text)) return Number(text);
  const names: Readonly<Record<string, string>> = { err: "error", warn: "warning", panic: "emerg" };
  const level = LOG_LEVELS.findIndex((name) =>
    name === (Object.hasOwn(names, text) ? names[text] : text)
  );
  return level < 0 ? null : level;
}

/** Seconds in each unit of a rate. */
const UNIT_SECONDS: Readonly<Record<RateUnit, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86400,
};

/** The units from the longest to the shortest, the order in which iptables tries them for printing. */
const UNITS = ["day", "hour", "minute", "second"] as const;

/** XT_LIMIT_SCALE: the limit match counts in tenths of milliseconds. */
const LIMIT_SCALE = 10_000;

/**
 * The rate that iptables-save prints for a rule of this rate (print_rate() in libxt_limit.c): the kernel
 * keeps the time between two packets, and the nearest count of the shortest unit that
 * comes close is printed. So 28801/hour comes back as 8/second, and 60/hour as 1/minute.
 *
 * @param rate a rate that `parseRate` takes
 * @returns the printed rate; printing it once more gives the same
 */
export function printedRate(rate: Rate): Rate {
  const period = Math.floor(LIMIT_SCALE * UNIT_SECONDS[rate.unit] / rate.count);
  let unit: RateUnit = "day";
  for (const next of UNITS) {
    const whole = LIMIT_SCALE * UNIT_SECONDS[next];
    if (period > whole || Math.floor(whole / period) < whole % period) break;
    unit = next;
  }
  return { count: Math.floor(LIMIT_SCALE * UNIT_SECONDS[unit] / period), unit };
}

/** Writes a rate in the syntax of iptables and the language: `10/minute`. */
export function formatRate({ count, unit }: Rate): string {
  return `${count}/${unit}`;
}

/** Whether the kernel can count that fast: at most 10000 per second. */
export function isCountable(rate: Rate): boolean {
  return rate.count > 0 && rate.count <= LIMIT_SCALE * UNIT_SECONDS[rate.unit];
}

/**
 * The largest burst that every kernel can keep at a rate: the packets of a day. xt_limit
 * counts credits in 32 bits, which hold a day's worth whatever HZ the kernel was built with
 * (MAX_CPJ in xt_limit.c); with iptables-legacy a larger burst fails with ERANGE.
 */
export function burstsADay(rate: Rate): number {
  return rate.count * UNIT_SECONDS.day / UNIT_SECONDS[rate.unit];
}

/** The default burst: 5, or fewer at a rate so slow that the kernel cannot count five. */
export function defaultBurst(rate: Rate | null): number {
  return rate === null ? DEFAULT_BURST : Math.min(DEFAULT_BURST, burstsADay(rate));
}

/**
 * Reads a rate such as `10/minute`; the short units of iptables (`sec`, `min`, `h`, …) too.
 *
 * @returns the rate, or `null` if the text is not a rate, is 0, or is faster than the kernel can count
 */
export function parseRate(text: string): Rate | null {
  const match = /^(\d{1,9})\/([a-z]+)$/.exec(text);
  const word = match?.[2] ?? "";
  const unit = (Object.keys(UNIT_SECONDS) as RateUnit[]).find((name) =>
    word !== "" && name.startsWith(word)
  );
  if (match === null || unit === undefined) return null;
  const rate = { count: Number(match[1]), unit };
  return isCountable(rate) ? rate : null;
}
