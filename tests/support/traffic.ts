// Real packets: a server that answers on any of some ports, and a client that asks whether one answers.
// The file is also the program that runs inside the namespaces (see the end).
import { createConnection, createServer } from "node:net";
import { createSocket } from "node:dgram";
import type { Namespace } from "./namespace.ts";
import type { Running } from "./process.ts";

/** The target: one port of one address. */
export interface Target {
  readonly protocol: "tcp" | "udp";
  /** IPv4 or IPv6. */
  readonly address: string;
  readonly port: number;
}

const READY = "/mnt/traffic-ready";

/**
 * Starts a server in a namespace that answers TCP connections and UDP packets, IPv4 and IPv6, on each
 * of `ports`.
 *
 * @returns The server, which ends with the namespace at the latest. It answers once this returns.
 */
export async function serve(ns: Namespace, ports: readonly number[]): Promise<Running> {
  // It ends with the namespace; a soak lasts longer than any command.
  const forAsLong = { ...inherited(), timeout: 86_400_000 };
  const server = ns.spawn([...command(), "serve", READY, ...ports.map(String)], forAsLong);
  for (let tries = 0; tries < 200; tries++) {
    if ((await ns.run(["test", "-e", READY])).code === 0) return server;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  server.kill("SIGKILL");
  throw new Error(`the server did not start: ${(await server.outcome).stderr}`);
}

/**
 * Whether a packet sent from a namespace to `target` gets an answer.
 *
 * @param ns Where to send from.
 * @param target Where to.
 * @param timeout Milliseconds to wait for the answer. Default: 400; the network is one cable long.
 */
export async function answers(ns: Namespace, target: Target, timeout = 400): Promise<boolean> {
  const { protocol, address, port } = target;
  const args = ["ask", protocol, address, String(port), String(timeout)];
  const { code, stderr } = await ns.run([...command(), ...args], inherited());
  if (code > 1) throw new Error(`asking ${address} failed: ${stderr}`);
  return code === 0;
}

function command(): string[] {
  const flags = ["--no-config", "--no-lock", "--no-check", "--cached-only", "--allow-all"];
  return [Deno.execPath(), "run", ...flags, import.meta.filename ?? ""];
}

function inherited(): { env: Record<string, string>; timeout: number } {
  const cache = Deno.env.get("DENO_DIR");
  const home = Deno.env.get("HOME") ?? "/";
  const env = { PATH: "/usr/bin:/bin", HOME: home, ...(cache && { DENO_DIR: cache }) };
  return { env, timeout: 120_000 };
}

function serveHere(ready: string, ports: readonly number[]): void {
  for (const port of ports) {
    createServer((socket) => {
      socket.on("error", () => {});
      socket.end("open\n");
    }).listen(port, "::");
    const udp = createSocket("udp6");
    udp.on("message", (_, from) => udp.send("open\n", from.port, from.address));
    udp.bind(port, "::");
  }
  setTimeout(() => Deno.writeTextFileSync(ready, ""), 100);
}

function askHere(target: Target, timeout: number): void {
  setTimeout(() => Deno.exit(1), timeout);
  const { protocol, address, port } = target;
  if (protocol === "tcp") {
    const socket = createConnection({ host: address, port });
    socket.on("data", () => Deno.exit(0));
    socket.on("error", () => Deno.exit(1));
  } else {
    const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
    socket.on("message", () => Deno.exit(0));
    socket.on("error", () => Deno.exit(1));
    socket.send("ask\n", port, address);
  }
}

if (import.meta.main) {
  const [verb, ...args] = Deno.args;
  if (verb === "serve") serveHere(args[0] ?? "", args.slice(1).map(Number));
  else {
    const protocol = args[0] === "udp" ? "udp" : "tcp";
    askHere({ protocol, address: args[1] ?? "", port: Number(args[2]) }, Number(args[3]));
  }
}
