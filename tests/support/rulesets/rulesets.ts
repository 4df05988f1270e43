import type { Family } from "../iptables_text.ts";

/** What a command prints about a service whose jump it placed, or an existing one. */
export const SAYINGS = {
  open: /port 22 is open to everyone/,
  shut: /port 22 is closed ahead of ssh, and its doors open nothing/,
  elsewhere: /packets to port 22 do not reach ssh/,
  unknown:
    /cannot tell (?:what packets to port 22 meet|whether packets to port 22 reach ssh)|whether ssh sees a packet depends on rule/,
} as const;

/** One of {@link SAYINGS}; `nothing`: the port is closed, and its doors open. */
export type Saying = keyof typeof SAYINGS | "nothing";

/** Rules in the shape of a real machine's, and the expected result for a service ssh on port 22 there. */
export interface RuleSet {
  readonly name: string;
  /** The tool that makes such rules. */
  readonly model: string;
  /** Number of the rule of INPUT that the jump goes ahead of; `null`: the end. */
  readonly place: number | null;
  /** The expected output. */
  readonly says: Saying;
  /** Whether the inner network (IPv4, by br-lan) gets in; `null`: the set does not define it. */
  readonly lan: boolean | null;
  /** A set of addresses or ports that its rules name, as `ipset create` takes it. */
  readonly set: string | null;
  /** Text for iptables-restore: all tables, also those that the set leaves alone. */
  readonly text: Readonly<Record<Family, string>>;
  /** The families for which it has rules. */
  readonly families: readonly Family[];
}

const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
};

/** Targets of extensions and of the kernel; what else is jumped to is a chain. */
const TARGETS = new Set([
  ...["ACCEPT", "DROP", "RETURN", "REJECT", "LOG", "MARK", "CT", "TCPMSS", "NFQUEUE"],
  ...["DNAT", "REDIRECT", "MASQUERADE"],
]);

/** What the families call by different names. */
const IPV6_NAMES: readonly (readonly [RegExp, string])[] = [
  [/-p icmp\b/, "-p ipv6-icmp"],
  [/icmp-host-prohibited/, "icmp6-adm-prohibited"],
  [/icmp-port-unreachable/, "icmp6-port-unreachable"],
];

/**
 * The rule sets of the files `*.rules` beside this one. Each starts with `=== NAME`; then stand `model:`,
 * `place:` and, where they differ from the ordinary, `says:`, `lan:` and `set:`. Behind `[ipv4]`, `[ipv6]` or
 * `[both]` stand the rules as iptables-save prints them: table filter first, other tables behind a `*TABLE`
 * of their own; chains need no declaration but for a policy.
 *
 * @throws {TypeError} If a set is not complete.
 */
export function ruleSets(): RuleSet[] {
  const folder = import.meta.dirname ?? ".";
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".rules")).sort();
  return files.flatMap((file) =>
    Deno.readTextFileSync(`${folder}/${file}`).split(/^=== /m).slice(1).map(readSet)
  );
}

function readSet(text: string): RuleSet {
  const [head = "", ...parts] = text.split(/^\[(ipv4|ipv6|both)\]\n/m);
  const [name = "", ...lines] = head.trim().split("\n");
  const words = new Map(lines.map((line) => {
    const [, key = "", value = ""] = /^(model|place|says|lan|set): (.+)$/.exec(line) ?? [];
    if (key === "") throw new TypeError(`${name}: not understood: ${line}`);
    return [key, value];
  }));
  const [model, place] = [words.get("model"), words.get("place")];
  if (model === undefined || place === undefined) throw new TypeError(`${name}: not complete`);
  const rules: Record<Family, string | null> = { ipv4: null, ipv6: null };
  for (let at = 0; at < parts.length; at += 2) {
    const [which, body = ""] = [parts[at], parts[at + 1]];
    if (which !== "ipv6") rules.ipv4 = body;
    if (which === "both") rules.ipv6 = IPV6_NAMES.reduce(replaceAll, body);
    else if (which === "ipv6") rules.ipv6 = body;
  }
  const says = words.get("says") ?? "nothing";
  if (says !== "nothing" && !isSaying(says)) throw new TypeError(`${name}: says ${says}?`);
  const lan = words.get("lan");
  return {
    name,
    model,
    place: place === "end" ? null : Number(place),
    says,
    lan: lan === undefined ? null : lan === "open",
    set: words.get("set") ?? null,
    text: { ipv4: writeTables(rules.ipv4 ?? ""), ipv6: writeTables(rules.ipv6 ?? "") },
    families: (["ipv4", "ipv6"] as const).filter((family) => rules[family] !== null),
  };
}

function isSaying(word: string): word is keyof typeof SAYINGS {
  return word in SAYINGS;
}

function replaceAll(text: string, [from, to]: readonly [RegExp, string]): string {
  return text.replaceAll(new RegExp(from, "g"), to);
}

/** All four tables, with their chains declared. */
function writeTables(body: string): string {
  const rules = new Map<string, string[]>(Object.keys(BUILT_IN).map((table) => [table, []]));
  let table = "filter";
  for (const line of body.split("\n").filter((line) => line !== "")) {
    if (line.startsWith("*")) table = line.slice(1);
    else rules.get(table)!.push(line);
  }
  return [...rules].map(([table, lines]) => {
    const policies = new Map(BUILT_IN[table]!.map((chain) => [chain, "ACCEPT"]));
    const chains = new Set<string>();
    for (const line of lines) {
      const [, chain, policy] = /^:(\S+) (\S+)$/.exec(line) ?? [];
      if (chain !== undefined && policy !== undefined) policies.set(chain, policy);
      for (const [, name = ""] of line.matchAll(/(?:^-A|-j|-g) (\S+)/g)) {
        if (!policies.has(name) && !TARGETS.has(name)) chains.add(name);
      }
    }
    const declared = [
      ...[...policies].map(([chain, policy]) => `:${chain} ${policy} [0:0]`),
      ...[...chains].map((chain) => `:${chain} - [0:0]`),
    ];
    const appended = lines.filter((line) => !line.startsWith(":"));
    return [`*${table}`, ...declared, ...appended, "COMMIT", ""].join("\n");
  }).join("");
}
