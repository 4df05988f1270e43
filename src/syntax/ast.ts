import type { ValueKind } from "../../grammar/option_entry.ts";
import type {
  ChoiceKind,
  ChoiceOf,
  FlagKind,
  LogEntry,
  ServiceEntry,
} from "../../grammar/words.ts";
import type { Address, AddressProblem } from "../firewall/address.ts";
import type { DurationUnit } from "../firewall/duration.ts";
import type { Policy, Protocol, RateUnit } from "../firewall/service.ts";
import type { Result } from "../result.ts";
import type { Span } from "../source/span.ts";

/** A value together with the place where it was written. */
export interface Spanned<T> {
  /** What was written, with quotes and escapes resolved. */
  readonly value: T;
  /** Its place in the source, quotes included. */
  readonly span: Span;
}

/** One `.pk` file as written: nothing is looked up, expanded or checked yet. */
export interface File {
  /** In the order of the source; what could not be parsed is left out. */
  readonly statements: readonly Statement[];
}

/** A statement at the top level of a file. */
export type Statement = Include | Define | Service | Expect;

/** `include "services/*.pk"` */
export interface Include {
  /** Discriminates between statements. */
  readonly kind: "include";
  /** From the keyword to the end of the path. */
  readonly span: Span;
  /** The path or glob, quotes and escapes resolved. */
  readonly path: Spanned<string>;
}

/** `define office = 203.0.113.0/24` */
export interface Define {
  /** Discriminates between statements. */
  readonly kind: "define";
  /** From the keyword to the end of the last address. */
  readonly span: Span;
  /** The name of the list. */
  readonly name: Spanned<string>;
  /** The items, in the order of the source. */
  readonly items: readonly AddressItem[];
}

/** The meaning of an address, or the two possible ones if it has host bits. */
export type AddressMeaning = Result<Address, AddressProblem & { readonly kind: "host-bits" }>;

/** An address in a list. */
export interface WrittenAddress {
  /** Distinguishes it from a name. */
  readonly kind: "address";
  /** Its place in the source. */
  readonly span: Span;
  /** As written. */
  readonly text: string;
  /** Its meaning; a semantic check reports host bits. */
  readonly meaning: AddressMeaning;
}

/** An address, or the name of a `define`. */
export type AddressItem =
  | WrittenAddress
  | { readonly kind: "name"; readonly span: Span; readonly name: string };

/** `service ssh tcp 22 syn drop` with its options, in the order of the source. */
export interface Service {
  /** Discriminates between statements. */
  readonly kind: "service";
  /** From the keyword to the end of the last option. */
  readonly span: Span;
  /** The service's name as written; it may be too long for a chain. */
  readonly name: Spanned<string>;
  /** What its ports belong to. */
  readonly protocol: Spanned<Protocol>;
  /** In the order of the source; they may overlap. */
  readonly ports: readonly PortItem[];
  /** What follows the ports; there may be duplicates, which a check reports. */
  readonly options: readonly Option[];
}

/** The sender of a packet: an address, each address of a list, or an address that no rule names. */
export type Source = AddressItem | { readonly kind: "anyone"; readonly span: Span };

/** `expect tcp 22 from office to 192.0.2.1 on eth0 established accept` */
export interface Expect {
  /** Discriminates between statements. */
  readonly kind: "expect";
  /** From the keyword to the verdict. */
  readonly span: Span;
  /** TCP or UDP. */
  readonly protocol: Spanned<Protocol>;
  /** The destination port; the number is as written and may be out of range. */
  readonly port: Spanned<number>;
  /** The sender; `null` if not given: anyone. */
  readonly from: Source | null;
  /** The address of this machine that it is sent to; `null` for any of them. */
  readonly to: WrittenAddress | null;
  /** The interface that it comes in on; `null` if not given. */
  readonly interface: Spanned<string> | null;
  /** The place of `established`; `null` for a packet that opens a connection. */
  readonly established: { readonly span: Span } | null;
  /** The expected verdict. */
  readonly policy: Spanned<Policy>;
}

