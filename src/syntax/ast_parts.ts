// The parts that several kinds of node share: addresses, protocols and ports.
import type { Protocol } from "../firewall/service.ts";
import type {
  AddressItemCstNode,
  AddressListCstNode,
  PortItemCstNode,
  ProtocolCstNode,
} from "../../grammar/cst.d.ts";
import { readAddress } from "./address_text.ts";
import type { AddressItem, PortItem, Spanned } from "./ast.ts";
import { type Builder, compact, spanBetween, type Token, wordOf } from "./builder.ts";
import { readNumber } from "./values.ts";

/** The items of a list that can be read; the others are reported. */
export function buildAddresses(
  builder: Builder,
  node: AddressListCstNode | undefined,
): AddressItem[] {
  return compact((node?.children.addressItem ?? []).map((item) => buildItem(builder, item)));
}

function buildItem(builder: Builder, node: AddressItemCstNode): AddressItem | null {
  const token = node.children.ADDRESS?.[0] ?? node.children.NAME?.[0];
  return token === undefined ? null : buildAddress(builder, token);
}

/** The address or name that a word is, or `null` if it is neither, which is reported. */
export function buildAddress(builder: Builder, token: Token): AddressItem | null {
  const { text, span } = wordOf(builder, token);
  if (/^[A-Za-z][A-Za-z0-9_-]*$/.test(text)) return { kind: "name", span, name: text };
  const read = readAddress(text, span);
  if (read.ok) return { kind: "address", span, text, meaning: read.value };
  builder.report(read.problem);
  return null;
}

/** The protocol that a node names. */
export function buildProtocol(
  builder: Builder,
  node: ProtocolCstNode | undefined,
): Spanned<Protocol> | null {
  const tcp = node?.children.Tcp?.[0];
  const token = tcp ?? node?.children.Udp?.[0];
  if (token === undefined) return null;
  return { value: tcp === undefined ? "udp" : "tcp", span: wordOf(builder, token).span };
}

/** A port or a range of ports. */
export function buildPort(builder: Builder, node: PortItemCstNode): PortItem | null {
  const [first, last] = node.children.NUMBER ?? [];
  if (first === undefined) return null;
  const from = readNumber(wordOf(builder, first), builder.report);
  const to = last === undefined ? from : readNumber(wordOf(builder, last), builder.report);
  if (from === null || to === null) return null;
  return { kind: "port", span: spanBetween(builder, first, last ?? first), from, to };
}
