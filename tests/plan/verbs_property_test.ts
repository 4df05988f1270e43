import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { FAMILIES, type Family } from "../../src/firewall/address.ts";
import { FakeSystem, NOW } from "../support/fake_system.ts";
import { dirtyTable, type Step, step } from "../support/dirty.ts";
import { endAt, faultsOf, judge, type Judged, orderOf } from "../support/oracle.ts";
import { REFUSED } from "../support/fake_kernel.ts";

const RUNS = { numRuns: 400 };

const STATE = fc.record({ ipv4: dirtyTable("ipv4"), ipv6: dirtyTable("ipv6") });

function chainOf(system: FakeSystem, family: Family): Judged[] | null {
  const rules = system.kernel.chain(family, "pk-ssh");
  return rules === null ? null : judge(rules);
}

/** Everything but the service's chain and the jumps to it. */
function others(system: FakeSystem): string {
  return system.dump().split("\n").filter((line) =>
    !/^:pk-(ssh|new) |-A pk-(ssh|new)\b|-[jg] pk-(ssh|new)$/.test(line)
  ).join("\n");
}

function foreign(rules: readonly Judged[], from: number, to: number): string[] {
  return rules.slice(from, to).filter(({ kind }) => kind === "foreign").map(({ whole }) => whole);
}

/** The longest-lived unexpired door of every address. */
function doors(rules: readonly Judged[], now: number): Map<string, Judged> {
  const found = new Map<string, Judged>();
  for (const rule of rules) {
    if (rule.kind !== "door" || rule.until < Math.floor(now)) continue;
    const known = found.get(rule.address);
    if (known === undefined || known.until < rule.until) found.set(rule.address, rule);
  }
  return found;
}

/** The network that a command line names, as a number. */
function named(line: string): bigint | null {
  const address = /^(?:add|delete) (\S+)/.exec(line)?.[1];
  return address === undefined ? null : orderOf(address);
}

async function take(system: FakeSystem, { line, wait }: Step) {
  system.clock += wait;
  return await system.run(line);
}

Deno.test("after any verb on any state, a written chain is sorted, ended and free of doubles", async () => {
  await fc.assert(
    fc.asyncProperty(
      STATE,
      fc.array(step(), { minLength: 1, maxLength: 6 }),
      async (start, steps) => {
        const system = new FakeSystem(start);
        for (const one of steps) {
          const before = system.kernel.writes.length;
          const { status, err } = await take(system, one);
          if (err.includes("iptables refused")) throw new Error(err);
          for (const { family } of system.kernel.writes.slice(before)) {
            const rules = chainOf(system, family);
            if (
              rules === null || one.line.startsWith("remove") || one.line.includes(" new ")
            ) continue;
            // What is dead stays as it is.
            assertEquals(faultsOf(rules.slice(0, endAt(rules) + 1), system.clock), []);
            if (one.line.startsWith("init") && status === 0) {
              assertEquals(rules.some(({ kind }) => kind === "end"), true);
            }
          }
        }
      },
    ),
    RUNS,
  );
});

Deno.test("any verb leaves what is not ours byte for byte, dead rules dead and live ones live", async () => {
  await fc.assert(
    fc.asyncProperty(STATE, step(), async (start, one) => {
      fc.pre(!one.line.includes("--all"));
      const system = new FakeSystem(start);
      const outside = others(system);
      const before = FAMILIES.map((family) => chainOf(system, family));
      await take(system, one);
      assertEquals(others(system), outside);
      FAMILIES.forEach((family, at) => {
        const [old, now] = [before[at], chainOf(system, family)];
        if (!old || !now) return;
        const end = endAt(old);
        assertEquals(foreign(now, 0, now.length), foreign(old, 0, old.length));
        const live = foreign(now, 0, endAt(now));
        if (end < old.length) assertEquals(live, foreign(old, 0, end));
      });
    }),
    RUNS,
  );
});

