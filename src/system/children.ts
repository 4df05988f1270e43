/** Signals by which people, terminals and services end a program. */
export const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The exit status of a process ended by a signal, as in a shell: 128 and the signal's number, see signal(7). */
const STATUS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** How long to wait for the end of a child that was killed, in milliseconds. */
export const GRACE = 1000;

/** The running children. */
const living = new Set<Deno.ChildProcess>();

/** Whether this process is about to end, so that no further child may be started. */
let ending = false;

/** The signal listener; `"wanted"` until there is a child to end. */
let guard: "wanted" | readonly (readonly [Deno.Signal, () => void])[] | null = null;

/** Whether {@link endChildren} was called. */
export function isEnding(): boolean {
  return ending;
}

/**
 * Registers a child that has just been started.
 *
 * @returns to be called when it has ended
 */
export function adopt(child: Deno.ChildProcess): () => void {
  living.add(child);
  // Only now: listening takes 0.5 ms, in which the child starts.
  if (guard === "wanted") guard = listen();
  return () => void living.delete(child);
}

/** SIGKILL; nothing for a child that has ended. */
export function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It ended before the signal could be sent.
  }
}

/**
 * Ends all children by SIGKILL and waits until they have ended, but no longer than a second: a process
 * in a system call that cannot be interrupted ends later. From here on nothing may be started, and waiting
 * for a child never returns: that it was killed is not a failure to report or to handle.
 */
export async function endChildren(): Promise<void> {
  ending = true;
  const ended = [...living].map((child) => {
    kill(child);
    return child.status;
  });
  await Promise.race([
    Promise.allSettled(ended),
    new Promise((resolve) => setTimeout(resolve, GRACE)),
  ]);
}

/**
 * From here on a signal that ends this process (SIGINT, SIGTERM, SIGHUP) ends its children first, so
 * that none of them writes when the next command has begun.
 *
 * @returns after its disposal signals end this process at once again
 */
export function guardChildren(): Disposable {
  guard = "wanted";
  return {
    [Symbol.dispose]() {
      if (guard !== null && guard !== "wanted") {
        for (const [signal, listener] of guard) Deno.removeSignalListener(signal, listener);
      }
      guard = null;
    },
  };
}

function listen(): readonly (readonly [Deno.Signal, () => void])[] {
  return SIGNALS.map((signal) => {
    const listener = () => void endChildren().then(() => Deno.exit(STATUS[signal]));
    Deno.addSignalListener(signal, listener);
    return [signal, listener] as const;
  });
}
