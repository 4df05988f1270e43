import { assertEquals } from "@std/assert";
import { EBNF } from "../../grammar/ebnf.ts";
import { isUpdate } from "./update.ts";

const REFERENCE = new URL("../../grammar/pk.ebnf", import.meta.url);
const MODULE = new URL("../../grammar/ebnf.ts", import.meta.url);
const HEAD = "// deno-fmt-ignore-file -- generated\n" +
  "// Made from pk.ebnf by tests/grammar/ebnf_test.ts with PKTABLES_UPDATE_GOLDENS=1; do not edit.\n\n" +
  "/** The reference grammar, as `pktables help language` shows it: a bundle embeds modules alone. */\n";

Deno.test("the grammar that the binary shows is the reference grammar", () => {
  const text = Deno.readTextFileSync(REFERENCE);
  const module = `${HEAD}export const EBNF: string = String.raw\`${text}\`;\n`;
  if (isUpdate) Deno.writeTextFileSync(MODULE, module);
  assertEquals(Deno.readTextFileSync(MODULE), module);
  if (!isUpdate) assertEquals(EBNF, text);
});
