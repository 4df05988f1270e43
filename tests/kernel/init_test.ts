import { assertEquals } from "@std/assert";
import { forEachBackend } from "../support/box.ts";
import { expectIdempotent, expectRefusal, expectStatus, filterTable } from "../support/expect.ts";
import { EMPTY_FILTER, FAMILIES, type Family, normalize } from "../support/iptables_text.ts";

const SYN = "--tcp-flags FIN,SYN,RST,ACK SYN";

/** Command lines of `init` and their rules, in both families. */
const SHAPES: readonly { args: string; input: string[]; chain: string[] }[] = [
  { args: "--port 22", input: ["-p tcp -m tcp --dport 22"], chain: ["-j DROP"] },
  { args: "--port=22 --syn", input: [`-p tcp -m tcp --dport 22 ${SYN}`], chain: ["-j DROP"] },
  { args: "--udp --port 53", input: ["-p udp -m udp --dport 53"], chain: ["-j DROP"] },
  { args: "--port 80 --accept", input: ["-p tcp -m tcp --dport 80"], chain: ["-j ACCEPT"] },
  { args: "--port 8000-8010", input: ["-p tcp -m tcp --dport 8000:8010"], chain: ["-j DROP"] },
  {
    args: "--udp --port 500,4500",
    input: ["-p udp -m multiport --dports 500,4500"],
    chain: ["-j DROP"],
  },
  {
    args: "--port 80,443,8000-8010",
    input: ["-p tcp -m multiport --dports 80,443,8000:8010"],
    chain: ["-j DROP"],
  },
  { args: "--port 22 --log", input: ["-p tcp -m tcp --dport 22"], chain: ["-j LOG", "-j DROP"] },
  {
    args: "--port 22 --log --log-level info --log-limit 10/minute --log-burst 7",
    input: ["-p tcp -m tcp --dport 22"],
    chain: ["-m limit --limit 10/min --limit-burst 7 -j LOG --log-level 6", "-j DROP"],
  },
  {
    args: "--port 22 --log --log-prefix ssh: --log-limit 3/second",
    input: ["-p tcp -m tcp --dport 22"],
    chain: ['-m limit --limit 3/sec -j LOG --log-prefix "ssh:"', "-j DROP"],
  },
  // The kernel keeps no rate but a time between packets, and iptables prints a rate close to it.
  {
    args: "--port 22 --log-limit 28801/hour --log-burst 10000",
    input: ["-p tcp -m tcp --dport 22"],
    chain: ["-m limit --limit 8/sec --limit-burst 10000 -j LOG", "-j DROP"],
  },
  // At the default burst of 5 the credits of so slow a rate would overflow.
  {
    args: "--port 22 --log-limit 1/day",
    input: ["-p tcp -m tcp --dport 22"],
    chain: ["-m limit --limit 1/day --limit-burst 1 -j LOG", "-j DROP"],
  },
];

for (const { args, input, chain } of SHAPES) {
  forEachBackend(`init ${args} makes exactly this chain and jump`, async (box) => {
    const line = ["init", "svc", ...args.split(" ")];
    await expectIdempotent(box, line);
    const expected = filterTable(["pk-svc"], [
      ...input.map((match) => `INPUT ${match} -j pk-svc`),
      ...chain.map((rule) => `pk-svc ${rule}`),
    ]);
    for (const family of FAMILIES) {
      // iptables prints the tcp flags before or behind the ports, as they were written: both are right.
      assertEquals(await box.save(family), expected, family);
    }
  });
}

forEachBackend("init with --syn and several ports matches only opening packets", async (box) => {
  await box.must("init", "svc", "--port", "80,443", "--syn");
  for (const family of FAMILIES) {
    const rules = (await box.save(family)).split("\n").filter((line) =>
      line.startsWith("-A INPUT")
    );
    assertEquals(rules.length, 1);
    const parts = ["-m multiport --dports 80,443", SYN];
    assertEquals(parts.filter((part) => rules[0]?.includes(part)), parts, rules[0]);
  }
});

forEachBackend("init spreads more than 15 port slots over several jumps", async (box) => {
  const single = Array.from({ length: 13 }, (_, index) => String(1001 + 2 * index));
  const ports = [...single, "2000-2005", "3000", "4000-4001"];
  await expectIdempotent(box, ["init", "many", "--port", ports.join(",")]);
  const first = [...single, "2000:2005"].join(",");
  for (const family of FAMILIES) {
    const saved = await box.save(family);
    assertEquals(
      saved,
      filterTable(["pk-many"], [
        `INPUT -p tcp -m multiport --dports ${first} -j pk-many`,
        "INPUT -p tcp -m multiport --dports 3000,4000:4001 -j pk-many",
        "pk-many -j DROP",
      ]),
    );
  }
});

forEachBackend("init quotes a log prefix as the user wrote it", async (box) => {
  const prefix = `a "b" \\ $(c) 'd' `;
  await box.must("init", "svc", "--port", "22", "--log", "--log-prefix", prefix);
  for (const family of FAMILIES) {
    const expected = String.raw`-A pk-svc -j LOG --log-prefix "a \"b\" \\ \$(c) 'd' "`;
    const saved = await box.save(family);
    const rule = saved.split("\n").find((line) => line.includes("LOG"));
    assertEquals(rule?.replaceAll("\\$", "$").replaceAll("\\'", "'"), expected.replace("\\$", "$"));
  }
});

