import { assertEquals } from "@std/assert";
import { formatAddress } from "../../src/firewall/address.ts";
import { type Compiled, compileFile } from "../../src/semantic/compile.ts";
import { memoryReader } from "../support/memory_reader.ts";

function compile(text: string): Compiled {
  return compileFile("rules.pk", { reader: memoryReader({ "rules.pk": text }), now: 0 });
}

/** Families and senders of the only expectation. */
function sent(text: string): string {
  const { expectations: [only], diagnostics } = compile(text);
  assertEquals(diagnostics.filter(({ severity }) => severity === "error"), []);
  if (only === undefined) return "nothing";
  return `${only.families} ${only.from?.map(formatAddress) ?? "anyone"}`;
}

Deno.test("an expectation is about the families of its addresses", () => {
  assertEquals(sent("expect tcp 22 drop"), "ipv4,ipv6 anyone");
  assertEquals(sent("expect tcp 22 from anyone drop"), "ipv4,ipv6 anyone");
  assertEquals(sent("expect tcp 22 from 192.0.2.1 drop"), "ipv4 192.0.2.1/32");
  assertEquals(sent("expect tcp 22 from 2001:db8::/32 drop"), "ipv6 2001:db8::/32");
  assertEquals(sent("expect tcp 22 to ::1 drop"), "ipv6 anyone");
  assertEquals(sent("expect tcp 22 from ::ffff:192.0.2.1 to 192.0.2.2 drop"), "ipv4 192.0.2.1/32");
});

Deno.test("a list expands to all its addresses, including those of other lists", () => {
  const lists = "define a = 192.0.2.1, b\ndefine b = 2001:db8::1, 198.51.100.0/24\n";
  assertEquals(
    sent(`${lists}expect tcp 22 from a drop`),
    "ipv4,ipv6 192.0.2.1/32,2001:db8::1/128,198.51.100.0/24",
  );
  assertEquals(sent(`${lists}expect tcp 22 from a to ::1 drop`).split(" ")[0], "ipv6");
});

Deno.test("a list that only an expectation names is used, and allows no address", () => {
  const { diagnostics, services } = compile(
    "define all = 0.0.0.0/0\nservice ssh tcp 22 drop\nexpect tcp 22 from all drop\n",
  );
  assertEquals([diagnostics, services[0]?.allow], [[], []]);
});

Deno.test("expectations of included files count where they are read, with their places", () => {
  const reader = memoryReader({
    "rules.pk": 'expect tcp 1 drop\ninclude "more.pk"\nexpect tcp 3 drop\n',
    "more.pk": "\nexpect tcp 2  from anyone\n drop\nservice anyone tcp 2\n",
  });
  const { expectations, places } = compileFile("rules.pk", { reader, now: 0 });
  assertEquals(
    expectations.map(({ text, span }) => `${span.file} ${text}`),
    [
      "rules.pk expect tcp 1 drop",
      "more.pk expect tcp 2 from anyone drop",
      "rules.pk expect tcp 3 drop",
    ],
  );
  assertEquals(places.get("anyone")?.file, "more.pk");
});

Deno.test("with an error nothing is expected", () => {
  const { ok, expectations, places } = compile("service a tcp 0\nexpect tcp 22 drop\n");
  assertEquals([ok, expectations, places.size], [false, [], 0]);
});
