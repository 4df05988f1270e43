import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { FilterTable } from "../../src/firewall/table.ts";
import { orphanKnocks } from "../../src/plan/knock_chains.ts";
import { FakeSystem } from "../support/fake_system.ts";

const port = fc.tuple(fc.integer({ min: 1, max: 65_535 }), fc.constantFrom("", ":udp"))
  .map(([number, protocol]) => `${number}${protocol}`);
const ports = fc.array(port, { minLength: 1, maxLength: 5 }).map((all) => all.join(", "));
const knock = fc.tuple(ports, fc.option(ports), fc.integer({ min: 1, max: 24 }))
  .map(([open, close, days]) =>
    `    knock ${open} within 5s for ${days}d${close === null ? "" : ` close ${close}`} by kernel\n`
  );
const service = (name: string, number: number) =>
  fc.tuple(
    fc.constantFrom("", " ipv4", " ipv6", " on eth0", " established", " allow 10.0.0.1"),
    fc.array(knock, { maxLength: 3 }),
  ).map(([more, knocks]) => `service ${name} tcp ${number} drop${more}\n${knocks.join("")}`);
const file = fc.subarray([0, 1, 2]).chain((which) =>
  fc.tuple(...which.map((at) => service(["ssh", "web", "vpn"][at]!, [22, 80, 1194][at]!)))
).map((services) => services.join(""));

/** The tables, regardless of the order of jumps that were added at different times. */
function content(system: FakeSystem): string[] {
  const lines = system.dump().split("\n");
  return [
    ...lines.filter((line) => line.includes(" -A INPUT ")).toSorted(),
    ...lines.filter((line) => !line.includes(" -A INPUT ")),
  ];
}

Deno.test("whatever file was loaded before, the next one makes what it makes on an empty machine", async () => {
  await fc.assert(
    fc.asyncProperty(file, file, async (first, second) => {
      const [system, fresh] = [new FakeSystem(), new FakeSystem()];
      const load = async (machine: FakeSystem, text: string) => {
        machine.contents["rules.pk"] = text;
        const { status, err } = await machine.run("load --prune rules.pk");
        assertEquals(status, 0, err);
      };
      for (const text of [first, second]) await load(system, text);
      await load(fresh, second);
      assertEquals(content(system), content(fresh));
      assertEquals((await system.run("diff --prune rules.pk")).out, "");
      const writes = () => system.kernel.calls.filter(({ verb }) => verb === "write").length;
      const before = writes();
      await load(system, second);
      assertEquals(writes(), before);
      await system.run("remove --all");
      assertEquals(system.dump(), new FakeSystem().dump());
    }),
    { numRuns: 150 },
  );
});

Deno.test("foreign rules behind those of a knock stay behind them, whatever the knock becomes", async () => {
  const system = new FakeSystem();
  const load = async (knock: string) => {
    system.contents["rules.pk"] = `service ssh tcp 22 knock ${knock} for 8h by kernel\n`;
    assertEquals((await system.run("load rules.pk")).status, 0);
  };
  await load("7000, 8022:udp, 9003");
  system.kernel.load("ipv4", "-I pk-ssh.1 -s 192.0.2.66 -j RETURN\n-A pk-ssh.1 -j DROP");
  // Every rule of the knock is another, then some are.
  for (const knock of ["7003, 8022:udp, 9003", "7003, 8022:udp, 9003 within 9s", "5001, 4001"]) {
    await load(knock);
    const rules = system.kernel.chain("ipv4", "pk-ssh.1") ?? [];
    assertEquals([rules[0], rules.at(-1)], ["-s 192.0.2.66/32 -j RETURN", "-j DROP"], knock);
  }
});

/** The rules of a knock's chain in which others stand, once a file is loaded: by their numbers. */
async function loaded(start: readonly (number | string)[], knock = KNOCK) {
  const system = new FakeSystem();
  system.contents["rules.pk"] = `service ssh tcp 22 ipv4 knock ${knock} for 8h by kernel\n`;
  assertEquals((await system.run("load rules.pk")).status, 0);
  const own = system.kernel.chain("ipv4", "pk-ssh.1") ?? [];
  const lines = start.map((one) => `-A pk-ssh.1 ${typeof one === "string" ? one : own[one]}`);
  system.kernel.load("ipv4", ["-F pk-ssh.1", ...lines].join("\n"));
  const before = system.kernel.writes.length;
  assertEquals((await system.run("load rules.pk")).status, 0);
  const names = (system.kernel.chain("ipv4", "pk-ssh.1") ?? []).map((rule) => {
    const at = own.indexOf(rule);
    return at < 0 ? rule : at;
  });
  const payload = system.kernel.writes.slice(before).map(({ payload }) => payload).join("");
  return { names, edits: payload.match(/^-[ID] |^(?:\[.*\] )?-A /gm)?.length ?? 0 };
}

const KNOCK = "7000, 8022:udp, 9003";

Deno.test("a knock's rules come in order around those of others, by as few edits as there need be", async () => {
  const [x, y, z] = ["-s 192.0.2.1/32 -j DROP", "-s 192.0.2.2/32 -j DROP", "-j LOG"];
  const cases: readonly (readonly [
    start: readonly (number | string)[],
    end: readonly (number | string)[],
    edits: number,
  ])[] = [
    [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], 0],
    [[], [0, 1, 2, 3, 4], 5],
    [[0, 1, 3, 4], [0, 1, 2, 3, 4], 1],
    [[4, 0, 1, 2, 3], [0, 1, 2, 3, 4], 2],
    [[x, 0, 1, 2, 3, 4], [x, 0, 1, 2, 3, 4], 0],
    [[0, x, 1, 2, y, 3, 4, z], [0, x, 1, 2, y, 3, 4, z], 0],
    [[x, y, 0, 1, z, 2, 3, 4], [x, y, 0, 1, z, 2, 3, 4], 0],
    [[x, 1, y, 3, z], [x, 0, 1, 2, y, 3, 4, z], 3],
    [[x, y], [x, y, 0, 1, 2, 3, 4], 5],
    [[x, 0, y, z], [x, 0, 1, 2, 3, 4, y, z], 4],
    // Doubled: what is behind the first stays behind it.
    [[0, x, 0, 1, 2, 3, 4], [0, x, 1, 2, 3, 4], 3],
    [[0, 1, 2, 3, 4, 0, 1, 2, 3, 4], [0, 1, 2, 3, 4], 15],
  ];
  for (const [start, end, edits] of cases) {
    assertEquals(await loaded(start), { names: end, edits }, start.join(" | "));
  }
});

Deno.test("chains of knocks without their service are found, and no others", () => {
  const names = [
    "INPUT",
    "pk-ssh",
    "pk-ssh.1",
    "pk-old.1",
    "pk-old.2",
    "pk-a.b.1",
    "pk-9.1",
    "x.1",
  ];
  const table = new FilterTable("ipv4", new Map(names.map((name) => [name, []])));
  assertEquals(orphanKnocks(table), ["old"]);
  assertEquals(table.serviceNames, ["a.b.1", "ssh"]);
});