forEachBackend("init puts the jump at the end of INPUT and stays out of the rest", async (box) => {
  const start = EMPTY_FILTER.replace(
    "COMMIT",
    "-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 25 -j ACCEPT\nCOMMIT",
  );
  for (const family of FAMILIES) await box.load(family, start);
  await box.must("init", "ssh", "--port", "22");
  for (const family of FAMILIES) {
    const lines = (await box.save(family)).split("\n");
    assertEquals(
      lines.filter((line) => line.startsWith("-A INPUT")).at(-1),
      [
        "-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh",
      ][0],
    );
  }
});

forEachBackend("init narrowed to one family leaves the other alone", async (box) => {
  await box.must("init", "ssh", "--port", "22", "--ipv4");
  assertEquals(await box.save("ipv6"), normalize(EMPTY_FILTER));
  await box.must("remove", "ssh");
  await box.must("init", "ssh", "--port", "22", "--ipv6");
  assertEquals(await box.save("ipv4"), normalize(EMPTY_FILTER));
});

forEachBackend("init puts back a jump that someone deleted", async (box) => {
  await box.must("init", "ssh", "--port", "22");
  const before = await box.saveAll();
  await box.iptables("ipv4", "-D", "INPUT", "1");
  await box.must("init", "ssh", "--port", "22");
  assertEquals(await box.saveAll(), before);
});

forEachBackend(
  "promise 3, idempotent: init of a different service shows the difference and names --replace",
  async (box) => {
    await box.must("init", "ssh", "--port", "22", "--syn");
    const words = [/--replace/, /22/, /2222/];
    await expectRefusal(box, ["init", "ssh", "--port", "2222", "--syn"], { code: 1, words });
    await expectRefusal(box, ["init", "ssh", "--port", "22"], { code: 1, words: [/--replace/] });
    await expectRefusal(box, ["init", "ssh", "--port", "22", "--syn", "--accept"], {
      code: 1,
      words: [/--replace/, /DROP/i, /ACCEPT/i],
    });
  },
);

forEachBackend(
  "promise 5, doors survive: init --replace keeps doors and counters, and the jump its place",
  async (box) => {
    for (
      const [family, doors] of [
        ["ipv4", ["203.0.113.9/32", "203.0.113.10/32"]],
        ["ipv6", ["2001:db8::9/128", "2001:db8::a/128"]],
      ] as const
    ) {
      await box.load(
        family,
        [
          "*filter\n:INPUT ACCEPT [7:420]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]",
          ":pk-ssh - [0:0]",
          "[9:540] -A INPUT -p tcp -m tcp --dport 22 -j pk-ssh",
          "[1:60] -A INPUT -i lo -j ACCEPT",
          `[5:300] -A pk-ssh -s ${doors[0]} -j ACCEPT`,
          `[6:360] -A pk-ssh -s ${doors[1]} -m time --datestop 2037-01-02T03:04:05 -j ACCEPT`,
          "[4:240] -A pk-ssh -j DROP",
          "COMMIT\n",
        ].join("\n"),
      );
    }
    const lines = async (family: Family) =>
      (await box.save(family, { counters: true })).split("\n")
        .filter((line) => /-A (INPUT|pk-ssh)/.test(line));
    const old = { ipv4: await lines("ipv4"), ipv6: await lines("ipv6") };
    assertEquals(old.ipv4[2], "[5:300] -A pk-ssh -s 203.0.113.9/32 -j ACCEPT");
    await box.must("init", "ssh", "--port", "22", "--accept", "--log", "--replace");
    for (const family of FAMILIES) {
      const end = ["[0:0] -A pk-ssh -j LOG", "[0:0] -A pk-ssh -j ACCEPT"];
      assertEquals(await lines(family), [...old[family].slice(0, 4), ...end], family);
    }
    await box.must("init", "ssh", "--port", "2222", "--replace");
    for (const family of FAMILIES) {
      const jump = "[0:0] -A INPUT -p tcp -m tcp --dport 2222 -j pk-ssh";
      const end = "[0:0] -A pk-ssh -j DROP";
      assertEquals(await lines(family), [jump, ...old[family].slice(1, 4), end], family);
    }
    expectStatus(await box.pktables("init", "ssh", "--port", "2222", "--replace"), 0);
  },
);

forEachBackend("remove takes the chain and every jump to it, and nothing else", async (box) => {
  const before = await box.saveAll();
  await box.must("init", "ssh", "--port", "22");
  await box.must("init", "web", "--port", "80,443");
  const web = await box.saveAll();
  await box.must("init", "mail", "--port", "25", "--log");
  await box.must("add", "203.0.113.9", "--service", "mail");
  await box.iptables("ipv4", "-A", "FORWARD", "-p", "tcp", "--dport", "25", "-j", "pk-mail");
  await box.must("remove", "mail");
  assertEquals(await box.saveAll(), web);
  await box.must("remove", "web");
  await box.must("remove", "ssh");
  assertEquals(await box.saveAll(), before);
  await expectRefusal(box, ["remove", "ssh"], { code: 4, words: [/ssh/] });
});
