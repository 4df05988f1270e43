// Handmade knocks: packets of any source, in any order, at any time, over a cable.
import type { Family } from "./iptables_text.ts";
import type { Namespace } from "./namespace.ts";
import { frameOf } from "./packets/frame.ts";

/** A packet that is sent, or a pause in seconds. */
export type Step =
  | { readonly protocol: "tcp" | "udp"; readonly port: number; readonly from: string }
  | { readonly pause: number };

/** Sends frames given as lines of hexadecimal digits; a line `pause S` waits. */
const SENDER = `
import socket, sys, time
one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
one.bind((sys.argv[1], 0))
for line in sys.stdin:
    if line.startswith("pause"):
        time.sleep(float(line.split()[1]))
    else:
        one.send(bytes.fromhex(line))
`;

/** Where frames go. */
export interface Cable {
  readonly from: Namespace;
  readonly to: Namespace;
  /** Its name at both ends. */
  readonly name: string;
  /** The address that is knocked at. */
  readonly destination: string;
}

const TCP = 6;
const UDP = 17;
const SYN = 2;

/** Sends packets in their order: TCP packets that open a connection, and UDP packets. */
export async function sendSteps(cable: Cable, steps: readonly Step[]): Promise<void> {
  const { from, to, name, destination } = cable;
  const macs = { to: await macOf(to, name), from: await macOf(from, name) };
  const family: Family = destination.includes(":") ? "ipv6" : "ipv4";
  const lines = steps.map((step) => {
    if ("pause" in step) return `pause ${step.pause}\n`;
    const protocol = step.protocol === "tcp" ? TCP : UDP;
    const frame = frameOf({
      family,
      protocol,
      source: step.from,
      destination,
      sourcePort: 40_000,
      port: step.port,
      type: 0,
      code: 0,
      flags: SYN,
      interface: name,
    }, macs);
    return `${frame}\n`;
  });
  await from.must(["python3", "-c", SENDER, name], { stdin: lines.join(""), timeout: 120_000 });
}

async function macOf(ns: Namespace, name: string): Promise<string> {
  const shown = await ns.must(["ip", "-o", "link", "show", "dev", name]);
  return /link\/ether (\S+)/.exec(shown)?.[1] ?? "";
}
