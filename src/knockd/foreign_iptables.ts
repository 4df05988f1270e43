import type { ForeignRule, Unsaid } from "./foreign_call.ts";
import { readForeignPorts } from "./foreign_ports.ts";
import type { ShellWord } from "./shell.ts";

/** A line while its words are read. */
interface Open {
  command: "append" | "delete" | "flush" | null;
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

/** Matches that have no meaning for the first packet of a connection, or none at all. */
const SILENT_MATCHES = ["tcp", "udp", "multiport", "state", "conntrack", "comment"];

/** Takes the words that belong to an option off the front of those behind it. */
type Take = (
  open: Open,
  given: { readonly word: ShellWord; readonly rest: ShellWord[] },
) => void;

/** The reader of each option. */
const OPTIONS: readonly (readonly [names: readonly string[], take: Take])[] = [
  [["-A", "--append", "-I", "--insert"], (open, { rest }) => {
    open.command = "append";
    open.chain = rest.shift() ?? null;
    // The number of an insertion is the place of the new rule, not an existing one.
    takeNumber(rest);
  }],
  [["-D", "--delete"], (open, { rest }) => {
    open.command = "delete";
    open.chain = rest.shift() ?? null;
    open.byNumber = takeNumber(rest);
  }],
  [["-F", "--flush"], (open, { rest }) => {
    open.command = "flush";
    if (rest[0]?.text.startsWith("-") === false) rest.shift();
  }],
  // What becomes of all packets that no rule is about: like a rule at the end of the chain.
  [["-P", "--policy"], (open, { rest }) => {
    open.command = "append";
    open.chain = rest.shift() ?? null;
    open.target = rest.shift()?.text ?? null;
  }],
  [["-t", "--table"], (open, { word, rest }) => {
    const table = rest.shift() ?? word;
    if (table.text !== "filter") {
      open.unsaid.push({ word: table, why: "is a table other than filter" });
    }
  }],
  [["-s", "--source", "--src"], (open, { rest }) => {
    open.source = rest.shift()?.text ?? null;
  }],
  [["-p", "--protocol"], (open, { word, rest }) => {
    const protocol = rest.shift() ?? word;
    const name = protocol.text.toLowerCase();
    if (name === "tcp" || name === "udp") open.protocol = name;
    else if (name !== "all") {
      open.unsaid.push({ word: protocol, why: "is neither tcp nor udp" });
    }
  }],
  [["--dport", "--dports", "--destination-port", "--destination-ports"], (open, { word, rest }) => {
    const ports = rest.shift() ?? word;
    open.ports = readForeignPorts(ports.text);
    if (open.ports === null) open.unsaid.push({ word: ports, why: "is not a known port" });
  }],
  [["-i", "--in-interface"], (open, { rest }) => {
    open.interface = rest.shift()?.text ?? null;
  }],
  [["-m", "--match"], (open, { word, rest }) => {
    const match = rest.shift() ?? word;
    if (!SILENT_MATCHES.includes(match.text)) {
      open.unsaid.push({ word: match, why: "is a match that a rules file cannot express" });
    }
  }],
  [["--state", "--ctstate"], (open, { word, rest }) => {
    const states = rest.shift() ?? word;
    if (!states.text.split(",").includes("NEW")) {
      open.unsaid.push({ word: states, why: "accepts no new connections" });
    }
  }],
  [["--comment"], (_, { rest }) => {
    rest.shift();
  }],
  [["--syn"], (open) => {
    open.syn = true;
  }],
  [["-j", "--jump"], (open, { rest }) => {
    open.target = rest.shift()?.text ?? null;
  }],
  // These only say how iptables is to work (iptables(8)).
  [["-v", "--verbose", "-n", "-4", "-6"], () => {}],
  [["-w", "--wait"], (_, { rest }) => {
    takeNumber(rest);
  }],
];

/** Takes a number off the front of the words; `null` if none is there. */
export function takeNumber(rest: ShellWord[]): ShellWord | null {
  return /^\d+$/.test(rest[0]?.text ?? "") ? rest.shift() ?? null : null;
}

/**
 * Reads the words of iptables(8) or ip6tables(8).
 *
 * @param args the words behind the program's name
 * @param program its name, which determines the family
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
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const { text } = word;
    const take = OPTIONS.find(([names]) => names.includes(text))?.[1];
    if (take === undefined) open.unsaid.push({ word, why: "is not understood" });
    else take(open, { word, rest });
  }
  return { ...said(open), families: [program.startsWith("ip6") ? "ipv6" : "ipv4"] };
}

function said(open: Open): Omit<ForeignRule, "families"> {
  const { chain, target, command } = open;
  if (chain !== null && chain.text !== "INPUT") {
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
