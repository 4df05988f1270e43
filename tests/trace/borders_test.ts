import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Address, type Family, parseAddress } from "../../src/firewall/address.ts";
import { Borders, MAX_SAMPLES } from "../../src/trace/borders.ts";
import { ask, filter } from "../support/trace.ts";

function address(text: string): Address {
  const parsed = parseAddress(text);
  assert(parsed.ok, text);
  return parsed.value;
}

/** The hosts that represent addresses beside rules. */
function samples(rules: string, addresses: string, family: Family = "ipv4"): string[] | null {
  return new Borders([rules], family).samples(addresses.split(" ").map(address));
}

Deno.test("a network is traced once for each part that rules distinguish", () => {
  assertEquals(samples("", "10.0.0.0/8"), ["10.0.0.0"]);
  assertEquals(samples("-A INPUT -s 192.0.2.0/24 -j DROP", "10.0.0.0/8"), ["10.0.0.0"]);
  assertEquals(samples("-A INPUT -s 10.0.0.0/8 -j DROP", "10.1.0.0/16"), ["10.1.0.0"]);
  assertEquals(
    samples("-A INPUT -s 10.1.0.0/16 -j DROP", "10.0.0.0/8"),
    ["10.0.0.0", "10.1.0.0", "10.2.0.0"],
  );
  assertEquals(
    samples("-m iprange --src-range 10.0.0.5-10.0.0.7", "10.0.0.0/29"),
    ["10.0.0.0", "10.0.0.5", "10.0.0.6", "10.0.0.7"],
  );
  assertEquals(samples("-s 10.0.0.0/255.255.0.0", "10.0.0.0/8"), ["10.0.0.0", "10.1.0.0"]);
  assertEquals(samples("-s 2001:db8:1::/48", "2001:db8::/32", "ipv6"), [
    "2001:db8:0:0:0:0:0:0",
    "2001:db8:1:0:0:0:0:0",
    "2001:db8:2:0:0:0:0:0",
  ]);
});

Deno.test("addresses that no rule distinguishes are traced once", () => {
  assertEquals(samples("", "10.0.0.1 10.0.0.2 192.0.2.0/24"), ["10.0.0.1"]);
  assertEquals(samples("-s 10.0.0.2/32", "10.0.0.1 10.0.0.2 10.0.0.3"), [
    "10.0.0.1",
    "10.0.0.2",
    "10.0.0.3",
  ]);
  assertEquals(samples("-s ::2/128", "::1 ::2 1:200::30:4000", "ipv6"), [
    ...["0:0:0:0:0:0:0:1", "0:0:0:0:0:0:0:2", "1:200:0:0:0:0:30:4000"],
  ]);
  // An IPv4-mapped address is none of IPv6 on the wire.
  assertEquals(samples("-s ::fffe:ffff:ffff/128", "::/64", "ipv6"), [
    ...["0:0:0:0:0:0:0:0", "0:0:0:0:0:fffe:ffff:ffff"],
  ]);
  assertEquals(samples("-s ::1:0:0:0/80", "::/64", "ipv6"), [
    ...["0:0:0:0:0:0:0:0", "0:0:0:0:1:0:0:0", "0:0:0:0:2:0:0:0"],
  ]);
  assertEquals(samples("", "10.0.0.1 2001:db8::1", "ipv6"), ["2001:db8:0:0:0:0:0:1"]);
});

Deno.test("networks that nft prints in JSON part addresses as well", () => {
  const json = '{"prefix": {"addr": "10.1.0.0", "len": 16}}';
  const spaced = json.replaceAll(": ", ":  ").replace(",", ",\n");
  for (const text of [json, json.replaceAll(" ", ""), spaced]) {
    const found = samples(text, "10.0.0.0/8");
    assertEquals(found, ["10.0.0.0", "10.1.0.0", "10.1.0.1", "10.2.0.0"], text);
  }
});

Deno.test("with a mask with holes few hosts represent no network, every host only itself", () => {
  const rules = "-s 10.0.0.1/255.0.0.255";
  assertEquals(samples(rules, "10.0.0.0/8"), null);
  assertEquals(samples(rules, "10.0.0.1 10.0.0.2"), ["10.0.0.1", "10.0.0.2"]);
});

Deno.test("more kinds of senders than can be tried are distinguished from few", () => {
  const hosts = Array.from({ length: MAX_SAMPLES }, (_, at) => `10.${at >> 8}.${at & 255}.2`);
  assertEquals(samples(hosts.join(" "), "10.0.0.0/8"), null);
  // Each host parts what is beside it from what is behind it; the first of all from that alone.
  const some = hosts.slice(0, MAX_SAMPLES / 2 - 1).join(" ");
  assertEquals(samples(`10.0.0.0 ${some}`, "10.0.0.0/8")?.length, MAX_SAMPLES);
  assertEquals(samples(`10.9.9.9 ${some}`, "10.0.0.0/8"), null);
  assertEquals(samples(hosts.slice(0, 400).join(" "), "10.0.0.0/8")?.length, 801);
  assertEquals(samples(hosts.join(" "), hosts.join(" "))?.length, MAX_SAMPLES);
  assertEquals(samples(`10.255.0.1 ${hosts.join(" ")}`, `10.255.0.1 ${hosts.join(" ")}`), null);
});

Deno.test("what the samples meet, every address of the network meets", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  const source = fc.oneof(
    fc.tuple(byte, fc.integer({ min: 24, max: 32 })).map(([last, length]) =>
      `-s 10.0.0.${last & (256 - (1 << (32 - length)))}/${length}`
    ),
    fc.tuple(byte, byte).map(([a, b]) =>
      `-m iprange --src-range 10.0.0.${Math.min(a, b)}-10.0.0.${Math.max(a, b)}`
    ),
  );
  const rule = fc.tuple(source, fc.constantFrom("ACCEPT", "DROP")).map(([from, target]) =>
    `-A INPUT ${from} -j ${target}`
  );
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 5 }), (rules) => {
      const text = filter(rules.join("\n"));
      const met = (from: string) => ask(text, { from }).verdict;
      const few = samples(text, "10.0.0.0/24") ?? [];
      const all = Array.from({ length: 256 }, (_, at) => `10.0.0.${at}`);
      assertEquals(new Set(few.map(met)), new Set(all.map(met)));
    }),
    { numRuns: 60 },
  );
});
