// A machine with a service ssh and a door of each family.
import { FakeSystem } from "./fake_system.ts";

const SSH = `:pk-ssh - [0:0]
-A INPUT -p tcp -m tcp --dport 22 --syn -j pk-ssh
[4:240] -A pk-ssh -s 10.0.0.9 -j ACCEPT
-A pk-ssh -j DROP`;

/** The machine; `more` are further lines of IPv4. */
export function machine(more = ""): FakeSystem {
  const ipv6 = SSH.replace("10.0.0.9", "2001:db8::9");
  return new FakeSystem({ ipv4: `${SSH}${more}`, ipv6 });
}

/** The current chain of the service. */
export function ssh(system: FakeSystem, family: "ipv4" | "ipv6" = "ipv4") {
  return system.kernel.chain(family, "pk-ssh");
}

/** The IPv4 door, as it was. */
export const OLD = "[4:240] -s 10.0.0.9/32 -j ACCEPT";
