import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { FAMILIES, type Family, parseAddress } from "../../src/firewall/address.ts";
import { arrangeDoors, editTidy, planDoors } from "../../src/plan/chain.ts";
import { kernelWith } from "../support/chain_tables.ts";

const NOW = 1_800_000_000;
const [LATER, OVER] = ["2036-05-06T07:08:09", "2001-02-03T04:05:06"];

/** In address order; the networks ahead of their first host. */
const NETWORKS: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/24", "10.0.0.9/32", "10.0.0.10/32", "192.0.2.1/32"],
  ipv6: ["::/0", "::/64", "2001:db8::/32", "2001:db8::/48", "2001:db8::1/128", "fe80::/10"],
};

const ENDS = ["-j DROP", "-j ACCEPT", "-j REJECT --reject-with icmp-port-unreachable"];
const OTHERS = ["-j LOG", "-i lo -j ACCEPT", "-j RETURN", "-j DROP"];

/** A door as iptables-save prints it. */
function door(network: string, matches: string): string {
  return `${network.endsWith("/0") ? "" : `-s ${network}`}${matches} -j ACCEPT`.trimStart();
}

/** A chain, mostly in order, and a change to its doors. */
function cases(family: Family) {
  const networks = NETWORKS[family];
  const matches = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom("", ` -m time --datestop ${LATER}`) },
    fc.constantFrom(
      ` -m time --datestop ${OVER}`,
      " -m comment --comment pk-allow",
      " -m comment --comment me",
    ),
  );
  const doors = fc.subarray([...networks]).chain((some) =>
    fc.array(matches, { minLength: some.length, maxLength: some.length })
      .map((each) => some.map((network, at) => door(network, each[at] ?? "")))
  );
  const disorder = fc.oneof(
    { weight: 4, arbitrary: fc.constant([] as string[]) },
    fc.array(fc.constantFrom(...OTHERS, door(networks[3] ?? "", "")), { maxLength: 2 }),
  );
  return fc.record({
    rules: fc.tuple(disorder, doors, disorder, fc.constantFrom(...ENDS), disorder).map(
      ([first, middle, then, end, behind]) => [...first, ...middle, ...then, end, ...behind],
    ),
    address: fc.constantFrom(...networks, family === "ipv4" ? "10.0.0.77/32" : "2001:db8:7::/48"),
    verb: fc.constantFrom("open", "open for a time", "close", "sweep"),
  });
}

for (const family of FAMILIES) {
  Deno.test(`a change to a tidy ${family} chain equals the result of arranging all of it`, () => {
    let [tidy, all] = [0, 0];
    fc.assert(
      fc.property(cases(family), ({ rules, address, verb }) => {
        const { table } = kernelWith(rules, { family });
        const parsed = parseAddress(address);
        assert(parsed.ok);
        const until = verb === "open" ? null : NOW + 60;
        const change = verb === "sweep"
          ? {}
          : verb === "close"
          ? { close: parsed.value }
          : { open: { address: parsed.value, until } };
        const given = { name: "ssh", change, now: NOW };
        assertEquals(planDoors(table, given), arrangeDoors(table, given));
        const short = editTidy("pk-ssh", { rules: table.rules("pk-ssh"), change, now: NOW });
        all++;
        if (short !== null) tidy++;
      }),
      { numRuns: 3_000 },
    );
    assert(tidy > all / 10, `only ${tidy} of ${all} chains were tidy`);
  });
}
