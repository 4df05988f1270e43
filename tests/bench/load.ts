// How long `load` takes on an empty machine, after a change of one service and with nothing to do; and
// `list` of a long chain.
import { fill, program, restore } from "./chain.ts";
import { rulesFile } from "./language.ts";
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

const FAMILIES = ["ipv4", "ipv6"] as const;
const NOTHING =
  "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";

function clear(backend: Backend): void {
  for (const family of FAMILIES) restore(backend, NOTHING, family);
}

function read(backend: Backend): void {
  for (const family of FAMILIES) execute(program(backend, family, "-save"), "-t", "filter", "-c");
}

/** Tests and writes one payload a family, as a command that changes both has to. */
function write(backend: Backend, payloads: readonly string[]): void {
  for (const test of [["--test"], []]) {
    FAMILIES.forEach((family, at) => {
      const flags = ["--noflush", "--counters", "-w", "10", ...test];
      execute(program(backend, family, "-restore"), ...flags, payloads[at] ?? "");
    });
  }
}

/** What `load` is to stay under. */
const GOALS: Readonly<Record<string, number>> = { cold: 1.5, "nothing changed": 1.2 };

type Name = `${"load" | "floor"} ${"cold" | "one changed" | "all changed" | "nothing changed"}`;

function loads(
  backend: Backend,
  { rules, changed, services, folder }: {
    rules: string;
    /** The file with one policy changed, and the one with all of them. */
    changed: readonly [one: string, all: string];
    services: number;
    folder: string;
  },
): (readonly [Name | null, Run])[][] {
  const load = (file: string): Run => () => execute(PKTABLES, "load", file, "--backend", backend);
  const cold = [`${folder}/rules.v4`, `${folder}/rules.v6`];
  // Both families change in one rule a service: its policy.
  const edit = (count: number) => {
    const lines = Array.from(
      { length: count },
      (_, at) => `-D pk-s${at} -j DROP\n-A pk-s${at} -j ACCEPT\n`,
    );
    const path = `${folder}/edit-${count}`;
    Deno.writeTextFileSync(path, `*filter\n${lines.join("")}COMMIT\n`);
    return [path, path];
  };
  const least = (payloads: readonly string[] | null): Run => () => {
    execute(EMPTY);
    read(backend);
    if (payloads !== null) write(backend, payloads);
  };
  return [
    [
      [null, () => clear(backend)],
      ["load cold", load(rules)],
      ["load nothing changed", load(rules)],
      ["load one changed", load(changed[0])],
      [null, load(rules)],
      ["load all changed", load(changed[1])],
    ],
    [
      [null, () => clear(backend)],
      ["floor cold", least(cold)],
      ["floor nothing changed", least(null)],
      ["floor one changed", least(edit(1))],
      [null, load(rules)],
      ["floor all changed", least(edit(services))],
    ],
  ];
}

/** `load`: cold, one service changed, all changed, nothing changed. */
export async function measureLoad(): Promise<void> {
  const figures: Figure[] = [];
  const folder = await Deno.makeTempDir({ prefix: "pktables-bench-" });
  for (const backend of BACKENDS) {
    for (const services of [10, 100, 1_000]) {
      const rules = `${folder}/rules.pk`;
      const changed = [`${folder}/one.pk`, `${folder}/all.pk`] as const;
      const text = rulesFile(services);
      Deno.writeTextFileSync(rules, text);
      Deno.writeTextFileSync(changed[0], text.replace(" drop\n", " accept\n"));
      Deno.writeTextFileSync(changed[1], text.replaceAll(" drop\n", " accept\n"));
      execute(PKTABLES, "compile", rules, "--output", folder);
      const rounds = services < 1_000 ? 9 : 5;
      const times = await timeBeside(loads(backend, { rules, changed, services, folder }), rounds);
      for (const what of ["cold", "one changed", "all changed", "nothing changed"] as const) {
        const [runs, floors] = [times[`load ${what}`], times[`floor ${what}`]];
        const goal = GOALS[what] === undefined ? {} : { goal: GOALS[what] };
        figures.push(
          compare(`${backend} ${what}, ${services} services`, { runs, floors, ...goal }),
        );
      }
    }
    clear(backend);
  }
  await Deno.remove(folder, { recursive: true });
  const title = "beside an empty program, iptables-save of both families, test and write of both";
  report("load", { title, figures, unit: "ms" });
}

/** `list`: 65,000 doors and 1,000 services, as a table and as JSON. */
export async function measureList(): Promise<void> {
  const figures: Figure[] = [];
  const rules = await Deno.makeTempFile({ suffix: ".pk" });
  Deno.writeTextFileSync(rules, rulesFile(1_000));
  const contents: [string, (backend: Backend) => void][] = [
    ["65000 doors", (backend) => fill(backend, 65_000)],
    ["1000 services", (backend) => execute(PKTABLES, "load", rules, "--backend", backend)],
  ];
  for (
    const [backend, [what, make]] of BACKENDS.flatMap((one) =>
      contents.map((each) => [one, each] as const)
    )
  ) {
    clear(backend);
    make(backend);
    const list = (...flags: string[]): Run => () =>
      execute(PKTABLES, "list", "--backend", backend, ...flags);
    const times = await timeBeside<"table" | "JSON" | "floor">([
      [["table", list()]],
      [["floor", () => {
        execute(EMPTY);
        read(backend);
      }]],
      [["JSON", list("--json")]],
    ], 5);
    for (const form of ["table", "JSON"] as const) {
      const [runs, floors] = [times[form], times.floor];
      figures.push(compare(`${backend} ${form}, ${what}`, { runs, floors }));
    }
    clear(backend);
  }
  await Deno.remove(rules);
  const title = "beside an empty program and iptables-save of both families";
  report("list", { title, figures, unit: "ms" });
}
