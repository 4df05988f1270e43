import { assertEquals } from "@std/assert";
import { clip } from "../../src/text/clip.ts";

Deno.test("a word of up to 40 characters is repeated whole, a longer one to its 39th", () => {
  for (const char of ["x", "é", "🔥"]) {
    for (const length of [0, 1, 39, 40]) {
      assertEquals(clip(char.repeat(length)), char.repeat(length), `${char} ${length}`);
    }
    for (const length of [41, 42, 1000]) {
      assertEquals(clip(char.repeat(length)), `${char.repeat(39)}…`, `${char} ${length}`);
    }
  }
});
