// How long `load` takes on an empty machine, after a change of one service and with nothing to do; and
// `list` of a long chain.
import { fill, program, restore } from "./bench_chain.ts";
import { rulesFile } from "./bench_language.ts";
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
} from "./bench_measure.ts";

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

type Name = `${"load" | "floor"} ${"cold" | "one changed" | "nothing changed"}`;

function loads(
  backend: Backend,
  { rules, changed, folder }: { rules: string; changed: string; folder: string },
): (readonly [Name | null, Run])[][] {
  const load = (file: string): Run => () => execute(PKTABLES, "load", file, "--backend", backend);
  const cold = [`${folder}/rules.v4`, `${folder}/rules.v6`];
  // Both families change in one rule: the policy of the first service.
  const edit = `${folder}/edit`;
  const chain = "pk-s0";
  const lines = `-D ${chain} -j DROP\n-A ${chain} -j ACCEPT`;
  Deno.writeTextFileSync(edit, `*filter\n${lines}\nCOMMIT\n`);
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
      ["load one changed", load(changed)],
    ],
    [
      [null, () => clear(backend)],
      ["floor cold", least(cold)],
      ["floor nothing changed", least(null)],
      ["floor one changed", least([edit, edit])],
    ],
  ];
}

/** `load`: cold, one service changed, nothing changed. */
export async function measureLoad(): Promise<void> {
  const figures: Figure[] = [];
  const folder = await Deno.makeTempDir({ prefix: "pktables-bench-" });
  for (const backend of BACKENDS) {
    for (const services of [10, 100, 1_000]) {
      const [rules, changed] = [`${folder}/rules.pk`, `${folder}/changed.pk`];
      const text = rulesFile(services);
      Deno.writeTextFileSync(rules, text);
      Deno.writeTextFileSync(changed, text.replace(" drop\n", " accept\n"));
      execute(PKTABLES, "compile", rules, "--output", folder);
      const rounds = services < 1_000 ? 9 : 5;
      const times = await timeBeside(loads(backend, { rules, changed, folder }), rounds);
      for (const what of ["cold", "one changed", "nothing changed"] as const) {
        const [runs, floors] = [times[`load ${what}`], times[`floor ${what}`]];
        figures.push(compare(`${backend} ${what}, ${services} services`, { runs, floors }));
      }
    }
    clear(backend);
  }
  await Deno.remove(folder, { recursive: true });
  const title = "beside an empty program, iptables-save of both families, test and write of both";
  report("load", { title, figures, unit: "ms" });
}

/** `list`: 65,000 doors as a table and as JSON. */
export async function measureList(): Promise<void> {
  const figures: Figure[] = [];
  for (const backend of BACKENDS) {
    fill(backend, 65_000);
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
      figures.push(compare(`${backend} ${form}, 65000 doors`, { runs, floors }));
    }
    fill(backend, 0);
  }
  const title = "beside an empty program and iptables-save of both families";
  report("list", { title, figures, unit: "ms" });
}
