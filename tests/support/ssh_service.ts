import type { Service } from "../../src/firewall/service.ts";

/** A service that is closed to all, with nothing in it that can be left out. */
export const SSH_SERVICE: Service = {
  name: "ssh",
  protocol: "tcp",
  ports: [{ from: 22, to: 22 }],
  syn: true,
  policy: "drop",
  families: ["ipv4", "ipv6"],
  interface: null,
  established: false,
  log: null,
  allow: null,
};
