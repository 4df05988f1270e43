import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  isKnockRule,
  knockChainOf,
  knockChainsOf,
  longestKnockedName,
  NEIGHBOURS,
} from "../../src/firewall/kernel_knock.ts";
import { emitRule } from "../../src/firewall/rule.ts";
import {
  type KernelKnock,
  knockedServiceOf,
  type KnockStep,
  type Service,
} from "../../src/firewall/service.ts";
import { RecentMachine } from "../support/recent_machine.ts";
import { SSH_SERVICE } from "../support/ssh_service.ts";

const STEPS: readonly KnockStep[] = [
  { port: 7000, protocol: "tcp" },
  { port: 8022, protocol: "udp" },
  { port: 9003, protocol: "tcp" },
];

function service(knock: Partial<KernelKnock> = {}, more: Partial<Service> = {}): Service {
  return {
    ...SSH_SERVICE,
    allow: [],
    knocks: [{ steps: STEPS, within: 5, for: 28_800, close: null, ...knock }],
    ...more,
  };
}

function machine(one: Service, at = 0): RecentMachine {
  const { jumps, rules } = knockChainsOf(one, "ipv4")[at]!;
  return new RecentMachine(jumps.map(emitRule), rules);
}

/** When the door was opened last, as a knock is described to people. */
class Visitor {
  #stage = 0;
  #first = 0;
  opened: number | null = null;

  constructor(readonly steps: readonly KnockStep[], readonly within: number) {}

