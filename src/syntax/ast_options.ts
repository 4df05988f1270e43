// Builds the options of a service from their nodes in the concrete syntax tree.
import type {
  InterfaceCstNode,
  KnockCstNode,
  KnockPortCstNode,
  KnockPortsCstNode,
  ListenerCstNode,
  LogCstNode,
  OptionCstNode,
  PolicyCstNode,
  ServiceCstNode,
} from "../../grammar/cst.d.ts";
import { type ValueKind, VALUES } from "../../grammar/option_entry.ts";
import {
  BODY_OPTIONS,
  choicesOf,
  LOG_PARTS,
  type LogEntry,
  tokenName,
} from "../../grammar/words.ts";
import { spanOf } from "../source/source.ts";
import type { Span } from "../source/span.ts";
import type {
  Choice,
  Duration,
  Knock,
  KnockPort,
  Log,
  LogPart,
  Option,
  Spanned,
  Values,
} from "./ast.ts";
import { buildAddresses, buildProtocol } from "./ast_parts.ts";
import { type Builder, compact, spanBetween, type Token, wordOf } from "./builder.ts";
import { VALUE_FORMS } from "./value_kinds.ts";
import { readDuration, readNumber, readString, type Report, type Word } from "./values.ts";

/** The tokens of a node, by their type's name. */
type Tokens = Readonly<Record<string, readonly Token[] | undefined>>;

/** Looked up once: every service names one of them. */
const POLICIES = choicesOf("policy");

/** All options of a service, including `syn` and policy, in the order of the source. */
export function buildOptions(builder: Builder, node: ServiceCstNode): Option[] {
  const { Syn = [], policy = [], option = [] } = node.children;
  const options: Option[] = [
    ...Syn.map((token): Option => ({ kind: "syn", span: wordOf(builder, token).span })),
    ...compact(policy.map((each) => buildPolicy(builder, each))),
    ...compact(option.map((each) => buildOption(builder, each))),
  ];
  return options.sort((a, b) => a.span.start - b.span.start);
}

/** The policy that a node names. */
export function buildPolicy(builder: Builder, node: PolicyCstNode): Choice<"policy"> | null {
  const found = chosen(POLICIES, node.children);
  if (found === null) return null;
  return { kind: "policy", span: wordOf(builder, found.token).span, policy: found.word };
}

/** Which of several words is in a node. */
function chosen<W extends string>(
  words: readonly W[],
  children: Tokens,
): { readonly word: W; readonly token: Token } | null {
  for (const word of words) {
    const token = children[tokenName(word)]?.[0];
    if (token !== undefined) return { word, token };
  }
  return null;
}

function buildOption(builder: Builder, node: OptionCstNode): Option | null {
  const span = spanOfNode(builder, node);
  const { allow, knock, log, ...plain } = node.children;
  if (allow?.[0] !== undefined) {
    const items = buildAddresses(builder, allow[0].children.addressList?.[0]);
    return { kind: "allow", span, items };
  }
  if (knock?.[0] !== undefined) return buildKnock(builder, knock[0], span);
  if (log?.[0] !== undefined) return buildLog(builder, log[0], span);
  return buildPlain(builder, plain, span);
}

/** An option that the table defines completely: its node has the tokens of its words and its value. */
function buildPlain(
  builder: Builder,
  nodes: Readonly<Record<string, readonly { readonly children: Tokens }[] | undefined>>,
  span: Span,
): Option | null {
  for (const entry of BODY_OPTIONS) {
    const children = nodes[entry.kind]?.[0]?.children;
    if (children === undefined) continue;
    const { kind } = entry;
    // The types of the tree ensure that a kind has the fields of its form.
    if (entry.form === "flag") return { kind, span } as Option;
    if (entry.form === "choice") {
      return { kind, span, [kind]: chosen(entry.words, children)?.word } as Option;
    }
    if (entry.form !== "value") continue;
    const value = valueIn(builder, children, entry.value);
    return value === null ? null : { kind, span, ...value } as Option;
  }
  return null;
}

