import type { Namespace } from "./namespace.ts";

/** Milliseconds in which a screen has to show what is waited for. */
const PATIENCE = 10_000;

/** How a terminal is opened. */
export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** The environment of what runs in it, beside PATH and LC_ALL. */
  readonly env?: Readonly<Record<string, string>>;
}

let count = 0;

/** A real terminal inside a namespace, by tmux: keys go in, and the screen can be looked at. */
export class Terminal {
  private constructor(readonly ns: Namespace, readonly socket: string) {}

  /**
   * Opens a terminal in which a command runs; its last line stays to be looked at when it has ended.
   *
   * @param ns Where it runs; it ends with the namespace.
   * @param command A line for sh(1).
   * @param options Its size, 80 by 24 without it.
   */
  static async open(
    ns: Namespace,
    command: string,
    options: TerminalOptions = {},
  ): Promise<Terminal> {
    const terminal = new Terminal(ns, `/mnt/tmux-${count++}`);
    const env = { PATH: "/mnt/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8", HOME: "/mnt" };
    const size = ["-x", String(options.columns ?? 80), "-y", String(options.rows ?? 24)];
    await ns.must(
      ["tmux", "-S", terminal.socket, "-f", "/dev/null", "new-session", "-d", ...size, command],
      { env: { ...env, ...options.env } },
    );
    return terminal;
  }

  async #tmux(...words: readonly string[]): Promise<string> {
    return await this.ns.must(["tmux", "-S", this.socket, ...words]);
  }

  /** Presses keys as tmux names them, such as `C-c`, `Tab` and `Enter`; other words are typed. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux("send-keys", ...keys);
  }

  /** Lines of the screen, without blanks at their ends and empty lines at its end. */
  async screen(): Promise<string> {
    const text = await this.#tmux("capture-pane", "-p");
    return text.replaceAll(/ +$/gm, "").trimEnd();
  }

  /** A value of the terminal by tmux's name for it, such as `cursor_flag` and `alternate_on`. */
  async ask(format: string): Promise<string> {
    return (await this.#tmux("display-message", "-p", `#{${format}}`)).trim();
  }

  /**
   * Waits until the screen shows something.
   *
   * @param wanted What it has to show.
   * @returns The screen that shows it.
   * @throws {Error} If it does not for ten seconds; the message holds the screen.
   */
  async waitFor(wanted: RegExp): Promise<string> {
    const start = performance.now();
    for (;;) {
      const screen = await this.screen();
      if (wanted.test(screen)) return screen;
      if (performance.now() - start > PATIENCE) {
        throw new Error(`${wanted} did not come to be on the screen:\n${screen}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
