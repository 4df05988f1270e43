import type { Protocol } from "../firewall/service.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { printDuration } from "../firewall/duration.ts";
import { type Knock, printSteps } from "../firewall/knock.ts";
import { inDoubleQuotes, quoteForShell } from "../text/quoted.ts";
import { formatPort, type PortRange } from "../firewall/port.ts";
import type { Setting } from "./read_conf.ts";
import { positionOf, type Source } from "../source/source.ts";

/** A service with its knocks, ready to be written. */
export interface WrittenService {
  /** Its unique name. */
  readonly name: string;
  /** What its ports belong to. */
  readonly protocol: Protocol;
  /** At least one. */
  readonly ports: readonly PortRange[];
  /** `null` for any. */
  readonly interface: string | null;
  /** In the order in which they are written. */
  readonly knocks: readonly Knock[];
}

/**
 * Writes a rules file, not yet in canonical form. What is lost is listed at its end, one comment each.
 *
 * @param services its services
 * @param given the knockd.conf that it is made from, its options, and what is lost of it
 */
export function writeImported(
  services: readonly WrittenService[],
  { source, options, lost }: {
    readonly source: Source;
    readonly options: readonly Setting[];
    readonly lost: readonly Diagnostic[];
  },
): string {
  const heading = [
    "# Made by pktables import. Services are closed over IPv4 and IPv6, except to those who knock.",
    `# To write knockd.conf from this file: pktables knockd ${optionWords(options)} FILE`,
  ];
  const left = lost.map(({ message, primary }) => {
    const { line } = positionOf(source, primary.span.start);
    return `#   line ${line}: ${plain(message)}`;
  });
  const end = left.length === 0 ? [] : ["# Left out, with the lines of knockd.conf:", ...left];
  return [heading, ...services.map(writeService), end]
    .filter((lines) => lines.length > 0).map((lines) => `${lines.join("\n")}\n`).join("\n");
}

/** The options of `pktables knockd` for the contents of `[options]`. */
function optionWords(options: readonly Setting[]): string {
  const names = { interface: "--interface", logfile: "--log-file" } as const;
  const words = Object.entries(names).flatMap(([key, name]) => {
    const value = options.findLast((setting) => setting.key === key)?.value;
    return value === undefined ? [] : [name, quoteForShell(plain(value))];
  });
  return ["--options", ...words].join(" ");
}

/** Removes what could end a comment. */
function plain(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what this takes out
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, "?");
}

function writeService(
  { name, protocol, ports, interface: face, knocks }: WrittenService,
): string[] {
  const syn = protocol === "tcp" ? " syn" : "";
  const on = face === null ? [] : [`    on ${inDoubleQuotes(face)}`];
  const list = ports.map((range) => formatPort(range)).join(", ");
  return [`service ${name} ${protocol} ${list}${syn} drop`, ...on, ...knocks.map(writeKnock)];
}

function writeKnock({ steps, once, within, for: end, close }: Knock): string {
  return [
    once === null
      ? `    knock ${printSteps(steps).join(", ")}`
      : `    knock once ${inDoubleQuotes(once)}`,
    `within ${printDuration(within)}`,
    ...(end === null ? [] : [`for ${printDuration(end)}`]),
    ...(close === null ? [] : [`close ${printSteps(close).join(", ")}`]),
  ].join(" ");
}
