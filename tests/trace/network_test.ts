// Addresses, networks and masks; and what holds for an outsider, who comes from anywhere (packet.md).
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Family } from "../../src/firewall/address.ts";
import {
  cannotBeLocal,
  compareHosts,
  covers,
  holdsForOutsider,
  isLoopback,
  parseHost,
  parseNetwork,
} from "../../src/trace/network.ts";

function network(text: string, family: Family = text.includes(":") ? "ipv6" : "ipv4") {
  const parsed = parseNetwork(text, family);
  assert(parsed !== null, text);
  return parsed;
}

function host(text: string) {
  const parsed = parseHost(text, text.includes(":") ? "ipv6" : "ipv4");
  assert(parsed !== null, text);
  return parsed;
}

Deno.test("an address is its bytes, of its own family alone", () => {
  assertEquals(parseHost("192.0.2.7", "ipv4"), [192, 0, 2, 7]);
  assertEquals(parseHost("0.0.0.0", "ipv4"), [0, 0, 0, 0]);
  assertEquals(parseHost("255.255.255.255", "ipv4"), [255, 255, 255, 255]);
  assertEquals(parseHost("2001:db8::7", "ipv6"), [
    ...[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7],
  ]);
  assertEquals(parseHost("::ffff:192.0.2.7", "ipv4"), [192, 0, 2, 7]);
  const none = "256.0.0.1 1.2.3.256 1.2.3 1.2.3.4.5 01.2.3.4 1.2.3.00 0x1.2.3.4 1.2.3.4e1 ::1 a";
  for (const text of [...none.split(" "), "", " 1.2.3.4", "1.2.3.4 "]) {
    assertEquals(parseHost(text, "ipv4"), null, text);
  }
  for (const text of ["192.0.2.7", "::ffff:192.0.2.7", "::1/128", "1:2", "g::"]) {
    assertEquals(parseHost(text, "ipv6"), null, text);
  }
  assertEquals(parseHost("192.0.2.7/32", "ipv4"), null);
});

