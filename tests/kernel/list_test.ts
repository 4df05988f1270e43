import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Box, forEachBackend } from "../support/box.ts";
import { expectStatus } from "../support/expect.ts";
import { install, starts } from "../support/fake_iptables/fake_iptables.ts";
import { answers, serve } from "../support/traffic.ts";

interface ListedDoor {
  address: string;
  family: string;
  kind: string;
  expires: string | null;
  secondsLeft: number | null;
  packets: number;
  bytes: number;
}
interface Listed {
  version: number;
  services: { name: string; doors: ListedDoor[]; packets: number; bytes: number }[];
}

async function json(box: Box, ...names: string[]): Promise<Listed> {
  return JSON.parse(await box.must("list", ...names, "--json")) as Listed;
}

forEachBackend(
  "list --json shows everything about a service, both families, in a fixed shape",
  async (box) => {
    const log = ["--log", "--log-prefix", "ssh ", "--log-limit", "10/minute", "--log-burst", "7"];
    await box.must("init", "ssh", "--port", "22,8000-8010", "--syn", ...log);
    for (const address of ["203.0.113.9", "2001:db8:1::/48"]) {
      await box.must("add", address, "--service", "ssh");
    }
    const times = { expires: null, secondsLeft: null };
    const door = { kind: "door", dead: false, ...times, packets: 0, bytes: 0 };
    assertEquals(await json(box) as unknown, {
      version: 1,
      services: [{
        name: "ssh",
        families: ["ipv4", "ipv6"],
        protocol: "tcp",
        ports: ["22", "8000-8010"],
        syn: true,
        interface: null,
        policy: "drop",
        established: false,
        log: { prefix: "ssh ", level: 4, limit: "10/minute", burst: 7 },
        doors: [
          { address: "203.0.113.9/32", family: "ipv4", ...door },
          { address: "2001:db8:1::/48", family: "ipv6", ...door },
        ],
        others: [],
        restrictedJumps: [],
        packets: 0,
        bytes: 0,
      }],
    });
  },
);

forEachBackend("list --json gives the time left of a timed door", async (box) => {
  await box.must("init", "vpn", "--port", "500", "--udp");
  await box.must("add", "203.0.113.9", "--service", "vpn", "--for", "1h");
  const door = (await json(box)).services[0]?.doors[0];
  assert(door !== undefined && door.secondsLeft !== null && door.expires !== null);
  assert(door.secondsLeft > 3500 && door.secondsLeft <= 3601, String(door.secondsLeft));
  assert(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(door.expires), door.expires);
  const left = Date.parse(door.expires) / 1000 - Date.now() / 1000;
  assert(Math.abs(left - door.secondsLeft) < 10, `${left} ${door.secondsLeft}`);
});

forEachBackend("list counts the packets that a door let in and a service saw", async (box) => {
  await serve(box.ns, [5353]);
  await box.must("init", "dns", "--port", "5353", "--udp");
  await box.must("add", "127.0.0.1", "--service", "dns");
  assertEquals(await answers(box.ns, { protocol: "udp", address: "127.0.0.1", port: 5353 }), true);
  const [service] = (await json(box)).services;
  assertEquals([service?.doors[0]?.packets, service?.packets], [1, 1]);
  assert((service?.doors[0]?.bytes ?? 0) >= 28);
});

forEachBackend("list with a name shows that service alone", async (box) => {
  await box.must("init", "ssh", "--port", "22");
  await box.must("init", "web", "--port", "80");
  assertEquals((await json(box)).services.map(({ name }) => name), ["ssh", "web"]);
  assertEquals((await json(box, "web")).services.map(({ name }) => name), ["web"]);
});

forEachBackend("list is a table for eyes that names each service and door", async (box) => {
  await box.must("init", "ssh", "--port", "22,8000-8010");
  await box.must("add", "203.0.113.9", "--service", "ssh", "--for", "8h");
  await box.must("add", "2001:db8::9", "--service", "ssh");
  const table = await box.must("list");
  for (const part of ["ssh", "22", "8000-8010", "drop", "203.0.113.9", "2001:db8::9", "8h"]) {
    assertStringIncludes(table.toLowerCase(), part);
  }
  assert(!table.includes("\x1b"), "a pipe gets no colours");
});

forEachBackend(
  "list --raw is what iptables -L -vn says of each chain, by one process a family",
  async (box) => {
    await box.must("init", "ssh", "--port", "22");
    await box.must("init", "web", "--port", "80,443", "--log", "--log-prefix", "Chain pk-web (");
    await box.must("add", "203.0.113.9", "--service", "ssh", "--for", "1h");
    await box.must("add", "2001:db8::9", "--service", "web");
    const said = ["-m", "comment", "--comment", "Chain pk-ssh (0 references)", "-j", "ACCEPT"];
    await box.iptables("ipv4", "-N", "pk-empty");
    await box.iptables("ipv4", "-N", "others");
    await box.iptables("ipv4", "-A", "others", "-s", "203.0.113.9", ...said);
    const expected: string[] = [];
    for (const [family, name] of [["ipv4", "IPv4"], ["ipv6", "IPv6"]] as const) {
      for (const chain of [...(family === "ipv4" ? ["pk-empty"] : []), "pk-ssh", "pk-web"]) {
        const text = await box.iptables(family, "-L", chain, "-vn");
        expected.push(`# ${name}\n${text.trimEnd()}`);
      }
    }
    await install(box.ns, []);
    assertEquals(await box.must("list", "--raw"), `${expected.join("\n\n")}\n`);
    const programs = (await starts(box.ns)).map(({ program }) => program);
    assertEquals(programs.toSorted(), [
      ...["ip6tables", "ip6tables-save", "iptables", "iptables-save"],
    ]);
    assertEquals(
      await box.must("list", "ssh", "--raw"),
      `${[expected[1], expected[3]].join("\n\n")}\n`,
    );
  },
);

forEachBackend("list of a machine without services is empty and no error", async (box) => {
  assertEquals(await json(box), { version: 1, services: [] });
  expectStatus(await box.pktables("list"), 0);
  expectStatus(await box.pktables("list", "--raw"), 0);
});

forEachBackend("list changes nothing and needs no lock", async (box) => {
  await box.must("init", "ssh", "--port", "22");
  const before = await box.saveAll({ counters: true });
  const holder = box.ns.spawn(["flock", "/run/pktables.lock", "sleep", "30"]);
  const started = Date.now();
  await box.must("list", "--wait", "20");
  assert(Date.now() - started < 10_000, "list waited for the lock");
  assertEquals(await box.saveAll({ counters: true }), before);
  holder.kill("SIGKILL");
});
