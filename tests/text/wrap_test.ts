import { assertEquals } from "@std/assert";
import { joinWords } from "../../src/text/words.ts";
import { wrap } from "../../src/text/wrap.ts";

Deno.test("a text breaks at spaces, as late as the width lets it", () => {
  assertEquals(wrap("one two three", 7), ["one two", "three"]);
  assertEquals(wrap("one two three", 6), ["one", "two", "three"]);
  assertEquals(wrap("a-word-too-long and one", 5), ["a-word-too-long", "and", "one"]);
  assertEquals(wrap("", 5), [""]);
});

Deno.test("words are joined as a sentence joins them", () => {
  const joined = [[], ["a"], ["a", "b"], ["a", "b", "c"]].map(joinWords);
  assertEquals(joined, ["", "a", "a and b", "a, b and c"]);
});
