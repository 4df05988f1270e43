// Which packets a service is traced with: rules may decide over some of its ports, interfaces and addresses.
import { BUILT_IN, shapeOf } from "../../firewall/chain_end.ts";
import type { PortRange } from "../../firewall/port.ts";
import { CHAIN_PREFIX } from "../../firewall/service.ts";

/** At most this many ports of a service are traced. */
const MOST_PORTS = 64;

/** At most this many interfaces of a wildcard that rules name are traced. */
const MOST_INTERFACES = 64;

/** At most this many of the machine's addresses are traced, and only if one makes a difference. */
const MOST_ADDRESSES = 8;

/** Options that name ports and interfaces, and a word that is in each of them. */
const PORT = { word: "port", option: /^(! )?--d?ports? / };
const INTERFACE = { word: "-i ", option: /^(! )?-i / };

/** Whether a chain may name ports or interfaces that INPUT decides by, besides INPUT itself. */
export function mayBeBehind(chain: string): boolean {
  return !BUILT_IN.has(chain) && !chain.startsWith(CHAIN_PREFIX);
}

/**
 * The ports of a service that may be decided differently: the ends of its ranges, and those that a
 * rule of INPUT or of a chain behind it names.
 */
export function portsToAsk(ports: readonly PortRange[], rules: () => readonly string[]): number[] {
  const asked = new Set(ports.flatMap(({ from, to }) => [from, to]));
  const isOwn = (port: number) => ports.some(({ from, to }) => port >= from && port <= to);
  for (const text of ports.some(({ from, to }) => from < to) ? rules() : []) {
    for (const [number] of matchesOf(text, PORT).join().matchAll(/\d+/g)) {
      for (const port of [Number(number) - 1, Number(number), Number(number) + 1]) {
        if (asked.size < MOST_PORTS && isOwn(port)) asked.add(port);
      }
    }
  }
  return [...asked];
}

/** The matches of a rule by an option; what a comment says is none of them. */
function matchesOf(text: string, { word, option }: typeof PORT): readonly string[] {
  // A blocklist may have 65,000 rules: those without the word are not taken apart.
  return text.includes(word) ? shapeOf(text)?.matches.filter((one) => option.test(one)) ?? [] : [];
}

/**
 * The interfaces on which a service is traced: of a wildcard such as `eth+` one that no rule names, and
 * those that rules name, up to a number; `null`, one that is not known, stands for the rest of them.
 *
 * @param own the interface of the service; `null` for all
 * @param given the interface of the default route, and rules as iptables-save or the tracer prints them
 */
export function interfacesToAsk(
  own: string | null,
  { outside, rules }: { readonly outside: string | null; readonly rules: () => readonly string[] },
): (string | null)[] {
  if (own === null) return [outside];
  if (!own.endsWith("+")) return [own];
  const named = rules().flatMap(interfacesIn).map((name) => name.replace(/[+*]$/, "0"));
  const within = [...new Set(named.filter((name) => includesInterface(own, name)))];
  const others = [..."0123456789"].map((digit) => own.slice(0, -1) + digit);
  const unnamed = others.find((name) => !within.includes(name));
  return [
    ...(unnamed === undefined ? [] : [unnamed]),
    ...within.slice(0, MOST_INTERFACES),
    ...(within.length > MOST_INTERFACES ? [null] : []),
  ];
}

/** The interfaces by which a rule asks its packets to come, or not to come; of iptables or of nft. */
function interfacesIn(text: string): string[] {
  const words = [...text.matchAll(/\biif(?:name)? (?:!= )?(\{[^}]*\}|\S+)/g)].map(([, one = ""]) =>
    one
  );
  return [
    ...matchesOf(text, INTERFACE).map((match) => match.replace(/^.*-i /, "")),
    ...words.flatMap((one) => one.match(/[^\s{},"]+/g) ?? []),
  ];
}

/** Whether packets of an interface are a service's; iptables(8): `eth+` is every name that starts so. */
export function includesInterface(own: string | null, name: string): boolean {
  if (own === null || own === name) return true;
  return own.endsWith("+") && name.startsWith(own.slice(0, -1));
}

/** The machine's addresses that others can send to, at most the traced number. */
export function reachable(addresses: readonly string[]): string[] {
  return addresses.filter((address) => !/^(127\.|::1$|fe80:)/.test(address)).slice(
    0,
    MOST_ADDRESSES,
  );
}
