// How long knockd's hooks take, and their peak memory, beside the least that any program
// could do: start, read table `filter` by iptables-save, write one line by iptables-restore.
import { fill, host, network, program } from "./chain.ts";
import {
  type Backend,
  BACKENDS,
  compare,
  EMPTY,
  execute,
  type Figure,
  PKTABLES,
  ratios,
  report,
  type Run,
  spread,
  timeBeside,
} from "./measure.ts";

/** How many doors are in the chain, how often each thing is timed, and how slow it may be. */
const SIZES: readonly { doors: number; rounds: number; goal?: number }[] = [
  { doors: 0, rounds: 25, goal: 1.3 },
  { doors: 100, rounds: 25, goal: 1.3 },
  { doors: 1_000, rounds: 25, goal: 1.3 },
  { doors: 10_000, rounds: 9 },
  { doors: 65_000, rounds: 5, goal: 1.5 },
];

const VERBS = ["add", "delete", "add --for"] as const;
type Verb = typeof VERBS[number];
type Name = `${"hook" | "floor" | "script"} ${Verb}`;

/** When timed doors of the floor end. */
const LATER = "2036-05-06T07:08:09";

/** One program start, one reading, one transaction of one line. */
function floor(backend: Backend, { name, rule }: { name: string; rule: string }): Run {
  const payload = `/run/bench-${name}`;
  Deno.writeTextFileSync(payload, `*filter\n${rule}\nCOMMIT\n`);
  return () => {
    execute(EMPTY);
    execute(program(backend, "ipv4", "-save"), "-t", "filter", "-c");
    const flags = ["--noflush", "--counters", "-w", "10"];
    execute(program(backend, "ipv4", "-restore"), ...flags, payload);
  };
}

/** What people write instead: no order, no lock, a second process to check whether the door is open. */
function script(backend: Backend, { line, address }: { line: string; address: string }): Run {
  const text = `#!/bin/sh\nA=$1\n${line.replaceAll("iptables", program(backend, "ipv4", ""))}\n`;
  return () => execute("/bin/sh", "-c", text, "sh", address);
}

/** The sequences for one size: each ends as it began, so that they can be repeated. */
function sequences(backend: Backend, doors: number): (readonly [Name | null, Run])[][] {
  const index = doors + 1; // between two doors in the middle of the chain
  const [address, rule] = [host(index, "ipv4"), `-s ${network(index, "ipv4")}`];
  const pktables = (verb: string, ...rest: string[]): Run => () =>
    execute(PKTABLES, verb, address, "--service", "ssh", "--backend", backend, ...rest);
  const place = Math.floor(doors / 2) + 1;
  const open = `-I pk-ssh ${place} ${rule}`;
  const until = `-m time --datestop ${LATER}`;
  const close = floor(backend, { name: "close", rule: `-D pk-ssh ${rule} -j ACCEPT` });
  const ask = "iptables -w 10 -C pk-ssh -s $A -j ACCEPT 2>/dev/null";
  const insert = "iptables -w 10 -I pk-ssh -s $A -j ACCEPT";
  return [
    [["hook add", pktables("add")], ["hook delete", pktables("delete")]],
    [
      ["floor add", floor(backend, { name: "open", rule: `${open} -j ACCEPT` })],
      ["floor delete", close],
    ],
    [["hook add --for", pktables("add", "--for", "8h")], [null, pktables("delete")]],
    [
      [
        "floor add --for",
        floor(backend, { name: "timed", rule: `${open} ${until} -j ACCEPT` }),
      ],
      [
        null,
        floor(backend, { name: "untimed", rule: `-D pk-ssh ${rule} ${until} -j ACCEPT` }),
      ],
    ],
    [
      ["script add", script(backend, { line: `${ask} || ${insert}`, address })],
      [
        "script delete",
        script(backend, { line: "iptables -w 10 -D pk-ssh -s $A -j ACCEPT", address }),
      ],
    ],
  ];
}

