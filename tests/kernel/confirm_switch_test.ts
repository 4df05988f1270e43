// The moment at which the kernel reverts from unconfirmed rules to the previous ones.
import { assert, assertEquals } from "@std/assert";
import { type Box, forEachBackend } from "../support/box.ts";
import { expectStatus } from "../support/expect.ts";
import { flood } from "../support/udp_flood.ts";
import { FAMILIES, type Family } from "../support/iptables_text.ts";

const ADDRESS: Readonly<Record<Family, string>> = { ipv4: "127.0.0.1", ipv6: "::1" };

/** Counts every packet of the flood, and what no service decides. */
const AROUND = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p udp -m udp --dport 500\nCOMMIT\n";

/** Old and new rules for the port; no packet may find it open. */
const CASES: readonly { name: string; old: string; fresh: string; options: string[] }[] = [
  {
    name: "the same port",
    old: "service vpn udp 500 drop\n",
    fresh: "service vpn udp 500 drop established\n",
    options: [],
  },
  {
    name: "fewer ports",
    old: "service vpn udp 400-600 drop\n",
    fresh: "service vpn udp 500, 7000 drop\n",
    options: [],
  },
  {
    name: "another service",
    old: "service vpn udp 500 drop\n",
    fresh: "service ike udp 499-501 drop\n",
    options: ["--prune"],
  },
  {
    name: "two services that take the port from each other",
    old: "service one udp 500 drop\nservice two udp 7000 drop\n",
    fresh: "service one udp 7000 drop\nservice two udp 500 drop\n",
    options: [],
  },
];

async function load(box: Box, text: string, ...options: string[]): Promise<void> {
  const stdin = text;
  expectStatus(await box.spawn(["load", "-", ...options], { stdin }).outcome, 0);
}

/** Packets that the rules of a chain counted which decide. */
function decided(saved: string, chain: RegExp): number {
  return saved.split("\n").reduce((sum, line) => {
    const [, packets, of] = /^\[(\d+):\d+\] -A (\S+) -j (?:DROP|ACCEPT)$/.exec(line) ?? [];
    return sum + (of !== undefined && chain.test(of) ? Number(packets) : 0);
  }, 0);
}

for (const { name, old, fresh, options } of CASES) {
  forEachBackend(
    `each packet meets the old rules or the new ones when the kernel switches: ${name}`,
    async (box) => {
      for (const family of FAMILIES) await box.load(family, AROUND);
      await load(box, old);
      for (const family of FAMILIES) {
        await box.iptables(family, "-A", "INPUT", "-p", "udp", "--dport", "500", "-j", "ACCEPT");
      }
      await load(box, fresh, ...options, "--confirm", "4s");
      const sent = await Promise.all(
        FAMILIES.map((family) =>
          flood(box.ns, { address: ADDRESS[family], port: 500, seconds: 6.5 })
        ),
      );
      for (const [at, family] of FAMILIES.entries()) {
        const saved = await box.save(family, { counters: true });
        const total = Number(
          /^\[(\d+):\d+\] -A INPUT -p udp -m udp --dport 500$/m.exec(saved)?.[1],
        );
        const open = Number(
          /^\[(\d+):\d+\] -A INPUT -p udp -m udp --dport 500 -j ACCEPT$/m.exec(saved)?.[1],
        );
        const [before, after] = [decided(saved, /^pk\./), decided(saved, /^pk-/)];
        console.log(
          `${box.backend} ${family}, ${name}: ${sent[at]} sent, ${before} met the new rules, ` +
            `${after} the old ones, ${open} neither`,
        );
        assertEquals([open, before + after], [0, total], saved);
        assert(before > 1000 && after > 1000, `${before} and ${after} are too few`);
      }
    },
  );
}
