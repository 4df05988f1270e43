import { err, ok, type Result } from "../result.ts";
import { shapeOf } from "./chain_end.ts";
import type { FilterTable } from "./table.ts";

/** The statements of the rules of each chain, as `nft -j list table` prints them. */
export type NftChains = ReadonlyMap<string, readonly (readonly unknown[])[]>;

/**
 * Reads what `nft -j list table` or `nft -j list chain` prints (libnftables-json(5)).
 *
 * @param texts one output or more, each of other chains
 * @returns the statements of each rule by chain, from top to bottom; `null` if one is not such output
 */
export function readNftChains(texts: readonly string[]): NftChains | null {
  const objects: unknown[] = [];
  for (const text of texts) {
    const some = field(parseJson(text), "nftables");
    if (!Array.isArray(some)) return null;
    for (const one of some) objects.push(one);
  }
  const chains = new Map<string, (readonly unknown[])[]>();
  for (const object of objects) {
    const rule = field(object, "rule");
    const [chain, statements] = [field(rule, "chain"), field(rule, "expr")];
    if (typeof chain !== "string" || !Array.isArray(statements)) continue;
    const known = chains.get(chain);
    if (known === undefined) chains.set(chain, [statements]);
    else known.push(statements);
  }
  return chains;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/**
 * Finds the rules that match on more than iptables-save shows. Of a rule of nft(8) with a set, a range or
 * a map, iptables-nft 1.8.9 prints the verdict and not what it depends on.
 *
 * @param table the table as iptables-save printed it
 * @param chains the chains to look at, and their rules as nft printed them
 * @returns the indexes by chain; or the first chain in which the two do not agree, because someone
 * changed it in between
 */
export function findNativeRules(
  table: FilterTable,
  { chains, nft }: { chains: Iterable<string>; nft: NftChains },
): Result<Map<string, number[]>, { readonly chain: string }> {
  const found = new Map<string, number[]>();
  for (const chain of chains) {
    const rules = table.rules(chain);
    const statements = nft.get(chain) ?? [];
    if (rules.length !== statements.length) return err({ chain });
    const native = rules.flatMap(({ text }, at) => hides(text, statements[at] ?? []) ? [at] : []);
    if (native.length > 0) found.set(chain, native);
  }
  return ok(found);
}

/** Statements that iptables-save prints in full. */
const PLAIN = ["counter", "accept", "drop", "return", "jump", "goto", "xt", "limit"];

/** Header fields and packet data whose comparison iptables-save prints. */
const SHOWN = new Set([
  ...["saddr", "daddr", "protocol", "nexthdr", "dport", "sport", "flags", "type", "code"],
  ...["l4proto", "iifname", "oifname", "mark", "pkttype"],
]);

/** Whether the statements of a rule match on more than its text shows. */
function hides(text: string, statements: readonly unknown[]): boolean {
  const isBare = shapeOf(text)?.matches.length === 0;
  const seen = new Set<string>();
  return statements.some((statement) => {
    if (PLAIN.some((name) => field(statement, name) !== undefined)) return false;
    const match = field(statement, "match");
    return isBare || match === undefined || !isShown(match, seen);
  });
}

/**
 * Whether iptables-save prints a comparison in full: for equality, of a known field that is compared only
 * once, with one value or a port range.
 *
 * @param seen the fields that the rule has compared so far
 */
function isShown(match: unknown, seen: Set<string>): boolean {
  const op = field(match, "op");
  const left = field(match, "left");
  const masked = field(left, "&");
  const plain = Array.isArray(masked) ? masked[0] : left;
  const name = field(field(plain, "payload"), "field") ?? field(field(plain, "meta"), "key");
  const right = field(match, "right");
  if (typeof name !== "string" || !SHOWN.has(name) || seen.has(name)) return false;
  seen.add(name);
  if (op !== "==" && op !== "!=" && name !== "flags") return false;
  if (field(right, "range") !== undefined) return name.endsWith("port");
  const isLookedUp = typeof right === "string" && right.startsWith("@") ||
    field(right, "set") !== undefined || field(right, "map") !== undefined;
  return !isLookedUp;
}
