import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { decodeBytes, encodeBytes } from "../../src/system/bytes.ts";

Deno.test("whatever bytes a program prints, the same bytes can be written back", () => {
  // Bytes near the edges of UTF-8's table, where a decoder goes wrong, and any others.
  const edge = fc.constantFrom(0x7f, 0x80, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xa0, 0xed, 0x9f, 0xf0);
  const more = fc.constantFrom(0x90, 0xf4, 0x8f, 0xf5, 0xff, 0x0a, 0x22);
  const bytes = fc.array(fc.oneof(edge, more, fc.nat(255)), { maxLength: 12 });
  fc.assert(
    fc.property(bytes, (list) => {
      const text = decodeBytes(Uint8Array.from(list));
      assertEquals([...encodeBytes(text)], list);
    }),
    { numRuns: 5000 },
  );
});

Deno.test("valid UTF-8 decodes to its characters, a byte order mark included", () => {
  for (const text of ["", "ssh", "größe", "鍵 🔑", "\ufeffx", "\u{10ffff}", "\ud7ff\ue000"]) {
    const bytes = new TextEncoder().encode(text);
    assertEquals(decodeBytes(bytes), text);
    assertEquals(encodeBytes(text), bytes);
    assertEquals(decodeBytes(Uint8Array.of(...bytes, 0xff)), `${text}\udcff`);
  }
});

Deno.test("a byte that is not UTF-8 is a lone surrogate of its own", () => {
  assertEquals(decodeBytes(Uint8Array.of(0x6b, 0xe9, 0x20)), "k\udce9 ");
  // A surrogate encoded as three bytes, an overlong slash, a sequence cut short.
  assertEquals(decodeBytes(Uint8Array.of(0xed, 0xa0, 0x80)), "\udced\udca0\udc80");
  assertEquals(decodeBytes(Uint8Array.of(0xc0, 0xaf)), "\udcc0\udcaf");
  assertEquals(decodeBytes(Uint8Array.of(0xe2, 0x82)), "\udce2\udc82");
});
