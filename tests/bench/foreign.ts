// Whether a hook takes longer for foreign rules: the same hooks with none, 1,000 and 20,000 of them
// in table `filter`, in one run, each beside the least that any program could do there: start, list
// the service's chain, write one line by iptables-restore.
import { host, program, restore, tableOf } from "./chain.ts";
import {
  type Backend,
  BACKENDS,
  compare,
  EMPTY,
  execute,
  type Figure,
  PKTABLES,
  report,
  type Run,
  timeBeside,
} from "./measure.ts";

/** How many foreign rules are in `filter`. */
const SIZES = [0, 1_000, 20_000] as const;
type Size = typeof SIZES[number];

const ROUNDS = 25;

/**
 * What a hook beside foreign rules may take, as a ratio to one without them. Legacy iptables reads
 * and writes whole tables in any case, so it has no goal.
 */
const FLAT = 1.1;

const VERBS = ["add", "delete"] as const;
type Verb = typeof VERBS[number];
type Name = `${"hook" | "floor"} ${Verb} ${Size}`;

/** Table `filter` with one service `ssh`, and a foreign chain ahead of it, as fail2ban's. */
function tableBeside(size: Size): string {
  const others = Array.from(
    { length: size },
    (_, at) => `-A others -s 192.${at >> 16}.${(at >> 8) & 255}.${at & 255}/32 -j DROP\n`,
  );
  return tableOf(0, "ipv4")
    .replace("-A INPUT", "-A INPUT -j others\n-A INPUT")
    .replace("*filter\n", "*filter\n:others - [0:0]\n")
    .replace("COMMIT", `${others.join("")}COMMIT`);
}

/** One program start, one list of a chain, one transaction of one line. */
function floor(backend: Backend, { verb, rule }: { verb: Verb; rule: string }): Run {
  const payload = `/run/bench-foreign-${verb}`;
  Deno.writeTextFileSync(payload, `*filter\n${rule}\nCOMMIT\n`);
  return () => {
    execute(EMPTY);
    execute(program(backend, "ipv4", ""), "-w", "10", "-v", "-S", "pk-ssh");
    const flags = ["--noflush", "--counters", "-w", "10"];
    execute(program(backend, "ipv4", "-restore"), ...flags, payload);
  };
}

/** Everything that is timed beside one number of rules; the first hooks after filling do not count. */
function sequence(backend: Backend, size: Size): (readonly [Name | null, Run])[] {
  const address = host(1, "ipv4");
  const hook = (verb: Verb): Run => () =>
    execute(PKTABLES, verb, address, "--service", "ssh", "--backend", backend);
  const rule = `pk-ssh -s ${address}/32 -j ACCEPT`;
  const table = tableBeside(size);
  return [
    [null, () => restore(backend, table)],
    [null, hook("add")],
    [null, hook("delete")],
    [`hook add ${size}`, hook("add")],
    [`hook delete ${size}`, hook("delete")],
    [`floor add ${size}`, floor(backend, { verb: "add", rule: `-I ${rule}` })],
    [`floor delete ${size}`, floor(backend, { verb: "delete", rule: `-D ${rule}` })],
  ];
}

/** `foreign`: latency of add and delete beside foreign rules. */
export async function measureForeign(): Promise<void> {
  const figures: Figure[] = [];
  for (const backend of BACKENDS) {
    const sequences = SIZES.map((size) => sequence(backend, size));
    const times = await timeBeside<Name>(sequences, ROUNDS);
    for (const verb of VERBS) {
      for (const size of SIZES) {
        const runs = times[`hook ${verb} ${size}`];
        const least = { runs, floors: times[`floor ${verb} ${size}`] };
        figures.push(compare(`${backend} ${verb}, ${size} foreign rules`, {
          runs,
          floors: times[`hook ${verb} 0`],
          beside: { "to the least possible": compare("", least).ratio.median.toFixed(2) },
          ...(backend === "nft" && size > 0 ? { goal: FLAT } : {}),
        }));
      }
    }
    restore(backend, tableOf(0, "ipv4"));
  }
  const title = "one command beside the same one with no foreign rules in the table";
  report("foreign", { title, figures, unit: "ms" });
}
