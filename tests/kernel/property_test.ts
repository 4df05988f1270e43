import fc from "fast-check";
import { assertEquals } from "@std/assert";
import { Box, forEachBackend } from "../support/box.ts";
import { faults, reachedFaults, readChains } from "../support/chains.ts";
import { expectStatus } from "../support/expect.ts";
import { FAMILIES, type Family } from "../support/iptables_text.ts";

/** Few addresses, so that a sequence meets the same ones again; networks cover some of the others. */
const ADDRESSES: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ["9.9.9.9/32", "10.0.0.0/8", "10.0.0.0/32", "10.1.2.3/32", "203.0.113.0/24", "0.0.0.0/1"],
  ipv6: ["::1/128", "2001:db8::/32", "2001:db8::/48", "2001:db8::9/128", "fd00::/8", "fe80::1/128"],
};

/** One rule of a chain that someone has worked on by hand. */
type Rule =
  | { kind: "door" | "expired" | "timed"; index: number }
  | { kind: "log" | "drop" | "accept" | "foreign"; index: number };

/** A state to start from: any order, any number of ends, none or several jumps. */
interface Start {
  readonly rules: readonly Rule[];
  readonly jumps: number;
}

type Step =
  | { verb: "add" | "delete"; family: Family; index: number; time: string | null }
  | { verb: "init"; flags: readonly string[] };

const index = fc.nat({ max: ADDRESSES.ipv4.length - 1 });
const rule: fc.Arbitrary<Rule> = fc.record({
  kind: fc.constantFrom(
    "door",
    "door",
    "door",
    "expired",
    "timed",
    "log",
    "drop",
    "accept",
    "foreign",
  ),
  index,
});
const start: fc.Arbitrary<Start> = fc.record({
  rules: fc.array(rule, { maxLength: 9 }),
  jumps: fc.nat({ max: 2 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: door() },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: fc.constant("init" as const),
      flags: fc.constantFrom([], ["--accept"], ["--log"], ["--syn"]),
    }),
  },
);

function door(): fc.Arbitrary<Step> {
  return fc.record({
    verb: fc.constantFrom("add" as const, "add" as const, "delete" as const),
    family: fc.constantFrom<Family>("ipv4", "ipv6"),
    index,
    time: fc.constantFrom(null, null, "1h", "2d"),
  });
}

function write({ kind, index }: Rule, family: Family): string {
  const address = ADDRESSES[family][index] ?? "";
  const stop = (date: string) => `-s ${address} -m time --datestop ${date} -j ACCEPT`;
  switch (kind) {
    case "door":
      return `-s ${address} -j ACCEPT`;
    case "expired":
      return stop("2001-02-03T04:05:06");
    case "timed":
      return stop("2037-02-03T04:05:06");
    case "log":
      return '-j LOG --log-prefix "x "';
    case "foreign":
      return `-s ${address} -p icmp${family === "ipv6" ? "v6" : ""} -j RETURN`;
    case "drop":
    case "accept":
      return `-j ${kind.toUpperCase()}`;
  }
}

function table({ rules, jumps }: Start, family: Family): string {
  return [
    "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:pk-ssh - [0:0]",
    ...Array<string>(jumps).fill("-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh"),
    ...rules.map((one) => `-A pk-ssh ${write(one, family)}`),
    "COMMIT\n",
  ].join("\n");
}

async function take(box: Box, one: Step): Promise<void> {
  if (one.verb === "init") {
    const line = ["init", "ssh", "--port", "22", ...one.flags, "--replace"];
    expectStatus(await box.pktables(...line), 0);
    return;
  }
  const address = ADDRESSES[one.family][one.index] ?? "";
  const time = one.verb === "add" && one.time !== null ? ["--for", one.time] : [];
  expectStatus(await box.pktables(one.verb, address, "--service", "ssh", ...time), 0);
  const [chain] = readChains(await box.save(one.family));
  const open = chain?.doors.some((seen) => seen.address === address);
  assertEquals(open, one.verb === "add", `${one.verb} ${address}`);
}

forEachBackend(
  "any verbs from a clean state keep chains sorted, ended by the policy, free of duplicates",
  async (box) => {
    const steps = fc.array(step, { minLength: 3, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        for (const family of FAMILIES) {
          await box.load(family, table({ rules: [], jumps: 0 }, family));
        }
        await box.must("init", "ssh", "--port", "22", "--replace");
        for (const one of list) {
          await take(box, one);
          for (const family of FAMILIES) assertEquals(faults(await box.save(family)), []);
        }
      }),
      { numRuns: 10 },
    );
  },
);

forEachBackend(
  "any verbs from any dirty state end sorted, ended by the policy, free of duplicates",
  async (box) => {
    const states = fc.record({ ipv4: start, ipv6: start });
    const steps = fc.array(door(), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(states, steps, async (state, list) => {
        for (const family of FAMILIES) await box.load(family, table(state[family], family));
        await take(box, { verb: "init", flags: [] });
        for (const one of list) await take(box, one);
        for (const family of FAMILIES) assertEquals(reachedFaults(await box.save(family)), []);
      }),
      { numRuns: 15 },
    );
  },
);

forEachBackend("a hook on a dirty chain never makes it worse", async (box) => {
  await fc.assert(
    fc.asyncProperty(start, door(), async (state, one) => {
      if (one.verb === "init") return;
      await box.load(one.family, table(state, one.family));
      const before = await box.save(one.family);
      const address = ADDRESSES[one.family][one.index] ?? "";
      const { code, stderr } = await box.pktables(one.verb, address, "--service", "ssh");
      const after = await box.save(one.family);
      if (code !== 0) {
        assertEquals(after, before, stderr);
        return;
      }
      const [chain] = readChains(after);
      const mine = chain?.doors.filter((seen) => seen.address === address) ?? [];
      assertEquals(mine.length, one.verb === "add" ? 1 : 0, after);
      // A chain that had no end falls through to INPUT's policy; giving it one is up to init.
      const ends = ["pk-ssh has no end", "pk-ssh is empty and jumped to"];
      const found = reachedFaults(after).filter((fault) => !ends.includes(fault));
      assertEquals(found.filter((fault) => !reachedFaults(before).includes(fault)), [], before);
    }),
    { numRuns: 25 },
  );
});
