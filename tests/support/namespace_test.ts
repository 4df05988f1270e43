import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { forEachBackend } from "./box.ts";
import { rulesOf, withoutOurs } from "./iptables_text.ts";
import { Namespace } from "./namespace.ts";

forEachBackend("a namespace keeps its rules to itself", async (box) => {
  await using other = await Namespace.create({ binary: "/bin/true" });
  await box.iptables("ipv4", "-A", "INPUT", "-p", "tcp", "--dport", "22", "-j", "DROP");
  assertEquals(rulesOf(await box.save("ipv4"), "INPUT"), ["-p tcp -m tcp --dport 22 -j DROP"]);
  await other.iptables(box.backend, "ipv4", "-L", "-n");
  assertEquals(rulesOf(await other.save(box.backend, "ipv4"), "INPUT") ?? [], []);
});

Deno.test("two joined namespaces reach each other over IPv4 and IPv6", async () => {
  await using a = await Namespace.create({ binary: "/bin/true" });
  await using b = await Namespace.create({ binary: "/bin/true", sibling: a });
  await a.connect(b, {
    here: ["10.9.0.1/24", "fd00:9::1/64"],
    there: ["10.9.0.2/24", "fd00:9::2/64"],
  });
  const neighbours = await a.must(["ip", "-6", "address", "show", "dev", "pk0"]);
  assertStringIncludes(neighbours, "fd00:9::1/64");
  assert(!neighbours.includes("tentative"), neighbours);
});

Deno.test("a namespace that is disposed of takes its processes with it", async () => {
  const ns = await Namespace.create({ binary: "/bin/true" });
  const running = ns.spawn(["sleep", "1000"]);
  await ns[Symbol.asyncDispose]();
  assertEquals((await running.outcome).signal, "SIGKILL");
});

Deno.test("foreign lines are those that neither are in a pk- chain nor jump to one", () => {
  const text = [
    "*nat",
    "-A POSTROUTING -j pk-mine",
    "*filter",
    ":pk-ssh - [0:0]",
    "-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh",
    '-A INPUT -m comment --comment "goes to -j pk-ssh, no" -j ACCEPT',
    "-A pk-ssh -j DROP",
    "COMMIT",
  ];
  assertEquals(
    withoutOurs(text.join("\n")).split("\n"),
    [text[0], text[1], text[2], text[5], text[7]],
  );
});
