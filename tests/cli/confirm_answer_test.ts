// What confirm and revert say where the families differ, and what they only show.
import { assert, assertEquals } from "@std/assert";
import { failure } from "../../src/system/failure.ts";
import type { FakeSystem } from "../support/fake_system.ts";
import { machine, must, unconfirmed } from "../support/unconfirmed_machine.ts";

/** IPv4 is unconfirmed for 30 seconds, IPv6 for 60. */
async function apart(): Promise<FakeSystem> {
  const system = await machine();
  await must(system, "load new.pk --confirm 30s --ipv4");
  await must(system, "load new.pk --confirm 60s --ipv6");
  return system;
}

const OVER = "pktables: warning: rules that were not confirmed by 2026-05-06T07:08:39Z were " +
  "taken back: the previous rules are in force\n";

const LATE = "the kernel has taken the rules back already; what was left of them is removed";

const ERROR = "pktables: error: ";

/** What is shown of what was written, family by family. */
function shown({ kernel }: FakeSystem, from: number): string {
  return kernel.writes.slice(from).map(({ family, payload }) =>
    payload.replace("*filter", family === "ipv4" ? "# IPv4" : "# IPv6").replace("COMMIT\n", "")
  ).join("");
}

for (
  const [seconds, line, status, said, warned] of [
    [0, "confirm", 0, "confirmed (IPv4 and IPv6)", ""],
    [30, "confirm", 0, "confirmed (IPv4 and IPv6)", ""],
    [31, "confirm", 0, "confirmed (IPv6)", OVER],
    [60, "confirm", 0, "confirmed (IPv6)", OVER],
    [
      61,
      "confirm",
      1,
      "too late: the kernel took the rules back after 2026-05-06T07:08:39Z",
      "",
    ],
    [0, "revert", 0, "taken back (IPv4 and IPv6)", ""],
    [30, "revert", 0, "taken back (IPv4 and IPv6)", ""],
    [31, "revert", 0, "taken back (IPv4 and IPv6)", ""],
    [60, "revert", 0, "taken back (IPv4 and IPv6)", ""],
    [61, "revert", 0, LATE, ""],
    [31, "revert --ipv4", 0, LATE, ""],
    [30, "revert --ipv4", 0, "taken back (IPv4)", ""],
    [31, "revert --ipv6", 0, "taken back (IPv6)", ""],
    [61, "revert --ipv6", 0, LATE, ""],
  ] as const
) {
  Deno.test(`of two families that end apart: ${line} after ${seconds} seconds`, async () => {
    const system = await apart();
    system.clock += seconds;
    const from = system.kernel.writes.length;
    const { out, err, ...ended } = await system.run(line);
    assertEquals(ended.status, status);
    assertEquals([out, err], status === 0 ? [`${said}\n`, warned] : ["", ERROR + `${said}\n`]);
    assert(system.kernel.writes.length > from);
    const dry = await apart();
    dry.clock = system.clock;
    dry.steps.length = 0;
    const before = dry.dump();
    assertEquals(await dry.run(`${line} --dry-run`), {
      status,
      out: shown(system, from),
      err: status === 0 ? `${warned}would say: ${said}\n` : err,
    });
    assertEquals([dry.steps, dry.dump()], [["drop"], before]);
  });
}

Deno.test("of several families only the one that is unconfirmed is shown", async () => {
  for (const [family, other] of [["IPv4", "IPv6"], ["IPv6", "IPv4"]] as const) {
    const system = await machine();
    await must(system, `load new.pk --confirm 60s --${family.toLowerCase()}`);
    for (const line of ["confirm --dry-run", "revert --dry-run"]) {
      const out = await must(system, line);
      assertEquals([out.startsWith(`# ${family}\n-`), out.includes(other)], [true, false]);
    }
  }
  const nothing = await machine();
  assertEquals(await nothing.run("revert --dry-run"), {
    status: 0,
    out: "",
    err: "would say: nothing is unconfirmed: nothing to do\n",
  });
});

Deno.test("rules that cannot be read are shown as little as they are answered", async () => {
  for (const line of ["confirm", "revert", "confirm --dry-run", "revert --dry-run"]) {
    const system = await unconfirmed();
    const problem = failure("timeout", "iptables-save did not end");
    system.kernel.faults = { save: { family: "ipv4", problem } };
    assertEquals(await system.run(line), {
      status: 1,
      out: "",
      err: `${ERROR}iptables-save did not end\n`,
    });
  }
});

Deno.test("what another program did to one family keeps both from being confirmed", async () => {
  for (const family of ["ipv4", "ipv6"] as const) {
    const system = await unconfirmed();
    assert((await system.kernel.restore(family, "*filter\n-F pk.ssh\nCOMMIT\n")).ok);
    const before = system.dump();
    for (const line of ["confirm --dry-run", "confirm"]) {
      assertEquals(await system.run(line), {
        status: 1,
        out: "",
        err: `${ERROR}chain pk.ssh was emptied by another program: \`pktables revert\` takes ` +
          "the rules back\n",
      });
    }
    assertEquals(system.dump(), before);
  }
});

Deno.test("nobody is looked for where confirm is refused or nothing is unconfirmed", async () => {
  for (const [late, line] of [[61, "load new.pk"], [0, "list"]] as const) {
    const system = await machine();
    await must(system, `${line}${late > 0 ? " --confirm 60s" : ""}`);
    Object.assign(system.console, { errIsTerminal: true, noColor: true });
    system.clock += late;
    system.asked.length = 0;
    for (const verb of ["confirm --dry-run", "confirm"]) await system.run(verb);
    assertEquals(system.asked, []);
  }
});
