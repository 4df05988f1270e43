/** Which of the kernel's two packet filters iptables uses. */
export type Backend = "nft" | "legacy";
/** Address family; each has tables of its own. */
export type Family = "ipv4" | "ipv6";

export const BACKENDS: readonly Backend[] = ["nft", "legacy"];
export const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];

/** A `filter` table as it is before anyone writes to it. */
export const EMPTY_FILTER =
  "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";

/**
 * Takes out of iptables-save text what differs between two equal states: comment lines, which hold
 * the time, and (unless requested) the packet counters of chains and rules. Also between versions:
 * iptables-nft 1.8.7 prints a space behind a rule without a target.
 *
 * @param text What iptables-save printed.
 * @param options `counters: true` keeps counters.
 * @returns Whole lines, each ended by a line feed.
 */
export function normalize(text: string, options: { readonly counters?: boolean } = {}): string {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.endsWith(" ") ? line.slice(0, -1) : line);
  const kept = options.counters === true
    ? lines
    : lines.map((line) =>
      line.startsWith(":") ? line.replace(/ \[\d+:\d+\]$/, "") : line.replace(/^\[\d+:\d+\] /, "")
    );
  return kept.map((line) => line + "\n").join("");
}

/**
 * The lines of iptables-save text that do not belong to pktables: everything but chains named
 * `pk-…`, their rules and the jumps to them.
 *
 * @param text Text as {@link normalize} returns it, with or without counters.
 * @returns The remaining lines, unchanged and in their order.
 */
export function withoutOurs(text: string): string {
  let table = "";
  return text.split("\n").filter((line) => {
    if (line.startsWith("*")) table = line;
    if (table !== "*filter") return true;
    return !/^(\[\d+:\d+\] )?(:pk-|-A pk-)/.test(line) && !/ -[jg] pk-\S+$/.test(line);
  }).join("\n");
}

/**
 * The rules of one chain of the `filter` table, in their order, without `-A CHAIN`.
 *
 * @param text Text as {@link normalize} returns it, without counters.
 * @param chain The chain's whole name.
 * @returns One string a rule, or undefined where the chain is not declared.
 */
export function rulesOf(text: string, chain: string): string[] | undefined {
  const filter = text.split("*filter\n")[1]?.split("COMMIT\n")[0] ?? "";
  const lines = filter.split("\n");
  if (!lines.some((line) => line.startsWith(`:${chain} `))) return undefined;
  const start = `-A ${chain} `;
  return lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
}
