// What a visitor needs: the knock as commands for their own machine.
import type { Protocol } from "../firewall/service.ts";
import type { Family } from "../firewall/address.ts";
import { printDuration } from "../firewall/duration.ts";
import type { KnockStep, SharedKnock } from "../firewall/knock.ts";
import { formatPort, type PortRange } from "../firewall/port.ts";
import { formatKnock } from "./make_sequences.ts";

/** A service that is knocked for. */
export interface KnockedService {
  /** Its name. */
  readonly name: string;
  /** What its ports belong to. */
  readonly protocol: Protocol;
  /** In ascending order, at least one. */
  readonly ports: readonly PortRange[];
  /** The families in which it has a door. */
  readonly families: readonly Family[];
}

/** Where a visitor knocks. */
export interface Target {
  /** A host's name, an IPv4 or an IPv6 address, as `isHost` takes it. */
  readonly host: string;
  /** The families of the host, as far as its name shows. */
  readonly families: readonly Family[];
}

/** The longest pause between two steps, in milliseconds: a SYN is sent again after a second. */
const PAUSE = 200;

/** How long to wait after the last step for the door to open, in seconds. */
const OPENING = 0.5;

/**
 * Whether a text can be used as a host in a shell's line and in ssh_config(5) without quoting: the characters
 * of names (RFC 1123, with `_`) and of addresses, and none that a shell or `%` would expand.
 */
export function isHost(text: string): boolean {
  return text.length <= 253 &&
    /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$|^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]+$/.test(text);
}

/**
 * Writes what a visitor needs for a knock: lines for knock(1), the same for bash alone, and if it opens a
 * service of ssh a block of ssh_config(5) that knocks before it connects.
 *
 * @param options the services that the knock opens, at least one
 * @returns lines for a shell, in which everything else is a comment
 */
export function writeClient(
  knock: SharedKnock,
  { services, target: { host, families } }: {
    readonly services: readonly KnockedService[];
    readonly target: Target;
  },
): string {
  const end = knock.for === null ? "until it is closed" : `for ${printDuration(knock.for)}`;
  const target = {
    host,
    families: families.filter((family) => services.some((one) => one.families.includes(family))),
  };
  const lines = [`# ${services.map(describe).join(", and ")}: open ${end}`];
  if (knock.once !== null) {
    lines.push("# one-time sequences: knock the next line of your list, and cross it out");
    return [...lines, ...knockLines("NEXT LINE", { target }).map((line) => `# ${line}`)]
      .join("\n") + "\n";
  }
  const pause = pauseOf(knock);
  lines.push(...knockLines(formatKnock(knock.steps), { target, pause }));
  lines.push("# the same with bash alone", `bash -c '${bashKnock(knock.steps, { host, pause })}'`);
  if (knock.close !== null) {
    lines.push("# closes it", ...knockLines(formatKnock(knock.close), { target, pause }));
  }
  const service = services.find(isSsh);
  if (service !== undefined) {
    lines.push("# in ~/.ssh/config", ...sshBlock(knock, { service, host }));
  }
  return `${lines.join("\n")}\n`;
}

function describe({ name, protocol, ports }: KnockedService): string {
  return `${name}, ${protocol} ${ports.map((range) => formatPort(range)).join(",")}`;
}

/** The comment before all knocks. */
export function clientHeading(): string {
  return "# A door opens for the address that knocked, and for no other: a knock over IPv4 opens\n" +
    "# nothing for IPv6. Keep this secret: whoever has it can knock.\n";
}

/** Whether the service is ssh, by its port or its name. */
function isSsh({ name, protocol, ports }: KnockedService): boolean {
  return protocol === "tcp" && (has22(ports) || /ssh/i.test(name));
}

function has22(ports: readonly PortRange[]): boolean {
  return ports.some(({ from, to }) => from <= 22 && 22 <= to);
}

/** Milliseconds between two steps, so that all of them fit well into the time of the knock. */
function pauseOf({ steps, within }: SharedKnock): number {
  return Math.min(PAUSE, Math.floor(within * 1000 / (2 * steps.length)));
}

/** A line for each family of the host. */
function knockLines(
  words: string,
  { target, pause = PAUSE }: {
    readonly target: Target;
    readonly pause?: number;
  },
): string[] {
  return target.families.map((family) =>
    `knock -${family === "ipv4" ? 4 : 6} -d ${pause} ${target.host} ${words}`
  );
}

/**
 * Knocks by bash's own /dev/tcp and /dev/udp. An opened connection would be waited for: each step is
 * ended before its SYN is sent again, which would be a wrong step. There is no quote, no backslash and
 * no `%` in it, so that it can be in single quotes and in ssh_config(5).
 */
function bashKnock(
  steps: readonly KnockStep[],
  { host, pause }: { readonly host: string; readonly pause: number },
): string {
  const paths = steps.map(({ port, protocol }) => `${protocol}/${host}/${port}`).join(" ");
  const step = `(echo >/dev/$s) & sleep ${pause / 1000}; kill $!;`;
  return `{ for s in ${paths}; do ${step} done; wait; } >/dev/null 2>&1`;
}

/**
 * bash resolves the name for the knock and for the connection in the same way, so both take the same
 * family. `%p` is the port that ssh was asked for. What ssh ends, by SIGHUP, is the program that was
 * started: it reads from the server, and the other one ends with ssh's output.
 */
function sshBlock(
  knock: SharedKnock,
  { service, host }: { readonly service: KnockedService; readonly host: string },
): string[] {
  const port = has22(service.ports) ? 22 : service.ports[0]?.from;
  const script = `${bashKnock(knock.steps, { host, pause: pauseOf(knock) })}; sleep ${OPENING}; ` +
    `exec 3<>/dev/tcp/${host}/%p 4<&0 && { cat <&4 >&3 & exec cat <&3; }`;
  return [`Host ${host}`, `    Port ${port}`, `    ProxyCommand bash -c '${script}'`];
}