/** The value of a kind among the tokens of a node; `null` if it cannot be read, which is reported. */
function valueIn<V extends ValueKind>(
  builder: Builder,
  children: Tokens,
  value: V,
): Values[V] | null {
  const names: readonly string[] = VALUES[value].tokens;
  const [token] = names.flatMap((name) => children[name] ?? []);
  if (token === undefined) return null;
  return VALUE_FORMS[value].read(wordOf(builder, token), builder.report);
}

function spanOfNode(builder: Builder, { location }: OptionCstNode): Span {
  const start = location?.startOffset ?? 0;
  return spanOf(builder.source, start, (location?.endOffset ?? start) + 1);
}

/** The interface that a node names; `null` if the name cannot be read, which is reported. */
export function buildInterface(builder: Builder, node: InterfaceCstNode): Spanned<string> | null {
  return valueIn(builder, node.children, "interface")?.name ?? null;
}

/** The value of a token, with its place; `null` if there is no token or it cannot be read. */
function valueOf<T>(
  builder: Builder,
  token: Token | undefined,
  read: (word: Word, report: Report) => T | null,
): Spanned<T> | null {
  if (token === undefined) return null;
  const word = wordOf(builder, token);
  const value = read(word, builder.report);
  return value === null ? null : { value, span: word.span };
}

function buildKnock(builder: Builder, node: KnockCstNode, span: Span): Knock | null {
  const { knockPorts = [], Once, STRING, Within, For, DURATION = [], Close, listener } =
    node.children;
  const once = valueOf(builder, STRING?.[0], readString);
  if (Once !== undefined && once === null) return null;
  const [ports, close] = Once === undefined ? knockPorts : [undefined, knockPorts[0]];
  const isTimed = Within !== undefined;
  const within: Spanned<Duration> | null = isTimed
    ? valueOf(builder, DURATION[0], readDuration)
    : null;
  const open = For === undefined ? undefined : DURATION[isTimed ? 1 : 0];
  return {
    kind: "knock",
    span,
    ports: buildKnockPorts(builder, ports),
    once,
    within,
    for: valueOf(builder, open, readDuration),
    close: Close === undefined ? null : buildKnockPorts(builder, close),
    by: buildListener(builder, listener?.[0]),
  };
}

function buildListener(builder: Builder, node: ListenerCstNode | undefined): Knock["by"] {
  const { Kernel, Knockd } = node?.children ?? {};
  const token = (Kernel ?? Knockd)?.[0];
  if (token === undefined) return null;
  const value = Kernel !== undefined ? "kernel" : "knockd";
  return { value, span: wordOf(builder, token).span };
}

function buildKnockPorts(builder: Builder, node: KnockPortsCstNode | undefined): KnockPort[] {
  const { knockPort = [] } = node?.children ?? {};
  return compact(knockPort.map((port) => buildKnockPort(builder, port)));
}

function buildKnockPort(builder: Builder, node: KnockPortCstNode): KnockPort | null {
  const token = node.children.NUMBER?.[0];
  if (token === undefined) return null;
  const word = wordOf(builder, token);
  const port = readNumber(word, builder.report);
  if (port === null) return null;
  const protocol = buildProtocol(builder, node.children.protocol?.[0]);
  const end = protocol?.span.end ?? word.span.end;
  return {
    span: spanOf(builder.source, word.span.start, end),
    port,
    protocol: protocol?.value ?? null,
  };
}

function buildLog(builder: Builder, node: LogCstNode, span: Span): Log {
  const parts = LOG_PARTS.flatMap((entry) => buildLogParts(builder, node.children, entry));
  return { kind: "log", span, parts: parts.sort((a, b) => a.span.start - b.span.start) };
}

/** The parts of one kind: each is a keyword, and the next token that holds such a value. */
function buildLogParts(
  builder: Builder,
  children: Tokens,
  { kind, words: [word], value }: LogEntry,
): LogPart[] {
  const names: readonly string[] = VALUES[value].tokens;
  return compact((children[tokenName(word)] ?? []).map((start) => {
    const token = names.flatMap((name) => children[name] ?? [])
      .find(({ startOffset }) => startOffset > start.startOffset);
    if (token === undefined) return null;
    const read = VALUE_FORMS[value].read(wordOf(builder, token), builder.report);
    const whole = spanBetween(builder, start, token);
    return read === null ? null : { kind, span: whole, ...read } as LogPart;
  }));
}
