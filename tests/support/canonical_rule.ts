// What iptables-save prints of a rule that iptables-restore was given, for the matches and targets
// that the tests use. Everything else is refused, as iptables refuses an option it does not know.
import { saveString, splitLine } from "./restore_words.ts";

/** A rule as iptables holds it. */
export interface KernelRule {
  /** The words behind `-A CHAIN` as iptables-save prints them. */
  readonly text: string;
  /** The chain that it jumps or goes to, if that is one of the user's. */
  readonly jump: string | null;
}

type Family = "ipv4" | "ipv6";

/** The words of one match or of the target: its name and its options. */
interface Part {
  readonly name: string;
  readonly options: Map<string, string>;
}

interface Parsed {
  readonly basic: Map<string, string>;
  /** Options of `basic` that are behind a `!`. */
  readonly negated: Set<string>;
  readonly matches: Part[];
  target: (Part & { goto: boolean }) | null;
}

const BASIC = new Set(["-s", "-d", "-i", "-o", "-p"]);

/** Options of each match and target, in the order in which iptables-save prints them. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  tcp: ["--sport", "--dport", "--tcp-flags"],
  udp: ["--sport", "--dport"],
  multiport: ["--dports"],
  conntrack: ["--ctstate"],
  limit: ["--limit", "--limit-burst"],
  time: ["--datestart", "--datestop"],
  comment: ["--comment"],
  recent: ["--set", "--rcheck", "--remove", "--seconds", "--name", "--mask", "--rsource"],
  mac: ["--mac-source"],
  state: ["--state"],
  iprange: ["--src-range"],
  set: ["--match-set"],
  LOG: ["--log-prefix", "--log-level"],
  REJECT: ["--reject-with"],
  NFLOG: ["--nflog-group"],
  NFQUEUE: ["--queue-num"],
};

/** Options without a value. */
const FLAGS = new Set(["--set", "--rcheck", "--remove", "--rsource"]);

const BUILT_IN = new Set(["ACCEPT", "DROP", "RETURN", "LOG", "REJECT", "NFLOG", "NFQUEUE"]);

/**
 * Reads the words behind `-A CHAIN` and gives what iptables-save prints of them.
 *
 * @throws {Error} with iptables' reason if it would refuse the rule
 */
export function canonicalRule(words: string, family: Family): KernelRule {
  const { basic, negated, matches, target } = parse(splitLine(words));
  const out: string[] = [];
  for (const option of ["-s", "-d"]) {
    const value = basic.get(option);
    if (value === undefined) continue;
    if (negated.has(option)) out.push("!");
    out.push(...printNetwork(option, value, family));
  }
  for (const option of ["-i", "-o", "-p"]) {
    const value = basic.get(option);
    if (value === undefined) continue;
    if (negated.has(option)) out.push("!");
    out.push(option, value);
  }
  const protocol = basic.get("-p");
  for (const match of matches) out.push("-m", match.name, ...printMatch(match, protocol));
  if (target !== null) {
    out.push(target.goto ? "-g" : "-j", target.name, ...printTarget(target, { protocol, family }));
  }
  const own = target !== null && !BUILT_IN.has(target.name);
  return { text: out.join(" "), jump: own ? target.name : null };
}

function parse(words: readonly string[]): Parsed {
  const parsed: Parsed = { basic: new Map(), negated: new Set(), matches: [], target: null };
  for (let at = 0; at < words.length; at++) {
    const isNegated = words[at] === "!" && BASIC.has(words[at + 1] ?? "");
    const option = (isNegated ? words[++at] : words[at]) ?? "";
    if (isNegated) parsed.negated.add(option);
    if (FLAGS.has(option) || option === "!" && FLAGS.has(words[at + 1] ?? "")) {
      setOption(parsed, option === "!" ? words[++at]! : option, option === "!" ? "!" : "");
      continue;
    }
    const value = words[++at];
    if (option === "--syn") {
      at--;
      setOption(parsed, "--tcp-flags", "FIN,SYN,RST,ACK SYN");
    } else if (value === undefined) throw new Error(`option "${option}" requires an argument`);
    else if (option === "-m") parsed.matches.push({ name: value, options: new Map() });
    else if (option === "-j" || option === "-g") {
      parsed.target = { name: value, options: new Map(), goto: option === "-g" };
    } else if (BASIC.has(option)) {
      if (parsed.basic.has(option)) throw new Error(`multiple ${option} flags not allowed`);
      parsed.basic.set(option, value);
    } else if (option === "--tcp-flags" || option === "--match-set") {
      setOption(parsed, option, `${value} ${words[++at] ?? ""}`);
    } else setOption(parsed, option, value);
  }
  for (const { name } of parsed.matches) {
    if (OPTIONS[name] === undefined || /^[A-Z]/.test(name)) {
      throw new Error(`Couldn't load match \`${name}':No such file or directory`);
    }
  }
  return parsed;
}

/** Gives an option to the target or the newest match that knows it. */
function setOption({ matches, target }: Parsed, option: string, value: string): void {
  const parts = target === null ? matches.toReversed() : [target];
  const part = parts.find(({ name }) => OPTIONS[name]?.includes(option));
  if (part === undefined) throw new Error(`unknown option "${option}"`);
  if (part.options.has(option)) throw new Error(`option "${option}" may only be used once`);
  part.options.set(option, value);
}

