// `tests/soak/soak.ts [--minutes N]`: ten minutes of everything at once, on both backends, in throwaway
// network namespaces: knocks by real knockd from many addresses, hooks in parallel, changing rules
// files, sweeps, packets of strangers and of those let in; pktables is killed and iptables-restore
// fails at random. At every pause the kernel has to equal the model. Ends with 0 only if no door was
// lost, none wrongly open and nothing broken.
import { BACKENDS } from "../support/iptables_text.ts";
import { installNeeded, TEST_NEEDS } from "../../dist/debian.ts";
import { findNetwork, TOP } from "../../dist/build/network.ts";
import { main, must } from "../../dist/script.ts";
import { TestBed } from "./machine.ts";
import { Soak, Tally } from "./work.ts";

/** The least that must have happened for a soak to be conclusive. */
const NEEDED = ["add", "delete", "knocks", "loads", "sweeps", "packets of strangers", "pauses"];

function readMinutes(args: readonly string[]): number {
  const words = args.flatMap((arg) => arg.split("="));
  if (words.length === 0) return 10;
  const minutes = Number(words[1]);
  if (words[0] === "--minutes" && words.length === 2 && minutes > 0) return minutes;
  throw new Error("expected nothing or `--minutes N`");
}

/** Prints what happened on one machine; returns whether all is well. */
function report({ backend, counts, findings }: Tally): boolean {
  const { lost, wronglyOpen, broken, words } = findings;
  const list = Object.entries(counts).map(([what, count]) => `${count} ${what}`).join(", ");
  console.log(`${backend}: ${list}`);
  console.log(
    `${backend}: operations ${counts.operations ?? 0}, faults ${counts.faults ?? 0}, ` +
      `killed ${counts.killed ?? 0}, refused ${counts.refused ?? 0}, ` +
      `lost ${lost}, wrongly open ${wronglyOpen}, broken ${broken}`,
  );
  for (const word of words) console.log(`  ${word}`);
  const missing = NEEDED.filter((what) => (counts[what] ?? 0) === 0);
  for (const what of missing) console.log(`  inconclusive: no ${what}`);
  return findings.clean && missing.length === 0;
}

async function soak(): Promise<number> {
  const minutes = readMinutes(Deno.args);
  await findNetwork();
  for (const problem of await installNeeded(TEST_NEEDS)) throw new Error(problem);
  if (!Deno.env.get("PKTABLES_BINARY")) {
    const build = [Deno.execPath(), "run", "-A", "--no-lock", `${TOP}/dist/build.ts`];
    await must(build, { name: "build" });
  }
  const tallies = await Promise.all(BACKENDS.map(async (backend) => {
    const tally = new Tally(backend);
    await using testBed = await TestBed.create(backend);
    await new Soak(testBed, tally).run(Date.now() + minutes * 60_000);
    return tally;
  }));
  const verdicts = tallies.map(report);
  return verdicts.every((good) => good) ? 0 : 1;
}

if (import.meta.main) await main("soak", soak);
