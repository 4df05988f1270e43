import { assertEquals } from "@std/assert";
import { compareAddresses, faults, readChains, structuralFaults } from "./chains.ts";

function saved(...rules: string[]): string {
  return `*filter\n:INPUT ACCEPT\n:pk-a -\n${rules.join("\n")}\nCOMMIT\n`;
}

Deno.test("a sorted chain with an end and a jump has no faults", () => {
  const text = saved(
    "-A INPUT -p tcp -m tcp --dport 1 -j pk-a",
    "-A pk-a -s 9.0.0.0/8 -j ACCEPT",
    "-A pk-a -s 10.0.0.0/8 -m time --datestop 2030-01-01T00:00:00 -j ACCEPT",
    "-A pk-a -j LOG",
    "-A pk-a -j DROP",
  );
  assertEquals(faults(text), []);
  assertEquals(readChains(text)[0]?.doors, [
    { address: "9.0.0.0/8", until: null, isAllowed: false },
    { address: "10.0.0.0/8", until: "2030-01-01T00:00:00", isAllowed: false },
  ]);
});

Deno.test("every kind of fault is found", () => {
  const jump = "-A INPUT -j pk-a";
  assertEquals(structuralFaults(saved(jump)), ["pk-a is empty and jumped to"]);
  assertEquals(structuralFaults(saved("-A pk-a -s 9.0.0.0/8 -j ACCEPT")), ["pk-a has no end"]);
  assertEquals(structuralFaults(saved("-A pk-a -j DROP", "-A pk-a -s 9.0.0.0/8 -j ACCEPT")), [
    "pk-a: behind its end stands -s 9.0.0.0/8 -j ACCEPT",
  ]);
  const [twice, unsorted] = [["9.0.0.0/8", "9.0.0.0/8"], ["10.0.0.0/8", "9.0.0.0/8"]].map((list) =>
    faults(saved(jump, ...list.map((door) => `-A pk-a -s ${door} -j ACCEPT`), "-A pk-a -j DROP"))
  );
  assertEquals(twice, ["pk-a: 9.0.0.0/8 stands behind 9.0.0.0/8"]);
  assertEquals(unsorted, ["pk-a: 9.0.0.0/8 stands behind 10.0.0.0/8"]);
  assertEquals(faults(saved("-A pk-a -j DROP")), ["pk-a is not jumped to"]);
});

Deno.test("an ACCEPT of everything is the end, unless it is marked as a door", () => {
  const rules = ["-A INPUT -j pk-a", "-A pk-a -j ACCEPT", "-A pk-a -s 9.0.0.0/8 -j ACCEPT"];
  const marked = rules.map((rule) =>
    rule.replace("pk-a -j", "pk-a -m comment --comment pk-door -j")
  );
  const text = saved(...marked, "-A pk-a -j ACCEPT");
  assertEquals(faults(text), []);
  const doors = readChains(text)[0]?.doors.map(({ address }) => address);
  assertEquals(doors, ["0.0.0.0/0", "9.0.0.0/8"]);
  assertEquals(structuralFaults(saved(...rules)), [
    "pk-a: behind its end stands -s 9.0.0.0/8 -j ACCEPT",
  ]);
});

Deno.test("addresses are ordered by number, then by prefix length", () => {
  const sorted = ["::/0", "::1/128", "2001:db8::/32", "2001:db8::/48", "fe80::1/128"];
  assertEquals([...sorted].reverse().sort(compareAddresses), sorted);
  const v4 = ["9.255.255.255/32", "10.0.0.0/8", "10.0.0.0/9", "128.0.0.1/32", "200.0.0.0/5"];
  assertEquals([...v4].reverse().sort(compareAddresses), v4);
});