Deno.test("a length and its mask are one network, which holds nothing but what it covers", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  const any = (family: Family) =>
    fc.record({
      family: fc.constant(family),
      bytes: fc.array(
        byte,
        family === "ipv4" ? { minLength: 4, maxLength: 4 } : {
          minLength: 16,
          maxLength: 16,
        },
      ),
      length: fc.integer({ min: 0, max: family === "ipv4" ? 32 : 128 }),
      other: fc.array(byte, { minLength: 16, maxLength: 16 }),
      near: fc.nat(127),
    });
  const print = (bytes: readonly number[]) =>
    bytes.length === 4
      ? bytes.join(".")
      : bytes.map((one, at) => one.toString(16).padStart(2, "0") + (at % 2 === 1 ? ":" : ""))
        .join("").slice(0, -1);
  const bitsOf = (bytes: readonly number[]) =>
    bytes.map((one) => one.toString(2).padStart(8, "0")).join("");
  const bytesOf = (bits: string) => bits.match(/.{8}/g)?.map((one) => parseInt(one, 2)) ?? [];
  fc.assert(
    fc.property(fc.oneof(any("ipv4"), any("ipv6")), ({ family, bytes, length, other, near }) => {
      // The library reads ::ffff:0:0/96 as IPv4.
      fc.pre(family === "ipv4" || bytes[0] !== 0);
      const all = bitsOf(bytes);
      const first = all.slice(0, length).padEnd(all.length, "0");
      const mask = "1".repeat(length).padEnd(all.length, "0");
      const parsed = parseNetwork(`${print(bytes)}/${length}`, family);
      assertEquals(parsed, { bytes: bytesOf(first), mask: bytesOf(mask), bits: length });
      if (family === "ipv4") {
        assertEquals(parseNetwork(`${print(bytes)}/${print(bytesOf(mask))}`, family), parsed);
      }
      if (length === all.length) assertEquals(parseNetwork(print(bytes), family), parsed);
      assert(parsed !== null);
      const hosts = [
        other.slice(0, bytes.length),
        bytesOf(first),
        bytesOf(all.slice(0, length).padEnd(all.length, "1")),
        // One bit is another.
        bytes.with((near >> 3) % bytes.length, bytes[(near >> 3) % bytes.length]! ^ 1 << near % 8),
      ];
      for (const one of hosts) {
        const within = bitsOf(one).startsWith(all.slice(0, length));
        assertEquals(covers(parsed, one), within, `${print(bytes)}/${length} ${one}`);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("a mask may have holes, a length ends with the address", () => {
  assertEquals(network("10.7.8.9/255.0.0.255"), {
    bytes: [10, 0, 0, 9],
    mask: [255, 0, 0, 255],
    bits: 16,
  });
  assertEquals(network("10.7.8.9/0.0.0.1").bits, 1);
  assertEquals(network("ff00::1/ff00::").bits, 8);
  for (const text of ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/1000", "x/8", "/8"]) {
    assertEquals(parseNetwork(text, "ipv4"), null, text);
  }
  assertEquals(parseNetwork("2001:db8::/129", "ipv6"), null);
  assertEquals(parseNetwork("10.0.0.0/8", "ipv6"), null);
});

Deno.test("addresses are in the order of their numbers", () => {
  const sorted = ["0.0.0.0", "0.0.0.1", "0.0.1.0", "1.0.0.0", "1.0.0.255", "255.0.0.0"].map(host);
  for (const [at, a] of sorted.entries()) {
    for (const [of, b] of sorted.entries()) {
      assertEquals(Math.sign(compareHosts(a, b)), Math.sign(at - of), `${a} ${b}`);
    }
  }
  assertEquals(Math.sign(compareHosts(host("::1"), host("::2"))), -1);
  assertEquals(Math.sign(compareHosts(host("2001:db8::"), host("2001:db7:ffff::"))), 1);
});

Deno.test("an outsider is in what covers the internet, in no list, and perhaps in what is between", () => {
  const cases: Readonly<Record<string, boolean | null>> = {
    "0.0.0.0/0": true,
    "0.0.0.0/1": null,
    "128.0.0.0/1": null,
    "192.0.0.0/3": null,
    "8.0.0.0/7": null,
    "222.0.0.0/7": null,
    "223.0.0.0/8": false,
    "10.0.0.0/8": false,
    "10.0.0.0/9": false,
    "192.0.2.7/32": false,
    // Nobody comes from multicast or what is reserved, nor from "this network".
    "224.0.0.0/3": false,
    "240.0.0.0/4": false,
    "0.0.0.0/8": false,
    "0.0.0.0/7": null,
    // As many bits as a /8, and of every network.
    "0.0.0.9/0.0.0.255": false,
    "0.0.0.9/0.0.0.127": null,
    "::/0": true,
    "::/1": true,
    "::/2": true,
    "::/4": false,
    "4000::/2": false,
    "2000::/3": true,
    "2000::/4": null,
    "3000::/4": null,
    "2000::/11": null,
    "2100::/8": null,
    "2000::/12": false,
    "2001:db8::/32": false,
    "::/3": false,
    "4000::/3": false,
    "8000::/1": false,
    "fe80::/10": false,
    "fc00::/7": false,
    "ff00::/8": false,
    "2000::/e800::": null,
    "2000::/a000::": true,
    "2000::/2000::": true,
    "::/8000::": true,
    "4000::/4000::": false,
  };
  for (const [text, expected] of Object.entries(cases)) {
    const parsed = network(text);
    assertEquals(
      holdsForOutsider(parsed, text.includes(":") ? "ipv6" : "ipv4"),
      expected,
      text,
    );
  }
});

Deno.test("only loopback and multicast cannot be where a packet to this machine goes", () => {
  const cases: Readonly<Record<string, boolean>> = {
    "127.0.0.0/8": true,
    "127.0.0.1/32": true,
    "126.0.0.0/7": false,
    "126.0.0.0/8": false,
    "128.0.0.0/8": false,
    "0.0.0.0/0": false,
    "223.255.255.255/32": false,
    "224.0.0.0/4": true,
    "224.0.0.1/32": true,
    "255.255.255.255/32": true,
    "::1/128": true,
    "::/128": false,
    "::2/128": false,
    "::/127": false,
    "::1:1/128": false,
    "::101/128": false,
    "100::1/128": false,
    "ff00::/8": true,
    "ff02::1/128": true,
    "fe00::/7": false,
    "fe80::/10": false,
    "2001:db8::1/128": false,
  };
  for (const [text, expected] of Object.entries(cases)) {
    const parsed = network(text);
    assertEquals(cannotBeLocal(parsed, text.includes(":") ? "ipv6" : "ipv4"), expected, text);
  }
});

Deno.test("127.0.0.0/8 and ::1 are this machine's own", () => {
  for (const text of ["127.0.0.1", "127.0.0.0", "127.255.255.255", "::1"]) {
    assertEquals(isLoopback(host(text)), true, text);
  }
  for (const text of ["126.255.255.255", "128.0.0.0", "0.0.0.1", "::", "::2", "::101", "100::1"]) {
    assertEquals(isLoopback(host(text)), false, text);
  }
});
