// Which programs of the machine are called, with which words, and how their output is used.
import { assert, assertEquals } from "@std/assert";
import { SIGNALS } from "../../src/system/children.ts";
import { SignalInterruption } from "../../src/system/interruption.ts";
import { IptablesPrograms } from "../../src/system/iptables.ts";
import { findIpv6 } from "../../src/system/ipv6.ts";
import { realSurroundings } from "../../src/system/surroundings.ts";
import { writeSyslog } from "../../src/system/syslog.ts";
import { type Printed, withPrograms } from "../support/programs.ts";

const every = (...names: string[]): Record<string, Printed> =>
  Object.fromEntries(names.map((name) => [name, { stdout: `${name} said\n` }]));

Deno.test("each backend and family has programs of its own, with a wait that always has a number", async () => {
  for (const [backend, mark] of [["system", ""], ["nft", "-nft"], ["legacy", "-legacy"]] as const) {
    for (const [family, name] of [["ipv4", "iptables"], ["ipv6", "ip6tables"]] as const) {
      const own = `${name}${mark}`;
      const { value, calls } = await withPrograms(
        every(own, `${own}-save`, `${own}-restore`),
        async () => {
          const iptables = new IptablesPrograms({ backend, wait: 7 });
          return [
            await iptables.save(family),
            await iptables.readChain(family, "pk-ssh"),
            await iptables.restore(family, "*filter\nCOMMIT\n"),
            await iptables.restore(family, "*filter\nCOMMIT\n", { test: true }),
            await iptables.print(family, null),
            await iptables.print(family, "pk-ssh"),
          ];
        },
      );
      assertEquals(calls, [
        `${own}-save -t filter -c`,
        `${own} -w 7 -v -S pk-ssh`,
        `${own}-restore --noflush --counters -w 7`,
        `${own}-restore --noflush --counters -w 7 --test`,
        `${own} -w 7 -L -v -n`,
        `${own} -w 7 -L pk-ssh -v -n`,
      ]);
      const said = (text: string) => ({ ok: true, value: `${text} said\n` } as const);
      const done = { ok: true, value: null } as const;
      const [saved, read, ...rest] = value;
      assertEquals([saved, read], [said(`${own}-save`), said(own)]);
      assertEquals(rest, [done, done, said(own), said(own)]);
    }
  }
});

Deno.test("what iptables refuses is reported in words, with what it said", async () => {
  const refused = { code: 4, stderr: "Another app is currently holding the xtables lock.\n" };
  const { value } = await withPrograms(
    { "iptables-save": refused },
    () => new IptablesPrograms({ backend: "system", wait: 0 }).save("ipv4"),
  );
  assert(!value.ok);
  assertEquals([value.problem.kind, value.problem.raw], ["locked", refused.stderr.trim()]);
  const odd = await withPrograms(
    { "iptables-restore": { code: 3 } },
    () => new IptablesPrograms({ backend: "system", wait: 0 }).restore("ipv4", ""),
  );
  assert(!odd.value.ok);
  assertEquals(odd.value.problem, {
    kind: "refused",
    message: "iptables refused the change",
    raw: "iptables-restore exited with status 3",
  });
});

/** Asks nft about chains. */
function listNft(
  backend: "system" | "nft" | "legacy",
  { chains, programs }: { chains: readonly string[]; programs: Record<string, Printed> },
) {
  return withPrograms(
    programs,
    () => new IptablesPrograms({ backend, wait: 1 }).listNft("ipv6", chains),
  );
}

Deno.test("nft is asked chain by chain, of many chains for the table, and only where it is the backend", async () => {
  const programs = { nft: { stdout: "{}" }, "ip6tables --version": { stdout: "v1 (nf_tables)\n" } };
  const few = await listNft("system", { chains: ["a", "b"], programs });
  assertEquals(few, {
    value: { ok: true, value: ["{}", "{}"] },
    calls: [
      "ip6tables --version",
      "nft -j list chain ip6 filter a",
      "nft -j list chain ip6 filter b",
    ],
  });
  const eight = await listNft("nft", { chains: [..."abcdefgh"], programs });
  assertEquals([eight.calls.length, eight.calls[7]], [8, "nft -j list chain ip6 filter h"]);
  const nine = await listNft("nft", { chains: [..."abcdefghi"], programs });
  assertEquals(nine.calls, ["nft -j list table ip6 filter"]);
  const none = { value: { ok: true, value: null } } as const;
  assertEquals(await listNft("legacy", { chains: ["a"], programs }), { ...none, calls: [] });
  const legacy = { ...programs, "ip6tables --version": { stdout: "ip6tables v1.8.9 (legacy)\n" } };
  assertEquals(await listNft("system", { chains: ["a"], programs: legacy }), {
    ...none,
    calls: ["ip6tables --version"],
  });
});

Deno.test("what nft or iptables does not show is a refusal", async () => {
  const failing = { nft: { code: 1, stderr: "Error: No such file or directory\n" } };
  for (
    const [programs, kind] of [
      [failing, "refused"],
      [{}, "absent"],
    ] as const
  ) {
    const { value } = await listNft("nft", { chains: ["a"], programs });
    assertEquals(value.ok ? null : value.problem.kind, kind);
  }
  const { value } = await listNft("system", { chains: ["a"], programs: failing });
  assertEquals(value.ok ? null : value.problem.kind, "absent");
});

