// The options of a service, from their nodes in the concrete syntax tree.
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
import { spanOf } from "../source/source.ts";
import type { Span } from "../source/span.ts";
import type { Duration, Knock, KnockPort, Log, LogPart, Option, Spanned } from "./ast.ts";
import { buildAddresses, buildProtocol } from "./ast_parts.ts";
import { type Builder, compact, spanBetween, type Token, wordOf } from "./builder.ts";
import {
  readDuration,
  readInterface,
  readNumber,
  readRate,
  readString,
  type Report,
  type Word,
} from "./values.ts";

/** All options of a service, its `syn` and policy among them, in the order in which they were written. */
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
export function buildPolicy(
  builder: Builder,
  node: PolicyCstNode,
): Extract<Option, { kind: "policy" }> | null {
  const { Drop, Accept, Reject } = node.children;
  const policy = Drop !== undefined ? "drop" : Accept !== undefined ? "accept" : "reject";
  const token = (Drop ?? Accept ?? Reject)?.[0];
  return token === undefined ? null : { kind: "policy", span: wordOf(builder, token).span, policy };
}

function buildOption(builder: Builder, node: OptionCstNode): Option | null {
  const span = spanOfNode(builder, node);
  const { family, interface: interfaces, established, allow, knock, log } = node.children;
  if (family?.[0] !== undefined) {
    const isFour = family[0].children.Ipv4 !== undefined;
    return { kind: "family", span, family: isFour ? "ipv4" : "ipv6" };
  }
  if (interfaces?.[0] !== undefined) {
    const name = buildInterface(builder, interfaces[0]);
    return name === null ? null : { kind: "interface", span, name };
  }
  if (established !== undefined) return { kind: "established", span };
  if (allow?.[0] !== undefined) {
    return {
      kind: "allow",
      span,
      items: buildAddresses(builder, allow[0].children.addressList?.[0]),
    };
  }
  if (knock?.[0] !== undefined) return buildKnock(builder, knock[0], span);
  return log?.[0] === undefined ? null : buildLog(builder, log[0], span);
}

function spanOfNode(builder: Builder, { location }: OptionCstNode): Span {
  const start = location?.startOffset ?? 0;
  return spanOf(builder.source, start, (location?.endOffset ?? start) + 1);
}

/** The interface that a node names; `null` where the name cannot be read, which is reported. */
export function buildInterface(builder: Builder, node: InterfaceCstNode): Spanned<string> | null {
  const { NAME, STRING } = node.children;
  return valueOf(builder, NAME?.[0], readInterface) ?? valueOf(builder, STRING?.[0], readString);
}

/** What a token says, with its place; `null` if there is no token, or it says nothing that can be read. */
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
  const { Prefix, STRING, Level, NAME, Limit, RATE, Burst, NUMBER } = node.children;
  const parts: (LogPart | null)[] = [
    ...eachPart(builder, [Prefix, STRING], (token, whole) => {
      const text = valueOf(builder, token, readString);
      return text === null ? null : { kind: "prefix", span: whole, text };
    }),
    ...eachPart(builder, [Level, NAME], (token, whole) => {
      const { text, span } = wordOf(builder, token);
      return { kind: "level", span: whole, name: { value: text, span } };
    }),
    ...eachPart(builder, [Limit, RATE], (token, whole) => {
      const rate = valueOf(builder, token, readRate);
      return rate === null ? null : { kind: "limit", span: whole, rate };
    }),
    ...eachPart(builder, [Burst, NUMBER], (token, whole) => {
      const count = valueOf(builder, token, readNumber);
      return count === null ? null : { kind: "burst", span: whole, count };
    }),
  ];
  return { kind: "log", span, parts: compact(parts).sort((a, b) => a.span.start - b.span.start) };
}

/** Builds a part from each keyword and the value behind it. */
function eachPart(
  builder: Builder,
  [words = [], values = []]: readonly [Token[] | undefined, Token[] | undefined],
  build: (value: Token, whole: Span) => LogPart | null,
): (LogPart | null)[] {
  return words.map((word, index) => {
    const value = values[index];
    return value === undefined ? null : build(value, spanBetween(builder, word, value));
  });
}
