import type { Keys } from "./system.ts";

/** Milliseconds in which keys that were already pressed arrive. */
const SOON = 50;

/**
 * Listens for keys. From here on the terminal delivers them one by one without echo (cbreak mode,
 * termios(3)); Ctrl-C and Ctrl-Z are still signals.
 *
 * @returns `null` if standard input is not a terminal
 */
export function terminalKeys(): Keys | null {
  if (!Deno.stdin.isTerminal()) return null;
  try {
    Deno.stdin.setRaw(true, { cbreak: true });
  } catch {
    return null; // it is gone already
  }
  return new TerminalKeys();
}

class TerminalKeys implements Keys {
  /** A pending read cannot be cancelled: the next caller gets it. */
  #reading: Promise<string | null> | null = null;

  async discard(): Promise<void> {
    for (;;) {
      const reading = this.#read();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const silence = new Promise<"silence">((resolve) =>
        timer = setTimeout(() => resolve("silence"), SOON)
      );
      const first = await Promise.race([reading, silence]);
      clearTimeout(timer);
      if (first === "silence" || first === null) return;
      this.#reading = null;
    }
  }

  async next(): Promise<string | null> {
    const keys = await this.#read();
    if (keys !== null) this.#reading = null;
    return keys;
  }

  #read(): Promise<string | null> {
    return this.#reading ??= readKeys();
  }

  [Symbol.dispose](): void {
    try {
      Deno.stdin.setRaw(false);
    } catch {
      // A terminal that is gone has no mode.
    }
  }
}

async function readKeys(): Promise<string | null> {
  const bytes = new Uint8Array(64);
  try {
    const count = await Deno.stdin.read(bytes);
    return count === null ? null : new TextDecoder().decode(bytes.subarray(0, count));
  } catch {
    return null; // EIO: the terminal was closed
  }
}
