import { assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "../../src/cli/run.ts";
import { VERSION } from "../../src/version.ts";
import { memorySystem } from "../support/memory_system.ts";

const RULES = "service ssh tcp 22 syn drop allow 10.0.0.1, 2001:db8::1\n";

Deno.test("compile prints the IPv4 payload, or with --ipv6 the other", async () => {
  const four = memorySystem({ "rules.pk": RULES });
  assertEquals(await run(["compile", "rules.pk"], four.system), 0);
  assertEquals(
    four.out(),
    [
      `# pktables ${VERSION}, IPv4 rules of rules.pk`,
      "*filter",
      ":pk-ssh - [0:0]",
      "-A pk-ssh -s 10.0.0.1/32 -m comment --comment pk-allow -j ACCEPT",
      "-A pk-ssh -j DROP",
      "-A INPUT -p tcp -m tcp --dport 22 --syn -j pk-ssh",
      "COMMIT",
      "",
    ].join("\n"),
  );
  const six = memorySystem({ "-": RULES });
  assertEquals(await run(["compile", "--ipv6", "-"], six.system), 0);
  assertStringIncludes(six.out(), `# pktables ${VERSION}, IPv6 rules of standard input\n`);
  assertStringIncludes(six.out(), "-A pk-ssh -s 2001:db8::1/128 ");
  for (const words of ["--ipv4", "--ipv6 --ipv4"]) {
    const again = memorySystem({ "rules.pk": RULES });
    assertEquals(await run(["compile", "rules.pk", ...words.split(" ")], again.system), 0);
    assertEquals(again.out(), four.out());
  }
});

Deno.test("compile --output replaces both files, or only one for one family", async () => {
  const both = memorySystem({ "rules.pk": RULES });
  assertEquals(await run(["compile", "rules.pk", "-o", "/etc/iptables"], both.system), 0);
  assertEquals([...both.written.keys()], ["/etc/iptables/rules.v4", "/etc/iptables/rules.v6"]);
  assertEquals(
    [both.out(), both.err()],
    ["", "wrote `/etc/iptables/rules.v4`\nwrote `/etc/iptables/rules.v6`\n"],
  );
  assertStringIncludes(both.written.get("/etc/iptables/rules.v4") ?? "", " IPv4 rules of rules.pk");
  assertStringIncludes(both.written.get("/etc/iptables/rules.v6") ?? "", "-s 2001:db8::1/128 ");
  const one = memorySystem({ "rules.pk": RULES });
  await run(["compile", "rules.pk", "--output=out", "--ipv6"], one.system);
  assertEquals([...one.written.keys()], ["out/rules.v6"]);
});

Deno.test("compile of a wrong file writes nothing and reports why", async () => {
  const { system, out, err, written } = memorySystem({ "a.pk": "service a tcp 0\n" });
  assertEquals(await run(["compile", "a.pk", "--output", "out"], system), 3);
  assertEquals([out(), written.size], ["", 0]);
  assertStringIncludes(err(), "error[PK028]");
  assertStringIncludes(err(), "pktables: error: nothing was done: `a.pk` has 1 error\n");
});

Deno.test("warnings go to standard error and never into a payload", async () => {
  const { system, out, err } = memorySystem({ "a.pk": "define x = 10.0.0.1\nservice a tcp 1\n" });
  assertEquals(await run(["compile", "a.pk"], system), 0);
  assertStringIncludes(err(), "warning[PK061]");
  assertEquals(out().includes("PK061"), false);
});

Deno.test("compile reports what the disk refused and exits with 1", async () => {
  const { system, err } = memorySystem({ "a.pk": RULES }, { "out/rules.v4": "permission denied" });
  assertEquals(await run(["compile", "a.pk", "--output", "out"], system), 1);
  assertEquals(err(), "pktables: error: cannot write `out/rules.v4`: permission denied\n");
});

Deno.test("a file name with a newline cannot put a rule into the payload", async () => {
  const path = "a\n-A INPUT -j ACCEPT\n.pk";
  const { system, out } = memorySystem({ [path]: RULES });
  await run(["compile", path], system);
  assertEquals(out().split("\n")[0]?.endsWith(" a␊-A INPUT -j ACCEPT␊.pk"), true);
  assertEquals(out().split("\n").includes("-A INPUT -j ACCEPT"), false);
});
