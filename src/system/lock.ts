import { err, ok, type Result } from "../result.ts";
import { guardChildren } from "./children.ts";
import { type Failure, failure } from "./failure.ts";
import type { Lock } from "./system.ts";

/** Only root writes in /run, so nobody else can put a file or a link there, or hold the lock. */
const LOCK_FOLDER = "/run";
const LOCK_FILE = `${LOCK_FOLDER}/pktables.lock`;

/** Only its owner may open the lock: whoever can open a file can lock it, and keep everyone waiting. */
const LOCK_MODE = 0o600;

/** Bits of a folder's mode that let anyone but its owner write. */
const SHARED_WRITE = 0o022;

/**
 * How long a lock that is free may take to be had, in milliseconds: the runtime asks for it in a thread
 * of its own, which has to get a processor first.
 */
const SHORTEST = 100;

/** How often such threads get their turn before a lock counts as held; on a busy machine that is later. */
const TURNS = 50;

/** An exclusive flock(2), so that a shell script can take part with flock(1). */
export class FileLock implements Lock {
  #held: Deno.FsFile | null = null;
  #reserved: Deno.FsFile | null = null;
  #isUsed = false;

  /**
   * The locked file, from taking the lock to its release. flock(2) belongs to the opened file: a child
   * that gets this one keeps the lock until it ends, also if this process is killed.
   */
  get held(): Deno.FsFile | null {
    return this.#held;
  }

  /** Opens the lock for a second time, while files may be opened; should that fail, taking it will say why. */
  reserve(): void {
    const file = openLock();
    if (file.ok) this.#reserved = file.value;
  }

  /**
   * Takes the lock at `/run/pktables.lock`, or where /run is not ours to write (a user namespace), in
   * the private folder that XDG_RUNTIME_DIR names; never in a folder that others can write in. As long
   * as it is held, signals that end the program end its children first.
   *
   * @param seconds how long to wait for it; 0 gives up unless it is free
   * @returns how to release it; or `not-root`, `locked` (the time is over) or `refused`
   */
  async take(seconds: number): Promise<Result<{ release(): void }, Failure>> {
    const file = this.#open();
    if (!file.ok) return file;
    const locked = file.value.lock(true).then(() => true);
    const patience = new Patience(Math.max(SHORTEST, seconds * 1000));
    const taken = await Promise.race([locked, patience.over]);
    patience.end();
    if (!taken) return err(failure("locked", describeHeld(seconds)));
    this.#held = file.value;
    const guard = guardChildren();
    return ok({
      release: () => {
        this.#held = null;
        file.value.close();
        guard[Symbol.dispose]();
      },
    });
  }

  /** The first take opens the lock, the next one has what was reserved. */
  #open(): Result<Deno.FsFile, Failure> {
    const reserved = this.#isUsed ? this.#reserved : null;
    this.#isUsed = true;
    if (reserved === null) return openLock();
    this.#reserved = null;
    return ok(reserved);
  }
}

function describeHeld(seconds: number): string {
  const holder = "another pktables (or the iptables-restore of one that was killed)";
  return seconds === 0
    ? `${holder} holds the lock`
    : `${holder} held the lock for more than ${seconds} s`;
}

/** How long a lock is waited for. */
class Patience {
  /**
   * Resolves after the time, but not before a thread that was asked ahead of it for a free lock must have
   * had it: threads get their turns in the order in which they are asked, so some that come later have
   * to get theirs as well.
   */
  readonly over: Promise<false>;
  #resolve: (over: false) => void = () => {};
  #ended = false;
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(milliseconds: number) {
    this.over = new Promise((resolve) => this.#resolve = resolve);
    this.#timer = setTimeout(() => void this.#takeTurns(), milliseconds);
  }

  async #takeTurns(): Promise<void> {
    for (let turn = 0; turn < TURNS && !this.#ended; turn++) {
      await Deno.lstat(LOCK_FOLDER).catch(() => null);
    }
    this.#resolve(false);
  }

  /** From here on nothing is waited for. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }
}

function openLock(): Result<Deno.FsFile, Failure> {
  if (isOpenToAll(LOCK_FOLDER)) {
    const message = `${LOCK_FOLDER} is writable by everyone, so no lock is safe there`;
    return err(failure("refused", `${message}: give it mode 755`));
  }
  const first = open(LOCK_FILE);
  if (first.ok) return first;
  const folder = Deno.env.get("XDG_RUNTIME_DIR");
  if (folder === undefined || !isPrivate(folder)) return first;
  const file = open(`${folder}/pktables.lock`);
  // The file that this process made tells who this process is: the folder must be its own.
  if (file.ok && file.value.statSync().uid !== Deno.lstatSync(folder).uid) {
    file.value.close();
    return first;
  }
  return file;
}

/** Whether anyone can make files in a folder; one that is not there is open to nobody. */
function isOpenToAll(folder: string): boolean {
  try {
    return ((Deno.statSync(folder).mode ?? 0o777) & 0o002) !== 0;
  } catch {
    return false;
  }
}

/** A folder that only its owner can write in, named from the root, and no link. */
function isPrivate(folder: string): boolean {
  try {
    const info = Deno.lstatSync(folder);
    return folder.startsWith("/") && info.isDirectory &&
      ((info.mode ?? 0o777) & SHARED_WRITE) === 0;
  } catch {
    return false;
  }
}

function open(path: string): Result<Deno.FsFile, Failure> {
  try {
    const options = { read: true, write: true, create: true, mode: LOCK_MODE };
    const file = Deno.openSync(path, options);
    if (((file.statSync().mode ?? 0) & 0o777) !== LOCK_MODE) Deno.chmodSync(path, LOCK_MODE);
    return ok(file);
  } catch (error) {
    const raw = error instanceof Error ? error.message : String(error);
    const denied = error instanceof Deno.errors.PermissionDenied;
    return err(
      denied
        ? failure("not-root", "this needs root (CAP_NET_ADMIN and CAP_NET_RAW)", raw)
        : failure("refused", `the lock ${path} cannot be opened`, raw),
    );
  }
}
