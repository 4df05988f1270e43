// Chains of any length for the measures, in the network namespace that this process runs in.
import { type Backend, execute } from "./measure.ts";

/** The address family of a measure. */
export type Family = "ipv4" | "ipv6";

/** Path of a program of one backend and family, `-save` or `-restore` appended. */
export function program(backend: Backend, family: Family, tool: "" | "-save" | "-restore"): string {
  return `/usr/sbin/${family === "ipv4" ? "iptables" : "ip6tables"}-${backend}${tool}`;
}

/** The host number `index` of a family, in address order. */
export function host(index: number, family: Family): string {
  if (family === "ipv6") {
    return `2001:db8::${(0x10000 + (index >> 16)).toString(16).slice(-4)}:${
      (index & 0xffff).toString(16)
    }`;
  }
  return `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}

/** A host's address as in a rule. */
export function network(index: number, family: Family): string {
  return `${host(index, family)}/${family === "ipv4" ? 32 : 128}`;
}

/** Table `filter` with one service `ssh` and doors for every second host. */
export function tableOf(doors: number, family: Family): string {
  const rules = Array.from(
    { length: doors },
    (_, at) => `-A pk-ssh -s ${network(2 * at + 2, family)} -j ACCEPT`,
  );
  return [
    "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:pk-ssh - [0:0]",
    "-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh",
    ...rules,
    "-A pk-ssh -j DROP\nCOMMIT\n",
  ].join("\n");
}

/** Replaces table `filter` by {@linkcode tableOf}. */
export function fill(backend: Backend, doors: number, family: Family = "ipv4"): void {
  restore(backend, tableOf(doors, family), family);
}

/** Replaces table `filter`. */
export function restore(backend: Backend, table: string, family: Family = "ipv4"): void {
  const path = "/run/bench-table";
  Deno.writeTextFileSync(path, table);
  execute(program(backend, family, "-restore"), path);
}
