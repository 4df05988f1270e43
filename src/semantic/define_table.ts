import type { Family } from "../firewall/address.ts";
import type { AddressItem, Define, WrittenAddress } from "../syntax/ast.ts";
import type { Program } from "../program/program.ts";

/** More addresses than this, after expansion, are an error: every packet would walk through them. */
export const MAX_ADDRESSES = 65_536;

/** Facts about one define, without expanding it. */
export interface DefineFacts {
  /** The define. */
  readonly define: Define;
  /** Items that expand to at least one address; empty if the define cannot be used. */
  readonly items: readonly AddressItem[];
  /** Addresses it expands to, doubled ones counted. */
  readonly size: number;
  /** One of its addresses of each family. */
  readonly sample: Readonly<Partial<Record<Family, WrittenAddress>>>;
  /** The define that has the same addresses, found by following lists of a single name. */
  readonly same: DefineFacts | null;
}

/** A cycle of defines. */
export interface Cycle {
  /** In the order in which they name each other. */
  readonly defines: readonly Define[];
  /** The item of the last that names the first. */
  readonly closing: AddressItem;
}

/** The defines of a program and their relations. */
export interface DefineTable {
  /** The first define of each name. */
  readonly byName: ReadonlyMap<string, Define>;
  /** Lists that contain themselves, each strongly connected component once. */
  readonly cycles: readonly Cycle[];
  /** Those that are too large by their own list, not by one in it. */
  readonly oversized: readonly Define[];
  /** The facts about the define of a name; `null` if there is none. */
  factsOf(name: string): DefineFacts | null;
}

/**
 * Computes facts about all defines in one walk over their graph, so that lists which double each other
 * twenty times cost no more than their text. The walk keeps its own stack:
 * a file may nest lists deeper than calls may.
 */
export function readDefines(program: Program): DefineTable {
  const byName = new Map<string, Define>();
  for (const define of program.defines) {
    if (!byName.has(define.name.value)) byName.set(define.name.value, define);
  }
  const walk = new Walk(byName);
  for (const define of byName.values()) walk.from(define);
  return {
    byName,
    cycles: walk.cycles,
    oversized: walk.oversized,
    factsOf: (name) => {
      const define = byName.get(name);
      return define === undefined ? null : walk.facts.get(define) ?? null;
    },
  };
}

interface Step {
  readonly define: Define;
  next: number;
}

/** Depth-first, children before parents. */
class Walk {
  readonly facts = new Map<Define, DefineFacts>();
  readonly cycles: Cycle[] = [];
  readonly oversized: Define[] = [];
  readonly #circular = new Set<Define>();
  /** How deep in the walk those are that were entered. */
  readonly #depths = new Map<Define, number>();
  readonly #byName: ReadonlyMap<string, Define>;

  constructor(byName: ReadonlyMap<string, Define>) {
    this.#byName = byName;
  }

  from(start: Define): void {
    if (this.facts.has(start)) return;
    const stack: Step[] = [];
    this.#enter(start, stack);
    for (let step = stack.at(-1); step !== undefined; step = stack.at(-1)) {
      const item = step.define.items[step.next++];
      if (item === undefined) {
        stack.pop();
        this.facts.set(step.define, this.#conclude(step.define));
        continue;
      }
      const child = item.kind === "name" ? this.#byName.get(item.name) : undefined;
      if (child === undefined || this.facts.has(child)) continue;
      const depth = this.#depths.get(child);
      if (depth === undefined) this.#enter(child, stack);
      else this.#close(stack.slice(depth).map((open) => open.define), item);
    }
  }

  #enter(define: Define, stack: Step[]): void {
    this.#depths.set(define, stack.length);
    stack.push({ define, next: 0 });
  }

  /** One message for each component: a second cycle through the same defines adds nothing. */
  #close(defines: readonly Define[], closing: AddressItem): void {
    if (!defines.some((define) => this.#circular.has(define))) {
      this.cycles.push({ defines, closing });
    }
    for (const define of defines) this.#circular.add(define);
  }

  #conclude(define: Define): DefineFacts {
    const nothing: DefineFacts = { define, items: [], size: 0, sample: {}, same: null };
    if (this.#circular.has(define)) return nothing;
    const items: AddressItem[] = [];
    const sample: Partial<Record<Family, WrittenAddress>> = {};
    let size = 0;
    for (const item of define.items) {
      const part = this.#measure(item);
      if (part.size === 0) continue;
      // A define that uses a list that is too large gets no second message.
      if (part.size > MAX_ADDRESSES) return { ...nothing, size: part.size };
      items.push(item);
      size += part.size;
      sample.ipv4 ??= part.sample.ipv4 as WrittenAddress;
      sample.ipv6 ??= part.sample.ipv6 as WrittenAddress;
    }
    if (size > MAX_ADDRESSES) {
      this.oversized.push(define);
      return { ...nothing, size };
    }
    const [only] = items;
    const child = items.length === 1 && only?.kind === "name" ? this.#lookUp(only.name) : null;
    return { define, items, size, sample, same: child?.same ?? child };
  }

  #measure(item: AddressItem): Pick<DefineFacts, "size" | "sample"> {
    if (item.kind === "name") return this.#lookUp(item.name) ?? { size: 0, sample: {} };
    if (!item.meaning.ok) return { size: 0, sample: {} };
    return { size: 1, sample: { [item.meaning.value.family]: item } };
  }

  #lookUp(name: string): DefineFacts | null {
    const define = this.#byName.get(name);
    return define === undefined ? null : this.facts.get(define) ?? null;
  }
}
