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
      await pause(1.6); // the first knock's time is over
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

  Deno.test(`doors and half-done knocks outlive a load; a changed knock starts from nothing (${backend})`, async () => {
    await using knocking = await KernelKnocking.create(backend);
    await knocking.load(rules());
    await knocking.send(knocking.steps(KNOCK, knocking.visitor(1)));
    const [first, second, third] = knocking.steps(KNOCK, knocking.visitor(2));
    await knocking.send([first!, second!]);
    const changes = [
      rules().replace("drop", "reject\n    established\n    allow 192.0.2.1"),
      `service web tcp 80 accept\n${rules(KNOCK, "within 50s for 4h")}`,
      rules().replace("8h", "7h"),
    ];
    for (const change of changes) {
      await knocking.load(change);
      assertEquals(await knocking.open(), [knocking.visitor(1)]);
    }
    await knocking.send([third!]);
    assertEquals(await knocking.open(), [knocking.visitor(1), knocking.visitor(2)]);
    // Another knock with the same end: who is in the midst of the old one does not end the new one.
    await knocking.send(knocking.steps(KNOCK.slice(0, 2), knocking.visitor(3)));
    await knocking.load(rules(["4004", "5005:udp", "9003"]));
    await knocking.send(knocking.steps(["9003"], knocking.visitor(3)));
    assertEquals(await knocking.open(), [knocking.visitor(1), knocking.visitor(2)]);
    await knocking.load(`service ssh tcp ${PORT} drop\n`);
    const lists = await knocking.knocking.server.ns.must(["ls", "/proc/net/xt_recent"]);
    assertEquals(lists, "");
  });

  Deno.test(`a knock opens with no process in user space, list shows it, delete closes it (${backend})`, async () => {
    await using knocking = await KernelKnocking.create(backend);
    const { server, client } = knocking.knocking;
    await knocking.load(rules(KNOCK, "within 5s for 1h close 9003, 7000"));
    assertEquals(await server.ns.processes(), []);
    const target = { protocol: "tcp", address: serverOf(1), port: PORT } as const;
    await knocking.send(knocking.steps(KNOCK, knocking.own));
    assertEquals(await knocking.open(), [knocking.own]);
    await serve(server.ns, [PORT]);
    assertEquals(await answers(client, target), true);
    const { services: [ssh] } = JSON.parse((await server.pktables("list", "--json")).stdout);
    const [door] = ssh.doors;
    assertEquals([door.address, door.kind], [`${knocking.own}/32`, "kernel"]);
    assert(door.secondsLeft > 3540 && door.secondsLeft <= 3600, String(door.secondsLeft));
    const traced = await server.pktables("trace", "tcp", String(PORT), "from", knocking.own);
    assertEquals(traced.code, 0, traced.stderr);
    const closed = await server.must("delete", knocking.own, "--service", "ssh");
    assertEquals(closed, `ssh: ${knocking.own}/32 closed\n`);
    assertEquals(await answers(client, target), false);
    // The closing knock does the same. The visitor opens with knock(1).
    await knocking.knocking.knock(KNOCK);
    assertEquals(await answers(client, target), true);
    await knocking.send(knocking.steps(["9003", "7000"], knocking.own));
    assertEquals(await answers(client, target), false);
  });

  Deno.test(`packets of a knock go on to the rules that follow (${backend})`, async () => {
    await using knocking = await KernelKnocking.create(backend);
    const { server, client } = knocking.knocking;
    await serve(server.ns, [7000, 9003]);
    await knocking.load(rules());
    // Whoever answers on such a port answers as before, the last step of a knock included.
    const ask = (port: number) => answers(client, { protocol: "tcp", address: serverOf(1), port });
    assertEquals(await ask(7000), true);
    await knocking.send(knocking.steps(["8022:udp"], knocking.own));
    assertEquals(await ask(9003), true);
    assertEquals(await knocking.open(), [knocking.own]);
    await server.iptables("ipv4", "-A", "INPUT", "-p", "tcp", "--dport", "7000", "-j", "DROP");
    assertEquals(await ask(7000), false);
  });

  Deno.test(`a client that waits for answers, and so sends each SYN again, gets in (${backend})`, async () => {
    await using knocking = await KernelKnocking.create(backend);
    const { server, client } = knocking.knocking;
    await knocking.load(rules(KNOCK, "within 10s for 1h"));
    await server.iptables("ipv4", "-A", "INPUT", "-p", "tcp", "--dport", "7000:9100", "-j", "DROP");
    const arrived = await knocking.count(knocking.own);
    const script = `
import socket, sys
def tcp(port):
    one = socket.socket()
    one.settimeout(1.6)
    try:
        one.connect((sys.argv[1], port))
    except OSError:
        pass
tcp(7000)
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", (sys.argv[1], 8022))
tcp(9003)
`;
    await client.must(["python3", "-c", script, serverOf(1)]);
    assertEquals(await knocking.open(), [knocking.own]);
    assert(await arrived() >= 5, "each SYN came twice");
  });
}

Deno.test("what compile writes makes the same tables as load", async () => {
  for (const backend of BACKENDS) {
    await using knocking = await KernelKnocking.create(backend);
    const { server } = knocking.knocking;
    await knocking.load(rules(KNOCK, "for 8h close 9003, 7000"));
    const wanted = await server.saveAll();
    const payloads = await Promise.all(
      [[], ["--ipv6"]].map((more) => server.must("compile", "/mnt/rules.pk", ...more)),
    );
    await server.must("remove", "ssh");
    for (const [at, family] of FAMILIES.entries()) {
      const program = `${family === "ipv4" ? "iptables" : "ip6tables"}-${backend}-restore`;
      await server.ns.must([program, "--noflush"], { stdin: payloads[at]! });
    }
    assertEquals(await server.saveAll(), wanted);
    assertEquals((await server.pktables("diff", "/mnt/rules.pk")).code, 0);
  }
});
