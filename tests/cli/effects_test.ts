// What init, load and list say of packets that may be decided ahead of a service, or in its place.
import { assertEquals } from "@std/assert";
import { FakeSystem } from "../support/fake_system.ts";

const SERVICE = `:pk-ssh - [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh
-A pk-ssh -j DROP`;

/** What `list` says of the service where table mangle holds these rules, or INPUT ahead of the jump. */
async function said(
  { mangle = "", input = "", chain = "" }: { mangle?: string; input?: string; chain?: string },
): Promise<string> {
  const ipv4 = SERVICE.replace("-A INPUT", `${input}-A INPUT`).replace("-A pk", `${chain}-A pk`);
  const system = new FakeSystem({ ipv4 });
  system.around.tables = mangle === ""
    ? ""
    : `*mangle\n:PREROUTING ACCEPT [0:0]\n:flood - [0:0]\n${mangle}\nCOMMIT\n`;
  return (await system.run("list ssh --ipv4")).err;
}

Deno.test("a rule of another table that may drop is reported, though the port is closed either way", async () => {
  const mss = "-A PREROUTING -p tcp -m tcpmss ! --mss 536:65535 -j DROP";
  assertEquals(
    await said({ mangle: mss }),
    "note: IPv4: cannot tell whether packets to port 22 reach ssh: perhaps dropped by rule 1 of " +
      "PREROUTING in table mangle: -p tcp -m tcpmss ! --mss 536:65535 -j DROP\n",
  );
});

Deno.test("a chain that drops what comes too often is not taken for one that drops everything", async () => {
  const flood = `-A PREROUTING -p tcp -j flood
-A flood -m limit --limit 50/sec -j RETURN
-A flood -j DROP`;
  assertEquals(
    await said({ mangle: flood }),
    "note: IPv4: cannot tell whether packets to port 22 reach ssh: perhaps dropped by rule 2 of " +
      "flood in table mangle: -j DROP\n",
  );
});

Deno.test("a rule that may let everyone in ahead of the jump is reported by list", async () => {
  const maybe = "-A INPUT -p tcp -m set --match-set ports dst -j ACCEPT\n";
  assertEquals(
    await said({ input: maybe }),
    "note: IPv4: cannot tell what packets to port 22 meet: depends on rule 1 of INPUT " +
      "(-m set --match-set ports dst)\n",
  );
});

Deno.test("a foreign rule in the service's chain that may let everyone in is reported", async () => {
  const maybe = "-A pk-ssh -m set --match-set ports dst -j ACCEPT\n";
  assertEquals(
    await said({ chain: maybe }),
    "note: IPv4: cannot tell what packets to port 22 meet: depends on rule 1 of pk-ssh " +
      "(-m set --match-set ports dst)\n",
  );
});

Deno.test("rules that match some sources are not reported, nor is an end as requested", async () => {
  const bans = "-A PREROUTING -s 203.0.113.0/24 -j DROP\n-A PREROUTING -p udp -j DROP";
  assertEquals(await said({ mangle: bans, input: "-A INPUT -s 192.0.2.1 -j ACCEPT\n" }), "");
});

Deno.test("of a service on a wildcard only what decides on one of its interfaces is reported", async () => {
  const said = async (rule: string, mangle = "") => {
    const jump = "-A INPUT -i eth+ -p tcp -m tcp --dport 22 -j pk-ssh";
    const system = new FakeSystem({ ipv4: `:pk-ssh - [0:0]\n${rule}\n${jump}\n-A pk-ssh -j DROP` });
    if (mangle !== "") {
      system.around.tables = `*mangle\n:PREROUTING ACCEPT [0:0]\n${mangle}\nCOMMIT\n`;
    }
    return (await system.run("list ssh --ipv4")).err;
  };
  assertEquals(
    await said("", "-A PREROUTING -i eth4 -j DROP\n-A PREROUTING -i wlan0 -j DROP"),
    "pktables: warning: IPv4 on eth4: port 22 is closed ahead of ssh, and its doors open nothing: " +
      "dropped by rule 1 of PREROUTING in table mangle: -i eth4 -j DROP\n",
  );
  assertEquals(await said("-A INPUT -p udp -j DROP"), "");
  assertEquals(await said("-A INPUT -i wlan0 -j ACCEPT"), "");
  assertEquals(
    await said("-A INPUT -i eth3 -j DROP"),
    "pktables: warning: IPv4 on eth3: port 22 is closed ahead of ssh, and its doors open nothing: " +
      "dropped by rule 1 of INPUT: -i eth3 -j DROP\n",
  );
  assertEquals(
    await said("-A INPUT -i eth3 -j ACCEPT"),
    "pktables: warning: IPv4 on eth3: port 22 is open to everyone: accepted by rule 1 of INPUT: " +
      "-i eth3 -j ACCEPT\n",
  );
  assertEquals(
    await said("-A INPUT -i eth3 -d 192.0.2.1/32 -j ACCEPT"),
    "note: IPv4 on eth3: cannot tell what packets to port 22 meet: depends on rule 1 of INPUT " +
      "(-d 192.0.2.1/32)\n",
  );
});
