import { basename, dirname, isAbsolute, join, normalize } from "@std/path";
import { CODES } from "../diagnostics/codes.ts";
import { diagnose, type Diagnostic, type Label } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { ReadProblem, SourceReader } from "../source/reader.ts";
import { decodeSource, type Source } from "../source/source.ts";
import { readSyntax } from "../syntax/ast_reader.ts";
import type { Define, Expect, Include, Service, Statement } from "../syntax/ast.ts";
import type { Program } from "./program.ts";
import { expandGlob, isGlob } from "./glob.ts";
import { reportUnreadable, STANDARD_INPUT } from "./unreadable.ts";

/** The deepest nesting of includes. */
const MAX_INCLUDE_DEPTH = 16;

/** A program as it was read, with diagnostics of its files and their syntax. */
export interface Loaded {
  /** All statements of all files. */
  readonly program: Program;
  /** Problems of files and syntax errors. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read, by the name in spans, in the order in which they were opened. */
  readonly sources: ReadonlyMap<string, Source>;
}

/**
 * Reads a file and all that it includes, each file once.
 *
 * @param path the file as the user named it; `-` is standard input, which includes relative to the
 *   working directory
 * @param reader where files come from
 */
export function loadProgram(path: string, reader: SourceReader): Loaded {
  const loader = new Loader(reader);
  loader.start(path);
  return loader.finish();
}

/** A file that is being read, and the `include` that led to it. */
interface Frame {
  readonly name: string;
  readonly folder: string;
  readonly identity: string | null;
  readonly via: Include | null;
}

class Loader {
  readonly #reader: SourceReader;
  readonly #sources = new Map<string, Source>();
  readonly #diagnostics: Diagnostic[] = [];
  readonly #services: Service[] = [];
  readonly #defines: Define[] = [];
  readonly #expects: Expect[] = [];
  readonly #read = new Set<string | null>();
  /** From the first file to the one that is being read. */
  readonly #stack: Frame[] = [];
  /** Names that a broken statement may define. */
  readonly #halfDefined = new Set<string>();
  readonly #halfRead = new Set<Service>();
  /** Whether a file could not be read. */
  #isMissingFiles = false;
  /** Whether a file has syntax errors. */
  #isBroken = false;

  constructor(reader: SourceReader) {
    this.#reader = reader;
  }

