import { assertEquals } from "@std/assert";
import { AREAS } from "../mutants/list.ts";

const TOP = new URL("../../", import.meta.url);

Deno.test("each mutant of the list changes one place that is there", () => {
  const stale = AREAS.flatMap(({ mutants }) =>
    mutants.flatMap(([file, text, into, breaks]) => {
      const count = Deno.readTextFileSync(new URL(file, TOP)).split(text).length - 1;
      return count === 1 && text !== into ? [] : [`${file}: ${breaks}: ${count} places`];
    })
  );
  assertEquals(stale, []);
});

Deno.test("the tests of each area of mutants are there", () => {
  const missing = AREAS.flatMap(({ tests }) => tests).filter((path) => {
    try {
      return !Deno.statSync(new URL(path, TOP));
    } catch {
      return true;
    }
  });
  assertEquals(missing, []);
});
