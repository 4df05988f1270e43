import type { Protocol } from "../firewall/service.ts";
import type { Family } from "../firewall/address.ts";
import type { PortRange } from "../firewall/port.ts";
import type { ShellWord } from "./shell.ts";

/** A part of a command that a rules file cannot express, and why. */
export interface Unsaid {
  /** Its word. */
  readonly word: ShellWord;
  /** The reason, which follows the word in a sentence. */
  readonly why: string;
}

/** The meaning of a command of iptables, ufw or the like. */
export interface ForeignRule {
  /** Whether it lets someone in or closes them out; `null` if that is not understood. */
  readonly does: "opens" | "closes" | null;
  /** The word with the number of a rule to delete; `null` without one. */
  readonly byNumber: ShellWord | null;
  /** The source: `%IP%`, an address as written, or `null` for everyone. */
  readonly source: string | null;
  /** `null` for both. */
  readonly protocol: Protocol | null;
  /** `null` for all. */
  readonly ports: readonly PortRange[] | null;
  /** Whether only packets that open a connection match. */
  readonly syn: boolean;
  /** The interface they come in by; `null` for any. */
  readonly interface: string | null;
  /** The families that the program works on. */
  readonly families: readonly Family[];
  /** The parts that a rules file cannot express. */
  readonly unsaid: readonly Unsaid[];
}

/** A call of another firewall program. */
export interface ForeignCall extends ForeignRule {
  /** Name of the program, without its folders. */
  readonly program: string;
  /** The word that names it. */
  readonly word: ShellWord;
}
