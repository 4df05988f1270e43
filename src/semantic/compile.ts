import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Expectation } from "../firewall/expectation.ts";
import type { Knock } from "../firewall/knock.ts";
import type { Service } from "../firewall/service.ts";
import type { SourceReader } from "../source/reader.ts";
import type { Source } from "../source/source.ts";
import type { Span } from "../source/span.ts";
import { CHECKS } from "./checks/table.ts";
import type { Context } from "./context.ts";
import type { Program } from "../program/program.ts";
import { readDefines } from "./define_table.ts";
import { expandServices } from "./expansion.ts";
import { loadProgram } from "../program/includes.ts";
import { lowerExpects } from "./lower_expect.ts";
import { lowerKnocks, lowerService } from "./lower.ts";

/** The meaning of a rules file, and its diagnostics. */
export interface Compiled {
  /** Whether there is no error. Only then are `services` and `knocks` those of the file. */
  readonly ok: boolean;
  /** In the order of the file, that of their jumps; empty if there is an error. */
  readonly services: readonly Service[];
  /** Empty if there is an error. */
  readonly knocks: readonly Knock[];
  /** In the order of the file; empty if there is an error. */
  readonly expectations: readonly Expectation[];
  /** Where each service is named, by its name; empty if there is an error. */
  readonly places: ReadonlyMap<string, Span>;
  /** Errors and warnings in file order: the first file, then those it includes as they are read. */
  readonly diagnostics: readonly Diagnostic[];
  /** The files that diagnostics are about, by the name in spans. */
  readonly sources: ReadonlyMap<string, Source>;
}

/**
 * Reads a rules file with all that it includes, checks it and lowers it to the firewall model.
 *
 * @param path the file as the user named it; `-` is standard input
 * @param given where files come from, the time in seconds since 1970 UTC, from which the ends of doors
 *   are counted, and whether everyone may read a file, which is reported for those with a knock
 * @returns never throws for a user's error: all of them are in `diagnostics`
 */
export function compileFile(
  path: string,
  given: {
    readonly reader: SourceReader;
    readonly now: number;
    readonly isPublic?: (file: string) => boolean;
  },
): Compiled {
  const { program, diagnostics, sources } = loadProgram(path, given.reader);
  const found = [...diagnostics];
  const context = makeContext(program, {
    now: given.now,
    isPublic: given.isPublic ?? (() => false),
  });
  for (const check of CHECKS) check(context, (diagnostic) => found.push(diagnostic));
  const all = withoutEchoes(found);
  sortDiagnostics(all, [...sources.keys()]);
  const ok = all.every((diagnostic) => diagnostic.severity !== "error");
  const services = ok ? program.services : [];
  const knocks = services.map(lowerKnocks);
  return {
    ok,
    services: services.map((one, at) =>
      lowerService(one, {
        expansion: context.expansions.get(one) ?? [],
        knocks: knocks[at] ?? [],
      })
    ),
    knocks: knocks.flat(),
    expectations: ok ? lowerExpects(program.expects, context.defines) : [],
    places: new Map(services.map(({ name }) => [name.value, name.span])),
    diagnostics: all,
    sources,
  };
}

function makeContext(
  program: Program,
  given: Pick<Context, "now" | "isPublic">,
): Context {
  const defines = readDefines(program);
  const { byService, overflow } = expandServices(program, defines);
  return { program, defines, expansions: byService, overflow, ...given };
}

/** Drops warnings at places that have an error. */
function withoutEchoes(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const place = ({ primary: { span } }: Diagnostic) => `${span.start} ${span.end} ${span.file}`;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const wrong = new Set(errors.map(place));
  return diagnostics.filter((one) => one.severity === "error" || !wrong.has(place(one)));
}

/**
 * Adds later findings to the diagnostics of a rules file.
 *
 * @param compiled the file
 * @param found errors and warnings; with an error the file is no longer `ok`
 */
export function withDiagnostics(compiled: Compiled, found: readonly Diagnostic[]): Compiled {
  const diagnostics = [...compiled.diagnostics, ...found];
  sortDiagnostics(diagnostics, [...compiled.sources.keys()]);
  const ok = diagnostics.every(({ severity }) => severity !== "error");
  return { ...compiled, ok, diagnostics };
}

/** By file, then by place; at one place errors first, otherwise in the order of the checks. */
function sortDiagnostics(diagnostics: Diagnostic[], files: readonly string[]): void {
  const order = new Map(files.map((name, index) => [name, index]));
  const rank = ({ primary }: Diagnostic) => order.get(primary.span.file) ?? files.length;
  diagnostics.sort((a, b) =>
    rank(a) - rank(b) || a.primary.span.start - b.primary.span.start ||
    Number(a.severity === "warning") - Number(b.severity === "warning")
  );
}
