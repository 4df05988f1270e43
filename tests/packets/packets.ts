// `tests/packets/packets.ts [--packets N] [--seed N]`: compares the tracer with the kernel, by real packets.
import { installNeeded, type Need } from "../../dist/debian.ts";
import { findNetwork, PINNED_DENO, resolutionArguments, TOP } from "../../dist/build/network.ts";
import { main, show } from "../../dist/script.ts";

/** What the packets are sent with, and counted by. */
const NEEDED: readonly Need[] = [
  ["iptables", "iptables"],
  ["ip6tables", "iptables"],
  ["nft", "nftables"],
  ["ip", "iproute2"],
  ["unshare", "util-linux"],
  ["python3", "python3"],
];

async function packets(args: readonly string[]): Promise<number> {
  for (const problem of await installNeeded(NEEDED)) console.log(problem);
  const network = await findNetwork();
  const pinned = network === "npm" && Deno.version.deno !== PINNED_DENO;
  const deno = pinned ? ["npx", "-y", `deno@${PINNED_DENO}`] : [Deno.execPath()];
  const flags = ["run", "-A", ...resolutionArguments(network, pinned ? PINNED_DENO : undefined)];
  return await show([...deno, ...flags, `${TOP}/tests/packets/namespace.ts`, ...args]);
}

if (import.meta.main) await main("packets", () => packets(Deno.args));
