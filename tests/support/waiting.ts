// Waits for a condition instead of for a fixed time.
import type { Namespace } from "./namespace.ts";

/** The polling interval and the time limit, in milliseconds. */
const [PAUSE, LIMIT] = [10, 20_000];

/**
 * Waits until a condition holds.
 *
 * @param met The condition.
 * @param what The condition in words, for the error.
 * @throws {Error} If it does not hold within 20 seconds.
 */
export async function until(met: () => Promise<boolean>, what: string): Promise<void> {
  for (let waited = 0; waited < LIMIT; waited += PAUSE) {
    if (await met()) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw new Error(`not within ${LIMIT / 1000} s: ${what}`);
}

/**
 * Waits until someone holds a file's lock, exclusive or shared (flock(2)).
 *
 * @param ns Where the file is.
 * @param path The file, as the namespace names it.
 */
export function lockHeld(ns: Namespace, path: string): Promise<void> {
  const probe = ["flock", "--nonblock", path, "true"];
  return until(async () => (await ns.run(probe)).code !== 0, `${path} is locked`);
}

/**
 * Waits until someone waits for a file's lock. /proc/locks lists who is blocked behind `->`, and names
 * files by device and inode (proc(5)).
 *
 * @param ns Where the file is.
 * @param path The file, as the namespace names it.
 */
export async function lockWaitedFor(ns: Namespace, path: string): Promise<void> {
  const { dev, ino } = await Deno.stat(ns.path(path));
  const hex = (number: number) => number.toString(16).padStart(2, "0");
  const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)];
  const file = `${hex(major)}:${hex(minor)}:${ino}`;
  const isWaitedFor = async () =>
    (await Deno.readTextFile("/proc/locks")).split("\n")
      .some((line) => line.includes("->") && line.includes(` ${file} `));
  await until(isWaitedFor, `a waiter for ${path}`);
}
