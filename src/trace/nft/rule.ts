import { readTarget, type Target } from "../target.ts";
import type { Rule } from "../rule.ts";
import type { Condition, Test } from "../state.ts";
import { impliedOnly, matchTest, type NftContext } from "./fields.ts";
import { type Json, type JsonObject, listOf, objectOf, partsOf, textOf } from "./json.ts";
import { printField, printMatch, printStatement } from "./print.ts";

/** Statements after which the packet continues unchanged, or changed only in what no match here reads. */
const PASSING = new Set([
  ...["counter", "log", "comment", "masquerade", "snat", "dup", "ct helper", "ct timeout", "last"],
  ...["secmark", "ct expectation"],
]);

/** Context for reading a rule. */
export interface NftTableContext extends NftContext {
  /** Whether the table has a chain of that name. */
  readonly isChain: (name: string) => boolean;
}

type Change = Extract<Target, { kind: "change" }>;

/** What is collected while a rule is read. */
interface Reading extends NftTableContext {
  readonly conditions: Condition[];
  /** Its side effects in order, each with the number of conditions before it. */
  readonly changes: { readonly target: Change; readonly behind: number }[];
}

const UNKNOWN: Target = { kind: "verdict", verdict: "unknown" };

function condition(text: string, test: Test, more: Partial<Condition> = {}): Condition {
  return { text, key: text, inverted: false, fickle: false, rate: false, test, ...more };
}

/**
 * Reads a rule of nft's JSON.
 *
 * @param statements its `expr`
 * @param of the packet's family, and the contents of its table
 * @returns the rule; more than one if a map has several verdicts, to be evaluated in order
 */
export function readNftRule(
  statements: readonly Json[],
  of: NftTableContext,
): Rule[] {
  const reading: Reading = { ...of, conditions: [], changes: [] };
  for (const [at, statement] of statements.entries()) {
    const [tag, content] = partsOf(statement);
    if (tag === "vmap") return readMap(content, statements.slice(at + 1), reading);
    const isLast = at === statements.length - 1;
    const target = isLast && isNameless(tag, content) ? UNKNOWN : readStatement(statement, reading);
    if (target !== null) return finish(reading, target);
  }
  return finish(reading, { kind: "none" });
}

/**
 * Whether this is an extension that JSON does not show: nft 0.9.8 prints `{"xt": null}`. iptables-nft
 * writes matches ahead of the counter and a target at the end: the last one may be that.
 */
function isNameless(tag: string, content: Json): boolean {
  return tag === "xt" && objectOf(content)["type"] === undefined;
}

/**
 * The rule, followed by one for each change before a condition: nft evaluates statements from left to
 * right, so that the change is made even if a later condition does not match.
 */
function finish({ conditions, changes }: Reading, last: Target): Rule[] {
  const target = changes.reduceRight<Target>(
    (then, { target: change }) => then.kind === "none" ? change : { ...change, then },
    last,
  );
  const made = changes.filter(({ behind }) => behind < conditions.length);
  return [
    { conditions, target },
    ...made.map((one) => ({ conditions: conditions.slice(0, one.behind), target: one.target })),
  ];
}

/** Records a condition; after a change it applies to the changed packet. */
function ask({ conditions, changes }: Reading, asked: Condition): void {
  if (changes.length === 0) return void conditions.push(asked);
  const made = changes.map(({ target }) => target);
  const test: Test = (state, at) => {
    const changed = { ...state };
    for (const one of made) one.change(changed);
    return asked.test(changed, at);
  };
  conditions.push({ ...asked, test, fickle: true });
}

/** Records a side effect. */
function make({ conditions, changes }: Reading, target: Change): void {
  changes.push({ target, behind: conditions.length });
}

/** Records what a statement matches or changes; returns its action if that ends the rule. */
function readStatement(statement: Json, reading: Reading): Target | null {
  const [tag, content] = partsOf(statement);
  const inside = objectOf(content);
  switch (tag) {
    case "match": {
      const { op, left = null, right = null } = inside;
      const match = { op: textOf(op), left, right };
      ask(reading, condition(printMatch(match), matchTest(match, reading)));
      return null;
    }
    case "limit":
      ask(reading, condition(printStatement(statement), () => null, { fickle: true, rate: true }));
      return null;
    case "xt":
      return readXt(inside, reading);
    case "mangle":
      if (movesPacket(inside["key"])) return UNKNOWN;
      make(reading, readMangle(inside));
      return null;
    case "notrack":
      make(reading, {
        kind: "change",
        change: (state) => void (state.tracking = "untracked"),
      });
      return null;
    case "set": {
      readMeter(inside, reading);
      const name = textOf(inside["set"]).replace("@", "");
      make(reading, {
        kind: "change",
        change: (state) => void (state.sets = new Set([...state.sets, name])),
      });
      return null;
    }
    default:
      return PASSING.has(tag) ? null : readVerdict(tag, inside, reading);
  }
}

