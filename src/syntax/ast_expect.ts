// Builds an expectation from its node in the concrete syntax tree.
import type { ExpectCstNode, SourceCstNode } from "../../grammar/cst.d.ts";
import { spanOf } from "../source/source.ts";
import type { Expect, Source, WrittenAddress } from "./ast.ts";
import { buildInterface, buildPolicy } from "./ast_options.ts";
import { buildAddress, buildProtocol } from "./ast_parts.ts";
import { type Builder, type Token, wordOf } from "./builder.ts";
import { readNumber } from "./values.ts";

/** The word for an address that no rule names. */
const ANYONE = "anyone";

/** Builds an expectation; `null` if a part of it cannot be read, which is then reported. */
export function buildExpect(builder: Builder, node: ExpectCstNode): Expect | null {
  const { Expect: word, protocol: protocols, NUMBER, policy: policies, from, to } = {
    ...node.children,
    from: node.children.source?.[0],
    to: node.children.ADDRESS?.[0],
  };
  const protocol = buildProtocol(builder, protocols?.[0]);
  const policy = policies?.[0] === undefined ? null : buildPolicy(builder, policies[0]);
  const [first, number] = [word?.[0], NUMBER?.[0]];
  if (protocol === null || policy === null || first === undefined || number === undefined) {
    return null;
  }
  const port = readNumber(wordOf(builder, number), builder.report);
  const source = from === undefined ? null : buildSource(builder, from);
  const destination = to === undefined ? null : buildDestination(builder, to);
  const named = node.children.interface?.[0];
  const on = named === undefined ? null : buildInterface(builder, named);
  const isLost = port === null || from !== undefined && source === null ||
    to !== undefined && destination === null || named !== undefined && on === null;
  if (isLost) return null;
  const standing = node.children.established?.[0]?.children.Established?.[0];
  return {
    kind: "expect",
    span: spanOf(builder.source, first.startOffset, policy.span.end),
    protocol,
    port: { value: port, span: wordOf(builder, number).span },
    from: source,
    to: destination,
    interface: on,
    established: standing === undefined ? null : { span: wordOf(builder, standing).span },
    policy: { value: policy.policy, span: policy.span },
  };
}

function buildSource(builder: Builder, node: SourceCstNode): Source | null {
  const token = node.children.ADDRESS?.[0] ?? node.children.NAME?.[0];
  if (token === undefined) return null;
  return token.image === ANYONE
    ? { kind: "anyone", span: wordOf(builder, token).span }
    : buildAddress(builder, token);
}

function buildDestination(builder: Builder, token: Token): WrittenAddress | null {
  const item = buildAddress(builder, token);
  return item?.kind === "address" ? item : null;
}