  start(path: string): void {
    const input = path === STANDARD_INPUT;
    const bytes = input ? this.#reader.readInput() : this.#reader.read(path);
    if (!bytes.ok) {
      this.#isMissingFiles = true;
      this.#diagnostics.push(
        reportUnreadable({ path, problem: bytes.problem, at: null, chain: [] }),
      );
      return;
    }
    const identity = input ? null : this.#reader.identify(path);
    this.#take(bytes.value, {
      name: path,
      folder: dirname(path),
      identity,
      via: null,
    });
  }

  finish(): Loaded {
    return {
      program: {
        services: this.#services,
        defines: this.#defines,
        expects: this.#expects,
        complete: !this.#isMissingFiles && !this.#isBroken,
        isMissingFiles: this.#isMissingFiles,
        halfDefined: this.#halfDefined,
        halfRead: this.#halfRead,
      },
      diagnostics: this.#diagnostics,
      sources: this.#sources,
    };
  }

  #take(bytes: Uint8Array, frame: Frame): void {
    const source = decodeSource(frame.name, bytes);
    const { file, diagnostics } = readSyntax(source);
    const statements = file?.statements ?? [];
    this.#sources.set(frame.name, source);
    this.#diagnostics.push(...diagnostics);
    if (file === null) this.#isMissingFiles = true;
    else if (diagnostics.length > 0) this.#noteBroken(source, { statements, diagnostics });
    this.#read.add(frame.identity);
    this.#stack.push(frame);
    for (const statement of statements) {
      if (statement.kind === "service") this.#services.push(statement);
      else if (statement.kind === "define") this.#defines.push(statement);
      else if (statement.kind === "expect") this.#expects.push(statement);
      else this.#include(statement, frame);
    }
    this.#stack.pop();
  }

  /** An error belongs to the last statement that starts ahead of it; what is missing is told behind that. */
  #noteBroken(
    source: Source,
    given: {
      readonly statements: readonly Statement[];
      readonly diagnostics: readonly Diagnostic[];
    },
  ): void {
    this.#isBroken = true;
    const mistakes = given.diagnostics.map(({ primary }) => primary.span.start);
    let next = 0;
    given.statements.forEach((statement, index) => {
      const end = given.statements[index + 1]?.span.start ?? source.text.length;
      while ((mistakes[next] ?? Infinity) <= statement.span.start) next += 1;
      const isBroken = (mistakes[next] ?? Infinity) <= end;
      if (isBroken && statement.kind === "service") this.#halfRead.add(statement);
    });
    // Not only behind `define`: that very word may be the one that is mistyped.
    for (const match of source.text.matchAll(/([A-Za-z][A-Za-z0-9_-]*)\s*=/g)) {
      this.#halfDefined.add(match[1]!);
    }
  }

  #include(include: Include, from: Frame): void {
    const written = include.path.value;
    const path = isAbsolute(written) ? normalize(written) : join(from.folder, written);
    if (!isGlob(written)) {
      this.#includeFile(path, { include, mayBeMissing: false });
      return;
    }
    const paths = expandGlob(path, this.#reader);
    if (!paths.ok) {
      this.#fail(include, { path: paths.folder, problem: paths.problem });
      return;
    }
    const mayBeMissing = !isGlob(basename(path));
    const found = paths.value.filter((one) => this.#includeFile(one, { include, mayBeMissing }));
    if (found.length === 0) this.#reportNothing(include);
  }

  /** Reads an included file; returns `false` if there is none and that is not an error. */
  #includeFile(
    path: string,
    { include, mayBeMissing }: { readonly include: Include; readonly mayBeMissing: boolean },
  ): boolean {
    const identity = this.#reader.identify(path);
    const round = this.#stack.findIndex((frame) => frame.identity === identity);
    if (round >= 0) {
      this.#reportCircle(include, { path, round });
      return true;
    }
    if (this.#read.has(identity)) return true;
    if (this.#stack.length > MAX_INCLUDE_DEPTH) {
      this.#reportTooDeep(include);
      return true;
    }
    const bytes = this.#reader.read(path);
    if (bytes.ok) {
      // A file called `-` is not standard input.
      const name = path === STANDARD_INPUT ? `./${path}` : path;
      this.#take(bytes.value, { name, folder: dirname(path), identity, via: include });
    } else if (bytes.problem.kind === "missing" && mayBeMissing) return false;
    else this.#fail(include, { path, problem: bytes.problem });
    return true;
  }

  #fail(
    include: Include,
    { path, problem }: { readonly path: string; readonly problem: ReadProblem },
  ): void {
    this.#isMissingFiles = true;
    const at = include.path.span;
    const chain = this.#chain();
    if (problem.kind === "missing") {
      const near = this.#nearestFile(path, include.path.value);
      this.#diagnostics.push(diagnose(CODES.includeMissing, {
        message: `no such file \`${path}\``,
        at,
        label: "not found",
        secondary: chain,
        help: near === null
          ? "a path is taken from the folder of the file that includes it"
          : `did you mean \`${near}\`?`,
      }));
    } else {
      this.#diagnostics.push(reportUnreadable({ path, problem, at, chain }));
    }
  }

  /** A suggestion for a missing file from the same folder, written as the `include` should be. */
  #nearestFile(path: string, written: string): string | null {
    const names = this.#reader.list(dirname(path));
    const near = names.ok ? nearest(basename(path), names.value.sort()) : null;
    return near === null ? null : join(dirname(written), near);
  }

  #reportCircle(
    include: Include,
    { path, round }: { readonly path: string; readonly round: number },
  ): void {
    const names = this.#stack.slice(round).map((frame) => frame.name);
    const way = [...names, names[0] ?? path].join(" -> ");
    this.#diagnostics.push(diagnose(CODES.includeCircular, {
      message: names.length === 1
        ? `\`${names[0]}\` includes itself`
        : `\`${names[0]}\` includes itself through others: ${way}`,
      at: include.path.span,
      label: "leads back",
      secondary: this.#chain(),
      help: isGlob(include.path.value)
        ? "keep the included files in a folder of their own"
        : "remove one `include` from the cycle",
    }));
  }

  #reportNothing(include: Include): void {
    this.#diagnostics.push(diagnose(CODES.includeNothing, {
      message: "this pattern finds no file",
      at: include.path.span,
      label: "matches nothing",
      secondary: this.#chain(),
    }));
  }

  #reportTooDeep(include: Include): void {
    this.#isMissingFiles = true;
    this.#diagnostics.push(diagnose(CODES.includeTooDeep, {
      message: `files are included more than ${MAX_INCLUDE_DEPTH} deep`,
      at: include.path.span,
      secondary: this.#chain(),
      help: "include all files from the first one",
    }));
  }

  /** The `include`s that led to the file that is being read, the nearest first. */
  #chain(): Label[] {
    return this.#stack.flatMap(({ name, via }) =>
      via === null ? [] : [{ span: via.path.span, text: `\`${name}\` is included here` }]
    ).reverse();
  }
}
