import type { Family } from "../firewall/address.ts";
import type { RecentEntry, Ticks } from "../firewall/recent_list.ts";
import type { Result } from "../result.ts";
import type { SourceReader } from "../source/reader.ts";
import type { Failure } from "./failure.ts";

/** Which iptables to call: the distribution's choice, or one of the two by name. */
export type Backend = "system" | "nft" | "legacy";

/** The firewall of this machine, through the iptables programs. */
export interface Iptables {
  /** Reads table `filter` with counters, as iptables-save prints it. */
  save(family: Family): Promise<Result<string, Failure>>;
  /**
   * Reads one chain of table `filter` with counters, as `iptables -v -S` prints it. With nft that takes
   * the same time whatever else the table holds; legacy iptables reads all of it, but prints one chain.
   *
   * @returns a failure `refused` where there is no such chain, but also where iptables cannot read it:
   * iptables-nft 1.8.9 calls a missing chain "incompatible". {@linkcode save} tells them apart.
   */
  readChain(family: Family, chain: string): Promise<Result<string, Failure>>;
  /**
   * Writes one transaction, with `--noflush --counters`; all of it or nothing.
   * With `test` the payload is parsed and checked as far as iptables can without writing.
   */
  restore(
    family: Family,
    payload: string,
    options?: { readonly test?: boolean },
  ): Promise<Result<null, Failure>>;
  /**
   * Reads chains of table `filter` as `nft -j list` prints them: including what iptables-save omits of
   * rules of nft.
   *
   * @returns JSON, in one piece or more; `null` if the backend is legacy, which has no such rules; a
   * failure `absent` where there is no nft
   */
  listNft(family: Family, chains: readonly string[]): Promise<Result<string[] | null, Failure>>;
  /** The output of `iptables -L -vn` for one chain, or, for `null`, all chains of table `filter`. */
  print(family: Family, chain: string | null): Promise<Result<string, Failure>>;
}

/** How the programs are called. */
export interface IptablesOptions {
  /** Which of the installed ones. */
  readonly backend: Backend;
  /** Seconds to wait for iptables' own lock. */
  readonly wait: number;
}

/** One TCP connection of this machine. */
export interface Connection {
  /** The family on the wire: a connection of IPv4-mapped addresses is IPv4. */
  readonly family: Family;
  /** The address of the other end, without a length. */
  readonly peer: string;
  /** The machine's own address, likewise. */
  readonly local: string;
  /** The machine's own port. */
  readonly port: number;
  /** The interface that it is bound to, as with link-local addresses; `null` for most. */
  readonly interface: string | null;
}

/** The TCP sockets of this machine. */
export interface Sockets {
  /** Those that are connected. */
  readonly connections: readonly Connection[];
  /** Listening ports; `null` if unknown. */
  readonly listening: ReadonlySet<number> | null;
  /** Lines that could not be read. */
  readonly odd: readonly string[];
}

/** The route to a peer. */
export interface Route {
  /** The address of the peer, without a length. */
  readonly peer: string;
  /** The source address on this machine. */
  readonly local: string;
}

/** Everything else on this machine that decides packets, or that they match on. Read-only. */
export interface Surroundings {
  /** Reads all tables with counters, as iptables-save prints them. */
  saveAll(family: Family, backend: Backend): Promise<Result<string, Failure>>;
  /** The output of `nft -j list ruleset`; a failure of kind `absent` without nft. */
  nft(): Promise<Result<string, Failure>>;
  /** The interface of the default route; `null` if there is none, or more than one. */
  defaultInterface(family: Family): Promise<Result<string | null, Failure>>;
  /** The addresses of this machine, without their lengths. */
  addresses(family: Family): Promise<Result<string[], Failure>>;
  /** The TCP sockets; a failure of kind `absent` without ss. */
  sockets(): Promise<Result<Sockets, Failure>>;
  /** The interfaces by which peers are reached, in their order; `null` if unknown. */
  interfaces(family: Family, routes: readonly Route[]): Promise<readonly (string | null)[]>;
}

/** The state of lists of `-m recent`. */
export interface RecentState {
  /** The entries of each list; one that cannot be read is missing. A list exists as long as a rule names it. */
  readonly lists: ReadonlyMap<string, readonly RecentEntry[]>;
  /** The clock of their times; `null` if it is not shown. */
  readonly ticks: Ticks | null;
  /** How many addresses a list holds at most; `null` if that is not shown. */
  readonly capacity: number | null;
}

/** The lists of addresses that the kernel keeps for `-m recent`. */
export interface RecentLists {
  /** Reads lists by their names. */
  read(names: readonly string[]): Promise<RecentState>;
  /** Removes hosts from a list, as they were read; one that is not on it is ignored. */
  remove(name: string, hosts: readonly string[]): Promise<Result<null, Failure>>;
}

/** The lock that makes commands run one after another. */
export interface Lock {
  /**
   * Takes the lock; it is held until `release` or the end of the process.
   *
   * @param seconds how long to wait for it
   */
  take(seconds: number): Promise<Result<{ release(): void }, Failure>>;
  /** Makes sure that the lock can be taken once more after `dropFileAccess`. */
  reserve?(): void;
}

