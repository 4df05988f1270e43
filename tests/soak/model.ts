// What the kernel has to be like after everything that was done to it, kept beside it and compared
// with it at every pause. Shares no code with src/: an error in both could not be found.
import { faults, structuralFaults } from "../support/chains.ts";
import { FAMILIES, type Family, withoutOurs } from "../support/iptables_text.ts";

/** When a door ends, in milliseconds since 1970; `Infinity`: never, 0: it is closed. */
interface Door {
  /** The earliest and the latest moment: the program reads its clock in between. */
  readonly from: number;
  readonly to: number;
}

const CLOSED: Door = { from: 0, to: 0 };

/** The errors: how often, and the first of each in words. */
export class Findings {
  lost = 0;
  wronglyOpen = 0;
  broken = 0;
  readonly words: string[] = [];

  /** Counts one finding. */
  add(kind: "lost" | "wronglyOpen" | "broken", words: string): void {
    this[kind]++;
    if (this.words.length < 20) this.words.push(`${kind}: ${words}`);
  }

  /** Whether nothing was found. */
  get clean(): boolean {
    return this.lost + this.wronglyOpen + this.broken === 0;
  }
}

/** A door of a chain, as iptables-save prints it. */
const DOOR = /^-A pk-(\S+) -s (\S+)(?: -m time --datestop (\S+))? -j ACCEPT$/;

/** The state of one machine. */
export class Model {
  /** By service and network, such as `ssh 10.9.0.7/32`; `null`: it cannot be known before the pause. */
  readonly #doors = new Map<string, Door | null>();
  /** Which versions of the rules file the chains of a family may have, by their index. */
  readonly #versions: Readonly<Record<Family, Set<number>>> = {
    ipv4: new Set([0]),
    ipv6: new Set([0]),
  };

  /**
   * Starts with version 0 loaded and all doors closed.
   *
   * @param skeletons By family and version what {@linkcode skeletonOf} is to be.
   * @param foreign What {@linkcode withoutOurs} is to be, always.
   */
  constructor(
    readonly skeletons: Readonly<Record<Family, readonly string[]>>,
    readonly foreign: Readonly<Record<Family, string>>,
  ) {}

  /** The door was opened, or extended; `seconds` from now, or from a moment since `asked`. */
  opened(door: string, { seconds, asked }: { seconds: number; asked: number }): void {
    const old = this.#doors.get(door) ?? CLOSED;
    const from = Math.max(old.from, asked - 1000 + seconds * 1000);
    this.#doors.set(door, { from, to: Math.max(old.to, Date.now() + (seconds + 1) * 1000) });
  }

  /** The door was closed. */
  closed(door: string): void {
    this.#doors.set(door, CLOSED);
  }

  /** A command on the door was killed: it may have done its work, or may still do it. */
  unsure(door: string): void {
    this.#doors.set(door, null);
  }

  /** Whether a command on the door was killed since the last pause: it must not be used until then. */
  isUnsure(door: string): boolean {
    return this.#doors.get(door) === null;
  }

  /** A version of the rules file was loaded, or may have been where `sure` is false. */
  loaded(version: number, sure: boolean): void {
    for (const family of FAMILIES) {
      if (sure) this.#versions[family].clear();
      this.#versions[family].add(version);
    }
  }

  /** What the door is at `now`; `null` where it cannot be known. */
  isOpen(door: string, now = Date.now()): boolean | null {
    const known = this.#doors.get(door) ?? (this.#doors.has(door) ? null : CLOSED);
    if (known === null) return null;
    return now < known.from ? true : now > known.to ? false : null;
  }

  /** The doors that anything was done to. */
  get doors(): string[] {
    return [...this.#doors.keys()];
  }

  /**
   * Compares with what iptables-save printed while nothing ran, and adopts what was unknown.
   *
   * @param saved Normalized text without counters.
   * @param sorted Whether doors have to be in address order: not where others wrote without the lock.
   */
  compare(
    { family, saved, sorted }: { family: Family; saved: string; sorted: boolean },
    findings: Findings,
  ): void {
    for (const fault of sorted ? faults(saved) : structuralFaults(saved)) {
      findings.add("broken", `${family}: ${fault}`);
    }
    if (withoutOurs(saved) !== this.foreign[family]) {
      findings.add("broken", `${family}: foreign rules are not as they were:\n${saved}`);
    }
    this.#compareVersion(family, saved, findings);
    this.#compareDoors(family, saved, findings);
  }

  #compareVersion(family: Family, saved: string, findings: Findings): void {
    const skeleton = skeletonOf(saved);
    const allowed = this.#versions[family];
    const found = [...allowed].find((version) => this.skeletons[family][version] === skeleton);
    if (found === undefined) {
      findings.add(
        "broken",
        `${family}: no version of ${[...allowed]} looks like this:\n${skeleton}`,
      );
      return;
    }
    allowed.clear();
    allowed.add(found);
  }

  #compareDoors(family: Family, saved: string, findings: Findings): void {
    const now = Date.now();
    const standing = doorsOf(saved, now);
    const known = this.doors.filter((door) => door.includes(":") === (family === "ipv6"));
    for (const door of new Set([...known, ...standing.keys()])) {
      const wanted = this.isOpen(door, now);
      const end = standing.get(door);
      if (wanted === true && end === undefined) findings.add("lost", `${family}: ${door}`);
      if (wanted === false && end !== undefined) findings.add("wronglyOpen", `${family}: ${door}`);
      if (this.#doors.get(door) !== null) continue;
      this.#doors.set(door, end === undefined ? CLOSED : { from: end - 1000, to: end + 2000 });
    }
  }
}

/** The doors that are open, with their ends. */
function doorsOf(saved: string, now: number): Map<string, number> {
  const doors = new Map<string, number>();
  for (const line of saved.split("\n")) {
    const [, service, network, date] = DOOR.exec(line) ?? [];
    if (service === undefined) continue;
    const end = date === undefined ? Infinity : Date.parse(`${date}Z`) + 1000;
    if (end > now) doors.set(`${service} ${network}`, end);
  }
  return doors;
}

/** Our chains, their rules but doors, and the jumps to them, in their order. */
export function skeletonOf(saved: string): string {
  return saved.split("\n").filter((line) =>
    (/^(:pk-|-A pk-)/.test(line) || / -j pk-\S+$/.test(line)) && !DOOR.test(line)
  ).join("\n");
}
