// What `load` has to leave behind, judged from iptables-save text alone; shares no code with src/.
import { endAt, faultsOf, judge, type Judged } from "./oracle.ts";

/** The rules of each chain, as `[packets:bytes] words`, or the words alone where nothing was counted. */
type Chains = ReadonlyMap<string, readonly string[]>;

/** One family's table before and after a `load`, as iptables-save with counters prints it. */
export interface Followed {
  readonly before: string;
  readonly after: string;
  /** What the same `load` makes of an empty machine. */
  readonly empty: string;
  /** Chains of all services that the file names, whatever family they cover, in its order. */
  readonly named: readonly string[];
  /** When it happened, in seconds since 1970. */
  readonly clock: number;
  readonly prune?: boolean;
  /** ip6tables-nft-restore 1.8.9 sets no rule's counters: a rule that moved starts at 0 there. */
  readonly losesCounters?: boolean;
}

/** Reads the chains of table `filter`. */
export function readTable(saved: string): Chains {
  const chains = new Map<string, string[]>();
  const filter = (saved.split("*filter\n")[1] ?? "").split("\nCOMMIT")[0] ?? "";
  for (const line of filter.split("\n")) {
    if (line.startsWith(":")) chains.set(line.slice(1).split(" ")[0] ?? "", []);
    const rule = /^(\[\d+:\d+\] )?-A (\S+) (.*)$/.exec(line);
    if (rule === null) continue;
    const counters = rule[1] === "[0:0] " ? "" : rule[1] ?? "";
    chains.get(rule[2] ?? "")?.push(counters + rule[3]);
  }
  return chains;
}

/**
 * Compares a table with what it has to be: what an empty machine, the same file and the same doors
 * would give, with what belongs to others and the jumps that was in INPUT in their places.
 *
 * @returns one sentence a fault; empty where all is well
 */
export function faultsOfFollowing(followed: Followed): string[] {
  const [before, after] = [readTable(followed.before), readTable(followed.after)];
  const empty = readTable(followed.empty);
  const isOurs = (chain: string) => chain.startsWith("pk-");
  const isGone = (chain: string) =>
    isOurs(chain) && !empty.has(chain) &&
    (followed.named.includes(chain) || followed.prune === true);
  return [...new Set([...before.keys(), ...after.keys(), ...empty.keys()])].flatMap((chain) => {
    const now = after.get(chain);
    if (isGone(chain)) return now === undefined ? [] : [`${chain} is still there`];
    if (now === undefined) return [`${chain} is not there`];
    const old = (before.get(chain) ?? []).filter((rule) => !isGone(targetOf(rule)));
    const rules = { old, now, wanted: empty.get(chain) ?? [] };
    const faults = chain === "INPUT"
      ? faultsOfInput(rules, followed.named)
      : isOurs(chain) && empty.has(chain)
      ? faultsOfChain(rules, followed.clock)
      : old.join("\n") === now.join("\n")
      ? []
      : ["foreign rules changed"];
    const all = [...faults, ...(followed.losesCounters ? [] : faultsOfCounters(rules))];
    return all.map((fault) => `${chain}: ${fault}; now:\n${now.join("\n")}`);
  });
}

interface Rules {
  /** Before, without the jumps to removed chains. */
  readonly old: readonly string[];
  readonly now: readonly string[];
  /** On an empty machine. */
  readonly wanted: readonly string[];
}

function targetOf(rule: string): string {
  return / -[jg] (\S+)$/.exec(` ${rule}`)?.[1] ?? "";
}

function textOf(rule: string): string {
  return rule.replace(/^\[\d+:\d+\] /, "");
}

/** The longest-lived unexpired door of each address. */
function openDoors(rules: readonly Judged[], clock: number): Judged[] {
  const doors = new Map<bigint, Judged>();
  for (const rule of rules) {
    if (rule.kind !== "door" || rule.until < Math.floor(clock)) continue;
    const known = doors.get(rule.order);
    if (known === undefined || known.until < rule.until) doors.set(rule.order, rule);
  }
  return [...doors.values()];
}

/** The chain of an empty machine with doors in it, in address order. */
function withDoors(wanted: readonly Judged[], doors: readonly Judged[]): string[] {
  const isAddress = ({ kind }: Judged) => kind === "allow" || kind === "door";
  const addresses = [...wanted.filter(isAddress), ...doors].sort((a, b) =>
    a.order !== b.order
      ? (a.order < b.order ? -1 : 1)
      : (a.kind === "allow" ? 0 : 1) - (b.kind === "allow" ? 0 : 1)
  );
  const rest = wanted.filter((rule) => !isAddress(rule));
  const head = rest.filter(({ kind }) => kind === "established");
  const tail = rest.filter(({ kind }) => kind !== "established");
  return [...head, ...addresses, ...tail].map(({ text }) => text);
}

