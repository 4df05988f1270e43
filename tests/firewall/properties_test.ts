// What is derived from the table of a service's properties, entry by entry: a forgotten one fails here.
import { assert, assertEquals } from "@std/assert";
import { toJson, viewService } from "../../src/cli/report/view.ts";
import { drawTable } from "../../src/cli/report/service_table.ts";
import { parseAddress } from "../../src/firewall/address.ts";
import {
  chainRulesOf,
  PROPERTIES,
  type PropertyName,
  propertyOf,
  RANKS,
  SEEN_NAMES,
} from "../../src/firewall/properties.ts";
import { emitRule, FIXED_RULES, type FixedKind, jumpsOf } from "../../src/firewall/rule.ts";
import { readRule } from "../../src/firewall/rule_reader.ts";
import type { Service } from "../../src/firewall/service.ts";
import { observeService } from "../../src/firewall/survey.ts";
import { compareService } from "../../src/plan/compare.ts";
import { compileFile } from "../../src/semantic/compile.ts";
import { memoryReader } from "../support/memory_reader.ts";
import { FakeKernel } from "../support/fake_kernel.ts";
import { readFilterTable } from "../support/read_table.ts";

const HOST = parseAddress("203.0.113.7/32");
assert(HOST.ok);

/** A value of each property that is not the one that `init` starts from. */
const OTHER: Required<Pick<Service, PropertyName>> = {
  protocol: "udp",
  ports: [{ from: 53, to: 53 }, { from: 8000, to: 8010 }],
  syn: true,
  policy: "accept",
  interface: "eth0",
  established: true,
  log: { prefix: "a b", level: 6, limit: { count: 10, unit: "minute" }, burst: 7 },
  allow: [HOST.value],
  knocks: [{ steps: [{ port: 7, protocol: "tcp" }], within: 5, for: 60, close: null }],
};

const NAMES = Object.keys(PROPERTIES) as PropertyName[];

/** What `init` makes of a name and a port, with some of it changed. */
function serviceWith(changed: Partial<Service>): Service {
  const initial = Object.fromEntries(
    NAMES.flatMap((name) => {
      const { init } = PROPERTIES[name];
      return init === undefined ? [] : [[name, init]];
    }),
  );
  return {
    ...initial as Pick<Service, PropertyName>,
    name: "a",
    families: ["ipv4"],
    ports: [{ from: 22, to: 22 }],
    ...changed,
  };
}

/** The table of a machine that has just this service. */
function tableOf(service: Service) {
  const lines = [
    ":pk-a - [0:0]",
    ...jumpsOf(service).map((jump) => `-A INPUT ${emitRule(jump)}`),
    ...chainRulesOf(service, "ipv4").map((rule) => `-A pk-a ${emitRule(rule)}`),
  ];
  return readFilterTable(new FakeKernel({ ipv4: lines.join("\n") }).dump("ipv4"), "ipv4");
}

Deno.test("the table has each property that a rules file gives a service, and no other", () => {
  const reader = memoryReader({ "a.pk": "service a tcp 22 knock 9, 7, 8 for 1m by kernel\n" });
  const [service] = compileFile("a.pk", { reader, now: 0 }).services;
  const given = Object.keys(service!).filter((name) => name !== "name" && name !== "families");
  assertEquals(NAMES.toSorted(), given.sort());
  assertEquals(NAMES.toSorted(), Object.keys(OTHER).sort());
});

for (const name of SEEN_NAMES) {
  const changed = serviceWith({ [name]: OTHER[name] });

  Deno.test(`${name} is read from the kernel as it was written`, () => {
    const seen = observeService(tableOf(changed), "a");
    assertEquals(seen?.[name], OTHER[name]);
    assertEquals(observeService(tableOf(serviceWith({})), "a")?.[name], serviceWith({})[name]);
  });

  Deno.test(`a difference in ${name} is named, both ways, and is the only one`, () => {
    const { label } = propertyOf(name);
    for (const [there, wanted] of [[changed, serviceWith({})], [serviceWith({}), changed]]) {
      const found = compareService(observeService(tableOf(there!), "a")!, wanted!);
      assertEquals(found.map(({ what }) => what), [label]);
      assert(found.every(({ now, wanted }) => now !== "" && wanted !== "" && now !== wanted));
      assertEquals(compareService(observeService(tableOf(there!), "a")!, there!), []);
    }
  });

  Deno.test(`${name} is in the JSON of list, and changes it`, () => {
    const jsonOf = (service: Service) => {
      const json = toJson(viewService([tableOf(service)], "a"), 0);
      return (json as { services: Record<string, unknown>[] }).services[0]![name];
    };
    const [is, was] = [jsonOf(changed), jsonOf(serviceWith({}))];
    assert(is !== undefined && was !== undefined && JSON.stringify(is) !== JSON.stringify(was));
  });

  if (propertyOf(name).column !== undefined) {
    Deno.test(`${name} is in the table of list`, () => {
      const drawn = (service: Service) => drawTable(viewService([tableOf(service)], "a"), 0);
      assert(drawn(changed) !== drawn(serviceWith({})));
    });
  }
}

Deno.test("a property says what is known without a jump if it is not the jump that says it", () => {
  const bare = readFilterTable(new FakeKernel({ ipv4: ":pk-a - [0:0]" }).dump("ipv4"), "ipv4");
  const everything = serviceWith({ ...OTHER, allow: null });
  const found = compareService(observeService(bare, "a")!, everything).map(({ what }) => what);
  assertEquals(
    found,
    SEEN_NAMES.map(propertyOf).filter(({ inJump, label }) => !inJump && label !== "policy")
      .map(({ label }) => label),
  );
});

Deno.test("the rules of a chain are in the order of their ranks, each kind in its own", () => {
  const kinds = chainRulesOf(serviceWith(OTHER), "ipv4").map(({ kind }) => kind);
  const inChain: string[] = NAMES.flatMap((name) => {
    const { rules, kind = name } = PROPERTIES[name];
    return rules === undefined ? [] : [kind];
  });
  assertEquals<string[]>([...kinds].sort(), inChain.sort());
  const ranks = kinds.map((kind) => RANKS[kind]);
  assertEquals(ranks, [...new Set(ranks)].sort((a, b) => a - b));
  assertEquals(kinds.at(-1), "policy");
  assertEquals(RANKS.door, RANKS.allow);
  for (const name of NAMES) {
    const { rules, rank } = PROPERTIES[name];
    assertEquals(rules === undefined, rank === undefined, name);
  }
});

Deno.test("a fixed rule is read as what it is, in both families", () => {
  for (const kind of Object.keys(FIXED_RULES) as FixedKind[]) {
    for (const family of ["ipv4", "ipv6"] as const) {
      assertEquals(readRule(FIXED_RULES[kind], family), { kind });
    }
    // One match more, and it takes fewer packets.
    const fewer = `-s 10.0.0.1/32 ${FIXED_RULES[kind]}`;
    assert(readRule(fewer, "ipv4").kind !== kind, fewer);
  }
});
