// The longest address, hosts by their bytes, and networks at the edges of what they cover.
import { assert, assertEquals } from "@std/assert";
import {
  coversAddress,
  FAMILIES,
  formatAddress,
  hostOf,
  parseAddress,
} from "../../src/firewall/address.ts";

function read(text: string) {
  const parsed = parseAddress(text);
  assert(parsed.ok, text);
  return parsed.value;
}

Deno.test("both families are read and written, IPv4 first", () => {
  assertEquals(FAMILIES.join(), "ipv4,ipv6");
});

Deno.test("the longest address there is can be read, and none that is longer", () => {
  const longest = "0000:0000:0000:0000:0000:0000:255.255.255.255/128";
  assertEquals(formatAddress(read(longest)), "::ffff:ffff/128");
  for (const more of [`0${longest}`, `${longest}0`, longest.replace("/128", "/0128")]) {
    assertEquals(parseAddress(more), { ok: false, problem: { kind: "syntax" } }, more);
  }
});

Deno.test("a host by its bytes is the host that is read", () => {
  for (const bytes of [[0, 0, 0, 0], [203, 0, 113, 9], [255, 255, 255, 255], [1, 2, 3, 4]]) {
    const [a = 0, b = 0, c = 0, d = 0] = bytes;
    assertEquals(hostOf(a, b, c, d), read(bytes.join(".")));
  }
});

Deno.test("each part of a dotted tail is where it belongs", () => {
  assertEquals(formatAddress(read("::1.2.3.4")), "::102:304/128");
  assertEquals(formatAddress(read("::0.0.0.1")), "::1/128");
  assertEquals(formatAddress(read("64:ff9b::0.0.1.0")), "64:ff9b::100/128");
  assertEquals(formatAddress(read("64:ff9b::0.1.0.0")), "64:ff9b::1:0/128");
  assertEquals(formatAddress(read("64:ff9b::1.0.0.0")), "64:ff9b::100:0/128");
});

Deno.test("a network covers what is within it, bit by bit, and nothing beside it", () => {
  for (let prefix = 1; prefix <= 32; prefix++) {
    const number = 0xcb007109 >>> 0;
    const mask = prefix === 32 ? 0xffffffff : ~(0xffffffff >>> prefix) >>> 0;
    const dotted = (value: number) =>
      [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
    const network = read(`${dotted((number & mask) >>> 0)}/${prefix}`);
    assertEquals(coversAddress(network, read(dotted(number))), true, `/${prefix}`);
    const beside = (number ^ (1 << (32 - prefix))) >>> 0;
    assertEquals(coversAddress(network, read(dotted(beside))), false, `/${prefix}`);
    assertEquals(coversAddress(network, network), true);
    if (prefix < 32) assertEquals(coversAddress(read(dotted(number)), network), false);
  }
  assertEquals(coversAddress(read("0.0.0.0/0"), read("::1")), false);
  assertEquals(coversAddress(read("::/0"), read("10.0.0.1")), false);
});
