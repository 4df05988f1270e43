// Reads what `diff` prints, and what a rules file names. Shares no code with src/.
import type { Family } from "./iptables_text.ts";

/** The lines of a payload between its first and its last. */
export function payloadLines(payload: string): string[] {
  return payload.trimEnd().split("\n").slice(1, -1);
}

/**
 * The payload lines that `diff` shows, without their `+` and `-`.
 *
 * @param printed standard output of `diff`, without colour
 * @throws {Error} for a line under no heading, or with a sign that does not fit what it does
 */
export function diffLines(printed: string): Readonly<Record<Family, string[]>> {
  const lines: Record<Family, string[]> = { ipv4: [], ipv6: [] };
  let family: Family | undefined;
  for (const line of printed.split("\n")) {
    const heading = /^\S+: \S.* \((IPv4|IPv6)\)$/.exec(line);
    if (heading !== null) family = heading[1] === "IPv4" ? "ipv4" : "ipv6";
    else if (line === "") family = undefined;
    else {
      const [, sign, payload = ""] = /^([+-]) (.*)$/.exec(line) ?? [];
      const adds = /^(\[\d+:\d+\] )?(-N |-A |-I )/.test(payload);
      if (family === undefined || sign !== (adds ? "+" : "-")) {
        throw new Error(`diff says: ${line}`);
      }
      lines[family].push(payload);
    }
  }
  return lines;
}

/** The chains of a file's services, in its order. */
export function namedChains(text: string): string[] {
  return [...text.matchAll(/^service (\S+)/gm)].map(([, name]) => `pk-${name}`);
}
