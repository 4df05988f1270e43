// The TCP ports whose rules a transaction changes.
import type { PortRange } from "../../firewall/port.ts";
import type { Edit } from "../../plan/edit.ts";
import type { Stage } from "../../trace/stage.ts";

/**
 * The TCP ports whose packets may meet another rule after a transaction: those of rules that are added to or
 * removed from INPUT, and those of all rules that lead to a chain that changes.
 *
 * @param edits of table `filter`
 * @param states what packets enter before and after
 * @param options `also` chains that decide differently without an edit: by a list of -m recent
 * @returns the ports; `null` for all of them, if a rule names none
 */
export function changedPorts(
  edits: readonly Edit[],
  states: readonly (readonly Stage[])[],
  { also = [] }: { readonly also?: readonly string[] } = {},
): PortRange[] | null {
  const changed = new Set([...edits.map(({ chain }) => chain), ...also]);
  changed.delete("INPUT");
  const texts = new Set(
    edits.flatMap((edit) => edit.chain === "INPUT" && "text" in edit ? [edit.text] : []),
  );
  const leads = (text: string) => changed.has(targetOf(text));
  for (const { table } of states.flat()) {
    if (table.name !== "filter") continue;
    for (const chain of table.chains.values()) {
      for (let at = 0; at < chain.length; at++) {
        if (leads(chain.text(at))) texts.add(chain.text(at));
      }
    }
  }
  const ports: PortRange[] = [];
  for (const text of texts) {
    const named = portsOf(text);
    if (named === null) return null;
    ports.push(...named);
  }
  return ports;
}

/** A rule without its comments and prefixes: they may read like options. */
function unquoted(text: string): string {
  return text.includes('"') ? text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '""') : text;
}

/** The chain that a rule leads to, as iptables-save or nft prints it; empty for none. */
function targetOf(text: string): string {
  if (text.endsWith(" -j ACCEPT") || text.endsWith(" -j DROP")) return "";
  return /(?:^| )(?:-[jg]|jump|goto) (\S+)/.exec(unquoted(text))?.[1] ?? "";
}

/**
 * The TCP ports that a rule names.
 *
 * @returns none for a rule of another protocol; `null` if packets to any port may match
 */
export function portsOf(text: string): PortRange[] | null {
  const words = ` ${unquoted(text)} `;
  const protocol = / (! )?(?:-p|--protocol) (\S+) /.exec(words);
  const isOther = protocol?.[1] === undefined && protocol !== null &&
    !["tcp", "6", "all", "0"].includes(protocol[2] ?? "");
  if (isOther) return [];
  const [, not, list] = / (! )?(?:--dports?|--destination-ports?) (\S+) /.exec(words) ?? [];
  if (not !== undefined || list === undefined) return null;
  const ranges: PortRange[] = [];
  for (const item of list.split(",")) {
    const [, from, colon, to] = /^(\d*)(:?)(\d*)$/.exec(item) ?? [];
    if (from === undefined || from === "" && colon === "") return null;
    const first = from === "" ? 0 : Number(from);
    ranges.push({ from: first, to: colon === "" ? first : to === "" ? 65535 : Number(to) });
  }
  return ranges;
}