/** A port or a range; the numbers are as written and may be out of range. */
export interface PortItem {
  /** Discriminates between node types. */
  readonly kind: "port";
  /** From the first number to the last. */
  readonly span: Span;
  /** First port of the range. */
  readonly from: number;
  /** Equal to `from` for a single port. */
  readonly to: number;
}

/** What may follow the ports of a service. */
export type Option =
  | { [K in FlagKind]: { readonly kind: K; readonly span: Span } }[FlagKind]
  | { [K in ChoiceKind]: Choice<K> }[ChoiceKind]
  | Valued<ServiceEntry>
  | { readonly kind: "allow"; readonly span: Span; readonly items: readonly AddressItem[] }
  | Knock
  | Log;

/** One of several words; its field has the name of its kind. */
export type Choice<K extends ChoiceKind> =
  & { readonly kind: K; readonly span: Span }
  & { readonly [F in K]: ChoiceOf<K> };

/** The fields of a node for each kind of value; those of {@link Valued} are among its own fields. */
export interface Values {
  /** A text in quotes. */
  readonly string: { readonly text: Spanned<string> };
  /** A word, which a semantic check looks up. */
  readonly level: { readonly name: Spanned<string> };
  /** The name of an interface, with or without quotes. */
  readonly interface: { readonly name: Spanned<string> };
  /** A number as written; it may be out of range. */
  readonly number: { readonly count: Spanned<number> };
  /** A rate as written. */
  readonly rate: { readonly rate: Spanned<WrittenRate> };
  /** A duration as written. */
  readonly duration: { readonly duration: Spanned<Duration> };
}

/** A word and its value, for each such entry of the table. */
export type Valued<E> = E extends
  { readonly form: "value"; readonly kind: infer K; readonly value: infer V extends ValueKind }
  ? { readonly kind: K; readonly span: Span } & Values[V]
  : never;

/** `knock 7001:udp, 9002:udp within 2s for 8h`, or `knock once "/etc/knock.once"` */
export interface Knock {
  /** Discriminates between options. */
  readonly kind: "knock";
  /** From the keyword to the end of the last part. */
  readonly span: Span;
  /** The steps, in the order of the knock; none with `once`. */
  readonly ports: readonly KnockPort[];
  /** The file of one-time sequences; `null` if the steps are given here. */
  readonly once: Spanned<string> | null;
  /** The time a knock may take; `null` if not given. */
  readonly within: Spanned<Duration> | null;
  /** How long the door stays open; `null` if not given: until it is deleted. */
  readonly for: Spanned<Duration> | null;
  /** The steps that close the door; `null` if not given. */
  readonly close: readonly KnockPort[] | null;
  /** Who hears the knock; `null` if not given: knockd. */
  readonly by: Spanned<"kernel" | "knockd"> | null;
}

/** One step of a knock; without a protocol it is TCP. */
export interface KnockPort {
  /** From the number to the end of the protocol, if there is one. */
  readonly span: Span;
  /** The number as written; it may be out of range. */
  readonly port: number;
  /** `null` if not given. */
  readonly protocol: Protocol | null;
}

/** `90s`: the number and the unit as written. */
export interface Duration {
  /** The number; it may be 0, which a check reports. */
  readonly count: number;
  /** Seconds, minutes, hours or days. */
  readonly unit: DurationUnit;
}

/** `log prefix "vpn " limit 10/minute burst 5`; each part at most once, in any order. */
export interface Log {
  /** Discriminates between options. */
  readonly kind: "log";
  /** From the keyword to the end of the last part. */
  readonly span: Span;
  /** In the order of the source; none for a bare `log`. */
  readonly parts: readonly LogPart[];
}

/** One part of a `log` option. */
export type LogPart = Valued<LogEntry>;

/** `10/minute`: the number and the unit as written. */
export interface WrittenRate {
  /** Packets per unit of time; it may be 0, which a check reports. */
  readonly count: number;
  /** The unit of time. */
  readonly unit: RateUnit;
}
