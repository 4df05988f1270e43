// How long it takes to check and compile rules files, beside an empty program and beside ferm on the
// same services; and how many lines a second each phase takes.
import {
  compare,
  EMPTY,
  execute,
  type Figure,
  PKTABLES,
  ratios,
  report,
  type Run,
  spread,
  time,
  timeBeside,
} from "./measure.ts";
import { isInstalled } from "../../dist/script.ts";

/** How many services, how often each is timed. */
const SIZES: readonly { services: number; rounds: number; ferm: boolean }[] = [
  { services: 10, rounds: 11, ferm: true },
  { services: 100, rounds: 11, ferm: true },
  { services: 1_000, rounds: 7, ferm: true },
  { services: 10_000, rounds: 3, ferm: false },
];

/** How many times faster than ferm compiling 1,000 services is to be. */
const FERM_GOAL = 5;

/** Port and addresses of the service with a number. */
function parts(index: number): { name: string; port: number; addresses: string } {
  const hosts = [1, 2].map((last) => `10.${(index >> 8) & 255}.${index & 255}.${last}`);
  return { name: `s${index}`, port: 1 + index, addresses: hosts.join(", ") };
}

/** A rules file: two lines a service, and options in every form now and then. */
export function rulesFile(services: number): string {
  return Array.from({ length: services }, (_, index) => {
    const { name, port, addresses } = parts(index);
    const syn = index % 2 === 0 ? "tcp" : "udp";
    return `service ${name} ${syn} ${port} drop\n    allow ${addresses}\n`;
  }).join("");
}

/** The same services for ferm, for both families as well: `@ipfilter` leaves out what is not of one. */
function fermFile(services: number): string {
  const chains = Array.from({ length: services }, (_, index) => {
    const { name, port, addresses } = parts(index);
    const protocol = index % 2 === 0 ? "tcp" : "udp";
    const hosts = `@ipfilter((${addresses.replace(",", "")}))`;
    return `chain pk-${name} { saddr ${hosts} ACCEPT; DROP; }\n` +
      `chain INPUT { proto ${protocol} dport ${port} jump pk-${name}; }\n`;
  });
  return `domain (ip ip6) table filter {\n${chains.join("")}}\n`;
}

type Name = "check" | "compile" | "empty" | "ferm";

async function measureWhole(folder: string): Promise<void> {
  const figures: Figure[] = [];
  const known = await isInstalled("ferm");
  if (!known) console.log("ferm is not installed: no figures to compare");
  for (const { services, rounds, ferm } of SIZES) {
    const [rules, theirs] = [`${folder}/${services}.pk`, `${folder}/${services}.ferm`];
    Deno.writeTextFileSync(rules, rulesFile(services));
    Deno.writeTextFileSync(theirs, fermFile(services));
    const beside = ferm && known;
    const runs: [Name, Run][][] = [
      [["check", () => execute(PKTABLES, "check", rules)]],
      [["compile", () => execute(PKTABLES, "compile", rules)]],
      [["empty", () => execute(EMPTY)]],
      ...(beside ? [[["ferm", () => execute("ferm", "--remote", theirs)] as [Name, Run]]] : []),
    ];
    const times = await timeBeside<Name>(runs, rounds);
    for (const verb of ["check", "compile"] as const) {
      const [runs, floors] = [times[verb], times.empty];
      figures.push(compare(`${verb}, ${services} services`, { runs, floors }));
    }
    if (!beside) continue;
    figures.push(compare(`compile beside ferm, ${services} services`, {
      runs: times.compile,
      floors: times.ferm,
      ...(services === 1_000 ? { goal: 1 / FERM_GOAL } : {}),
    }));
  }
  const title = "whole processes beside an empty program, and beside ferm";
  report("language", { title, figures, unit: "ms" });
}

/** Lexing, parsing, the whole of checking, and writing the payload, in this process. */
async function measurePhases(folder: string): Promise<void> {
  const { tokenize } = await import("../../grammar/lexer.ts");
  const { parse } = await import("../../grammar/parse.ts");
  const { makeSource } = await import("../../src/source/source.ts");
  const { compileFile } = await import("../../src/semantic/compile.ts");
  const { emitEmptyMachine } = await import("../../src/plan/empty_machine.ts");
  const { realFiles } = await import("../../src/system/files.ts");
  const figures: Figure[] = [];
  for (const { services } of SIZES) {
    const path = `${folder}/${services}.pk`;
    const text = rulesFile(services);
    const source = makeSource(path, text);
    const compiled = compileFile(path, { reader: realFiles, now: 1_800_000_000 });
    if (!compiled.ok) throw new Error(`the rules file of ${services} services has errors`);
    const emit = {
      services: compiled.services,
      family: "ipv4",
      version: "0",
      source: "x",
    } as const;
    const phases: readonly (readonly [string, () => unknown])[] = [
      ["lex", () => tokenize(text)],
      ["lex and parse", () => parse(source)],
      ["lex, parse and check", () => compileFile(path, { reader: realFiles, now: 1_800_000_000 })],
      ["emit", () => emitEmptyMachine(emit)],
    ];
    const lines = 2 * services;
    const [, lex] = phases[0]!;
    for (const [name, phase] of phases) {
      const [runs, floors] = [[], []] as number[][];
      for (let round = 0; round < 15; round++) {
        floors!.push((await time(() => void lex())).wall);
        runs!.push((await time(() => void phase())).wall);
      }
      const value = spread(runs!).median;
      figures.push({
        what: `${name}, ${services} services`,
        ratio: ratios(runs!, floors!),
        value,
        floor: spread(floors!).median,
        beside: { "lines/s": Math.round(lines / value * 1000).toLocaleString("en") },
      });
    }
  }
  report("phases", { title: "phases in one warm process beside lexing", figures, unit: "ms" });
}

/** `language`: check and compile. */
export async function measureLanguage(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "pktables-bench-" });
  try {
    await measureWhole(folder);
    await measurePhases(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
