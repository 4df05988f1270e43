import { assertEquals } from "@std/assert";
import { type Box, forEachBackend } from "../support/box.ts";
import { expectStatus } from "../support/expect.ts";
import { foreignRules } from "../support/foreign/foreign.ts";
import { FAMILIES, withoutOurs } from "../support/iptables_text.ts";

/** Every verb that writes, in an order in which each has something to do. */
const VERBS = [
  "init ssh --port 22 --syn --log --log-prefix ssh:",
  "init vpn --udp --port 500,4500",
  "add 203.0.113.9 --service ssh",
  "add 2001:db8::9 --service ssh --for 8h",
  "add 198.51.100.0/24 --service vpn",
  "add 203.0.113.9 --service ssh --for 1h",
  "init ssh --port 22,2222 --replace",
  "delete 203.0.113.9 --service ssh",
  "list",
  "delete 2001:db8::9 --service ssh",
  "init vpn --udp --port 500 --accept --replace",
  "remove ssh",
  "remove vpn",
];

/** What is not ours in both families, counters included. */
async function theirs(box: Box): Promise<string> {
  return withoutOurs(await box.saveAll({ counters: true }));
}

for (const { name, text } of foreignRules()) {
  forEachBackend(
    `promise 4, only our rules: beside ${name} every verb leaves the others' rules as they are`,
    async (box) => {
      for (const family of FAMILIES) await box.load(family, text[family]);
      const before = await box.saveAll({ counters: true });
      for (const line of VERBS) {
        expectStatus(await box.pktables(...line.split(" ")), 0);
        assertEquals(await theirs(box), before, line);
      }
      assertEquals(await box.saveAll({ counters: true }), before);
    },
  );
}

forEachBackend(
  "promise 4, only our rules: a jump of ours between foreign rules keeps its place",
  async (box) => {
    const rules = ["-i lo -j ACCEPT", "-p tcp -m tcp --dport 22 -j pk-ssh", "-j REJECT"];
    for (const family of FAMILIES) {
      const input = rules.map((rule) => `-A INPUT ${rule}`).join("\n");
      const head = "*filter\n:INPUT DROP [5:5]\n:FORWARD DROP [6:6]\n:OUTPUT ACCEPT [7:7]\n";
      await box.load(family, `${head}:pk-ssh - [0:0]\n${input}\n-A pk-ssh -j DROP\nCOMMIT\n`);
    }
    const before = await box.saveAll({ counters: true });
    await box.must("init", "ssh", "--port", "22");
    assertEquals(await box.saveAll({ counters: true }), before);
    await box.must("init", "ssh", "--port", "22", "--accept", "--replace");
    assertEquals(
      await box.saveAll({ counters: true }),
      before.replaceAll("-A pk-ssh -j DROP", "-A pk-ssh -j ACCEPT"),
    );
  },
);
