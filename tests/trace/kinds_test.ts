import { assertEquals, assertNotEquals } from "@std/assert";
import { Kinds } from "../../src/trace/kinds.ts";

Deno.test("hosts that lie in the same networks are of one kind", () => {
  const rules = ["-A INPUT -s 10.0.0.0/8 -j ACCEPT", "-A INPUT -s 10.1.2.3/32 -j DROP"];
  const { kindOf } = bind(new Kinds(rules, "ipv4"));
  assertEquals(kindOf("10.0.0.1"), kindOf("10.255.0.1"));
  assertEquals(kindOf("192.0.2.1"), kindOf("198.51.100.1"));
  assertNotEquals(kindOf("10.0.0.1"), kindOf("192.0.2.1"));
  assertNotEquals(kindOf("10.0.0.1"), kindOf("10.1.2.3"));
});

Deno.test("masks with holes separate what they should, and nothing else", () => {
  const { kindOf } = bind(new Kinds(["-A INPUT -s 10.0.0.1/255.0.0.255 -j DROP"], "ipv4"));
  assertEquals(kindOf("10.7.7.1"), kindOf("10.0.0.1"));
  assertNotEquals(kindOf("10.0.0.2"), kindOf("10.0.0.1"));
});

Deno.test("networks of nft's JSON and IPv6 count", () => {
  const json = '{"nftables":[{"prefix": {"addr": "2001:db8::", "len": 32}}, ["2001:db8::7"]]}';
  const { kindOf } = bind(new Kinds([json], "ipv6"));
  assertEquals(kindOf("2001:db8::1"), kindOf("2001:db8:ffff::1"));
  assertNotEquals(kindOf("2001:db8::1"), kindOf("2001:db9::1"));
  assertNotEquals(kindOf("2001:db8::1"), kindOf("2001:db8::7"));
});

Deno.test("where rules name ranges of addresses, every host is of its own kind", () => {
  for (
    const text of [
      "-m iprange --src-range 10.0.0.1-10.0.0.9 -j DROP",
      "ip saddr 10.0.0.1-10.0.0.9 drop",
      '{"range": ["10.0.0.1", "10.0.0.9"]}',
      '{"range":["10.0.0.1","10.0.0.9"]}',
      '{"range":  [ "10.0.0.1", "10.0.0.9" ]}',
      '{"range":["2001:db8::1","2001:db8::9"]}',
      '{"range":["::1","::9"]}',
      "-m iprange --src-range 2001:db8::1-2001:db8::9 -j DROP",
      "-m iprange --dst-range ::-::9 -j DROP",
    ]
  ) {
    const { kindOf } = bind(new Kinds([text], "ipv4"));
    assertNotEquals(kindOf("192.0.2.1"), kindOf("192.0.2.2"), text);
  }
  const one = ["-s 10.0.0.0/8 -j ACCEPT", "-m iprange --src-range 10.0.0.1-10.0.0.9 -j DROP"];
  for (const rules of [one, one.toReversed()]) {
    const { kindOf } = bind(new Kinds(rules, "ipv4"));
    assertNotEquals(kindOf("10.0.0.8"), kindOf("10.0.0.10"), "one rule with a range is enough");
  }
  for (const text of ["-p tcp -m tcp --dport 8000:8010", '{"range": [1024, 65535]}']) {
    const { kindOf } = bind(new Kinds([text], "ipv4"));
    assertEquals(kindOf("192.0.2.1"), kindOf("192.0.2.2"), text);
  }
});

function bind(kinds: Kinds): { kindOf: (address: string) => string } {
  return { kindOf: (address) => kinds.kindOf(address) };
}
