import { type Host, parseHost } from "../network.ts";
import { compareHosts, covers, parseNetwork } from "../network.ts";
import { some, type Truth } from "../state.ts";
import type { Family } from "../../firewall/address.ts";
import { type Json, listOf, objectOf, partsOf, tagged, textOf } from "./json.ts";

/** The single values of a match; `null` for a named set or one that is not understood. */
export function elementsOf(right: Json): readonly Json[] | null {
  if (typeof right === "string") return right.startsWith("@") ? null : [right];
  if (Array.isArray(right)) return right;
  const found = tagged(right);
  if (found === null) return [right];
  const [tag, content] = found;
  if (tag === "set") return Array.isArray(content) ? content.map(elementOf) : null;
  return ["range", "prefix"].includes(tag) ? [right] : null;
}

function elementOf(element: Json): Json {
  const [tag, content] = partsOf(element);
  return tag === "elem" ? objectOf(content)["val"] ?? null : element;
}

/** Name of the set in `@name`; `null` for anything else. */
export function namedSet(right: Json): string | null {
  return typeof right === "string" && right.startsWith("@") ? right.slice(1) : null;
}

/** Compares the possible numbers of a field: the first and the last are equal if it is known. */
export type Numbers = readonly [first: number, last: number];

/** First and last number of a value or range; `null` for a name. */
function numbersOf(element: Json): Numbers | null {
  if (typeof element === "number") return [element, element];
  const [tag, content] = partsOf(element);
  const [from, to] = listOf(content);
  return tag === "range" && typeof from === "number" && typeof to === "number" ? [from, to] : null;
}

/** Whether a number between two bounds is among the elements. */
export function isAmong([first, last]: Numbers, elements: readonly Json[]): Truth {
  return some(elements.map((element): Truth => {
    const range = numbersOf(element);
    if (range === null) return null;
    if (range[0] <= first && last <= range[1]) return true;
    return last < range[0] || range[1] < first ? false : null;
  }));
}

/** An element of addresses. */
export interface AddressSet {
  /** The element as a network, for outsiders; `null` for a range. */
  readonly network: ReturnType<typeof parseNetwork>;
  /** Whether the element contains an address. */
  has(host: Host): boolean;
}

/** Reads an address, prefix or range; `null` for anything that is not of the family. */
export function addressesOf(element: Json, family: Family): AddressSet | null {
  const [tag, content] = partsOf(element);
  if (tag === "range") {
    const [from = null, to = null] = listOf(content).map((text) => parseHost(textOf(text), family));
    if (from === null || to === null) return null;
    const has = (host: Host) => compareHosts(from, host) <= 0 && compareHosts(host, to) <= 0;
    return { network: null, has };
  }
  const { addr, len } = objectOf(content);
  const text = tag === "prefix" ? `${textOf(addr)}/${len}` : textOf(element);
  const network = parseNetwork(text, family);
  return network === null ? null : { network, has: (host) => covers(network, host) };
}
