import { CODES } from "../diagnostics/codes.ts";
import { diagnose, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { lastOf, refuse, type Section, type Setting } from "./read_conf.ts";
import { readSequence } from "./sequence.ts";

/** The content of a file of one-time sequences, or that it is missing; `null` if it cannot be read. */
export type ReadSequences = (path: string) => { readonly text: string } | "missing" | null;

/** Warns of settings that knockd accepts, but that keep a knock from ever being heard. */
export function checkSettings(section: Section, readSequences: ReadSequences): Diagnostic[] {
  const [time, flags] = [lastOf(section, "seq_timeout"), lastOf(section, "tcpflags")];
  const once = lastOf(section, "one_time_sequences");
  return [
    ...(time === undefined ? [] : checkTime(time)),
    ...(flags === undefined ? [] : checkFlags(flags)),
    ...(once === undefined ? [] : checkOnce(once, readSequences)),
  ];
}

/** knockd reads the number by atoi(3) and compares whole seconds with `>=` (knockd 0.8). */
function checkTime({ value, span }: Setting): Diagnostic[] {
  const seconds = Number(/^[+-]?\d+/.exec(value)?.[0] ?? 0);
  if (seconds > 1) return [];
  const message = seconds === 1
    ? "a knock within 1 second fails whenever the clock reaches the next second"
    : "no knock is that fast: this one is never heard";
  return [diagnose(CODES.knockdTime, { message, at: span, help: "write 2 or more; 5 is usual" })];
}

/** A visitor's first packet has only SYN: knock(1) opens connections, and nothing answers them. */
function checkFlags({ value, span }: Setting): Diagnostic[] {
  const flags = value.toLowerCase().split(",");
  const missing = flags.find((flag) => !flag.startsWith("!") && flag !== "syn") ??
    flags.find((flag) => flag === "!syn");
  if (missing === undefined) return [];
  return [diagnose(CODES.knockdFlags, {
    message: missing === "!syn"
      ? "a knock's packets have SYN, so none of them is heard"
      : `a knock's packets have SYN alone, not ${missing.toUpperCase()}: none of them is heard`,
    at: span,
    help: "write tcpflags = syn",
  })];
}

function checkOnce({ value, span }: Setting, readSequences: ReadSequences): Diagnostic[] {
  // knockd resolves a relative path from the folder that it was started in, which is unknown here.
  if (!value.startsWith("/")) return [];
  const file = readSequences(value);
  if (file === null) return [];
  if (file === "missing") {
    const help = "write one: pktables sequences 50 --output FILE";
    return [refuse(span, { message: `no such file ${value}`, help })];
  }
  const lines = file.text.split(/\r?\n/).map((line) => line.trim());
  if (lines.some((line) => line !== "" && !line.startsWith("#") && isSound(line))) return [];
  const help = "write new ones: pktables sequences 50 --output FILE";
  return [refuse(span, { message: `no sequence is left in ${value}`, help })];
}

function isSound(line: string): boolean {
  return readSequence(line).every(({ read }) => read.kind === "step");
}
