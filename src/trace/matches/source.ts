// Matches on the source other than by an address. None of them matches an outsider (packet.md).
import { allOf, type Match, type Option, wordOf } from "../options.ts";
import { compareHosts, type Host, parseHost } from "../network.ts";
import { hostKey } from "../lists.ts";
import { ANYONE } from "../packet.ts";
import { invert, type Seen, type State, type Test, type Truth } from "../state.ts";
import type { Family } from "../../firewall/address.ts";

const isOutsider = ({ packet }: State): boolean => packet.source === ANYONE;

/** False for an outsider, unknown for everyone else. */
const names: Test = (state) => isOutsider(state) ? false : null;

/** A match on some sources, which the rules do not show. */
function sourceMatch(options: Readonly<Record<string, number>>): Match {
  return { options, build: (given) => allOf(given, () => names) };
}

/** `-m mac`. */
export const mac: Match = sourceMatch({ "--mac-source": 1 });

/** `-m geoip` of xtables-addons. */
export const geoip: Match = {
  options: { "--source-country": 1, "--src-cc": 1, "--destination-country": 1, "--dst-cc": 1 },
  build: (options) => allOf(options, ({ name }) => /^--(source|src)/.test(name) ? names : null),
};

function readHosts(text: string, family: Family): readonly [Host, Host] | null {
  const dash = text.indexOf("-");
  const first = parseHost(dash < 0 ? text : text.slice(0, dash), family);
  const last = dash < 0 ? first : parseHost(text.slice(dash + 1), family);
  return first === null || last === null ? null : [first, last];
}

function rangeTest(option: Option, family: Family): Test | null {
  const hosts = readHosts(wordOf(option), family);
  if (hosts === null) return null;
  const between = (host: Host) =>
    compareHosts(hosts[0], host) <= 0 && compareHosts(host, hosts[1]) <= 0;
  if (option.name === "--dst-range") {
    return ({ destination }) => destination === null ? null : between(destination);
  }
  // A range as wide as a /3 is not a list of known addresses: an outsider is in it.
  const isWide = (hosts[1][0] ?? 0) - (hosts[0][0] ?? 0) >= 31;
  return ({ packet: { source } }) => source === ANYONE ? isWide : between(source);
}

/** `-m iprange`. */
export const iprange: Match = {
  options: { "--src-range": 1, "--dst-range": 1 },
  build: (options, { family }) => allOf(options, (option) => rangeTest(option, family)),
};

/** `-m set`: the rules do not show the members of a set. */
export const set: Match = {
  options: { "--match-set": 2 }, // Further options may invert the result of a set.
  build: (options) =>
    allOf(options, ({ values: [name = "", directions = ""] }) => {
      const bySource = directions.split(",").includes("src");
      return (state) => bySource && isOutsider(state) && !state.sets.has(name) ? false : null;
    }),
};

/** The operation of one `-m recent` on its list of addresses. */
interface Recent {
  readonly list: string;
  readonly verb: string;
  readonly not: boolean;
  readonly hits: number;
  readonly bySource: boolean;
  /** Only what was recorded in that time counts; `null` for all. */
  readonly seconds: number | null;
  /** Whether the list holds whole addresses. */
  readonly isWhole: boolean;
}

/** The masks that leave an address as it is. */
const WHOLE = ["255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"];

function readRecent(options: readonly Option[]): Recent | null {
  const value = (name: string) => options.find((option) => option.name === name)?.values[0];
  const verbs = options.filter(({ name }) =>
    ["--set", "--rcheck", "--update", "--remove"].includes(name)
  );
  const [verb] = verbs;
  const hits = Number(value("--hitcount") ?? "1");
  if (verb === undefined || verbs.length > 1 || !Number.isInteger(hits)) return null;
  return {
    list: value("--name") ?? "DEFAULT",
    verb: verb.name,
    not: verb.not,
    hits,
    bySource: !options.some(({ name }) => name === "--rdest"),
    seconds: value("--seconds") === undefined ? null : Number(value("--seconds")),
    isWhole: WHOLE.includes(value("--mask") ?? "255.255.255.255"),
  };
}

/** What is known about an address on a list, before the rules of this way. */
function seenBefore({ bySource, list, seconds, isWhole }: Recent, state: State): Seen {
  const { source } = state.packet;
  if (source === ANYONE) return { least: 0, exact: bySource };
  const known = bySource && isWhole ? state.lists(list) : undefined;
  if (known === undefined) return { least: 0, exact: false };
  const ago = known.get(hostKey(source));
  return ago === undefined || seconds !== null && ago > seconds
    ? { least: 0, exact: true }
    : { least: 1, exact: false };
}

/** xt_recent.c, recent_mt(): the side effects happen as soon as the matches before it do. */
function recentTest(recent: Recent): Test {
  const list = recent.bySource ? recent.list : `${recent.list} (destination)`;
  return (state, at): Truth => {
    const noted = state.recent.get(list);
    const { least, exact } = noted ?? seenBefore(recent, state);
    // What was noted ahead of this way may be too long ago for who asks next.
    const here = noted?.least ?? 0;
    const more = { least: here + 1, exact };
    if (recent.verb === "--set") {
      at.remember(list, more);
      return !recent.not;
    }
    const hits = recent.verb === "--remove" ? 1 : recent.hits;
    const holds = invert(least >= hits ? true : exact ? false : null, recent.not);
    if (recent.verb === "--remove") at.remember(list, { least: 0, exact: true });
    else if (recent.verb === "--update" && least > 0) {
      if (holds === true) at.remember(list, more);
      else if (holds === null) at.remember(list, { least: here, exact: false });
    }
    return holds;
  };
}

/**
 * `-m recent`: an outsider is on no list until a rule on its way puts it there. xt_recent.c counts an
 * address's packets; the first `--set` is the first.
 */
export const recent: Match = {
  options: {
    ...{ "--set": 0, "--rcheck": 0, "--update": 0, "--remove": 0, "--name": 1, "--mask": 1 },
    ...{ "--seconds": 1, "--hitcount": 1, "--reap": 0, "--rttl": 0 },
    ...{ "--rsource": 0, "--rdest": 0 },
  },
  fickle: true,
  build(options) {
    const read = readRecent(options);
    return read === null ? null : recentTest(read);
  },
};
