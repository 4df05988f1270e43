import { assert, assertEquals } from "@std/assert";
import { drawRailroad } from "./railroad.ts";
import { getParser } from "../../grammar/parser.ts";
import { KEYWORDS } from "../../grammar/words.ts";
import { isUpdate } from "./update.ts";

const FILE = new URL("../../grammar/railroad.svg", import.meta.url);

Deno.test("the checked-in railroad diagrams are those of the parser as it is now", () => {
  const drawn = drawRailroad();
  if (isUpdate) Deno.writeTextFileSync(FILE, drawn);
  assertEquals(Deno.readTextFileSync(FILE), drawn);
});

Deno.test("every rule and keyword is in a diagram, and every link leads to one", () => {
  const drawn = drawRailroad();
  for (const { name } of getParser().getSerializedGastProductions() as { name?: string }[]) {
    assertEquals(drawn.split(`id="${name}"`).length, 2, name);
  }
  for (const word of KEYWORDS) assert(drawn.includes(`>${word}</text>`), word);
  for (const [, target] of drawn.matchAll(/href="#(\w+)"/g)) {
    assert(drawn.includes(`id="${target}"`), target);
  }
});

Deno.test("the diagrams need no network", () => {
  const drawn = drawRailroad().replace('xmlns="http://www.w3.org/2000/svg"', "");
  assert(!/https?:|<script|<image|@import|url\(/.test(drawn));
});
