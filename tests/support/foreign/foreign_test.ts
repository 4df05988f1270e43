import { assert, assertEquals } from "@std/assert";
import { forEachBackend } from "../box.ts";
import { FAMILIES, normalize, withoutOurs } from "../iptables_text.ts";
import { foreignRules } from "./foreign.ts";

Deno.test("there are at least ten foreign rule sets", () => {
  assert(foreignRules().length >= 10);
});

forEachBackend("every foreign rule set is one that a kernel takes and gives back", async (box) => {
  for (const { name, text } of foreignRules()) {
    for (const family of FAMILIES) {
      await box.load(family, text[family]);
      const saved = await box.save(family, { counters: true });
      const filter = normalize(text[family]).split("\n").filter((line) => line.startsWith("-A"));
      const rules = saved.split("\n").filter((line) => / -A /.test(line));
      assert(rules.length >= filter.length, `${name}: ${saved}`);
      assertEquals(withoutOurs(saved), saved, name);
    }
  }
});
