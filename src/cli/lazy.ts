// The parts of the program that only some verbs need, and that a hook of knockd never loads. Each is one
// module (load_….ts) that names what it brings, because the bundler makes a file of what two parts share,
// and each file that is read adds to the start. A verb loads a part once and passes it on.

/** What reads, checks, formats and compiles rules files, and tells what is wrong with them. */
export type Compiler = typeof import("./input/load_compiler.ts");

/** What follows packets through tables: its functions wait for nothing. */
export type Tracer = typeof import("./kernel/load_tracer.ts");

/** What is written to be read or kept by people. */
export type Pages = typeof import("./pages/load_pages.ts");

/** Loads the compiler of rules files. */
export function loadCompiler(): Promise<Compiler> {
  return import("./input/load_compiler.ts");
}

/** Loads the tracer. */
export function loadTracer(): Promise<Tracer> {
  return import("./kernel/load_tracer.ts");
}

/** Loads what judges a file's expectations on a machine without other rules. */
export function loadFileJudge(): Promise<typeof import("./input/judge_file.ts")> {
  return import("./input/judge_file.ts");
}

/** Loads pages, completions and writers. */
export function loadPages(): Promise<Pages> {
  return import("./pages/load_pages.ts");
}

/** Loads what looks for those whom a change would shut out. */
export function loadGuarding(): Promise<typeof import("./kernel/guarding.ts")> {
  return import("./kernel/guarding.ts");
}

/** Loads what `--dry-run` prints. */
export function loadDryRun(): Promise<typeof import("./kernel/dry_run.ts")> {
  return import("./kernel/dry_run.ts");
}

/** Loads what verbs do about unconfirmed rules. */
export function loadPending(): Promise<typeof import("./kernel/load_pending.ts")> {
  return import("./kernel/load_pending.ts");
}
