import { assertEquals, assertStringIncludes } from "@std/assert";
import { Box, forEachBackend } from "../box.ts";
import { EMPTY_FILTER, rulesOf } from "../iptables_text.ts";
import { program } from "../namespace.ts";
import { type Action, install, starts, uninstall } from "./fake_iptables.ts";

const PAYLOAD = "*filter\n-A INPUT -j ACCEPT\nCOMMIT\n";

async function restore(box: Box, action: Action) {
  await install(box.ns, [{ family: "ipv4", phase: "write", action }]);
  const argv = [`${program(box.backend, "ipv4")}-restore`, "--noflush"];
  const test = await box.ns.run([...argv, "--test"], { stdin: PAYLOAD });
  const write = await box.ns.run(argv, { stdin: PAYLOAD, timeout: 300 });
  return { test, write, rules: rulesOf(await box.save("ipv4"), "INPUT") };
}

forEachBackend("without a fault the wrapper is the real iptables, and counts", async (box) => {
  await install(box.ns, []);
  await box.load("ipv4", EMPTY_FILTER);
  await box.iptables("ipv6", "-A", "INPUT", "-j", "ACCEPT");
  assertEquals(rulesOf(await box.save("ipv6"), "INPUT"), ["-j ACCEPT"]);
  const seen = (await starts(box.ns)).map(({ program, phase }) => `${program} ${phase}`);
  assertEquals(seen.slice(0, 3), [
    "iptables-restore write",
    "ip6tables write",
    "ip6tables-save save",
  ]);
});

forEachBackend("a fault strikes in its phase and no other", async (box) => {
  const { test, write, rules } = await restore(box, {
    kind: "fail",
    code: 4,
    stderr: "line 2 failed: it's full",
  });
  assertEquals([test.code, write.code, write.stderr], [0, 4, "line 2 failed: it's full\n"]);
  assertEquals(rules, []);
});

forEachBackend("a fault may strike before or after the kernel has changed", async (box) => {
  const before = await restore(box, { kind: "killed" });
  assertEquals([before.write.signal, before.rules], ["SIGKILL", []]);
  const hang = await restore(box, { kind: "hang" });
  assertEquals([hang.write.signal, hang.rules], ["SIGKILL", []]);
  const after = await restore(box, { kind: "killedAfter" });
  assertEquals([after.write.signal, after.rules], ["SIGKILL", ["-j ACCEPT"]]);
});

forEachBackend("a fault with a number of times wears off", async (box) => {
  const action = { kind: "fail", code: 4, stderr: "busy" } as const;
  await install(box.ns, [{ phase: "save", action, times: 1 }]);
  const save = [`${program(box.backend, "ipv4")}-save`, "-t", "filter"];
  assertEquals((await box.ns.run(save)).code, 4);
  assertStringIncludes((await box.ns.run(save)).stdout, ":INPUT ACCEPT");
});

Deno.test("uninstalling one family leaves the other", async () => {
  await using box = await Box.create("nft");
  await uninstall(box.ns, "ipv6");
  assertEquals((await box.ns.run(["ls", "/usr/sbin/ip6tables"])).code, 2);
  assertEquals(rulesOf(await box.save("ipv4"), "INPUT"), []);
});
