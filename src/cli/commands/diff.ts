import { formatDuration } from "../../firewall/duration.ts";
import { chainOf, type Service } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import type { Compiled } from "../../semantic/compile.ts";
import { planFollow, type Rules } from "../../plan/follow.ts";
import { jsonText } from "../../text/printable.ts";
import type { Command, Context, GlobalOptions, Invocation } from "../command.ts";
import { type Effect, findEffects } from "../report/effects.ts";
import { EXIT } from "../exit.ts";
import {
  drawFailed,
  expectationsToJson,
  Guard,
  warnOfUnknown,
} from "../kernel/expectation_guard.ts";
import {
  type DiffBlock,
  diffBlocks,
  drawDiff,
  type FamilyFollow,
  isDifferent,
  noteWhatStays,
  overruling,
  unmanagedOf,
} from "../report/follow.ts";
import { indexesOf, placeAll } from "../kernel/placement.ts";
import { readRulesFile } from "../input/rules_file.ts";
import { settle } from "../kernel/tables.ts";
import { viewUnconfirmed } from "../report/view.ts";

/** Shows how the kernel differs from a rules file. */
export const diff: Command = {
  name: "diff",
  summary: "show what `load` would change",
  operand: { name: "FILE", min: 1, max: 1, completes: ["pk-file"] },
  options: [
    { name: "prune", help: "As `load --prune`: services that the file does not name are removed" },
    { name: "replace", help: "As `load --replace`: jumps with further matches are replaced" },
    { name: "append", help: "As `load --append`: new jumps at the end of INPUT" },
    { name: "move", help: "As `load --move`: existing jumps move as well" },
    { name: "json", help: "For programs: one JSON object" },
  ],
  details: [
    "Exit status 0: the kernel matches the file. 1: it does not, so this is a check for cron too.",
    "An `expect` of the file that would not be met after a `load` is a difference too.",
    "Takes no lock and changes nothing. The fields of --json are described by `pktables help json`.",
  ],
  examples: [
    { line: "pktables diff /etc/pktables/rules.pk", does: "before a `load`" },
    {
      line: "7 * * * * root /usr/local/bin/pktables diff /etc/pktables/rules.pk --quiet",
      does: "in /etc/crontab: cron mails what differs",
    },
  ],
  run,
};

async function run(call: Invocation, context: Context): Promise<number> {
  const compiled = await readRulesFile(call.operands[0]!, context);
  if (compiled === null) return EXIT.file;
  const rules = {
    services: compiled.services,
    prune: call.options.has("prune"),
    replaceJumps: call.options.has("replace"),
  };
  const placing = { append: call.options.has("append"), move: call.options.has("move") };
  const json = call.options.has("json");
  return await showDiff(context, { global: call.global, compiled, rules, placing, json });
}

/** Reads the kernel and prints what would change; returns 1 if anything would. */
export async function showDiff(
  context: Context,
  { global, compiled, rules, placing, json, look }: {
    global: GlobalOptions;
    compiled: Compiled;
    rules: Omit<Rules, "now" | "places">;
    placing: { readonly append: boolean; readonly move: boolean };
    json: boolean;
    /** Checks what would be written, and warns. */
    look?: (tables: readonly FilterTable[], about: readonly FamilyFollow[]) => Promise<unknown>;
  },
): Promise<number> {
  const { system, report } = context;
  await system.dropFileAccess();
  const guard = new Guard(context, { compiled });
  const tables = await guard.read(context, global);
  if (!tables.ok) return report.failed(tables.problem);
  const now = system.now();
  const { services } = rules;
  const standing = await settle(tables.value, now);
  const settled = standing.map(({ table }) => table);
  const unconfirmed = viewUnconfirmed(standing, now);
  if (unconfirmed !== null) {
    const left = formatDuration(unconfirmed.secondsLeft);
    report.note(`note: compared with rules that are unconfirmed, ${left} left`);
  }
  const places = await placeAll(context, { tables: settled, services, ...placing });
  const follow = (sweep: boolean) =>
    settled.map((table, at): FamilyFollow => {
      const placement = places[at]!;
      const wanted = { ...rules, now, sweep, places: indexesOf(placement) };
      return { family: table.family, plan: planFollow(table, wanted), placement };
    });
  const plans = follow(true);
  // A door that the kernel has closed is not a difference.
  const lasting = follow(false);
  const findings = guard.judge(plans.map(({ family, plan }, at) => (
    { family, edits: [...standing[at]!.edits, ...plan.edits] }
  )));
  const failed = drawFailed(findings, compiled.sources);
  const effects = await findEffects(context, {
    families: tables.value.map(({ family }) => family),
    services: inForce(services, lasting),
    reported: overruling(lasting),
  });
  const wrong = effects.filter(({ kind }) => kind === "wrong");
  const isSame = !lasting.some(isDifferent) && wrong.length === 0 &&
    failed.length === 0;
  const real = new Set(diffBlocks(lasting).map(({ service, family }) => `${family} ${service}`));
  const blocks = diffBlocks(plans).filter(({ service, family }) =>
    real.has(`${family} ${service}`)
  );
  if (json) {
    const expectations = expectationsToJson(findings, compiled.sources);
    report.result(jsonText({ ...toJson(blocks, { plans, wrong }), expectations }, 2));
  } else if (blocks.length > 0) report.drawn(drawDiff(blocks, report.colorOut));
  else if (isSame) report.note("the kernel matches the file: nothing to do");
  if (!json) {
    for (const line of failed) report.result(line);
    warnOfUnknown(findings, { context, sources: compiled.sources });
    noteWhatStays(plans, report);
    for (const { text } of wrong) report.warn(text);
    await look?.(tables.value, plans);
  }
  return isSame ? EXIT.done : EXIT.refused;
}

/** Unchanged services, each in the families in which it is unchanged. */
function inForce(services: readonly Service[], plans: readonly FamilyFollow[]): Service[] {
  return services.flatMap((service) => {
    const families = plans.filter(({ plan }) =>
      plan.changes.some(({ name, state }) => name === service.name && state === "unchanged")
    ).map(({ family }) => family);
    return families.length === 0 ? [] : [{ ...service, families }];
  });
}

/** The shape of `diff --json`. It is stable; `version` grows if it changes. */
function toJson(
  blocks: readonly DiffBlock[],
  { plans, wrong }: { plans: readonly FamilyFollow[]; wrong: readonly Effect[] },
): object {
  return {
    version: 1,
    changes: blocks.map(({ service, family, state, reasons, lines }) => ({
      service,
      family,
      state,
      reasons,
      lines: lines.map(({ sign, line }) => `${sign} ${line}`),
    })),
    stays: plans.flatMap(({ family, plan }) =>
      plan.stays.map((one) => ({
        family,
        service: one.kind === "jump" ? one.name : one.overrule.name,
        chain: one.kind === "jump" ? "INPUT" : chainOf(one.overrule.name),
        rule: one.kind === "jump" ? one.jump.text : one.overrule.text,
      }))
    ),
    order: plans.flatMap(({ family, plan: { swapped } }) =>
      swapped === null ? [] : [{ family, ...swapped }]
    ),
    effects: wrong.map(({ name, text }) => ({ service: name, text })),
    notInFile: unmanagedOf(plans),
  };
}