function printNetwork(option: string, value: string, family: Family): string[] {
  const [host = "", length] = value.split("/");
  if (host.includes(":") !== (family === "ipv6")) {
    throw new Error(`host/network \`${value}' not found`);
  }
  // glibc's inet_ntop() prints an address with exactly six leading zero words with a dotted tail.
  const dotted = /^::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host);
  if (dotted !== null) {
    const [high, low] = dotted.slice(1).map((word) => parseInt(word, 16)) as [number, number];
    const shown = `::${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
    return [option, `${shown}/${length ?? "128"}`];
  }
  const bits = length ?? (family === "ipv4" ? "32" : "128");
  return bits === "0" ? [] : [option, `${host}/${bits}`];
}

function printMatch({ name, options }: Part, protocol: string | undefined): string[] {
  if (name === "tcp" || name === "udp") {
    if (protocol !== name) throw new Error(`match ${name} needs -p ${name}`);
  }
  if (name === "multiport") {
    const slots = (options.get("--dports") ?? "").split(/[,:]/).length;
    if (protocol === undefined) throw new Error("multiport needs -p");
    if (slots > 15) throw new Error("too many ports specified");
  }
  if (name === "limit") return printLimit(options);
  if (name === "recent") return printRecent(options);
  if (name === "time" && options.has("--datestart")) return printStart(options);
  return (OPTIONS[name] ?? []).flatMap((option) => {
    const value = options.get(option);
    if (value === undefined) return [];
    if (option === "--datestop") return [option, checkDate(value)];
    return [option, option === "--comment" ? saveString(value) : value];
  });
}

/** As libxt_recent.c prints it, always with the mask and the side. */
function printRecent(options: ReadonlyMap<string, string>): string[] {
  const verb = ["--set", "--rcheck", "--remove"].find((one) => options.has(one));
  const mask = options.get("--mask");
  if (verb === undefined || mask === undefined) throw new Error("recent: you must specify ...");
  const seconds = options.get("--seconds");
  return [
    ...(options.get(verb) === "!" ? ["!"] : []),
    verb,
    ...(seconds === undefined ? [] : ["--seconds", seconds]),
    ...["--name", options.get("--name") ?? "DEFAULT", "--mask", mask, "--rsource"],
  ];
}

function checkDate(value: string): string {
  const end = Date.parse(`${value}Z`) / 1000;
  if (!(end < 2 ** 31 - 1)) throw new Error("--datestop: invalid date");
  return value;
}

/** With a start, libxt_time prints the end as well, even that of its clock. */
function printStart(options: ReadonlyMap<string, string>): string[] {
  const end = options.get("--datestop") ?? CLOCK_END;
  const start = checkDate(options.get("--datestart") ?? "");
  return ["--datestart", start, "--datestop", end === CLOCK_END ? end : checkDate(end)];
}

/** The last second of a signed 32-bit clock. */
const CLOCK_END = "2038-01-19T03:14:07";

/** Prints a limit as libxt_limit's print_rate() does, in the largest unit that fits. */
function printLimit(options: ReadonlyMap<string, string>): string[] {
  const [count = "", unit = ""] = (options.get("--limit") ?? "3/hour").split("/");
  const scales: [string, number][] = [["day", 864_000_000], ["hour", 36_000_000], [
    "min",
    600_000,
  ], ["sec", 10_000]];
  const scale = scales.find(([name]) =>
    unit !== "" && (name.startsWith(unit) || unit.startsWith(name))
  );
  const period = Math.floor((scale?.[1] ?? 0) / Number(count));
  if (!(period > 0) || !Number.isFinite(period)) {
    throw new Error(`bad rate "${options.get("--limit")}"`);
  }
  let at = 1;
  for (; at < scales.length; at++) {
    const size = scales[at]![1];
    if (period > size || Math.floor(size / period) < size % period) break;
  }
  const [name, size] = scales[at - 1]!;
  const burst = options.get("--limit-burst") ?? "5";
  if (!(Number(burst) > 0)) throw new Error("bad --limit-burst");
  return [
    "--limit",
    `${Math.floor(size / period)}/${name}`,
    ...(burst === "5" ? [] : ["--limit-burst", burst]),
  ];
}

function printTarget(
  { name, options }: Part,
  { protocol, family }: { protocol: string | undefined; family: Family },
): string[] {
  if (name === "REJECT") {
    const plain = family === "ipv4" ? "icmp-port-unreachable" : "icmp6-port-unreachable";
    const answer = options.get("--reject-with") ?? plain;
    if (answer === "tcp-reset" && protocol !== "tcp") throw new Error("tcp-reset needs -p tcp");
    return ["--reject-with", answer];
  }
  return (OPTIONS[name] ?? []).flatMap((option) => {
    const value = options.get(option);
    if (value === undefined || option === "--log-level" && value === "4") return [];
    if (option !== "--log-prefix") return [option, value];
    if (new TextEncoder().encode(value).length > 29) throw new Error("Maximum prefix length 29");
    return [option, saveString(value)];
  });
}
