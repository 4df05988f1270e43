import { assertEquals } from "@std/assert";
import { countsOf } from "../run/summary.ts";

Deno.test("the counts of a test run are those of its summary line", () => {
  assertEquals(
    countsOf("a ... ok (1ms)\n\nok | 12 passed (3 steps) | 0 failed | 1 ignored (2 steps) (8ms)\n"),
    { passed: 12, failed: 0, ignored: 1 },
  );
  assertEquals(countsOf("FAILED | 3 passed | 2 failed (1 step) (1s)\n\nerror: Test failed\n"), {
    passed: 3,
    failed: 2,
    ignored: 0,
  });
});

Deno.test("what a test prints before the summary is not taken for it", () => {
  assertEquals(countsOf("ok | 99 passed | 0 failed\nok | 1 passed | 0 failed (1ms)\n"), {
    passed: 1,
    failed: 0,
    ignored: 0,
  });
});

Deno.test("a run that ends without a summary has no counts", () => {
  assertEquals(countsOf("error: Module not found\n"), undefined);
});
