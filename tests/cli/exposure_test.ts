// What is said where ip6tables cannot be used: of a machine without IPv6, and of one whose ports would stay open.
import { assertEquals } from "@std/assert";
import { err, ok, type Result } from "../../src/result.ts";
import { type Failure, failure } from "../../src/system/failure.ts";
import { FakeSystem } from "../support/fake_system.ts";

const ABSENT = failure("absent", "there is no ip6tables");
const NO_FAMILY = failure("no-family", "the kernel has no ip6 tables", "modprobe: not found");
const OTHER = failure("timeout", "ip6tables-save did not end");

const INSTALL = "install the package iptables, or skip IPv6 with --ipv4";
const MODULE =
  "load the kernel's module for ip6tables (ip6_tables or nf_tables), or skip IPv6 with --ipv4";

const LOST: Result<null, Failure> = err(failure("refused", "/proc cannot be read", "EACCES"));

for (
  const [what, problem, reachable, option, status, said] of [
    [
      "no program, no IPv6",
      ABSENT,
      ok(null),
      "",
      0,
      "note: no IPv6 here (there is no ip6tables): continuing with IPv4 only\n",
    ],
    [
      "no tables, no IPv6",
      NO_FAMILY,
      ok(null),
      "",
      0,
      "note: no IPv6 here (the kernel has no ip6 tables): continuing with IPv4 only\n",
    ],
    [
      "no program, and IPv6",
      ABSENT,
      ok("eth0 has 2001:db8::5"),
      "",
      1,
      "pktables: error: IPv6: there is no ip6tables, but the kernel has IPv6 (eth0 has 2001:db8::5), " +
      `which would stay open: ${INSTALL}\n`,
    ],
    [
      "no tables, and IPv6",
      NO_FAMILY,
      ok("eth0 has 2001:db8::5"),
      "",
      1,
      "pktables: error: IPv6: ip6tables says that the kernel has no ip6 tables, but the kernel has " +
      `IPv6 (eth0 has 2001:db8::5), which would stay open: ${MODULE}\n  modprobe: not found\n`,
    ],
    [
      "no program, and nobody knows",
      ABSENT,
      LOST,
      "",
      1,
      "pktables: error: IPv6: there is no ip6tables, and cannot tell whether the kernel has IPv6 " +
      `(/proc cannot be read): ${INSTALL}\n  EACCES\n`,
    ],
    [
      "no tables, and nobody knows",
      NO_FAMILY,
      LOST,
      "",
      1,
      "pktables: error: IPv6: ip6tables says that the kernel has no ip6 tables, and cannot tell " +
      `whether the kernel has IPv6 (/proc cannot be read): ${MODULE}\n  EACCES\n`,
    ],
    [
      "no program, and IPv6 is asked for",
      ABSENT,
      ok(null),
      " --ipv6",
      1,
      "pktables: error: IPv6: there is no ip6tables: install the package iptables\n",
    ],
    [
      "no tables, and IPv6 is asked for",
      NO_FAMILY,
      ok(null),
      " --ipv6",
      1,
      "pktables: error: IPv6: the kernel has no ip6 tables\n  modprobe: not found\n",
    ],
    [
      "another failure",
      OTHER,
      ok(null),
      "",
      1,
      "pktables: error: ip6tables-save did not end\n",
    ],
  ] as const
) {
  Deno.test(`where ip6tables cannot be used: ${what}`, async () => {
    const system = new FakeSystem();
    system.kernel.faults = { save: { family: "ipv6", problem } };
    system.reachable = reachable;
    const ended = await system.run(`init ssh --port 22${option}`);
    assertEquals([ended.status, ended.err], [status, said]);
    assertEquals(system.kernel.chain("ipv4", "pk-ssh") !== null, status === 0);
  });
}

Deno.test("the lack of iptables itself is no lack of IPv4", async () => {
  const system = new FakeSystem();
  const problem = failure("absent", "there is no iptables");
  system.kernel.faults = { save: { family: "ipv4", problem } };
  assertEquals(
    (await system.run("init ssh --port 22")).err,
    "pktables: error: IPv4: there is no iptables: install the package iptables\n",
  );
});
