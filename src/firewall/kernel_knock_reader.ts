import { knockChainOf, plainKnockRule } from "./kernel_knock.ts";
import { chainOf, type KernelKnock, type KnockStep } from "./service.ts";
import type { FilterTable } from "./table.ts";

/** The knock of a chain of kernel_knock.ts. */
interface Read {
  readonly steps: readonly KnockStep[];
  /** Seconds; `null` if the knock has one step, which needs no time. */
  readonly within: number | null;
  /** The list of the door that it opens or closes. */
  readonly door: string;
  readonly closes: boolean;
}

/** The seconds of a knock of one step, which no rule names. */
const ANY_TIME = 1;

/**
 * Reads the knocks that the kernel hears for a service back from their chains. Foreign rules in such a chain
 * may change its meaning: compare the chain that the result would make with the table.
 *
 * @returns in the order of their doors; none if a chain is not as this tool writes it
 */
export function readKernelKnocks(table: FilterTable, name: string): KernelKnock[] {
  const heard: Read[] = [];
  for (let number = 1; table.hasChain(knockChainOf(name, number)); number++) {
    const read = readChain(table.rules(knockChainOf(name, number)).map(({ text }) => text));
    if (read === null) return [];
    heard.push(read);
  }
  return table.rules(chainOf(name)).flatMap(({ rule }): KernelKnock[] => {
    if (rule.kind !== "knocked") return [];
    const opening = heard.find(({ door, closes }) => door === rule.list && !closes);
    if (opening === undefined) return [];
    const closing = heard.find(({ door, closes }) => door === rule.list && closes);
    const within = opening.within ?? ANY_TIME;
    return [{ steps: opening.steps, within, for: rule.seconds, close: closing?.steps ?? null }];
  });
}

function readChain(printed: readonly string[]): Read | null {
  const rules = printed.map(plainKnockRule);
  // The rule of the last step is the first one; a rule that waits for a packet sent twice is no step.
  const steps = rules.filter((rule) => !/(?<!! )--rcheck --name /.test(rule))
    .flatMap((rule) => readPacket(rule) ?? []).reverse();
  const [first = ""] = rules;
  const [, verb, door] = /.*--(set|remove) --name (\S+) /.exec(first) ?? [];
  const within = /--rcheck --seconds (\d+) /.exec(first)?.[1];
  if (door === undefined || steps.length === 0) return null;
  const seconds = within === undefined ? null : Number(within);
  return { steps, within: seconds, door, closes: verb === "remove" };
}

function readPacket(rule: string): KnockStep | null {
  const [, protocol, port] = /^-p (tcp|udp) -m \S+ --dport (\d+) /.exec(rule) ?? [];
  if (protocol !== "tcp" && protocol !== "udp") return null;
  return { port: Number(port), protocol };
}
