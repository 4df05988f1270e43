import { parsePorts, type PortRange } from "../firewall/port.ts";

/** Names of ports that are common in firewall rules; numbers as in services(5). */
const NAMES: Readonly<Record<string, number>> = {
  "ftp": 21,
  "ssh": 22,
  "telnet": 23,
  "smtp": 25,
  "domain": 53,
  "http": 80,
  "www": 80,
  "pop3": 110,
  "imap": 143,
  "imap2": 143,
  "ldap": 389,
  "https": 443,
  "submission": 587,
  "imaps": 993,
  "pop3s": 995,
  "openvpn": 1194,
  "mysql": 3306,
  "postgresql": 5432,
};

/** The first name of a port, or `null` if there is none. */
export function nameOfPort(port: number): string | null {
  return Object.keys(NAMES).find((name) => NAMES[name] === port) ?? null;
}

/**
 * Reads ports as iptables and ufw take them: numbers, ranges with a colon, lists, names of services.
 *
 * @returns `null` for anything else, or an unknown name
 */
export function readForeignPorts(text: string): readonly PortRange[] | null {
  const items = text.split(",").map((item) =>
    Object.hasOwn(NAMES, item) ? String(NAMES[item]) : item
  );
  const ports = parsePorts(items.join(","));
  return ports.ok ? ports.value : null;
}
