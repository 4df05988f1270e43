// Opens TCP connections one after another without a break, and counts how they end.
// The file is also the program that runs inside the namespaces (see the end).
import { createConnection } from "node:net";
import type { Namespace } from "./namespace.ts";
import type { Running } from "./process.ts";

/** How connections ended. */
export interface Count {
  /** The server answered. */
  readonly open: number;
  /** They were reset, or nothing answered in time. */
  readonly refused: number;
}

/** A client at work. */
export interface Probe {
  /** Ends it after the connection that it is at; resolves to what it counted. */
  stop(): Promise<Count>;
}

const READY = "/mnt/anvil-ready";

/**
 * Starts a server that answers every TCP connection to a port, IPv4 and IPv6, with a word. It takes as
 * many as come (node:net on Deno 2.4 accepts no more after 512).
 *
 * @param ns Where it runs, until the namespace ends.
 * @param port Its port.
 */
export async function serveTargets(ns: Namespace, port: number): Promise<void> {
  const server = spawn(ns, ["serve", READY, String(port)]);
  for (let tries = 0; tries < 200; tries++) {
    if ((await ns.run(["test", "-e", READY])).code === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  server.kill("SIGKILL");
  throw new Error(`the server did not start: ${(await server.outcome).stderr}`);
}

/**
 * Starts a client that connects to each of some targets in turn; each has to send a word.
 *
 * @param ns Where it runs.
 * @param targets `ADDRESS PORT`
 * @param patience Milliseconds after which a connection that nothing answers counts as refused.
 */
export function probeTargets(ns: Namespace, targets: readonly string[], patience: number): Probe {
  const end = `/mnt/hammer-end-${crypto.randomUUID()}`;
  const running = spawn(ns, ["strike", end, String(patience), ...targets]);
  return {
    async stop() {
      await Deno.writeTextFile(ns.path(end), "");
      const { stdout, stderr } = await running.outcome;
      const [open, refused] = stdout.trim().split(" ").map(Number);
      if (open === undefined || refused === undefined) throw new Error(`hammer: ${stderr}`);
      return { open, refused };
    },
  };
}

/** Starts this file as a program. */
function spawn(ns: Namespace, args: readonly string[]): Running {
  const flags = ["--no-config", "--no-lock", "--no-check", "--cached-only", "--allow-all"];
  const command = [Deno.execPath(), "run", ...flags, import.meta.filename ?? ""];
  const cache = Deno.env.get("DENO_DIR");
  const home = Deno.env.get("HOME") ?? "/";
  const env = { PATH: "/usr/bin:/bin", HOME: home, ...(cache && { DENO_DIR: cache }) };
  return ns.spawn([...command, ...args], { env, timeout: 300_000 });
}

async function serveHere(ready: string, port: number): Promise<void> {
  const listener = Deno.listen({ hostname: "::", port });
  Deno.writeTextFileSync(ready, "");
  for await (const connection of listener) {
    await connection.write(new TextEncoder().encode("open\n")).catch(() => 0); // it went away early
    connection.close();
  }
}

function connect(target: string, patience: number): Promise<boolean> {
  const [host = "", port] = target.split(" ");
  return new Promise((resolve) => {
    const socket = createConnection({ host, port: Number(port) });
    const done = (isOpen: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(isOpen);
    };
    const timer = setTimeout(() => done(false), patience);
    // Waiting for the answer keeps the client from running ahead of what the server can accept.
    socket.on("data", () => done(true));
    socket.on("error", () => done(false));
  });
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Connects until a file is there; prints how many connections were open and refused. */
async function strikeHere(
  end: string,
  { patience, targets }: { patience: number; targets: readonly string[] },
): Promise<void> {
  const count = { open: 0, refused: 0 };
  for (let round = 0; !exists(end); round++) {
    const target = targets[round % targets.length] ?? "";
    if (await connect(target, patience)) count.open++;
    else count.refused++;
  }
  console.log(`${count.open} ${count.refused}`);
  // A connection that was given up may stay in the kernel for minutes.
  Deno.exit(0);
}

if (import.meta.main) {
  const [verb, file = "", number = "", ...targets] = Deno.args;
  if (verb === "serve") await serveHere(file, Number(number));
  else await strikeHere(file, { patience: Number(number), targets });
}
