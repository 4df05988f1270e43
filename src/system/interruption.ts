import { SIGNALS } from "./children.ts";
import type { Interruption } from "./system.ts";

/** Listens for the signals that would otherwise end the program at once. */
export class SignalInterruption implements Interruption {
  /** Whether one of them was received. */
  over = false;
  readonly #stop: () => void;
  readonly #stopped: Promise<void>;

  /** From here on the signals only set `over`, and end a pause. */
  constructor() {
    let resolve = () => {};
    this.#stopped = new Promise((done) => resolve = done);
    this.#stop = () => {
      this.over = true;
      resolve();
    };
    for (const signal of SIGNALS) Deno.addSignalListener(signal, this.#stop);
  }

  /** Waits that long, or until a signal is received. */
  async pause(seconds: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const time = new Promise<void>((resolve) => timer = setTimeout(resolve, seconds * 1000));
    await Promise.race([time, this.#stopped]);
    clearTimeout(timer);
  }

  /** From here on the signals end the program again. */
  [Symbol.dispose](): void {
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, this.#stop);
  }
}
