import { EMPTY_FILTER, type Family } from "../iptables_text.ts";

/** The rules of someone's machine, written by other tools. */
export interface ForeignRules {
  readonly name: string;
  /** Text for iptables-restore, one a family; an empty `filter` table where the set has none. */
  readonly text: Readonly<Record<Family, string>>;
}

/**
 * The rule sets beside this file (`NN-NAME.v4`, `NN-NAME.v6`), in the order of their numbers. Tables,
 * chains, quoting, policies and counters are such as the named tools leave on real machines.
 */
export function foreignRules(): ForeignRules[] {
  const folder = import.meta.dirname ?? ".";
  const names = [...Deno.readDirSync(folder)].map((entry) => entry.name)
    .filter((name) => name.endsWith(".v4")).map((name) => name.slice(0, -".v4".length)).sort();
  return names.map((name) => ({
    name: name.replace(/^\d+-/, ""),
    text: { ipv4: read(`${folder}/${name}.v4`), ipv6: read(`${folder}/${name}.v6`) },
  }));
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return EMPTY_FILTER;
    throw error;
  }
}
