// How many chains knocks need, how long names may be for them, and which rules are those of a knock.
import { assertEquals } from "@std/assert";
import {
  countKnockChains,
  isKnockRule,
  knockChainOf,
  longestKnockedName,
  MAX_KERNEL_FOR,
} from "../../src/firewall/kernel_knock.ts";
import { parseDuration } from "../../src/firewall/duration.ts";

Deno.test("each knock has a chain, and one more where it closes as well", () => {
  const [open, both] = [{ close: null }, { close: [{ port: 1, protocol: "tcp" }] }];
  const counts = [[], [open], [both], [open, open], [open, both, both]].map(countKnockChains);
  assertEquals(counts, [0, 1, 2, 2, 5]);
});

Deno.test("a name leaves room for the number of the last chain in the 28 characters of the kernel", () => {
  for (const count of [1, 9, 10, 99, 100]) {
    const name = "x".repeat(longestKnockedName(count));
    assertEquals(knockChainOf(name, count).length, 28);
  }
});

Deno.test("a door of the kernel stays open for 24 days at the most", () => {
  assertEquals(MAX_KERNEL_FOR, parseDuration("24d"));
});

Deno.test("only what is of a knock's shapes from its start to its end is a rule of one", () => {
  const recent = (verb: string) =>
    `-m recent ${verb} --name pk-a.x.s1 --mask 255.255.255.255 --rsource`;
  const packet = "-p tcp -m tcp --dport 7000 --syn";
  const own = [
    recent("--remove"),
    recent("--set"),
    `${packet} ${recent("--set")}`,
    `-p udp -m udp --dport 7000 ${recent("--set")} -j RETURN`,
    `${packet} ${recent("--rcheck --seconds 5")} ${recent("! --rcheck")} -j RETURN`,
    `-p tcp -m tcp --dport 7000 --tcp-flags FIN,SYN,RST,ACK SYN ${recent("--set")} -j RETURN`,
  ];
  for (const text of own) assertEquals(isKnockRule(text), true, text);
  const others = [
    "",
    "-j RETURN",
    packet,
    `${packet} -j RETURN`,
    `x ${recent("--set")}`,
    `${recent("--set")} -j DROP`,
    `${recent("--set")} -j RETURN x`,
    recent("--update"),
    recent("--set").replace("pk-", "ps-"),
    recent("--set").replace("--rsource", "--rdest"),
    `-p tcp -m udp --dport 7000 ${recent("--set")}`,
    `-p tcp -m tcp --dport  ${recent("--set")}`,
    `-p tcp -m tcp --dport 7000:7001 ${recent("--set")}`,
    recent("--rcheck --seconds "),
  ];
  for (const text of others) assertEquals(isKnockRule(text), false, text);
});