/** `add @set { ip saddr limit rate over 3/minute }`: a set with a rate is a match. */
function readMeter(inside: JsonObject, reading: Reading): void {
  const field = printField(inside["elem"]);
  for (const statement of listOf(inside["stmt"])) {
    const rate = partsOf(statement)[0] === "limit";
    const words = `${field} ${printStatement(statement)}`;
    ask(reading, condition(words, impliedOnly(field), { fickle: true, rate }));
  }
}

function readVerdict(tag: string, inside: Json, reading: Reading): Target | null {
  const content = objectOf(inside);
  switch (tag) {
    case "accept":
      return { kind: "verdict", verdict: "accepted" };
    case "drop":
      return { kind: "verdict", verdict: "dropped" };
    case "queue":
      return { kind: "verdict", verdict: "queued" };
    case "reject":
      // nft does not print the condition that a reset needs, but applies it.
      if (content["type"] === "tcp reset") {
        const words = "meta l4proto tcp";
        ask(reading, condition(words, ({ packet }) => packet.protocol === 6));
      }
      return { kind: "verdict", verdict: "rejected" };
    case "return":
      return { kind: "return" };
    case "jump":
    case "goto": {
      const chain = textOf(content["target"]);
      return reading.isChain(chain) ? { kind: tag, chain } : UNKNOWN;
    }
    case "redirect":
      return { kind: "translate", to: { address: "this machine", ...portOf(content["port"]) } };
    case "dnat": {
      const of = { ip: "ipv4", ip6: "ipv6" }[textOf(content["family"])];
      if (of !== undefined) {
        // As with a reset: the condition is implied.
        ask(reading, condition(`meta nfproto ${of}`, ({ packet }) => packet.family === of));
      }
      return {
        kind: "translate",
        to: { address: textOf(content["addr"]) || null, ...portOf(content["port"]) },
      };
    }
    default:
      // A limit on connections, a quota, a meter and the like may match; a target may do anything.
      if (["ct count", "quota", "meter", "connlimit"].includes(tag)) {
        ask(reading, condition(tag, () => null, { fickle: true }));
        return null;
      }
      return UNKNOWN;
  }
}

function portOf(port: Json | undefined): { port?: number | null } {
  if (port === undefined) return {};
  return { port: typeof port === "number" ? port : null };
}

/** Targets whose effect on a packet does not follow from the name alone. */
const XT_TARGETS: Readonly<Record<string, Target>> = {
  REDIRECT: { kind: "translate", to: { address: "this machine", port: null } },
  CONNMARK: {
    kind: "change",
    change: (state) => void Object.assign(state, { mark: null, connectionMark: null }),
  },
  // Perhaps --notrack.
  CT: UNKNOWN,
};

/** An extension of iptables: JSON has only its name. */
function readXt(inside: Json, reading: Reading): Target | null {
  const { type, name } = objectOf(inside);
  if (type !== "target") {
    ask(reading, condition(`xt match ${textOf(name)}`, () => null, { fickle: true }));
    return null;
  }
  const words = { name: textOf(name), options: [], goto: false };
  const known = Object.hasOwn(XT_TARGETS, words.name) ? XT_TARGETS[words.name] : undefined;
  const target = known ?? readTarget(words, () => false);
  if (target.kind !== "change") return target.kind === "none" ? null : target;
  make(reading, target);
  return null;
}

/** Whether a statement writes addresses or ports, so that the rules behind it see another packet. */
function movesPacket(key: Json | undefined): boolean {
  const [tag, content] = partsOf(key);
  if (tag !== "payload") return false;
  const field = objectOf(content)["field"];
  // Without the name of a field, as in `@th,16,16 set`: any bytes.
  return typeof field !== "string" || ["saddr", "daddr", "sport", "dport"].includes(field);
}

function readMangle(inside: Json): Change {
  const { key, value } = objectOf(inside);
  const [tag, content] = partsOf(key);
  const isMark = objectOf(content)["key"] === "mark";
  const mark = typeof value === "number" ? value : null;
  return {
    kind: "change",
    change(state) {
      if (isMark && tag === "meta") state.mark = mark;
      if (isMark && tag === "ct") state.connectionMark = mark;
    },
  };
}

/** `ct state vmap { established : accept, invalid : drop }`: a rule for each entry. */
function readMap(content: Json, rest: readonly Json[], reading: Reading): Rule[] {
  const { key = null, data = null } = objectOf(content);
  const entries = objectOf(data)["set"];
  if (!Array.isArray(entries)) {
    const words = printStatement({ vmap: content });
    ask(reading, condition(words, () => null));
    return finish(reading, UNKNOWN);
  }
  const rules = entries.flatMap((entry): Rule[] => {
    const [value = null, verdict = null] = listOf(entry);
    const match = { op: "==", left: key, right: value };
    const test = matchTest(match, reading);
    const { conditions, changes } = reading;
    const branch = { ...reading, conditions: [...conditions], changes: [...changes] };
    ask(branch, condition(printMatch(match), test));
    return finish(branch, readStatement(verdict, branch) ?? UNKNOWN);
  });
  return rest.length === 0 ? rules : [...rules, ...readNftRule(rest, reading)];
}
