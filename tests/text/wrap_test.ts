import { assertEquals } from "@std/assert";
import { joinWords, shorten } from "../../src/text/words.ts";
import { wrap } from "../../src/text/wrap.ts";

Deno.test("a text breaks at spaces, as late as the width lets it", () => {
  assertEquals(wrap("one two three", 7), ["one two", "three"]);
  assertEquals(wrap("one two three", 6), ["one", "two", "three"]);
  assertEquals(wrap("a-word-too-long and one", 5), ["a-word-too-long", "and", "one"]);
  assertEquals(wrap("", 5), [""]);
  assertEquals(wrap("and a-word-too-long", 5), ["and", "a-word-too-long"]);
  assertEquals(wrap("abcde fg hi j", 5), ["abcde", "fg hi", "j"]);
});

Deno.test("words are joined as a sentence joins them", () => {
  const joined = [[], ["a"], ["a", "b"], ["a", "b", "c"]].map(joinWords);
  assertEquals(joined, ["", "a", "a and b", "a, b and c"]);
});

Deno.test("of many words four are named and the rest is counted, unless it is a single one", () => {
  const words = [..."abcdefg"];
  assertEquals([0, 1, 2, 3, 4, 5, 6, 7].map((count) => shorten(words.slice(0, count))), [
    "",
    "a",
    "a and b",
    "a, b and c",
    "a, b, c and d",
    "a, b, c, d and e",
    "a, b, c, d and 2 more",
    "a, b, c, d and 3 more",
  ]);
});
