import { NO_IPV6 } from "../support/no_ipv6.ts";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { err as refuse, ok } from "../../src/result.ts";
import { failure } from "../../src/system/failure.ts";
import { runSafely } from "../../src/cli/run.ts";
import { FakeSystem } from "../support/fake_system.ts";

const START = ":pk-ssh - [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh\n-A pk-ssh -j DROP";

function machine(): FakeSystem {
  return new FakeSystem({ ipv4: START, ipv6: START });
}

Deno.test("without ip6tables a kernel that can be reached by IPv6 is an error, unless --ipv4 leaves it", async () => {
  for (const problem of NO_IPV6) {
    for (const line of ["init new --port 80", "remove ssh", "list", "list --json", "sweep"]) {
      const system = machine();
      system.kernel.faults = { save: { family: "ipv6", problem } };
      system.reachable = ok("address 2001:db8::1/64 on eth0");
      const { status, out, err } = await system.run(line);
      assertEquals([status, out, system.kernel.writes], [1, "", []], line);
      assertStringIncludes(err, `${problem.message}, but the kernel has IPv6`);
      assertStringIncludes(err, "(address 2001:db8::1/64 on eth0), which would stay open: ");
      assertStringIncludes(err, "or skip IPv6 with --ipv4");
      assertEquals((await system.run(`${line} --ipv4`)).status, 0);
    }
  }
});

Deno.test("without ip6tables it is an error if it is unknown whether the kernel has IPv6", async () => {
  const system = machine();
  system.kernel.faults = { save: { family: "ipv6", problem: NO_IPV6[0]! } };
  system.reachable = refuse(failure("absent", "there is no ip on this machine"));
  const { status, err } = await system.run("init new --port 80");
  assertEquals([status, system.kernel.writes], [1, []]);
  assertEquals(
    err,
    "pktables: error: IPv6: there is no ip6tables-save on this machine, and cannot tell whether the kernel has " +
      "IPv6 (there is no ip on this machine): install the package iptables, or skip " +
      "IPv6 with --ipv4\n",
  );
});

Deno.test("if ip6tables works, the kernel is not checked for IPv6", async () => {
  const system = machine();
  system.reachable = ok("address 2001:db8::1/64 on eth0");
  assertEquals((await system.run("init new --port 80")).status, 0);
  assertEquals(system.steps.includes("ipv6?"), false);
});

Deno.test("an exception ends in a sentence and status 1, not in a stack trace", async () => {
  const system = machine();
  system.kernel.save = () => Promise.reject(new RangeError("too much"));
  assertEquals(await runSafely(["list"], system), 1);
  assertEquals(
    system.console.errText,
    "pktables: error: internal error, please report it: RangeError: too much\n",
  );
});
