// `tests/packets/packets.ts [--packets N] [--seed N]`: the tracer against the kernel, by real packets.
import { installNeeded, type Need } from "../../dist/debian.ts";
import { findNetwork, PINNED_DENO, resolutionArguments, TOP } from "../../dist/build/network.ts";

/** What the packets are sent with, and counted by. */
const NEEDED: readonly Need[] = [
  ["iptables", "iptables"],
  ["ip6tables", "iptables"],
  ["nft", "nftables"],
  ["ip", "iproute2"],
  ["unshare", "util-linux"],
  ["python3", "python3"],
];

async function main(args: readonly string[]): Promise<number> {
  for (const problem of await installNeeded(NEEDED)) console.log(problem);
  const network = await findNetwork();
  const pinned = network === "npm" && Deno.version.deno !== PINNED_DENO;
  const deno = pinned ? ["npx", "-y", `deno@${PINNED_DENO}`] : [Deno.execPath()];
  const flags = ["run", "-A", ...resolutionArguments(network, pinned ? PINNED_DENO : undefined)];
  const [program = "", ...rest] = [...deno, ...flags, `${TOP}/tests/packets/namespace.ts`, ...args];
  return (await new Deno.Command(program, { args: rest, stdin: "null" }).spawn().status).code;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    console.error(`packets: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