function faultsOfChain({ old, now, wanted }: Rules, clock: number): string[] {
  const [was, is] = [judge(old), judge(now)];
  const foreign = (rules: readonly Judged[]) =>
    rules.filter(({ kind }) => kind === "foreign").map(({ text }) => text).join("\n");
  // What is behind a foreign rule that ends the chain stays there; its policy and log wait.
  const isShut = (rules: readonly Judged[]) => rules[endAt(rules)]?.kind === "foreign";
  const reached = isShut(was) ? was.slice(0, endAt(was)) : was;
  const expected = withDoors(judge(wanted), openDoors(reached, clock));
  const counted = is.filter(({ kind }, at) =>
    kind !== "foreign" && (!isShut(is) || at < endAt(is) || kind !== "door")
  );
  const ours = counted.filter((rule, at, all) =>
    // A door that a longer one follows is reported by nothing else than foreign rules between the two.
    rule.kind !== "door" ||
    !all.slice(at + 1).some(({ kind, order, until }) =>
      kind === "door" && order === rule.order && until > rule.until
    )
  ).map(({ text }) => text);
  const same = ours.toSorted().join("\n") === expected.toSorted().join("\n");
  const inOrder = foreign(is) !== "" || ours.join("\n") === expected.join("\n");
  return [
    ...(same && inOrder ? [] : [`not what an empty machine gives:\n${expected.join("\n")}`]),
    ...faultsOf(is.slice(0, endAt(is) + 1), clock),
    ...(foreign(was) === foreign(is) ? [] : ["foreign rules moved"]),
  ];
}

function faultsOfInput({ old, now, wanted }: Rules, named: readonly string[]): string[] {
  const faults: string[] = [];
  const others = (rules: readonly string[]) =>
    rules.filter((rule) => !named.includes(targetOf(rule))).join("\n");
  if (others(old) !== others(now)) faults.push("foreign rules changed");
  const fresh: string[] = [];
  for (const chain of named) {
    const jumpsOf = (rules: readonly string[]) =>
      rules.filter((rule) => targetOf(rule) === chain).map(textOf);
    if (jumpsOf(now).toSorted().join("\n") !== jumpsOf(wanted).toSorted().join("\n")) {
      faults.push(`the jumps to ${chain} are not those of an empty machine`);
    }
    if (jumpsOf(old).length === 0) fresh.push(...jumpsOf(wanted));
    else faults.push(...faultsOfPlaces({ old, now, named, chain }));
  }
  const end = fresh.length === 0 ? [] : now.slice(-fresh.length).map(textOf);
  if (end.join("\n") !== fresh.join("\n")) {
    faults.push("new jumps are not at the end in file order");
  }
  return faults;
}

/** How many foreign rules are ahead of each jump: its place, whatever happens to other jumps. */
function placesOf(
  rules: readonly string[],
  { named, chain }: { named: readonly string[]; chain: string },
) {
  let others = 0;
  const places: number[] = [];
  for (const rule of rules) {
    if (targetOf(rule) === chain) places.push(others);
    else if (!named.includes(targetOf(rule))) others++;
  }
  return places;
}

/** Every jump is at the place of an old one; one whose text stayed keeps its own place. */
function faultsOfPlaces(
  { old, now, named, chain }: {
    old: readonly string[];
    now: readonly string[];
    named: readonly string[];
    chain: string;
  },
): string[] {
  const [was, is] = [old, now].map((rules) => placesOf(rules, { named, chain })) as [
    number[],
    number[],
  ];
  const texts = (rules: readonly string[]) =>
    rules.filter((rule) => targetOf(rule) === chain).map(textOf);
  const [oldTexts, newTexts] = [texts(old), texts(now)];
  const faults = is.filter((place) => !was.includes(place)).map((place) =>
    `a jump to ${chain} is at place ${place}, where none was`
  );
  newTexts.forEach((text, at) => {
    const first = oldTexts.indexOf(text);
    if (first >= 0 && was[first] !== is[at]) faults.push(`an equal jump to ${chain} moved`);
  });
  return faults;
}

/** Each rule that is the same as one before has the counters of one of these; a new one has none. */
function faultsOfCounters({ old, now }: Rules): string[] {
  return [...new Set(now.map(textOf))].flatMap((text) => {
    const same = (rules: readonly string[]) => rules.filter((rule) => textOf(rule) === text);
    const [was, is] = [same(old), same(now)];
    const other = is.filter((rule) => !was.includes(rule));
    const fresh = other.length <= Math.max(0, is.length - was.length) &&
      other.every((rule) => rule === text);
    return other.length === 0 || fresh ? [] : [`wrong counters of ${text}`];
  });
}