  knock({ port, protocol, at }: KnockStep & { at: number }): void {
    const is = (step: KnockStep | undefined) => step?.port === port && step.protocol === protocol;
    const isNear = this.steps.some((step) => Math.abs(step.port - port) <= NEIGHBOURS) &&
      this.steps.some((step) => step.protocol === protocol);
    if (!isNear) return;
    const isInTime = this.#stage > 0 && at - this.#first <= this.within;
    if (this.steps.length === 1) {
      if (is(this.steps[0])) this.opened = at;
    } else if (isInTime && is(this.steps[this.#stage])) {
      this.#stage++;
      if (this.#stage < this.steps.length) return;
      this.opened = at;
      this.#stage = 0;
    } else if (!(isInTime && this.#stage > 1 && is(this.steps[this.#stage - 1]))) {
      this.#stage = is(this.steps[0]) ? 1 : 0;
      this.#first = at;
    }
  }
}

const step = fc.record({
  port: fc.constantFrom(7000, 7001, 7016, 7017, 8022, 9003, 65_535),
  protocol: fc.constantFrom("tcp" as const, "udp" as const),
});

Deno.test("the rules hear any knock as it is described, whatever else is sent in between", () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 6 }),
      fc.array(fc.record({ step: fc.nat(9), other: step, pause: fc.nat(3), from: fc.nat(1) }), {
        maxLength: 40,
      }),
      (steps, sent) => {
        const kernel = machine(service({ steps }));
        const visitors = [new Visitor(steps, 5), new Visitor(steps, 5)];
        let at = 100;
        for (const { step, other, pause, from } of sent) {
          at += pause;
          // Mostly steps of the knock, or few would ever be complete.
          const packet = steps[step] ?? other;
          kernel.receive({ ...packet, from: String(from), at });
          visitors[from]!.knock({ ...packet, at });
          assertEquals(kernel.lastSeen("pk-ssh", String(from)), visitors[from]!.opened);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("of all orders of three to five ports one opens the door", () => {
  for (const count of [3, 4, 5]) {
    const steps = [...STEPS, { port: 4004, protocol: "udp" }, { port: 5005, protocol: "tcp" }]
      .slice(0, count) as KnockStep[];
    const opening: string[] = [];
    for (let order = 0; order < count ** count; order++) {
      const kernel = machine(service({ steps }));
      const knocked = steps.map((_, at) => steps[Math.floor(order / count ** at) % count]!);
      for (const one of knocked) kernel.receive({ ...one, from: "a", at: 1 });
      if (kernel.lastSeen("pk-ssh", "a") !== null) {
        opening.push(knocked.map(({ port }) => port).join());
      }
    }
    assertEquals(opening, [steps.map(({ port }) => port).join()]);
  }
});

Deno.test("a closing knock takes the address off the list that the opening one put it on", () => {
  const one = service({ close: [STEPS[2]!, STEPS[0]!] });
  const [open, close] = knockChainsOf(one, "ipv4");
  const kernel = new RecentMachine(
    [...open!.jumps, ...close!.jumps].map(emitRule),
    [...open!.rules, ...close!.rules],
  );
  assertEquals([open?.chain, close?.chain], ["pk-ssh.1", "pk-ssh.2"]);
  for (const one of STEPS) kernel.receive({ ...one, from: "a", at: 1 });
  assertEquals(kernel.lastSeen("pk-ssh", "a"), 1);
  const closing = new RecentMachine(close!.jumps.map(emitRule), [
    "-m recent --set --name pk-ssh",
    ...close!.rules,
  ]);
  for (const one of [STEPS[2]!, STEPS[0]!]) closing.receive({ ...one, from: "a", at: 2 });
  assertEquals(closing.lastSeen("pk-ssh", "a"), null);
});

Deno.test("lists are never shared by families, by knocks or by what a file said before", () => {
  const names = (one: Service, family: "ipv4" | "ipv6") =>
    new Set(
      knockChainsOf(one, family).flatMap(({ rules }) =>
        rules.flatMap((rule) => [...rule.matchAll(/--name (\S+)/g)].map(([, name]) => name))
      ),
    );
  const one = service();
  const two = service({}, { knocks: [...one.knocks!, ...one.knocks!] });
  const other = service({ steps: STEPS.toReversed() });
  const all = [names(one, "ipv4"), names(one, "ipv6"), names(two, "ipv4"), names(other, "ipv4")];
  assertEquals(all.map(({ size }) => size), [3, 3, 6, 3]);
  assertEquals(all[0]!.isDisjointFrom(all[1]!), true);
  assertEquals([...all[0]!.intersection(all[3]!)], ["pk-ssh"]);
});

Deno.test("polling the service until it opens does not reset the knock", () => {
  const steps: KnockStep[] = [{ port: 30, protocol: "tcp" }, ...STEPS.slice(1)];
  const kernel = machine(service({ steps }));
  for (const port of [30, 22]) kernel.receive({ protocol: "tcp", port, from: "a", at: 1 });
  for (const one of steps.slice(1)) kernel.receive({ ...one, from: "a", at: 1 });
  assertEquals(kernel.lastSeen("pk-ssh", "a"), 1);
});

Deno.test("a scan opens no door of a service whose own ports are around those of its knock", () => {
  const tcp = (...ports: readonly number[]): KnockStep[] =>
    ports.map((port) => ({ port, protocol: "tcp" }));
  const cases: readonly (readonly [KnockStep[], readonly (readonly [number, number])[]])[] = [
    [tcp(7000, 8022, 9003), [[6000, 9999]]],
    [tcp(9003, 8022, 7000), [[1024, 65_535]]],
    [tcp(7000, 8022, 9003), [[7001, 7016], [8006, 8021], [8023, 8038], [8987, 9002]]],
    [tcp(7000, 7004, 7008), [[7001, 7003], [7005, 7007]]],
    [tcp(7000, 7004, 7007), [[7001, 7003], [7005, 7006]]],
  ];
  for (const [steps, ports] of cases) {
    const one = service({ steps, within: 3600 }, {
      ports: ports.map(([from, to]) => ({ from, to })),
    });
    for (const scan of [(n: number) => n, (n: number) => 65_536 - n]) {
      const kernel = machine(one);
      for (let n = 1; n <= 65_535; n++) {
        kernel.receive({ protocol: "tcp", port: scan(n), from: "10.0.0.1", at: 0 });
      }
      assertEquals(kernel.lastSeen("pk-ssh", "10.0.0.1"), null, JSON.stringify([steps, ports]));
    }
  }
});

Deno.test("an interface of the service is that of its knock", () => {
  const { jumps } = knockChainsOf(service({}, { interface: "eth0" }), "ipv4")[0]!;
  assertEquals(jumps.map(emitRule).every((text) => text.startsWith("-i eth0 -p ")), true);
});

Deno.test("chains of knocks have names that no service's chain has, and show whose they are", () => {
  assertEquals(knockChainOf("ssh", 12), "pk-ssh.12");
  assertEquals(
    ["pk-ssh.1", "pk-ssh.12", "pk-ssh", "pk-a.b", "pk-a.b.1", "pk.ssh"].map(knockedServiceOf),
    [
      ...["ssh", "ssh"],
      ...[null, null, null, null],
    ],
  );
  assertEquals([1, 9, 10].map(longestKnockedName), [23, 23, 22]);
  assertEquals(knockChainOf("a".repeat(longestKnockedName(12)), 12).length, 28);
});

Deno.test("rules of this tool are distinguished from those of others in the chain of a knock", () => {
  for (const family of ["ipv4", "ipv6"] as const) {
    const one = service({ steps: [...STEPS, ...STEPS], close: STEPS.slice(0, 1) });
    for (const { rules } of knockChainsOf(one, family)) {
      assertEquals(rules.filter((text) => !isKnockRule(text)), []);
    }
  }
  for (
    const text of [
      "-j RETURN",
      "-j ACCEPT",
      "-p tcp -m tcp --dport 7000 -j DROP",
      "-m recent --set --name other --mask 255.255.255.255 --rsource",
      "-m recent --set --name pk-ssh --mask 255.255.255.255 --rsource -j DROP",
      "-s 192.0.2.1/32 -m recent --set --name pk-ssh --mask 255.255.255.255 --rsource",
      "-m recent --update --name pk-ssh --mask 255.255.255.255 --rsource",
    ]
  ) assertEquals(isKnockRule(text), false, text);
});
