// What is said where a part of iptables is missing: in a copy of its folder, one file less at a time.
import { assertEquals } from "@std/assert";
import { forEachBackend } from "../support/box.ts";
import { expectRefusal } from "../support/expect.ts";

const FILE = "/mnt/rules.pk";

/** A part of iptables, a command that needs it, and the rules file that it loads. */
const NEEDS: readonly (readonly [name: string, line: string, rules?: string])[] = [
  ["LOG", "init web --port 80 --log"],
  ["limit", "init web --port 80 --log --log-limit 1/minute"],
  ["multiport", "init web --port 80,443"],
  ["comment", `load ${FILE}`, "service web tcp 80 allow 192.0.2.1, 2001:db8::1"],
  ["conntrack", `load ${FILE}`, "service web tcp 80 established"],
  [
    "recent",
    `load ${FILE}`,
    "service web tcp 80 knock 7003, 7001:udp, 7002 for 1h by kernel",
  ],
  ["REJECT", `load ${FILE}`, "service web tcp 80 reject"],
  ["time", "add 192.0.2.1 --service ssh --for 1h"],
  ["time", "init web --port 80 --confirm 60s"],
];

forEachBackend(
  "a part of iptables that is missing is reported by name, with its package",
  async (box) => {
    await box.must("init", "ssh", "--port", "22");
    const listed = await box.ns.must([
      "sh",
      "-c",
      "ls -d /usr/lib/*/xtables /usr/lib/xtables || :",
    ]);
    const folders = listed.trim().split("\n").filter((one) => one !== "");
    for (const [at, folder] of folders.entries()) {
      const script = 'cp -a "$1" "$2" && mount --bind "$2" "$1"';
      await box.ns.must(["sh", "-c", script, "sh", folder, `/mnt/xtables${at}`]);
    }
    const before = await box.saveAll();
    for (const [name, line, rules] of NEEDS) {
      const move = (from: string, to: string) =>
        `for f in /mnt/xtables*; do for l in $f/lib*t_${name}.so${from}; do
        [ ! -e $l ] || mv $l \${l%.so${from}}.so${to}; done; done`;
      await box.ns.must(["sh", "-c", move("", ".away")]);
      if (rules !== undefined) await Deno.writeTextFile(box.ns.path(FILE), rules);
      const words = [
        new RegExp(`extension \`${name}\` \\(lib`),
        /package iptables \(Debian, Alpine\)/,
      ];
      await expectRefusal(box, line.split(" "), { code: 1, words });
      await box.ns.must(["sh", "-c", move(".away", "")]);
      assertEquals(await box.saveAll(), before, name);
    }
  },
);