/** The terminal, or where results and messages go. */
export interface Console {
  /** Results. */
  out(text: string): void;
  /** Everything else. */
  err(text: string): void;
  /** Whether standard input comes from a terminal. */
  readonly inIsTerminal: boolean;
  /** Whether standard output goes to a terminal. */
  readonly outIsTerminal: boolean;
  /** Whether standard error goes to a terminal. */
  readonly errIsTerminal: boolean;
  /** Width of the terminal in columns, 80 without one. */
  readonly columns: number;
  /** Height of the terminal in lines, 24 without one. */
  readonly rows: number;
  /** Whether NO_COLOR is set (no-color.org). */
  readonly noColor: boolean;
  /**
   * Why a result was lost, for instance on a full disk; absent while none was. That a reader went away
   * early loses nothing: the rest is not wanted.
   */
  readonly outProblem?: string;
  /** Whether the reader of the results went away, so that no more are wanted. */
  readonly outGone?: boolean;
  /** From here on key presses are reported at once; `null` if standard input is not a terminal. */
  keys?(): Keys | null;
}

/** Key presses on a terminal. Ctrl-C is not one of them: it is a signal. */
export interface Keys extends Disposable {
  /** Discards the keys pressed so far. */
  discard(): Promise<void>;
  /** The next key or keys; `null` once the terminal is gone. */
  next(): Promise<string | null>;
}

/** Whether a file was replaced, or the system's error message. */
export type ReplaceResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly words: string };

/** Rules files, and the files generated from them. */
export interface Files extends SourceReader {
  /**
   * Replaces a file as a whole: who reads it sees the old content or the new, never a part, and whatever
   * goes wrong, the old content stays and nothing else is left behind. A file that is there keeps its
   * mode, and its owner unless others may rename what is in its folder; a new one can be read by all.
   * A symbolic link of root or of the caller keeps pointing where it does; one of someone else is not
   * followed. What cannot be read is lost: access lists, extended attributes, hard links.
   * With `secret` only the owner may read the file from then on, whatever its mode was.
   */
  replace(path: string, text: string, options?: { readonly secret?: boolean }): ReplaceResult;
  /**
   * Puts another text into a file that is there and holds `old`, without making a new file of it: owner,
   * mode, access list (acl(5)), extended attributes (xattr(7)), SELinux label and hard links stay. The
   * new text is on the disk beside it first, as `.NAME.UUID`: whatever goes wrong, the old content is
   * put back; after a kill or a crash in between the new one is whole there. Links as with `replace`.
   */
  rewrite(
    path: string,
    change: { readonly old: Uint8Array; readonly text: string },
  ): ReplaceResult;
  /** Writes a file that only its owner may read; an existing one stays as it is. */
  create(path: string, text: string): ReplaceResult;
  /** Whether everyone may read the file, by its mode; `false` if it is missing or that is unknown. */
  isPublic(path: string): boolean;
}

/** Paths on this machine, as the files that are generated need them. */
export interface Paths {
  /** Absolute path of this program; `null` if it is run from its sources. */
  readonly program: string | null;
  /** The absolute path, without resolving links; one that starts with `/` stays as it is except for `..`. */
  absolute(path: string): string;
  /** Whether the path is an executable file. */
  isProgram(path: string): boolean;
}

/** The request to end a verb that runs until it is interrupted. */
export interface Interruption extends Disposable {
  /** Whether a signal was received (SIGINT, SIGTERM, SIGHUP). */
  readonly over: boolean;
  /** Waits that many seconds, or until a signal is received. */
  pause(seconds: number): Promise<void>;
}

/** Everything outside this program that it touches. */
export interface System {
  /** The machine's firewall; nothing is started yet. */
  iptables(options: IptablesOptions): Iptables;
  /**
   * How this machine can be reached by IPv6, in words: `address 2001:db8::1/64 on eth0`; `null` if it has no
   * address other than ::1 and no route. A failure if that cannot be determined.
   */
  ipv6(): Promise<Result<string | null, Failure>>;
  /** Everything around the firewall. */
  readonly surroundings: Surroundings;
  /** The kernel's lists of who has knocked. */
  readonly recent: RecentLists;
  /** The one lock of all commands that change the kernel. */
  readonly lock: Lock;
  /** Standard output and error. */
  readonly console: Console;
  /** The files of this machine. */
  readonly files: Files;
  /** Paths. */
  readonly paths: Paths;
  /** Seconds since 1970 UTC, with a fraction. */
  now(): number;
  /** Random bytes, from the system's own source. */
  randomBytes(length: number): Uint8Array;
  /** Until it is disposed of, signals do not end the program but are reported. */
  interruption(): Interruption;
  /**
   * Writes a line to the system's log, facility auth, tag `pktables`, by logger(1).
   *
   * @param line without control characters
   * @param level `notice` for what was done, `warning` for what was refused
   */
  syslog(line: string, level: "notice" | "warning"): Promise<Result<null, Failure>>;
  /**
   * Gives up the right to read and write files, except for the lock and the programs. Called by every verb
   * that needs no file, before it starts a child.
   */
  dropFileAccess(): Promise<void>;
}
