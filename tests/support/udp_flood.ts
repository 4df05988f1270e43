// Sends UDP packets as fast as it can, and counts them. The file is also the program that runs inside the
// namespace (see the end).
import { createSocket } from "node:dgram";
import type { Namespace } from "./namespace.ts";

/** Where the packets go. */
export interface Flood {
  readonly address: string;
  readonly port: number;
  /** The duration. */
  readonly seconds: number;
}

/** Sends packets from a namespace to itself; resolves to how many the kernel took. */
export async function flood(ns: Namespace, { address, port, seconds }: Flood): Promise<number> {
  const flags = ["--no-config", "--no-lock", "--no-check", "--cached-only", "--allow-all"];
  const command = [Deno.execPath(), "run", ...flags, import.meta.filename ?? ""];
  const cache = Deno.env.get("DENO_DIR");
  const home = Deno.env.get("HOME") ?? "/";
  const env = { PATH: "/usr/bin:/bin", HOME: home, ...(cache && { DENO_DIR: cache }) };
  const args = [address, String(port), String(seconds)];
  const { code, stdout, stderr } = await ns.run([...command, ...args], { env, timeout: 120_000 });
  if (code !== 0) throw new Error(`flood: ${stderr}`);
  return Number(stdout);
}

/** Sends in rounds of a few packets, each a system call of its own. */
function floodHere({ address, port, seconds }: Flood): void {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  const end = performance.now() + seconds * 1000;
  let sent = 0;
  let waiting = 0;
  const done = (error: Error | null) => {
    waiting--;
    // What a firewall rejects comes back as an error of a later packet: it was sent anyway.
    sent++;
    void error;
    if (performance.now() < end) send();
    else if (waiting === 0) {
      console.log(sent);
      Deno.exit(0);
    }
  };
  const send = () => {
    waiting++;
    socket.send("x", port, address, done);
  };
  socket.bind(0, () => {
    for (let count = 0; count < 32; count++) send();
  });
}

if (import.meta.main) {
  const [address = "", port, seconds] = Deno.args;
  floodHere({ address, port: Number(port), seconds: Number(seconds) });
}
