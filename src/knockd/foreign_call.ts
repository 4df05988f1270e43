import type { Protocol } from "../firewall/service.ts";
import type { Family } from "../firewall/address.ts";
import type { PortRange } from "../firewall/port.ts";
import type { ShellWord } from "./shell.ts";

/** A part of a command that a rules file has no words for, and what it is. */
export interface Unsaid {
  /** The word that stands for it. */
  readonly word: ShellWord;
  /** What it does, behind the word in a sentence. */
  readonly why: string;
}

/** What the words of iptables, ufw or their like say. */
export interface ForeignRule {
  /** Whether someone gets in by it, or is closed out; `null` where that is not understood. */
  readonly does: "opens" | "closes" | null;
  /** The word that says which rule to delete by its number; `null` where none does. */
  readonly byNumber: ShellWord | null;
  /** Whose packets it is about: `%IP%`, an address as written, or `null` for everyone's. */
  readonly source: string | null;
  /** `null` where it is about both. */
  readonly protocol: Protocol | null;
  /** `null` where it is about all. */
  readonly ports: readonly PortRange[] | null;
  /** Whether only packets that open a connection match. */
  readonly syn: boolean;
  /** The interface they come in by; `null` for any. */
  readonly interface: string | null;
  /** The families that the program works on. */
  readonly families: readonly Family[];
  /** What of it a rules file cannot say. */
  readonly unsaid: readonly Unsaid[];
}

/** A call of another firewall program. */
export interface ForeignCall extends ForeignRule {
  /** Name of the program, without its folders. */
  readonly program: string;
  /** The word that names it. */
  readonly word: ShellWord;
}
