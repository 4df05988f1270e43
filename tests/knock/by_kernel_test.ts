import { assert, assertEquals } from "@std/assert";
import { BACKENDS, FAMILIES } from "../support/iptables_text.ts";
import type { Step } from "../support/frames.ts";
import { KernelKnocking, type Port } from "../support/kernel_knocking.ts";
import { serverOf } from "../support/knocking.ts";
import { answers, serve } from "../support/traffic.ts";

const KNOCK = ["7000", "8022:udp", "9003"];
const PORT = 2201;

function rules(knock: readonly Port[] = KNOCK, more = "within 5s for 8h"): string {
  return `service ssh tcp ${PORT} syn drop\n    knock ${knock.join(", ")} ${more} by kernel\n`;
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** All orders in which as many packets may come, drawn from these ports. */
function orders(ports: readonly Port[]): Port[][] {
  const { length } = ports;
  return Array.from(
    { length: length ** length },
    (_, order) => ports.map((_, at) => ports[Math.floor(order / length ** at) % length]!),
  );
}

/** A list is full with 100. */
const BATCH = 90;

/** Which of many sequences of packets open the door, each by a visitor of its own. */
async function opening(knocking: KernelKnocking, tried: readonly (readonly Port[])[]) {
  const found: string[] = [];
  for (let first = 0; first < tried.length; first += BATCH) {
    const some = tried.slice(first, first + BATCH);
    await knocking.send(
      some.flatMap((ports, at) => knocking.steps(ports, knocking.visitor(at + 1))),
    );
    const open = await knocking.open();
    found.push(
      ...some.filter((_, at) => open.includes(knocking.visitor(at + 1))).map((ports) =>
        ports.join()
      ),
    );
    await knocking.forget();
  }
  return found;
}

/** The same order each time. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const mixed = [...items];
  let state = seed;
  for (let at = mixed.length - 1; at > 0; at--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = state % (at + 1);
    [mixed[at], mixed[other]] = [mixed[other]!, mixed[at]!];
  }
  return mixed;
}

const ALL_PORTS = Array.from({ length: 65_535 }, (_, at) => String(at + 1));

for (const backend of BACKENDS) {
  for (const family of FAMILIES) {
    Deno.test(`of all orders of three and four ports one opens (${backend}, ${family})`, async () => {
      await using knocking = await KernelKnocking.create(backend, family);
      await knocking.load(rules());
      assertEquals(await opening(knocking, orders(KNOCK)), [KNOCK.join()]);
      const four = ["7000", "8022:udp", "9003", "5005:udp"];
      await knocking.load(rules(four));
      assertEquals(await opening(knocking, orders(four)), [four.join()]);
      const twice = ["7000", "8022:udp", "7000", "9003"];
      await knocking.load(rules(twice));
      // Equal steps come twice among the orders.
      assertEquals([...new Set(await opening(knocking, orders(twice)))], [twice.join()]);
    });

    Deno.test(`neighbours start a knock over, and repeated packets do no harm (${backend}, ${family})`, async () => {
      await using knocking = await KernelKnocking.create(backend, family);
      await knocking.load(rules());
      const [a = "", b = "", c = ""] = KNOCK;
      const neighbours = [
        "6984",
        "6999",
        "7001",
        "7016:udp",
        "8006",
        "8022",
        "8023:udp",
        "9019",
        "9003:udp",
      ];
      const tried = [
        ...neighbours.flatMap((port) => [[a, port, b, c], [a, b, port, c]]),
        ...["6983", "7017", "8005", "9020:udp", "80", String(PORT)].map((port) => [a, b, port, c]),
        [a, a, b, c],
        [a, b, b, c],
        [a, b, c, c],
        [a, a, a, b, b, b, c, c, c],
        [a, b, a, b, c],
        [a, b, a, c],
        [b, a, b, c],
        [a, c, b, c],
      ];
      const opened = await opening(knocking, tried);
      assertEquals(
        opened,
        [
          ...["6983", "7017", "8005", "9020:udp", "80", String(PORT)].map((
            port,
          ) => [a, b, port, c]),
          [a, a, b, c],
          [a, b, b, c],
          [a, b, c, c],
          [a, a, a, b, b, b, c, c, c],
          [a, b, a, b, c],
          [b, a, b, c],
        ].map((ports) => ports.join()),
      );
    });

    Deno.test(`a knock is counted from its first packet, and another one extends (${backend}, ${family})`, async () => {
      await using knocking = await KernelKnocking.create(backend, family);
      await knocking.load(rules(KNOCK, "within 2s for 3s"));
      const knock = (n: number, ...pauses: readonly number[]): Step[] =>
        knocking.steps(KNOCK, knocking.visitor(n)).flatMap((step, at): Step[] => [
          step,
          { pause: pauses[at] ?? 0 },
        ]);
      await knocking.send(knock(1, 0.9, 0.9)); // 1.8 s in all
      await knocking.send(knock(2, 1.2, 1.2)); // each pause is short enough, both are not
      const again = knocking.steps(KNOCK, knocking.visitor(3));
      await knocking.send([
        again[0]!,
        { pause: 1.5 },
        again[0]!,
        again[1]!,
        { pause: 1.5 },
        again[2]!,
      ]);
      assertEquals(await knocking.open(), [knocking.visitor(1), knocking.visitor(3)]);

      await serve(knocking.knocking.server.ns, [PORT]);
      const target = { protocol: "tcp", address: serverOf(1, family), port: PORT } as const;
      const isIn = () => answers(knocking.knocking.client, target);
      assertEquals(await isIn(), false);
      await knocking.send(knocking.steps(KNOCK, knocking.own));
      assertEquals(await isIn(), true);
      await pause(2);
      await knocking.send(knocking.steps(KNOCK, knocking.own));
      await pause(1.6); // the first knock's time has expired
      assertEquals(await isIn(), true);
      await pause(2);
      assertEquals(await isIn(), false);
    });
  }

  Deno.test(`visitors who knock at the same time do not disturb each other (${backend})`, async () => {
    await using knocking = await KernelKnocking.create(backend);
    await knocking.load(rules());
    const mingled = (visitors: readonly number[]) =>
      KNOCK.flatMap((port) => visitors.flatMap((n) => knocking.steps([port], knocking.visitor(n))));
    await knocking.send(mingled([1, 2]));
    assertEquals(await knocking.open(), [knocking.visitor(1), knocking.visitor(2)]);
    await knocking.forget();
    // One after the other: of 200 the last hundred are in, and all had been.
    const all = Array.from({ length: 200 }, (_, at) => at + 1);
    await knocking.send(all.flatMap((n) => knocking.steps(KNOCK, knocking.visitor(n))));
    assertEquals(await knocking.open(), all.slice(100).map((n) => knocking.visitor(n)).sort());
    const listed = await knocking.knocking.server.pktables("list");
    assertEquals(listed.stdout.split(" by kernel").length - 1, 100);
    assert(listed.stderr.includes("the kernel's list pk-ssh holds no more"), listed.stderr);
    await knocking.forget();
    // All at once: the list of those who have begun holds a hundred, and the first are pushed out.
    await knocking.send(mingled(all));
    assertEquals(await knocking.open(), all.slice(100).map((n) => knocking.visitor(n)).sort());
    await knocking.forget();
    await knocking.send(mingled(all.slice(0, 100)));
    assertEquals((await knocking.open()).length, 100);
  });

  Deno.test(`no scan of all ports opens a door, whatever its order (${backend})`, async () => {
    await using knocking = await KernelKnocking.create(backend);
    const knocks = [
      ["7000", "8022", "9003"], // rises: a scan upwards opens it with knockd
      ["9003", "8022", "7000"],
      ["7000", "7002", "7004"],
      ["7000", "8022:udp", "9003"],
      ["40000", "20000", "60000", "10000"],
    ];
    const scans: readonly (readonly [string, readonly Port[]])[] = [
      ["up", ALL_PORTS],
      ["down", ALL_PORTS.toReversed()],
      ["both protocols, up", ALL_PORTS.flatMap((port) => [port, `${port}:udp`])],
      ...[1, 2, 3].map((seed) => [`random ${seed}`, shuffled(ALL_PORTS, seed)] as const),
    ];
    const file = knocks.map((knock, at) =>
      `service s${at} tcp ${100 + at} knock ${knock.join(", ")} within 1h for 8h by kernel\n`
    );
    await knocking.load(file.join(""));
    const arrived = await knocking.count(knocking.own);
    for (const [name, ports] of scans) {
      await knocking.send(knocking.steps(ports, knocking.own));
      assertEquals(await arrived(), ports.length, name);
      for (const at of knocks.keys()) {
        assertEquals(await knocking.open(`pk-s${at}`), [], `${name}: ${knocks[at]!.join()}`);
      }
      await knocking.forget();
    }
    // The same doors open to their knocks.
    for (const [at, knock] of knocks.entries()) {
      await knocking.send(knocking.steps(knock, knocking.own));
      assertEquals(await knocking.open(`pk-s${at}`), [knocking.own]);
    }
  });
}
