// What decides over a service's packets elsewhere than in its chain, as an attack on a release of this program
// found it: what the verbs say of the port is verified by packets.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { expectStatus } from "../support/expect.ts";
import { type Namespace, PKTABLES } from "../support/namespace.ts";
import { withStranger } from "../support/outsider.ts";
import { serve } from "../support/traffic.ts";

const SSH = ["init", "ssh", "--port", "22", "--syn", "--ipv4"];

async function clean(server: Namespace): Promise<void> {
  await server.must(["nft", "flush", "ruleset"]);
  await server.must(["sh", "-c", "iptables-legacy -F; iptables-legacy -X; ip6tables-legacy -F"]);
  // Established connections would be accepted by a rule for those.
  await server.must(["nft", "-f", "-"], { stdin: "table ip filter\n" });
}

async function run(server: Namespace, args: readonly string[], stdin = ""): Promise<string> {
  const ended = expectStatus(await server.run([PKTABLES, ...args], { stdin }), 0);
  return ended.stdout + ended.stderr;
}

/** Chains behind the service's table that close port 22. */
const BEHIND: readonly (readonly [string, readonly string[]])[] = [
  ["a table like firewalld's", [
    "nft add table inet firewalld",
    "nft add chain inet firewalld filter_INPUT { type filter hook input priority 10 ; }",
    "nft add rule inet firewalld filter_INPUT ct state established,related accept",
    "nft add rule inet firewalld filter_INPUT tcp dport 80 accept",
    "nft add rule inet firewalld filter_INPUT reject with icmpx type admin-prohibited",
  ]],
  ["the policy of another table", [
    "nft add table inet other",
    "nft add chain inet other input { type filter hook input priority 5 ; policy drop ; }",
  ]],
  ["table security", ["iptables-nft -t security -A INPUT -p tcp --dport 22 -j DROP"]],
];

Deno.test("doors that something behind the service's table closes are reported by init, load and list", async () => {
  await withStranger(async ({ server, isOpen }) => {
    for (const [name, commands] of BEHIND) {
      await clean(server);
      for (const command of commands) await server.must(command.split(" "));
      const words = "IPv4: port 22 is closed behind ssh, and its doors open nothing: ";
      assertStringIncludes(await run(server, SSH), words, name);
      await run(server, ["add", "10.9.0.2", "--service", "ssh"]);
      assertEquals((await isOpen())[0], false, name);
      assertStringIncludes(await run(server, ["list"]), words, name);
      const file = "service ssh tcp 22 syn drop ipv4\nservice web tcp 80 accept ipv4\n";
      assertStringIncludes(await run(server, ["load", "-"], file), words, name);
      await run(server, ["remove", "ssh", "web"]);
      const accept = await run(server, [...SSH, "--accept"]);
      assertStringIncludes(accept, "IPv4: port 22 is closed to everyone: ", name);
    }
  });
});

Deno.test("a service on a wildcard goes ahead of what opens its port on one of the interfaces", async () => {
  await withStranger(async ({ server, isOpen }) => {
    const links = await server.must(["ip", "-o", "-4", "addr", "show", "to", "10.9.0.0/24"]);
    const [, name = ""] = /^\d+: (\S+) /.exec(links) ?? [];
    const rule = (start: string) => `${start} -p tcp -m tcp --dport 22 -j ACCEPT`;
    const insert = (start: string) =>
      server.must(["iptables", "-I", "INPUT", ...rule(start).split(" ")]);
    await insert(`-i ${name}`);
    await insert("-i elsewhere");
    const file = `service ssh tcp 22 syn drop ipv4 on ${name.slice(0, -1)}+\n`;
    const loaded = await run(server, ["load", "-"], file);
    assertStringIncludes(loaded, `ahead of rule 2 of INPUT: ${rule(`-i ${name}`)}`);
    assertEquals((await isOpen())[0], false);
    assertEquals((await run(server, ["list"])).includes("IPv4"), false);
    await insert(`-i ${name}`);
    assertEquals((await isOpen())[0], true);
    assertStringIncludes(
      await run(server, ["list"]),
      `IPv4 on ${name}: port 22 is open to everyone: accepted by rule 1 of INPUT`,
    );
    await server.must(["iptables", "-D", "INPUT", "1"]);
    await run(server, ["add", "10.9.0.2", "--service", "ssh"]);
    assertEquals((await isOpen())[0], true);
    const native = `table ip f {
      chain c { type filter hook input priority -5; iifname { "lan9", "${name}" } tcp dport 22 drop; }
    }`;
    await server.must(["nft", "-f", "-"], { stdin: native });
    assertEquals((await isOpen())[0], false);
    assertStringIncludes(
      await run(server, ["list"]),
      `IPv4 on ${name}: port 22 is closed ahead of ssh, and its doors open nothing: dropped by rule 1 of c`,
    );
  });
});

Deno.test("a rule of nft that writes a port or an address leaves nothing known behind it", async () => {
  await withStranger(async ({ server, isOpen }) => {
    await serve(server, [2222]);
    for (const priority of ["-5", "-350"]) {
      await clean(server);
      const hook = priority === "-5" ? "input" : "prerouting";
      await server.must(["nft", "-f", "-"], {
        stdin: `table ip moved {
chain in { type filter hook ${hook} priority ${priority}; tcp dport 22 tcp dport set 2222; }
chain out { type filter hook output priority 200; tcp sport 2222 tcp sport set 22; }
}`,
      });
      const said = await run(server, SSH);
      assertStringIncludes(said, "cannot tell what packets to port 22 meet", priority);
      const trace = await server.run([PKTABLES, "trace", "tcp", "22", "from", "10.9.0.2"]);
      expectStatus(trace, 5);
      assertStringIncludes(trace.stdout, "unknown");
      assertEquals((await isOpen())[0], true);
    }
  });
});

Deno.test("friends in a set of nft's keep their way in ahead of a new jump", async () => {
  await withStranger(async ({ server, isOpen }) => {
    for (const policy of ["DROP", "ACCEPT"]) {
      await clean(server);
      await server.must([
        "iptables-nft",
        "-A",
        "INPUT",
        "-m",
        "state",
        "--state",
        "ESTABLISHED",
        "-j",
        "ACCEPT",
      ]);
      await server.must(["iptables-nft", "-P", "INPUT", policy]);
      const rule = "ip saddr { 10.9.0.2, 10.9.0.9 } accept";
      await server.must(["nft", "add", "rule", "ip", "filter", "INPUT", ...rule.split(" ")]);
      assertEquals((await isOpen())[0], true);
      await run(server, SSH);
      assertEquals((await isOpen())[0], true, policy);
    }
  });
});

Deno.test("a range as wide as the internet includes outsiders", async () => {
  await withStranger(async ({ server, isOpen }) => {
    for (const range of ["1.0.0.0-223.255.255.255", "0.0.0.0-255.255.255.255"]) {
      await clean(server);
      const match = `-A INPUT -m iprange --src-range ${range} -j ACCEPT`;
      await server.must(["iptables-nft", ...match.split(" ")]);
      assertStringIncludes(await run(server, SSH), "ahead of rule 1 of INPUT", range);
      assertEquals((await isOpen())[0], false, range);
    }
  });
});
