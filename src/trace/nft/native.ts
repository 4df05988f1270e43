import { type Json, listOf, objectOf, partsOf } from "./json.ts";
import { printField } from "./print.ts";

/** What iptables-nft writes beside its extensions (nft-shared.c), each with one value. */
const WRITTEN = new Set([
  ...["meta l4proto", "meta iifname", "meta oifname", "meta mark"],
  ...["ip saddr", "ip daddr", "ip protocol", "ip frag-off", "ip6 saddr", "ip6 daddr"],
  ...["ip6 nexthdr", "tcp sport", "tcp dport", "tcp flags", "udp sport", "udp dport"],
]);

const STATEMENTS = new Set(["counter", "xt", "limit", "accept", "drop", "return", "jump", "goto"]);

/**
 * Whether a rule in a table of iptables has more than iptables writes, so that iptables-save may omit some
 * of it: it prints `ip saddr @bans drop` as a bare `-j DROP`.
 *
 * @param statements the rule's `expr` in nft's JSON
 */
export function isNative(statements: readonly Json[]): boolean {
  return statements.some((statement) => {
    const [tag, content] = partsOf(statement);
    if (tag === "log") return objectOf(content)["group"] === undefined; // NFLOG has a group
    if (tag === "limit" && objectOf(content)["inv"] === true) return true;
    if (tag !== "match") return !STATEMENTS.has(tag);
    const { op, left, right } = objectOf(content);
    const field = fieldOf(left);
    // `--tcp-flags ALL NONE` is shown as `tcp flags ! …`, its negation as `tcp flags …`.
    const isMask = field === "tcp flags" && (op === "!" || op === "in");
    if (op !== "==" && op !== "!=" && !isMask) return true;
    return !WRITTEN.has(field) || !isSingle(right);
  });
}

/** The field, without the mask of a comparison. */
function fieldOf(left: Json | undefined): string {
  const [tag, content] = partsOf(left);
  return printField(tag === "&" ? listOf(content)[0] : left);
}

/** Whether a value is one, or one range or prefix. */
function isSingle(right: Json | undefined): boolean {
  if (typeof right === "string") return !right.startsWith("@");
  if (typeof right === "number" || Array.isArray(right)) return true;
  const [tag] = partsOf(right);
  return ["range", "prefix", "|"].includes(tag);
}
