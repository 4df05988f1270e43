// How long a visitor waits: from the last packet of a knock to the first accepted connection. The kernel
// alone (`by kernel`); through the real knockd pktables as `pktables knockd` writes it, and beside it the
// old way: a start_command that calls a shell script of plain iptables calls. Run as root, after a build:
//   deno run -A tests/bench/knock.ts [ROUNDS]
import { createConnection } from "node:net";
import { createSocket } from "node:dgram";
import { main } from "../../dist/script.ts";
import { Knocking, serverOf } from "../support/knocking.ts";
import { serve } from "../support/traffic.ts";

const PORT = 2201;
const KNOCK = [7001, 8001, 9001];
const RULES = `service ssh tcp ${PORT} knock ${
  KNOCK.map((port) => `${port}:udp`).join(", ")
} within 5s for 1h\n`;
const KERNEL_RULES = RULES.replace("\n", " by kernel\n");

/** Close at once, so that the next round starts with a closed door. */
const SCRIPT = `#!/bin/sh
# Written as such scripts are: make the chain if need be, then let the visitor in.
iptables-nft -w 10 -n -L pk-ssh >/dev/null 2>&1 || iptables-nft -w 10 -N pk-ssh
iptables-nft -w 10 -C pk-ssh -s "$1" -j ACCEPT 2>/dev/null ||
  iptables-nft -w 10 -I pk-ssh 1 -s "$1" -j ACCEPT
`;
const OLD_CONF = `[ssh]
    sequence = ${KNOCK.map((port) => `${port}:udp`).join(",")}
    seq_timeout = 5
    start_command = /bin/sh /mnt/open.sh %IP%
    cmd_timeout = 60
    stop_command = iptables-nft -w 10 -D pk-ssh -s %IP% -j ACCEPT
`;

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Runs inside the visitor's namespace: knocks, and tries to connect every millisecond. */
async function visit(address: string): Promise<void> {
  const socket = createSocket("udp4");
  for (const port of KNOCK) {
    await new Promise((resolve) => socket.send("", port, address, resolve));
    if (port !== KNOCK.at(-1)) await pause(20);
  }
  const start = performance.now();
  for (;;) {
    const attempt = createConnection({ host: address, port: PORT });
    attempt.on("error", () => {});
    attempt.on("connect", () => {
      console.log((performance.now() - start).toFixed(1));
      Deno.exit(0);
    });
    await pause(1);
    // A dropped SYN is retransmitted only after a second: a new one is faster.
    setTimeout(() => attempt.destroy(), 20);
    if (performance.now() - start > 5000) Deno.exit(1);
  }
}

async function measure(knocking: Knocking, close: () => Promise<unknown>): Promise<number> {
  const flags = ["--no-config", "--no-lock", "--no-check", "--cached-only", "--allow-all"];
  const line = [Deno.execPath(), "run", ...flags, import.meta.filename ?? "", "visit", serverOf(1)];
  const env = { PATH: "/usr/bin:/bin", HOME: Deno.env.get("HOME") ?? "/" };
  const printed = await knocking.client.must(line, { env });
  await close();
  return Number(printed);
}

function show(name: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? NaN).toFixed(0);
  console.log(
    `${name.padEnd(12)} median ${at(0.5)} ms, from ${at(0)} to ${at(1)} ms, ${times.length} knocks`,
  );
}

async function compare(rounds: number): Promise<void> {
  await using ours = await Knocking.create("nft");
  await using old = await Knocking.create("nft");
  await using kernel = await Knocking.create("nft");
  await serve(ours.server.ns, [PORT]);
  await serve(old.server.ns, [PORT]);
  await serve(kernel.server.ns, [PORT]);
  await kernel.load(KERNEL_RULES);
  await ours.listen(RULES);
  await old.load(RULES);
  await Deno.writeTextFile(old.server.ns.path("/mnt/open.sh"), SCRIPT);
  await old.start(OLD_CONF);
  const times = { kernel: [] as number[], ours: [] as number[], old: [] as number[] };
  const close = (knocking: Knocking) => () =>
    knocking.server.must("delete", "10.9.2.1", "--service", "ssh");
  // In turn, so that all run under the same load.
  for (let round = 0; round < rounds; round++) {
    times.kernel.push(await measure(kernel, close(kernel)));
    times.ours.push(await measure(ours, close(ours)));
    times.old.push(
      await measure(
        old,
        () => old.server.iptables("ipv4", "-D", "pk-ssh", "-s", "10.9.2.1", "-j", "ACCEPT"),
      ),
    );
  }
  show("by kernel", times.kernel);
  show("pktables", times.ours);
  show("the old way", times.old);
}

if (import.meta.main) {
  const [first, address = ""] = Deno.args;
  await main("knock", () => first === "visit" ? visit(address) : compare(Number(first ?? 21)));
}
