import { type Address, type Family, formatAddress, parseAddress } from "../../firewall/address.ts";
import { nearest } from "../../diagnostics/nearest.ts";
import { parseDuration } from "../../firewall/duration.ts";
import { err, ok, type Result } from "../../result.ts";
import { isServiceName, MAX_SERVICE_NAME, MAX_UNTIL } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { quote } from "../../text/quote.ts";
import type { UsageProblem } from "../args.ts";
import type { Context, GlobalOptions } from "../command.ts";
import { EXIT } from "../exit.ts";
import { FAMILY_NAMES } from "../../text/words.ts";

/** Reports a wrong command line; returns the exit status for it. */
export function misused({ report }: Context, { message, help }: UsageProblem): number {
  report.error(help === null ? message : `${message} (${help})`);
  return EXIT.usage;
}

/** Parses a service name, or returns the rule for one. */
export function readName(text: string): Result<string, UsageProblem> {
  if (isServiceName(text)) return ok(text);
  return err({
    message: `invalid service name ${quote(text)}`,
    help: `must be a letter, then letters, digits, - and _, at most ${MAX_SERVICE_NAME} characters`,
  });
}

/** Parses an address of a family that was not excluded, or returns its problem. */
export function readAddress(
  text: string,
  families: readonly Family[],
): Result<Address, UsageProblem> {
  const parsed = parseAddress(text);
  if (parsed.ok) {
    const { family } = parsed.value;
    if (families.includes(family)) return ok(parsed.value);
    const option = family === "ipv4" ? "--ipv6" : "--ipv4";
    return err({
      message: `${quote(text)} is an ${FAMILY_NAMES[family]} address, and ${option} excludes it`,
      help: null,
    });
  }
  return err(explainAddress(text, parsed.problem));
}

function explainAddress(
  text: string,
  problem: (ReturnType<typeof parseAddress> & { ok: false })["problem"],
): UsageProblem {
  switch (problem.kind) {
    case "syntax":
      return {
        message: `invalid address ${quote(text)}`,
        help: "must be IPv4 or IPv6, with an optional /length: 203.0.113.9, 2001:db8::/48",
      };
    case "prefix":
      return {
        message: `invalid prefix length in ${quote(text)}`,
        help: `must be 0-${problem.max}`,
      };
    case "host-bits":
      return {
        message: `${quote(text)} has host bits set`,
        help: `write ${formatAddress(problem.host)} for the host or ` +
          `${formatAddress(problem.network)} for the network`,
      };
  }
}

/** A clock before this moment was never set: 2020-01-01T00:00:00Z. */
const CLOCK_IS_SET = 1_577_836_800;

/**
 * Parses how long a door is to stay open.
 *
 * @param text the duration as given
 * @param now seconds since 1970
 * @returns the end in whole seconds since 1970
 */
export function readEnd(text: string, now: number): Result<number, UsageProblem> {
  const seconds = parseDuration(text);
  if (seconds === null) {
    return err({
      message: `invalid duration ${quote(text)}`,
      help: "must be a number above 0 and s, m, h or d, such as 90s or 8h",
    });
  }
  const until = Math.floor(now) + seconds;
  if (until <= MAX_UNTIL) return ok(until);
  return err({
    message: `${quote(text)} ends after 2038-01-19, the last date that the kernel can hold`,
    help: null,
  });
}

/** Whether the clock is plausible for an end, by default that of a timed door; reports if not. */
export function checkClock(
  { report }: Context,
  now: number,
  { danger, way }: { readonly danger: string; readonly way: string } = {
    danger: "a timed door would stay open for years once it is",
    way: "--for",
  },
): boolean {
  if (now >= CLOCK_IS_SET) return true;
  const day = new Date(now * 1000).toISOString().slice(0, 10);
  report.error(
    `the clock says ${day}: it was never set, so ${danger}; set it first, or leave out ${way}`,
  );
  return false;
}

/** Reports an unknown service with a suggestion; returns the exit status for it. */
export function noService(
  { report }: Context,
  { name, tables, global }: {
    name: string;
    tables: readonly FilterTable[];
    global: GlobalOptions;
  },
): number {
  const names = [...new Set(tables.flatMap((table) => table.serviceNames))];
  const near = nearest(name, names);
  const family = global.families.length === 1 ? ` for ${FAMILY_NAMES[global.families[0]!]}` : "";
  const help = near === null
    ? names.length === 0
      ? "there are none: `pktables init` and `pktables load` create them"
      : "`pktables list` shows them"
    : `did you mean \`${near}\`?`;
  report.error(`unknown service \`${name}\`${family} (${help})`);
  return EXIT.noService;
}
