// The parts of the program that only some verbs need, and that a hook of knockd never loads. Each is one
// module (load_….ts) that re-exports its contents, because the bundler makes a file of what two parts share,
// and each file that is read adds to the start. A verb loads a part once and passes it on.

/** Reads, checks, formats and compiles rules files, and reports their problems. */
export type Compiler = typeof import("./input/load_compiler.ts");

/** Follows packets through tables; its functions are synchronous. */
export type Tracer = typeof import("./kernel/load_tracer.ts");

/** Pages, completions and other generated texts. */
export type Pages = typeof import("./pages/load_pages.ts");

/** Loads the compiler of rules files. */
export function loadCompiler(): Promise<Compiler> {
  return import("./input/load_compiler.ts");
}

/** Loads the tracer. */
export function loadTracer(): Promise<Tracer> {
  return import("./kernel/load_tracer.ts");
}

/** Loads the test of a file's expectations on a machine without other rules. */
export function loadFileJudge(): Promise<typeof import("./input/judge_file.ts")> {
  return import("./input/judge_file.ts");
}

/** Loads pages, completions and writers. */
export function loadPages(): Promise<Pages> {
  return import("./pages/load_pages.ts");
}

/** Loads the guard against shutting out connected clients. */
export function loadGuarding(): Promise<typeof import("./kernel/guarding.ts")> {
  return import("./kernel/guarding.ts");
}

/** Loads the output of `--dry-run`. */
export function loadDryRun(): Promise<typeof import("./kernel/dry_run.ts")> {
  return import("./kernel/dry_run.ts");
}

/** Loads the handling of unconfirmed rules. */
export function loadPending(): Promise<typeof import("./kernel/load_pending.ts")> {
  return import("./kernel/load_pending.ts");
}