Deno.test("any verb keeps every unexpired door that it does not name, with its counters", async () => {
  await fc.assert(
    fc.asyncProperty(STATE, step(), async (start, one) => {
      fc.pre(!one.line.startsWith("remove") && !one.line.startsWith("init new"));
      const system = new FakeSystem(start);
      const before = FAMILIES.map((family) => chainOf(system, family) ?? []);
      await take(system, one);
      FAMILIES.forEach((family, at) => {
        const reached = (rules: readonly Judged[]) => rules.slice(0, endAt(rules));
        const old = doors(reached(before[at]!), system.clock);
        const now = reached(chainOf(system, family) ?? []);
        for (const [address, door] of old) {
          if (named(one.line) === door.order) continue;
          const same = now.filter(({ kind, address: a }) => kind === "door" && a === address);
          const equals = before[at]!.filter(({ text }) => text === door.text).map(({ whole }) =>
            whole
          );
          assertEquals(same.length, equals.length === 0 ? 0 : same.length);
          if (system.kernel.writes.some((write) => write.family === family)) {
            // A shorter one may stay ahead of it where a foreign rule stands between the two.
            const longest = same.filter(({ text }) => text === door.text);
            assertEquals(longest.length, 1);
            assertEquals(
              same.every(({ until }, at) => at === 0 || until > same[at - 1]!.until),
              true,
            );
            assertEquals(equals.includes(longest[0]!.whole), true, longest[0]!.whole);
          }
        }
      });
    }),
    RUNS,
  );
});

Deno.test("no verb about doors brings a dead door or a dead end to life, but for its own address", async () => {
  await fc.assert(
    fc.asyncProperty(STATE, step(), async (start, one) => {
      fc.pre(/^(add|delete) /.test(one.line));
      const system = new FakeSystem(start);
      const dead = (rules: readonly Judged[]) =>
        rules.slice(endAt(rules) + 1).filter(({ until, order }) =>
          until >= Math.floor(system.clock) && order !== named(one.line)
        ).map(({ whole }) => whole);
      const before = FAMILIES.map((family) => chainOf(system, family) ?? []);
      await take(system, one);
      FAMILIES.forEach((family, at) => {
        assertEquals(dead(chainOf(system, family) ?? []), dead(before[at]!));
      });
    }),
    RUNS,
  );
});

Deno.test("any verb run twice writes nothing the second time", async () => {
  await fc.assert(
    fc.asyncProperty(STATE, step(), async (start, one) => {
      const system = new FakeSystem(start);
      const first = await take(system, one);
      const writes = system.kernel.writes.length;
      const state = system.dump();
      const second = await system.run(one.line);
      assertEquals(system.kernel.writes.length, writes);
      assertEquals(system.dump(), state);
      if (!one.line.startsWith("remove")) assertEquals(second.status, first.status);
    }),
    RUNS,
  );
});

Deno.test("if the second family refuses, both are as they were, counters included", async () => {
  await fc.assert(
    fc.asyncProperty(STATE, step(), async (start, one) => {
      const system = new FakeSystem(start);
      const before = system.dump();
      system.kernel.faults = { write: { number: 2, problem: REFUSED } };
      const { status } = await take(system, one);
      if (system.kernel.writes.length < 2) return;
      assertEquals(status, 1);
      assertEquals(system.dump(), before);
    }),
    { numRuns: 800 },
  );
});

Deno.test("add opens and delete closes the door, whatever state the chain is in", async () => {
  await fc.assert(
    fc.asyncProperty(STATE, step(), async (start, one) => {
      const match = /^(add|delete) (\S+) /.exec(one.line);
      fc.pre(match !== null);
      const [, verb, address = ""] = match!;
      const system = new FakeSystem(start);
      const family = address.includes(":") ? "ipv6" : "ipv4";
      const { status } = await take(system, one);
      const rules = chainOf(system, family);
      assertEquals(status, rules === null ? 4 : 0);
      if (rules === null) return;
      const reached = rules.slice(0, endAt(rules));
      const open = reached.flatMap((rule, at) =>
        rule.kind === "door" && rule.order === orderOf(address) && rule.until >= NOW ? [at] : []
      );
      assertEquals(open.length > 0, verb === "add");
      // Behind a foreign rule, which may decide ahead of it, a second door is no double.
      for (const [index, at] of open.slice(1).entries()) {
        assertEquals(foreign(reached, open[index]!, at).length > 0, true);
      }
    }),
    RUNS,
  );
});
