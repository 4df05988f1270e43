import { assert, assertEquals } from "@std/assert";
import { judgeFile } from "../../src/cli/input/judge_file.ts";
import * as tracer from "../../src/cli/kernel/load_tracer.ts";
import { drawDiagnostics } from "../../src/diagnostics/draw.ts";
import { FAMILIES } from "../../src/firewall/address.ts";
import {
  compileGolden,
  examples,
  type Golden,
  GOLDEN_NOW,
  goldens,
  payloadOf,
} from "../support/golden.ts";

/** With `PKTABLES_UPDATE_GOLDENS=1` the expected payloads are written anew. CI never sets it. */
const isUpdate = Deno.env.get("PKTABLES_UPDATE_GOLDENS") === "1";

Deno.test("there are goldens, and they are not written in CI", () => {
  assert(goldens().length >= 69);
  assert(!isUpdate || Deno.env.get("CI") === undefined);
});

for (const golden of goldens()) {
  Deno.test(`golden ${golden.name}`, () => check(golden));
}

function check(golden: Golden): void {
  const compiled = compileGolden(golden.input);
  const told = drawDiagnostics(compiled.diagnostics, { sources: compiled.sources, color: false });
  assert(compiled.ok, told);
  for (const family of FAMILIES) {
    const payload = payloadOf(compiled, family);
    const suffix = family === "ipv4" ? "v4" : "v6";
    if (isUpdate) {
      Deno.writeTextFileSync(golden.input.replace(/input\.pk$/, `expected.${suffix}`), payload);
    }
    assertEquals(payload, golden.expected(family).text);
  }
}

for (const input of examples()) {
  Deno.test(`example ${input.replace(/^.*\//, "")} compiles without a message`, () => {
    const compiled = judgeFile(tracer, { compiled: compileGolden(input), now: GOLDEN_NOW });
    assertEquals(compiled.diagnostics, []);
    assert(compiled.services.length > 0);
  });
}
