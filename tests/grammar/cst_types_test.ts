import { assertEquals } from "@std/assert";
import { generateCstDts } from "chevrotain";
import { getParser } from "../../grammar/parser.ts";
import { isUpdate } from "./update.ts";

const FILE = new URL("../../grammar/cst.d.ts", import.meta.url);
const HEAD = `// deno-fmt-ignore-file -- generated
// Made from the parser by tests/grammar/cst_types_test.ts with PKTABLES_UPDATE_GOLDENS=1; do not edit.
`;

Deno.test("the checked-in CST types are those that the parser would generate now", () => {
  const generated = HEAD + generateCstDts(getParser().getGAstProductions(), {
    includeVisitorInterface: false,
  }).replace("ICstVisitor, ", "").replace(/^export /gm, "/** @internal */\nexport ");
  if (isUpdate) Deno.writeTextFileSync(FILE, generated);
  assertEquals(Deno.readTextFileSync(FILE), generated);
});
