import { err, ok, type Result } from "../result.ts";
import { guardChildren } from "./children.ts";
import { type Failure, failure } from "./failure.ts";
import type { Lock } from "./system.ts";

/** Only root can write to /run, so no one else can put a file or a link there, or hold the lock. */
const LOCK_FOLDER = "/run";
const LOCK_FILE = `${LOCK_FOLDER}/pktables.lock`;

/** Only its owner may open the lock: anyone who can open a file can lock it, and keep others waiting. */
const LOCK_MODE = 0o600;

/** Bits of a folder's mode that let anyone but its owner write. */
const SHARED_WRITE = 0o022;

/**
 * How long it may take to get a free lock, in milliseconds: the runtime locks it in a thread of its own,
 * which has to be scheduled first.
 */
const SHORTEST = 100;

/** How often such threads must have run before a lock counts as held; on a busy machine that takes longer. */
const TURNS = 50;

/** An exclusive flock(2), so that a shell script can take part with flock(1). */
export class FileLock implements Lock {
  #held: Deno.FsFile | null = null;
  #reserved: Deno.FsFile | null = null;
  #isUsed = false;

  /**
   * The locked file, from taking the lock to its release. flock(2) belongs to the opened file: a child
   * that gets this one keeps the lock until it ends, even if this process is killed.
   */
  get held(): Deno.FsFile | null {
    return this.#held;
  }

  /** Opens the lock a second time, while files may be opened; if that fails, taking it reports why. */
  reserve(): void {
    const file = openLock();
    if (file.ok) this.#reserved = file.value;
  }

  /**
   * Takes the lock at `/run/pktables.lock`, or, if /run is not writable (a user namespace), in
   * the private folder that XDG_RUNTIME_DIR names; never in a folder that others can write in. As long
   * as it is held, signals that end the program end its children first.
   *
   * @param seconds how long to wait for it; 0 gives up unless it is free
   * @returns a function that releases it; or `not-root`, `locked` (after the time) or `refused`
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

  /** The first take opens the lock, the next one uses the reserved file. */
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
   * Resolves after the time, but not before a thread that was started earlier must have got a free lock:
   * threads run in the order in which they are started, so some later ones have to run as well.
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

  /** Stops waiting. */
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
  // The owner of a file that this process made is this process's user: the folder must have the same one.
  if (file.ok && file.value.statSync().uid !== Deno.lstatSync(folder).uid) {
    file.value.close();
    return first;
  }
  return file;
}

/** Whether anyone can make files in a folder; no one can in a missing one. */
function isOpenToAll(folder: string): boolean {
  try {
    return ((Deno.statSync(folder).mode ?? 0o777) & 0o002) !== 0;
  } catch {
    return false;
  }
}

/** A folder that only its owner can write to, with an absolute path, and not a link. */
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
