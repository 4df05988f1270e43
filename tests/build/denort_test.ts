import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { elfLength } from "../../dist/build/denort.ts";

/** An ELF header that says: section headers at `offset`, `count` of `size` bytes. */
function elf(total: number, offset: number, size: number, count: number): Uint8Array {
  const bytes = new Uint8Array(total);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0x28, BigInt(offset), true);
  view.setUint16(0x3a, size, true);
  view.setUint16(0x3c, count, true);
  return bytes;
}

Deno.test("the runtime ends where its section header table ends", () => {
  assertEquals(elfLength(elf(1000, 200, 64, 3)), 392);
  assertEquals(elfLength(elf(392, 200, 64, 3)), 392);
});

Deno.test("a file that is cut short, or is no 64-bit ELF file, is refused", () => {
  for (const file of [elf(391, 200, 64, 3), new Uint8Array(100), new Uint8Array(0)]) {
    assertStringIncludes(String(assertThrows(() => elfLength(file))), "ELF");
  }
});
