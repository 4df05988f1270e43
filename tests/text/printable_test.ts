import { assertEquals } from "@std/assert";
import { escaped, jsonText, printable, printableLines } from "../../src/text/printable.ts";

/** One of each kind, and each end of each range: what must not reach a terminal. */
const UNSAFE = [
  ..."\x00\x07\x08\x09\x0b\x0d\x1b\x1f\x7f\x80\x9b\x9f\u2028\u2029",
  ..."\u061c\u200e\u200f\u202a\u202e\u2066\u2069\xa0\xad\u200b\u202f\u2060\ufeff",
  ...["\ud800", "\udfff"],
];

/** Neighbours of those, and what people write: none of it steers anything. */
const SAFE = " ~é\xa1\u061b\u200a\u200d\u2010\u2027\u2065\u206a größer 日本語 👩‍🚀 \u{10ffff}";

Deno.test("a control character becomes its picture, a hidden space `␣`, a turn of direction `�`", () => {
  assertEquals(printable("a\x1b[2J\nb\t\x7f"), "a␛[2J␊b␉␡");
  assertEquals(printable("\u202egnp.exe\x9b31m"), "�gnp.exe�31m");
  assertEquals(printable("a\xa0b\u200bc"), "a␣b␣c");
});

Deno.test("whatever is unsafe is gone, the rest stays, and so does the length", () => {
  for (const one of UNSAFE) {
    const text = `x${one}y`;
    assertEquals(printable(text).includes(one), false, escaped(one));
    assertEquals(printable(text).length, text.length);
    assertEquals(printableLines(text), printable(text));
    assertEquals(escaped(text), `x\\u{${one.charCodeAt(0).toString(16)}}y`);
  }
  for (const clean of [printable, printableLines, escaped]) assertEquals(clean(SAFE), SAFE);
});

Deno.test("each control character of ASCII becomes its own picture", () => {
  for (let code = 0; code < 0x20; code++) {
    assertEquals(printable(String.fromCharCode(code)), String.fromCharCode(0x2400 + code));
  }
  assertEquals(printable(" ~\x7f\x80"), " ~␡�");
});

Deno.test("of several lines only their ends stay as they are", () => {
  assertEquals(printableLines("a\nb\r\nc\x1b\n"), "a\nb␍\nc␛\n");
  assertEquals(escaped("a\nb"), "a\\u{a}b");
});

Deno.test("JSON holds the very same text, and nothing that a terminal must not get", () => {
  const value = { name: `${UNSAFE.join("")}${SAFE}\n"\\`, list: [1, null] };
  for (const indent of [0, 2]) {
    const text = jsonText(value, indent);
    assertEquals(JSON.parse(text), value);
    assertEquals(printableLines(text), text);
    assertEquals(text.includes("\n"), indent > 0);
  }
  assertEquals(jsonText("\x9b\u202e"), '"\\u009b\\u202e"');
  assertEquals(jsonText({ a: [1] }), '{"a":[1]}');
});
