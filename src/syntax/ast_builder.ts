// Turns the concrete syntax tree into the abstract one. A value that cannot be read is reported and left
// out; the statement around it stays, so that the semantic checks see as much as possible.
import type {
  DefineCstNode,
  FileCstNode,
  IncludeCstNode,
  ServiceCstNode,
  StatementCstNode,
} from "../../grammar/cst.d.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type Source, spanOf } from "../source/source.ts";
import type { Define, File, Include, Service, Statement } from "./ast.ts";
import { type Builder, compact, spanBetween, wordOf } from "./builder.ts";
import { buildExpect } from "./ast_expect.ts";
import { buildOptions } from "./ast_options.ts";
import { buildAddresses, buildPort, buildProtocol } from "./ast_parts.ts";
import { readString } from "./values.ts";

/**
 * Builds the tree of a file.
 *
 * @param source the file
 * @param cst the parser's result; after a recovery some nodes lack parts
 * @returns the tree, and the problems of the values in it, in file order; never throws
 */
export function buildAst(
  source: Source,
  cst: FileCstNode,
): { file: File; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const builder: Builder = { source, report: (diagnostic) => diagnostics.push(diagnostic) };
  const statements = compact(
    (cst.children.statement ?? []).map((node) => buildStatement(builder, node)),
  );
  return { file: { statements }, diagnostics };
}

function buildStatement(builder: Builder, node: StatementCstNode): Statement | null {
  const { include, define, service, expect } = node.children;
  if (include?.[0] !== undefined) return buildInclude(builder, include[0]);
  if (define?.[0] !== undefined) return buildDefine(builder, define[0]);
  if (expect?.[0] !== undefined) return buildExpect(builder, expect[0]);
  return service?.[0] === undefined ? null : buildService(builder, service[0]);
}

function buildInclude(builder: Builder, node: IncludeCstNode): Include | null {
  const first = node.children.Include?.[0];
  const token = node.children.STRING?.[0];
  if (first === undefined || token === undefined) return null;
  const word = wordOf(builder, token);
  const path = readString(word, builder.report);
  if (path === null) return null;
  const span = spanBetween(builder, first, token);
  return { kind: "include", span, path: { value: path, span: word.span } };
}

function buildDefine(builder: Builder, node: DefineCstNode): Define | null {
  const first = node.children.Define?.[0];
  const name = node.children.NAME?.[0];
  if (first === undefined || name === undefined) return null;
  const word = wordOf(builder, name);
  const list = node.children.addressList?.[0];
  const end = list?.location?.endOffset ?? name.startOffset + name.image.length - 1;
  return {
    kind: "define",
    span: spanOf(builder.source, first.startOffset, end + 1),
    name: { value: word.text, span: word.span },
    items: buildAddresses(builder, list),
  };
}

function buildService(builder: Builder, node: ServiceCstNode): Service | null {
  const { Service: first, NAME: name, protocol: protocolNode, ports } = node.children;
  const word = name?.[0] === undefined ? null : wordOf(builder, name[0]);
  const protocol = buildProtocol(builder, protocolNode?.[0]);
  const start = first?.[0]?.startOffset;
  if (word === null || protocol === null || start === undefined) return null;
  const items = (ports?.[0]?.children.portItem ?? []).map((item) => buildPort(builder, item));
  return {
    kind: "service",
    span: spanOf(builder.source, start, (node.location?.endOffset ?? start) + 1),
    name: { value: word.text, span: word.span },
    protocol,
    ports: compact(items),
    options: buildOptions(builder, node),
  };
}