Deno.test("the surroundings are read by iptables-save, nft and ip, and nothing else", async () => {
  const programs = {
    ...every("iptables-save", "ip6tables-nft-save", "ip6tables-legacy-save", "nft"),
    "ip -4 route": { stdout: "default via 192.0.2.1 dev eth0\n" },
    "ip -6 route": { stdout: "" },
    "ip -o": { stdout: "2: eth0    inet6 2001:db8::5/64 scope global\n" },
  };
  const { value, calls } = await withPrograms(programs, async () => [
    await realSurroundings.saveAll("ipv4", "system"),
    await realSurroundings.saveAll("ipv6", "nft"),
    await realSurroundings.saveAll("ipv6", "legacy"),
    await realSurroundings.nft(),
    await realSurroundings.defaultInterface("ipv4"),
    await realSurroundings.defaultInterface("ipv6"),
    await realSurroundings.addresses("ipv6"),
    await realSurroundings.addresses("ipv4"),
  ]);
  assertEquals(calls, [
    "iptables-save -c",
    "ip6tables-nft-save -c",
    "ip6tables-legacy-save -c",
    "nft -j list ruleset",
    "ip -4 route show default",
    "ip -6 route show default",
    "ip -o -6 address show",
    "ip -o -4 address show",
  ]);
  assertEquals(value.map((one) => one.ok ? one.value : one.problem), [
    "iptables-save said\n",
    "ip6tables-nft-save said\n",
    "ip6tables-legacy-save said\n",
    "nft said\n",
    "eth0",
    null,
    ["2001:db8::5"],
    ["2001:db8::5"],
  ]);
});

Deno.test("a program around the firewall that fails is a refusal that names it", async () => {
  const programs = { nft: { code: 1, stderr: "nonsense\n" }, ip: { code: 2 } };
  const { value } = await withPrograms(programs, async () => [
    await realSurroundings.nft(),
    await realSurroundings.defaultInterface("ipv4"),
    await realSurroundings.addresses("ipv4"),
    await realSurroundings.saveAll("ipv4", "system"),
  ]);
  assertEquals(value.map((one) => one.ok ? one.value : [one.problem.kind, one.problem.message]), [
    ["refused", "nft exited with status 1"],
    ["refused", "ip exited with status 2"],
    ["refused", "ip exited with status 2"],
    ["absent", "there is no iptables-save on this machine"],
  ]);
  const root = { nft: { code: 1, stderr: "Operation not permitted (you must be root)\n" } };
  const { value: told } = await withPrograms(root, () => realSurroundings.nft());
  assertEquals(told.ok ? null : told.problem.kind, "not-root");
});

Deno.test("IPv6 is looked for among addresses, then among routes", async () => {
  const address = { stdout: "2: eth0    inet6 2001:db8::5/64 scope global\n" };
  const lo = { stdout: "1: lo    inet6 ::1/128 scope host\n" };
  const route = { stdout: "local ::1 dev lo\nunreachable ::/96 dev lo\n2001:db8::/64 dev eth0\n" };
  const cases: readonly (readonly [programs: Record<string, Printed>, found: unknown])[] = [
    [{ "ip -6 -o address show": address }, "address 2001:db8::5/64 on eth0"],
    [{ "ip -6 -o address show": lo, "ip -6 route": route }, "route 2001:db8::/64"],
    [{ "ip -6 -o address show": lo, "ip -6 route": { code: 1, ...route } }, null],
    [{ "ip -6 -o address show": lo, "ip -6 route": { stdout: "" } }, null],
    [{ ip: { code: 1, stderr: "no\n" } }, ["refused", "ip exited with status 1"]],
    [{}, ["absent", "there is no ip on this machine"]],
  ];
  for (const [programs, found] of cases) {
    const { value, calls } = await withPrograms(programs, findIpv6);
    assertEquals(value.ok ? value.value : [value.problem.kind, value.problem.message], found);
    assertEquals(
      calls[0] ?? null,
      Object.keys(programs).length === 0 ? null : "ip -6 -o address show",
    );
    assertEquals(calls[1] ?? "ip -6 route show table all", "ip -6 route show table all");
  }
});

Deno.test("the system's log gets one line, cut where RFC 3164 would end it", async () => {
  for (
    const [line, text] of [
      ["ssh: opened", "ssh: opened"],
      ["x".repeat(900), "x".repeat(900)],
      ["x".repeat(901), `${"x".repeat(900)}...`],
    ] as const
  ) {
    const { value, calls } = await withPrograms({ logger: {} }, () => writeSyslog(line, "warning"));
    assertEquals([value, calls], [
      { ok: true, value: null },
      [`logger -t pktables -p auth.warning -- ${text}`],
    ]);
  }
  const { value } = await withPrograms(
    { logger: { code: 1, stderr: "no socket\n" } },
    () => writeSyslog("x", "notice"),
  );
  assertEquals(value.ok ? null : value.problem, {
    kind: "refused",
    message: "logger exited with status 1",
    raw: "no socket",
  });
  const none = await withPrograms({}, () => writeSyslog("x", "notice"));
  assertEquals(none.value.ok ? null : none.value.problem.kind, "absent");
});

Deno.test("a signal ends a pause and is remembered; afterwards it is not handled", async () => {
  // The runner of the tests ends by SIGINT.
  for (const signal of SIGNALS.filter((one) => one !== "SIGINT")) {
    using interruption = new SignalInterruption();
    await interruption.pause(0);
    assertEquals(interruption.over, false);
    const pause = interruption.pause(3600);
    Deno.kill(Deno.pid, signal);
    await pause;
    assertEquals(interruption.over, true);
    await interruption.pause(3600); // already interrupted: does not wait
  }
});
