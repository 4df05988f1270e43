// What must hold of a chain pk-NAME, judged from its text alone; shares no code with src/.

/** One rule of a chain, as far as the promises cover it. */
export interface Judged {
  readonly text: string;
  /** Counters and text, as the fake kernel shows them. */
  readonly whole: string;
  readonly kind: "established" | "allow" | "door" | "log" | "end" | "foreign";
  /** The network as a number, its length behind it: what address order compares. */
  readonly order: bigint;
  readonly address: string;
  /** Seconds since 1970, or infinite; only of a door. */
  readonly until: number;
}

/** An ACCEPT of everyone that its comment marks as a door or an allowed network. */
const EVERYBODY = /^-m comment --comment pk-(door|allow)(?: -m time --datestop (\S+))? -j ACCEPT$/;

const DOOR =
  /^-s (\S+)( -m comment --comment (?:"(?:[^"\\]|\\.)*"|\S+))?(?: -m time --datestop (\S+))? -j ACCEPT$/;

/** Reads a chain as the fake kernel's `chain()` gives it. */
export function judge(rules: readonly string[]): Judged[] {
  return rules.map(judgeRule);
}

function judgeRule(whole: string): Judged {
  const text = whole.replace(/^\[\d+:\d+\] /, "");
  const base = { text, whole, order: -1n, address: "", until: Infinity };
  if (text === "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT") {
    return { ...base, kind: "established" };
  }
  const everybody = EVERYBODY.exec(text);
  if (everybody !== null) {
    const [, mark, date] = everybody;
    const until = date === undefined ? Infinity : Date.parse(`${date}Z`) / 1000;
    const kind = mark === "door" ? "door" : "allow";
    return { ...base, kind, order: 0n, address: "everywhere", until };
  }
  if (/^(-p tcp )?-j (DROP|ACCEPT|REJECT --reject-with \S+)$/.test(text)) {
    return { ...base, kind: "end" };
  }
  const door = DOOR.exec(text);
  if (door !== null) {
    const [, address = "", comment, date] = door;
    const allow = comment === " -m comment --comment pk-allow" && date === undefined;
    const until = date === undefined ? Infinity : Date.parse(`${date}Z`) / 1000;
    return { ...base, kind: allow ? "allow" : "door", order: orderOf(address), address, until };
  }
  if (/^(-m limit .*)?-j LOG/.test(text)) return { ...base, kind: "log" };
  return { ...base, kind: "foreign" };
}

/** A network as one number: its address bits and then its length. */
export function orderOf(network: string): bigint {
  const [host = "", length = "0"] = network.split("/");
  return (host.includes(":") ? ipv6(host) : ipv4(host)) * 256n + BigInt(length);
}

function ipv4(host: string): bigint {
  return host.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function ipv6(host: string): bigint {
  if (host.includes(".")) return ipv4(host.slice(host.lastIndexOf(":") + 1));
  const [head = "", tail] = host.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...new Array<string>(gap).fill("0"), ...after]
    .reduce((sum, part) => sum * 65536n + BigInt(`0x${part}`), 0n);
}

/** Foreign rules that let no packet continue, among those that the tests put into a chain. */
const ENDS = /^(-m comment --comment "(?:[^"\\]|\\.)*" )?-j (RETURN|pk-other|NFQUEUE)$/;

/** Index of the first rule that takes every packet; the length of the chain where there is none. */
export function endAt(rules: readonly Judged[]): number {
  // pk-other ends in DROP: a rule that sends everything there ends the chain as well.
  const at = rules.findIndex(({ kind, text }) => kind === "end" || ENDS.test(text));
  return at < 0 ? rules.length : at;
}

/**
 * The faults of a chain after a verb has written it; empty if there are none.
 *
 * @param rules the chain, or the part of it that packets reach
 */
export function faultsOf(rules: readonly Judged[], now: number): string[] {
  const faults: string[] = [];
  const end = endAt(rules);
  const addresses = rules.filter(({ kind }) => kind === "door" || kind === "allow");
  rules.forEach(({ kind, whole }, at) => {
    // A policy stays behind a foreign rule that ends the chain: it must not overrule that.
    const isOwnEnd = rules[end]?.kind === "end";
    if (at > end && (kind === "door" || kind === "allow" || kind === "end" && isOwnEnd)) {
      faults.push(`behind the end: ${whole}`);
    }
  });
  rules.forEach((rule, at) => {
    // No door crosses a foreign rule, so the order is that between two of them.
    const next = rules[at + 1];
    if (next === undefined || !addresses.includes(rule) || !addresses.includes(next)) return;
    const sorted = rule.order < next.order ||
      rule.order === next.order && rule.kind === "allow" && next.kind === "door";
    if (!sorted) faults.push(`not in order: ${rule.whole} ahead of ${next.whole}`);
  });
  for (const rule of addresses) {
    if (rule.until < Math.floor(now)) faults.push(`over, but there: ${rule.whole}`);
  }
  return faults;
}
