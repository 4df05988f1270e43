import { rewriteRule } from "../firewall/quote.ts";
import type { Counters, ObservedRule } from "../firewall/table.ts";

/** An edit of one rule. */
export interface RuleEdit extends Counters {
  /** The chain that it is in. */
  readonly chain: string;
  /** The place of a new rule, or of the first one of that text, from 1. */
  readonly index: number;
  /** Whether that is the end of the chain. */
  readonly last: boolean;
  /** The rule's words behind `-A CHAIN`. */
  readonly text: string;
  /** Whether the text was written here, with quotes, not printed by iptables-save. */
  readonly isOwn?: boolean;
}

/** One step of an iptables-restore transaction, with what is needed to take it back. */
export type Edit =
  | { readonly op: "create-chain"; readonly chain: string }
  | ({ readonly op: "insert" } & RuleEdit)
  | ({ readonly op: "delete" } & RuleEdit)
  | { readonly op: "flush-chain"; readonly chain: string; readonly rules: readonly ObservedRule[] }
  | { readonly op: "delete-chain"; readonly chain: string };

/**
 * Writes an edit as a line for `iptables-restore --noflush --counters`. Rules are deleted by their
 * text, never by number: a number would hit another rule if someone else wrote in between.
 */
export function emitEdit(edit: Edit): string {
  switch (edit.op) {
    case "create-chain":
      // `:CHAIN -` would flush a chain that someone else created meanwhile; `-N` is refused then.
      return `-N ${edit.chain}`;
    case "insert": {
      const counters = edit.packets + edit.bytes > 0 ? `[${edit.packets}:${edit.bytes}] ` : "";
      const place = edit.last ? `-A ${edit.chain}` : `-I ${edit.chain} ${edit.index}`;
      return `${counters}${place} ${textOf(edit)}`;
    }
    case "delete":
      return `-D ${edit.chain} ${textOf(edit)}`;
    case "flush-chain":
      return `-F ${edit.chain}`;
    case "delete-chain":
      return `-X ${edit.chain}`;
  }
}

/** The rule for iptables-restore: iptables-save does not quote names, so a `"` in one is escaped. */
function textOf({ text, isOwn }: { readonly text: string; readonly isOwn?: boolean }): string {
  return isOwn === true ? text : rewriteRule(text);
}

/**
 * Writes a whole transaction for table `filter`: the kernel takes all of it or nothing.
 *
 * @param edits in order; without any it is an empty transaction
 * @param emit how each is written
 */
export function emitPayload(
  edits: readonly Edit[],
  emit: (edit: Edit) => string = emitEdit,
): string {
  return ["*filter", ...edits.map((edit) => emit(edit)), "COMMIT", ""].join("\n");
}

/** The edits that undo `edits`, counters included. */
export function invertEdits(edits: readonly Edit[]): Edit[] {
  return edits.toReversed().flatMap(invert);
}

function invert(edit: Edit): Edit[] {
  switch (edit.op) {
    case "create-chain":
      return [{ op: "delete-chain", chain: edit.chain }];
    case "delete-chain":
      return [{ op: "create-chain", chain: edit.chain }];
    case "insert":
      return [{ ...edit, op: "delete" }];
    case "delete":
      return [{ ...edit, op: "insert" }];
    case "flush-chain":
      return edit.rules.map(({ text, packets, bytes }, at) => (
        { op: "insert", chain: edit.chain, index: at + 1, last: true, text, packets, bytes }
      ));
  }
}
