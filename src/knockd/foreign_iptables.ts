import type { ForeignRule, Unsaid } from "./foreign_call.ts";
import { readForeignPorts } from "./foreign_ports.ts";
import type { ShellWord } from "./shell.ts";

/** A line while its words are read. */
interface Open {
  command: "append" | "delete" | "flush" | "policy" | null;
  chain: ShellWord | null;
  target: string | null;
  byNumber: ShellWord | null;
  source: string | null;
  protocol: ForeignRule["protocol"];
  ports: ForeignRule["ports"];
  syn: boolean;
  interface: string | null;
  readonly unsaid: Unsaid[];
}

/** Options that only say how iptables is to work (iptables(8)), and whether a value follows. */
const MANNERS: Readonly<Record<string, boolean>> = {
  "-v": false,
  "--verbose": false,
  "-n": false,
  "--wait": true,
  "-w": true,
  "-4": false,
  "-6": false,
};

/** Matches that mean nothing for the first packet of a connection, or nothing at all. */
const SILENT_MATCHES = ["tcp", "udp", "multiport", "state", "conntrack", "comment"];

/** Takes the words behind an option; returns how many. */
type Take = (
  open: Open,
  given: { readonly word: ShellWord; readonly rest: readonly ShellWord[] },
) => number;

/** What each option says. */
const OPTIONS: readonly (readonly [names: readonly string[], take: Take])[] = [
  [["-A", "--append", "-I", "--insert"], (open, { rest }) => {
    const [chain, number] = rest;
    open.command = "append";
    open.chain = chain ?? null;
    // The number of an insertion says where the rule goes, not which one is meant.
    return number !== undefined && /^\d+$/.test(number.text) ? 2 : 1;
  }],
  [["-D", "--delete"], (open, { rest }) => {
    const [chain, number] = rest;
    open.command = "delete";
    open.chain = chain ?? null;
    if (number === undefined || !/^\d+$/.test(number.text)) return 1;
    open.byNumber = number;
    return 2;
  }],
  [["-F", "--flush"], (open, { rest }) => {
    open.command = "flush";
    open.chain = rest[0] ?? null;
    return 1;
  }],
  [["-P", "--policy"], (open, { rest }) => {
    open.command = "policy";
    open.chain = rest[0] ?? null;
    open.target = rest[1]?.text ?? null;
    return 2;
  }],
  [["-t", "--table"], (open, { word, rest }) => {
    const table = rest[0]?.text ?? "";
    if (table !== "filter") {
      open.unsaid.push({ word: rest[0] ?? word, why: "is a table other than filter" });
    }
    return 1;
  }],
  [["-s", "--source", "--src"], (open, { rest }) => {
    open.source = rest[0]?.text ?? null;
    return 1;
  }],
  [["-p", "--protocol"], (open, { word, rest }) => {
    const text = rest[0]?.text.toLowerCase() ?? "";
    if (text === "tcp" || text === "udp") open.protocol = text;
    else if (text !== "all") {
      open.unsaid.push({ word: rest[0] ?? word, why: "is neither tcp nor udp" });
    }
    return 1;
  }],
  [["--dport", "--dports", "--destination-port", "--destination-ports"], (open, { word, rest }) => {
    open.ports = readForeignPorts(rest[0]?.text ?? "");
    if (open.ports === null) {
      open.unsaid.push({ word: rest[0] ?? word, why: "is not a known port" });
    }
    return 1;
  }],
  [["-i", "--in-interface"], (open, { rest }) => {
    open.interface = rest[0]?.text ?? null;
    return 1;
  }],
  [["-m", "--match"], (open, { word, rest }) => {
    const name = rest[0]?.text ?? "";
    if (!SILENT_MATCHES.includes(name)) {
      open.unsaid.push({
        word: rest[0] ?? word,
        why: "is a match that a rules file cannot express",
      });
    }
    return 1;
  }],
  [["--state", "--ctstate"], (open, { word, rest }) => {
    const states = rest[0]?.text.split(",") ?? [];
    if (!states.includes("NEW")) {
      open.unsaid.push({ word: rest[0] ?? word, why: "accepts no new connections" });
    }
    return 1;
  }],
  [["--comment"], () => 1],
  [["--syn"], (open) => {
    open.syn = true;
    return 0;
  }],
  [["-j", "--jump"], (open, { rest }) => {
    open.target = rest[0]?.text ?? null;
    return 1;
  }],
];

/**
 * Reads the words of iptables(8) or ip6tables(8).
 *
 * @param args the words behind the program's name
 * @param program its name, which says the family
 */
export function readIptables(args: readonly ShellWord[], program: string): ForeignRule {
  const open: Open = {
    command: null,
    chain: null,
    target: null,
    byNumber: null,
    source: null,
    protocol: null,
    ports: null,
    syn: false,
    interface: null,
    unsaid: [],
  };
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === undefined) break;
    const manner = MANNERS[word.text];
    if (manner !== undefined) {
      at += manner && /^\d+$/.test(args[at + 1]?.text ?? "") ? 1 : 0;
      continue;
    }
    const take = OPTIONS.find(([names]) => names.includes(word.text))?.[1];
    if (take === undefined) {
      open.unsaid.push({ word, why: "is not understood" });
      continue;
    }
    at += take(open, { word, rest: args.slice(at + 1) });
  }
  return { ...said(open), families: [program.startsWith("ip6") ? "ipv6" : "ipv4"] };
}

function said(open: Open): Omit<ForeignRule, "families"> {
  const { chain, target, command } = open;
  if (command !== "flush" && chain !== null && chain.text !== "INPUT") {
    open.unsaid.push({ word: chain, why: "is a chain other than INPUT" });
  }
  const { byNumber, source, protocol, ports, syn, unsaid } = open;
  const face = open.interface;
  return {
    does: whatItDoes(command, target),
    byNumber,
    source,
    protocol,
    ports,
    syn,
    interface: face,
    unsaid,
  };
}

function whatItDoes(command: Open["command"], target: string | null): ForeignRule["does"] {
  if (command === "flush") return "opens";
  const accepts = target === "ACCEPT"
    ? true
    : target === "DROP" || target === "REJECT"
    ? false
    : null;
  if (accepts === null || command === null) return null;
  return accepts === (command !== "delete") ? "opens" : "closes";
}