/** `hook`: latency of add, delete and add --for. */
export async function measureHooks(): Promise<void> {
  const figures: Figure[] = [];
  for (const backend of BACKENDS) {
    for (const { doors, rounds, goal } of SIZES) {
      fill(backend, doors);
      const times = await timeBeside<Name>(sequences(backend, doors), rounds);
      for (const verb of VERBS) {
        const [runs, floors] = [times[`hook ${verb}`], times[`floor ${verb}`]];
        const script = times[`script ${verb}`];
        const beside = script === undefined ? {} : {
          "to shell script": compare("", { runs, floors: script }).ratio.median.toFixed(2),
        };
        figures.push(compare(`${backend} ${verb}, ${doors} doors`, {
          runs,
          floors,
          beside,
          ...(goal === undefined ? {} : { goal }),
        }));
      }
    }
    fill(backend, 0);
  }
  const title = "one command beside an empty program, one iptables-save, one iptables-restore";
  report("hook", { title, figures, unit: "ms" });
  reportGrowth(figures);
}

/** Whether the time grows faster with the chain than that of the floor. */
function reportGrowth(figures: readonly Figure[]): void {
  for (const backend of BACKENDS) {
    for (const verb of VERBS) {
      const at = (doors: number) =>
        figures.find(({ what }) => what === `${backend} ${verb}, ${doors} doors`);
      const [none, all] = [at(0), at(65_000)];
      if (none === undefined || all === undefined) continue;
      const grown = (all.value - none.value) / (all.floor - none.floor);
      const words = grown <= 1 ? "reached" : "MISSED";
      console.log(
        `growth ${backend} ${verb}, 0 to 65000 doors: ${grown.toFixed(2)} of the floor's ` +
          `(goal 1) ${words}`,
      );
    }
  }
}

/** Megabytes that a command and its children needed at their peak, each by itself, the largest counts. */
function peak(...command: readonly string[]): number {
  const { code, stderr } = new Deno.Command("/usr/bin/time", {
    args: ["-f", "%M", ...command],
    stdout: "null",
    stdin: "null",
  }).outputSync();
  const said = new TextDecoder().decode(stderr).trim();
  if (code !== 0) throw new Error(`${command.join(" ")}: status ${code}: ${said}`);
  return Number(said.split("\n").at(-1)) / 1024;
}

/** What memory may be above that of the empty program, in megabytes. */
const MEMORY_GOALS: Readonly<Record<number, number>> = { 1_000: 15, 65_000: 60 };

/** `memory`: the peak of the same commands. */
export function measureMemory(): void {
  const figures: Figure[] = [];
  for (const backend of BACKENDS) {
    for (const { doors } of SIZES) {
      fill(backend, doors);
      const address = host(doors + 1, "ipv4");
      const peaks = { empty: [], add: [], delete: [], "add --for": [] } as Record<string, number[]>;
      const save = peak(program(backend, "ipv4", "-save"), "-t", "filter", "-c");
      const service = ["--service", "ssh", "--backend", backend];
      for (let round = 0; round < 5; round++) {
        peaks.empty!.push(peak(EMPTY));
        peaks.add!.push(peak(PKTABLES, "add", address, ...service));
        peaks.delete!.push(peak(PKTABLES, "delete", address, ...service));
        peaks["add --for"]!.push(peak(PKTABLES, "add", address, ...service, "--for", "8h"));
        peak(PKTABLES, "delete", address, ...service);
      }
      const empty = spread(peaks.empty!).median;
      for (const verb of VERBS) {
        const goal = MEMORY_GOALS[doors];
        const value = spread(peaks[verb]!).median;
        figures.push({
          what: `${backend} ${verb}, ${doors} doors`,
          ratio: ratios(peaks[verb]!, peaks.empty!),
          value,
          floor: empty,
          ...(goal === undefined ? {} : { goal: Math.ceil(empty) + goal, goalIsValue: true }),
          beside: { above: (value - empty).toFixed(1), "iptables-save": save.toFixed(1) },
        });
      }
    }
    fill(backend, 0);
  }
  const title = "peak (maximum resident set) beside that of an empty program";
  report("memory", { title, figures, unit: "MB" });
}
