import { assertEquals } from "@std/assert";
import { FAMILIES } from "../../src/firewall/address.ts";
import { readFilterTable } from "../support/read_table.ts";
import { emitPayload } from "../../src/plan/edit.ts";
import { planFollow } from "../../src/plan/follow.ts";
import { compileGolden, goldens, payloadOf } from "../support/golden.ts";

const EMPTY = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";

Deno.test("on an empty machine, load writes line for line what compile prints", () => {
  for (const { name, input } of goldens()) {
    const compiled = compileGolden(input);
    for (const family of FAMILIES) {
      const rules = { services: compiled.services, prune: false, now: 0 };
      const { edits } = planFollow(readFilterTable(EMPTY, family), rules);
      const [, ...printed] = payloadOf(compiled, family).split("\n");
      // `load` creates chains, so that one which exists after all is not flushed.
      const declared = printed.map((line) => line.replace(/^:(\S+) - \[0:0\]$/, "-N $1"));
      assertEquals([name, ...emitPayload(edits).split("\n")], [name, ...declared]);
    }
  }
});
