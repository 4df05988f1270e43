// A machine in memory with rules of others in INPUT, and a service that is to stand among them.
import { FakeSystem } from "./fake_system.ts";

/** Decides on the port of the service. */
export const SSH = "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT";

/** Lets standing connections through. */
export const STANDING = "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";

/** The jump that INIT makes. */
export const JUMP = "-p tcp -m tcp --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -j pk-ssh";

/** Makes the service. */
export const INIT = "init ssh --port 22 --syn --ipv4";

/** A machine with these rules of IPv4. */
export function machine(...ipv4: string[]): FakeSystem {
  return new FakeSystem({ ipv4: ipv4.join("\n") });
}

/** The rules of INPUT by what they do: `ACCEPT`, `pk-ssh`. */
export function targets({ kernel }: FakeSystem, family: "ipv4" | "ipv6" = "ipv4"): string[] {
  return kernel.chain(family, "INPUT")!.map((text) => / -[jg] (\S+)/.exec(` ${text}`)?.[1] ?? "");
}
