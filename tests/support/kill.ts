import type { Running } from "./process.ts";

/**
 * Kills a run at a moment that is drawn from as long as it may take.
 *
 * @param durations How long the run of each step takes, in milliseconds; one that ended first is put right.
 * @returns Whether it was killed before its end.
 */
export async function killSometime(
  running: Running,
  { durations, step }: { readonly durations: number[]; readonly step: number },
): Promise<boolean> {
  const moment = Math.random() * (durations[step] ?? 0);
  await new Promise((resolve) => setTimeout(resolve, moment));
  running.kill("SIGKILL");
  if ((await running.outcome).signal === "SIGKILL") return true;
  durations[step] = moment; // it ends sooner now than when it was measured
  return false;
}
