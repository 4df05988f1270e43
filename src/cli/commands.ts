import type { Command } from "./command.ts";
import { add } from "./commands/add.ts";
import { check } from "./commands/check.ts";
import { client } from "./commands/client.ts";
import { compile } from "./commands/compile.ts";
import { deleteDoor } from "./commands/delete.ts";
import { fmt } from "./commands/fmt.ts";
import { makeHelp } from "./commands/help.ts";
import { diff } from "./commands/diff.ts";
import { makeImport } from "./commands/import.ts";
import { init } from "./commands/init.ts";
import { makeKnockd } from "./commands/knockd.ts";
import { list } from "./commands/list.ts";
import { load } from "./commands/load.ts";
import { makeMan } from "./commands/man.ts";
import { makeComplete } from "./commands/complete.ts";
import { completions } from "./commands/completions.ts";
import { confirm } from "./commands/confirm.ts";
import { revert } from "./commands/revert.ts";
import { sequences } from "./commands/sequences.ts";
import { remove } from "./commands/remove.ts";
import { sweep } from "./commands/sweep.ts";
import { trace } from "./commands/trace.ts";
import { unit } from "./commands/unit.ts";

/** All verbs, in the order in which the help page lists them. */
export const COMMANDS: readonly Command[] = [
  init,
  add,
  deleteDoor,
  list,
  remove,
  sweep,
  check,
  diff,
  load,
  confirm,
  revert,
  trace,
  compile,
  fmt,
  makeKnockd(() => COMMANDS),
  makeImport(() => COMMANDS),
  client,
  sequences,
  unit,
  completions,
  makeMan(() => COMMANDS),
  makeHelp(() => COMMANDS),
  makeComplete(() => COMMANDS),
];
