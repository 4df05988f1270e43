import type { Span } from "../source/span.ts";

/** A value together with the place where it was written. */
export interface Spanned<T> {
  readonly value: T;
  readonly span: Span;
}

/** One `.pk` file as written: nothing is looked up, expanded or checked yet. */
export interface File {
  readonly kind: "file";
  readonly span: Span;
  readonly statements: readonly Statement[];
}

/** What may stand at the top level of a file. */
export type Statement = Include | Define | Service;

/** `include "services/*.pk"` */
export interface Include {
  readonly kind: "include";
  readonly span: Span;
  /** The path or glob, quotes and escapes resolved. */
  readonly path: Spanned<string>;
}

/** `define office = 203.0.113.0/24` */
export interface Define {
  readonly kind: "define";
  readonly span: Span;
  readonly name: Spanned<string>;
  readonly items: readonly AddressItem[];
}

/** An address as written, or the name of a `define`. */
export type AddressItem =
  | { readonly kind: "address"; readonly span: Span; readonly text: string }
  | { readonly kind: "name"; readonly span: Span; readonly name: string };

/** `service ssh tcp 22 syn drop` with its options, in the order in which they were written. */
export interface Service {
  readonly kind: "service";
  readonly span: Span;
  readonly name: Spanned<string>;
  readonly protocol: Spanned<"tcp" | "udp">;
  readonly ports: readonly PortItem[];
  readonly options: readonly Option[];
}

/** A port or a range; the numbers are as written and may be out of range. */
export interface PortItem {
  readonly kind: "port";
  readonly span: Span;
  readonly from: number;
  /** Equal to `from` for a single port. */
  readonly to: number;
}

/** What may follow the ports of a service. */
export type Option =
  | { readonly kind: "syn"; readonly span: Span }
  | { readonly kind: "policy"; readonly span: Span; readonly policy: "drop" | "accept" | "reject" }
  | { readonly kind: "family"; readonly span: Span; readonly family: "ipv4" | "ipv6" }
  | { readonly kind: "interface"; readonly span: Span; readonly name: Spanned<string> }
  | { readonly kind: "established"; readonly span: Span }
  | { readonly kind: "allow"; readonly span: Span; readonly items: readonly AddressItem[] }
  | Knock
  | Log;

/** `knock 7001:udp, 9002:udp within 2s for 8h` */
export interface Knock {
  readonly kind: "knock";
  readonly span: Span;
  readonly ports: readonly KnockPort[];
  readonly within: Spanned<Duration> | null;
  readonly for: Spanned<Duration> | null;
}

/** One step of a knock; without a protocol it is TCP. */
export interface KnockPort {
  readonly span: Span;
  readonly port: number;
  readonly protocol: "tcp" | "udp" | null;
}

/** `90s`: the number and the unit as written. */
export interface Duration {
  readonly count: number;
  readonly unit: "s" | "m" | "h" | "d";
}

/** `log prefix "vpn " limit 10/minute burst 5`; each part at most once, in any order. */
export interface Log {
  readonly kind: "log";
  readonly span: Span;
  readonly parts: readonly LogPart[];
}

/** One part of a `log` option. */
export type LogPart =
  | { readonly kind: "prefix"; readonly span: Span; readonly text: Spanned<string> }
  | { readonly kind: "level"; readonly span: Span; readonly name: Spanned<string> }
  | { readonly kind: "limit"; readonly span: Span; readonly rate: Spanned<WrittenRate> }
  | { readonly kind: "burst"; readonly span: Span; readonly count: Spanned<number> };

/** `10/minute`: the number and the unit as written. */
export interface WrittenRate {
  readonly count: number;
  readonly unit: "second" | "minute" | "hour" | "day";
}
