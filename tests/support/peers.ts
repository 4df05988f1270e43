// Machines to which someone is connected by TCP, with or without a terminal.
import { FakeSystem } from "./fake_system.ts";

/** A service with a door for 203.0.113.7, as its chain and jump are restored. */
export const SSH = [
  ":pk-ssh - [0:0]",
  "-A INPUT -p tcp -m tcp --dport 22 --syn -j pk-ssh",
  "-A pk-ssh -s 203.0.113.7/32 -j ACCEPT",
  "-A pk-ssh -j DROP",
].join("\n");

/** The servers of the machine, as ss prints them. */
export const LISTENING = "LISTEN 0 128 *:22 *:*\nLISTEN 0 128 0.0.0.0:80 0.0.0.0:*\n";

/** What ss prints where these are connected to port 22. */
export function established(...peers: readonly string[]): string {
  const lines = peers.map((peer, at) => {
    const [local, remote] = peer.includes(":")
      ? ["[2001:db8::5]", `[${peer}]`]
      : ["10.0.0.5", peer];
    return `ESTAB 0 0 ${local}:22 ${remote}:${5000 + at}\n`;
  });
  return lines.join("") + LISTENING;
}

/** A machine without a terminal, to which someone is connected. */
export function peerMachine(
  start: ConstructorParameters<typeof FakeSystem>[0] = {},
  ss = "",
): FakeSystem {
  const system = new FakeSystem(start);
  system.around.ss = ss;
  return system;
}

/** The same with a person at a terminal. */
export function attended(
  start: ConstructorParameters<typeof FakeSystem>[0] = {},
  ss = "",
): FakeSystem {
  const system = peerMachine(start, ss);
  Object.assign(system.console, { errIsTerminal: true, noColor: true });
  return system;
}
