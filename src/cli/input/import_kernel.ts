import { readKernelKnocks } from "../../firewall/kernel_knock_reader.ts";
import { chainOf } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { planFollow } from "../../plan/follow.ts";
import { type Compiled, compileFile } from "../../semantic/compile.ts";
import type { SourceReader } from "../../source/reader.ts";
import { makeSource } from "../../source/source.ts";
import { formatSource } from "../../syntax/formatter.ts";
import { escaped } from "../../text/printable.ts";
import { quote } from "../../text/quote.ts";
import type { Context, GlobalOptions } from "../command.ts";
import { EXIT } from "../exit.ts";
import { readTables, settle } from "../kernel/tables.ts";
import { viewService } from "../report/view.ts";
import { writeOutput } from "./write_output.ts";
import { writeRules } from "./write_rules.ts";

const HEADING = "# Made by pktables import --kernel from the services that the kernel had.\n" +
  "# Open doors are not part of it: `pktables load` leaves them open.\n";

/**
 * Writes the rules file for the services in the kernel, so that loading it changes nothing, and reports
 * on standard error what it cannot express. Reads only, and takes no lock.
 *
 * @returns the exit status: 1 if anything was left out
 */
export async function importKernel(
  context: Context,
  { global, output }: { global: GlobalOptions; output: string | undefined },
): Promise<number> {
  const { report } = context;
  const tables = await readTables(context, global);
  if (!tables.ok) return report.failed(tables.problem);
  const now = context.system.now();
  const standing = await settle(tables.value, now);
  if (standing.some(({ found, isOver }) => found !== null && !isOver)) {
    report.warn("rules are unconfirmed: the file has them as they are now");
  }
  const { texts, lost } = describe(standing.map(({ table }) => table), now);
  const end = lost.length === 0
    ? ""
    : `\n# Left out:\n${lost.map((why) => `#   ${escaped(why)}\n`).join("")}`;
  const formatted = formatSource(
    makeSource("rules.pk", `${HEADING}\n${texts.join("\n")}\n${end}`),
  );
  if (!formatted.ok) throw new TypeError("import wrote no rules file");
  const status = writeOutput(context, { output, text: formatted.value });
  if (status !== EXIT.done) return status;
  for (const why of lost) report.warn(why);
  const said = `${texts.length} ${texts.length === 1 ? "service" : "services"}`;
  report.note(`${said}, ${lost.length === 0 ? "nothing" : lost.length} left out`);
  return lost.length > 0 ? EXIT.refused : EXIT.done;
}

/** The statements of all services whose statement would change nothing if loaded; and what is lost. */
function describe(
  tables: readonly FilterTable[],
  now: number,
): { texts: string[]; lost: string[] } {
  const lost: string[] = [];
  const written: { name: string; text: string; notes: readonly string[] }[] = [];
  const own = new Set(tables.flatMap((table) => table.ownNames));
  for (const name of inOrder(tables)) {
    const made = own.has(name)
      ? writeRules(viewService(tables, name), {
        familyCount: tables.length,
        knocks: readKernelKnocks(tables.find((table) => table.hasChain(chainOf(name)))!, name),
      })
      : { kind: "left out", why: "no rules file can name it" } as const;
    if (made.kind === "text") written.push({ name, ...made });
    else lost.push(`${quote(name)}: ${made.why}`);
  }
  const isWhole = changesNothing(written.map(({ text }) => text), { tables, now });
  const texts = written.filter(({ name, text, notes }) => {
    if (!isWhole && !changesNothing([text], { tables, now })) {
      lost.push(`${quote(name)}: its rules are not as \`load\` would write them`);
      return false;
    }
    for (const rule of notes) {
      lost.push(`${quote(name)}: a rule of its chain stays, but is not in the file (${rule})`);
    }
    return true;
  }).map(({ text }) => text);
  return { texts, lost };
}

/**
 * The services in the order of their jumps in each family, unless the families contradict each other;
 * those without a jump come last.
 */
function inOrder(tables: readonly FilterTable[]): string[] {
  const rows = tables.map((table) => {
    const chains = table.rules("INPUT").flatMap(({ rule }) =>
      rule.kind === "jump" && table.hasChain(rule.chain) ? [rule.chain] : []
    );
    return [...new Set(chains)];
  });
  const ordered = new Set<string>();
  for (;;) {
    const left = rows.map((row) => row.filter((chain) => !ordered.has(chain)));
    const heads = left.flatMap(([head]) => head ?? []);
    const free = heads.find((head) => left.every((row) => row.indexOf(head) <= 0)) ?? heads[0];
    if (free === undefined) break;
    ordered.add(free);
  }
  const names = [...new Set(tables.flatMap((table) => table.serviceNames))].sort();
  const places = new Map([...ordered].map((chain, at) => [chain, at]));
  const placeOf = (name: string) => places.get(chainOf(name)) ?? ordered.size;
  return names.sort((a, b) => placeOf(a) - placeOf(b));
}

/** Whether a file of these statements has no errors and matches the kernel. */
function changesNothing(
  texts: readonly string[],
  { tables, now }: { readonly tables: readonly FilterTable[]; readonly now: number },
): boolean {
  const { ok, services } = compileText(texts.join("\n"), now);
  return ok &&
    tables.every((table) =>
      planFollow(table, { services, prune: false, now, sweep: false }).edits.length === 0
    );
}

function compileText(text: string, now: number): Compiled {
  const nothing = { ok: false, problem: { kind: "missing" } } as const;
  const file = { ok: true, value: new TextEncoder().encode(text) } as const;
  const reader: SourceReader = {
    read: () => file,
    readInput: () => nothing,
    list: () => nothing,
    identify: (path) => path,
  };
  return compileFile("rules.pk", { reader, now });
}
