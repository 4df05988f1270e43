// A service ssh whose chain someone else edited, and the verbs that write to it.
import { FakeSystem } from "./fake_system.ts";

/** The service's jump. */
export const JUMP = "-A INPUT -p tcp -m tcp --dport 22 --syn -j pk-ssh";
/** A door. */
export const DOOR = "-A pk-ssh -s 10.0.0.9/32 -j ACCEPT";
/** The end of the chain. */
export const DROP = "-A pk-ssh -j DROP";

/** A machine with these rules, and a file with the service. */
export function machine(...lines: string[]): FakeSystem {
  const system = new FakeSystem({ ipv4: [":pk-ssh - [0:0]", ...lines].join("\n") });
  system.contents["rules.pk"] = "service ssh tcp 22 syn drop ipv4\n";
  return system;
}

/** The current chain of the service. */
export function chain(system: FakeSystem): string[] | null {
  return system.kernel.chain("ipv4", "pk-ssh");
}

/** A verb of each kind that writes to a service's chain. */
export const VERBS = [
  "add 10.0.0.5 --service ssh --ipv4",
  "delete 10.0.0.9 --service ssh --ipv4",
  "sweep --ipv4",
  "load rules.pk --ipv4",
  "init ssh --port 22 --syn --ipv4",
  "init ssh --port 22 --replace --ipv4",
];
