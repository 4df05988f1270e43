import { assert, assertEquals } from "@std/assert";
import { type Box, forEachBackend } from "../support/box.ts";

const CANARY = "/mnt/canary";

// A NUL byte is not among these: no argument of a process can hold one (execve(2) ends it there).

/** Texts that would do harm in a shell, in iptables-restore's input or in a terminal. */
const POISON: readonly string[] = [
  `$(touch ${CANARY})`,
  `\`touch ${CANARY}\``,
  `; touch ${CANARY}`,
  `| touch ${CANARY}`,
  `& touch ${CANARY} &`,
  `> ${CANARY}`,
  `x\n-A INPUT -j ACCEPT`,
  `x\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]`,
  `x\r\n-F INPUT`,
  `x -j ACCEPT`,
  `x" -j ACCEPT --comment "`,
  `x' -j ACCEPT '`,
  `x\\" -j ACCEPT`,
  `x\t-j\tACCEPT`,
  `\x1b[2J\x1b]0;title\x07`,
  `x\x7f`,
  "x\u2028-A INPUT -j ACCEPT",
  "\u202egnp.exe",
  "-F",
  "--flush",
  "-j ACCEPT",
  "--",
  "",
  " ",
  "%IP%",
  "%s%n%x",
  "../../etc/passwd",
  "x".repeat(300),
  "x".repeat(100_000),
];

/** Texts that look like addresses but are not, except to a laxer parser. */
const NO_ADDRESSES: readonly string[] = [
  "010.0.0.1",
  "0x7f.0.0.1",
  "0x7f000001",
  "2130706433",
  "127.1",
  "1.2.3",
  "1.2.3.4.5",
  "1.2.3.256",
  "1.2.3.-4",
  "1.2.3.4.",
  ".1.2.3.4",
  "1..2.3",
  "1.2.3.4 ",
  " 1.2.3.4",
  "1.2.3.4\n",
  "1.2.3.4,5.6.7.8",
  "1.2.3.4-1.2.3.9",
  "1.2.3.4/33",
  "1.2.3.4/-1",
  "1.2.3.4/",
  "1.2.3.4/ 32",
  "1.2.3.4/032",
  "1.2.3.4/0x20",
  "1.2.3.4/255.255.255.255",
  "1.2.3.4/32/32",
  "!1.2.3.4",
  "\uff11.2.3.4",
  "\u0661.2.3.4",
  "1\u30022.3.4",
  "1.2.3.4\u200b",
  "localhost",
  "0/0",
  "::1%lo",
  "fe80::1%eth0",
  "[::1]",
  "::1/129",
  "::1/-1",
  "1::2::3",
  ":::",
  ":",
  "12345::",
  "g::1",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "::1.2.3",
  "::1.2.3.256",
  "::ffff:010.0.0.1",
  "::ffff:1.2.3.4:1",
  "\uff12001::1",
];

const NO_NAMES: readonly string[] = [
  "9ssh",
  "-ssh",
  "_ssh",
  "ssh.",
  "ss h",
  "ssh\u00e9",
  "\u0455sh",
  "a".repeat(26),
  "pk/ssh",
  "ssh!",
  "ssh,web",
];

const NO_PORTS: readonly string[] = [
  "0",
  "65536",
  "-1",
  "22-",
  "-22",
  "22,",
  ",22",
  "22,,23",
  "22-21",
  "22:21",
  "0x16",
  "026",
  "+22",
  "22.0",
  "2e1",
  " 22",
  "22 ",
  "ssh",
  "\uff12\uff12",
  "\u0662\u0662",
  "99999999999999999999",
  "1-65536",
];

const NO_DURATIONS: readonly string[] = [
  "0",
  "0s",
  "-5s",
  "5",
  "5y",
  "1.5h",
  "1e3s",
  "0x10s",
  "+5s",
  "5 s",
  "5s5s",
  "s",
  "\uff15s",
  "99999999999999999999s",
  "999999d",
  "Infinitys",
  "NaNs",
];

const NO_LEVELS: readonly string[] = ["loud", "8", "-1", "4.0", "WARNING\n", "0x4", "__proto__"];
const NO_RATES: readonly string[] = [
  "10",
  "10/",
  "/minute",
  "0/minute",
  "-1/minute",
  "10/fortnight",
  "10/minute/2",
  "1.5/minute",
  "10 / minute",
  "\uff11/minute",
  "99999999999/second",
];
const NO_BURSTS: readonly string[] = ["0", "-1", "1.5", "x", "0x5", "\uff15", "99999999999"];
const NO_PREFIXES: readonly string[] = ["x".repeat(30), "\u00e9".repeat(15), "a\nb", "a\u0007b"];

/** Every place of a command line that takes a text, and what it must not take. */
const PLACES: readonly { line: (text: string) => string[]; texts: readonly string[] }[] = [
  { line: (text) => ["add", text, "--service", "ssh"], texts: [...NO_ADDRESSES, ...POISON] },
  { line: (text) => ["delete", text, "--service", "ssh"], texts: [...NO_ADDRESSES, ...POISON] },
  {
    line: (text) => ["add", "203.0.113.9", `--service=${text}`],
    texts: [...NO_NAMES, ...POISON],
  },
  { line: (text) => ["init", text, "--port", "99"], texts: [...NO_NAMES, ...POISON] },
  { line: (text) => ["remove", text], texts: [...NO_NAMES, ...POISON] },
  { line: (text) => ["init", "web", `--port=${text}`], texts: [...NO_PORTS, ...POISON] },
  {
    line: (text) => ["add", "203.0.113.9", "--service", "ssh", `--for=${text}`],
    texts: [...NO_DURATIONS, ...POISON],
  },
  {
    line: (text) => ["init", "web", "--port", "99", "--log", `--log-level=${text}`],
    texts: [...NO_LEVELS, ...POISON],
  },
  {
    line: (text) => ["init", "web", "--port", "99", "--log", `--log-limit=${text}`],
    texts: [...NO_RATES, ...POISON],
  },
  {
    line: (text) => [
      ...["init", "web", "--port", "99", "--log", "--log-limit", "1/second"],
      `--log-burst=${text}`,
    ],
    texts: [...NO_BURSTS, ...POISON],
  },
  {
    line: (text) => ["init", "web", "--port", "99", "--log", `--log-prefix=${text}`],
    texts: [
      ...NO_PREFIXES,
      ...POISON.filter((text) => [..."\n\t\x1b\x7f\u2028"].some((bad) => text.includes(bad))),
    ],
  },
  { line: (text) => [text, "203.0.113.9", "--service", "ssh"], texts: POISON },
];

async function isClean(box: Box, before: string): Promise<boolean> {
  const { code } = await box.ns.run(["test", "-e", CANARY]);
  return code !== 0 && await box.saveAll({ counters: true }) === before;
}

/** Runs a command line and says what is wrong with the way it was refused, if anything is. */
async function attack(box: Box, line: readonly string[]): Promise<string[]> {
  const shown = JSON.stringify(line.map((word) => word.slice(0, 60)));
  const { code, stdout, stderr } = await box.pktables(...line);
  const problems: string[] = [];
  if (code !== 2 && code !== 4) problems.push(`status ${code} for ${shown}: ${stderr}`);
  if (stdout !== "") problems.push(`standard output for ${shown}: ${stdout}`);
  // Echoed text must not control the terminal, nor fill it.
  // deno-lint-ignore no-control-regex -- control characters are what this looks for
  if (/[\x00-\x09\x0b-\x1f\x7f\u2028\u202e]/.test(stderr)) {
    problems.push(`control characters echoed for ${shown}`);
  }
  if (stderr === "" || stderr.length > 1000) problems.push(`${stderr.length} characters: ${shown}`);
  return problems;
}

forEachBackend(
  "promise 7, no injection: hostile words change nothing and run nothing",
  async (box) => {
    await box.must("init", "ssh", "--port", "22");
    await box.must("add", "192.0.2.1", "--service", "ssh");
    const before = await box.saveAll({ counters: true });
    const lines = PLACES.flatMap(({ line, texts }) => texts.map(line));
    assert(lines.length >= 200, String(lines.length));
    const problems: string[] = [];
    const batch = 8;
    // The parser is the same for both backends: one gets all of them, the other every fourth.
    const step = box.backend === "nft" ? 1 : 4;
    const chosen = lines.filter((_, index) => index % step === 0);
    for (let at = 0; at < chosen.length; at += batch) {
      const group = chosen.slice(at, at + batch);
      const found = await Promise.all(group.map((line) => attack(box, line)));
      problems.push(...found.flat());
      if (!await isClean(box, before)) problems.push(`changed by one of ${JSON.stringify(group)}`);
    }
    assertEquals(problems, []);
  },
);

forEachBackend(
  "promise 7, no injection: a legal prefix full of quotes stays a prefix",
  async (box) => {
    const prefixes = [
      `" -j ACCEPT --x "`,
      `' -j ACCEPT '`,
      `\\" -j ACCEPT \\`,
      `$(touch ${CANARY})`,
      "`id`;|&<>*?[]{}~!#%^=+",
      "-j ACCEPT",
      "\\",
      `"`,
      "größer \u20ac ",
    ];
    for (const prefix of prefixes) {
      await box.must("init", "web", "--port", "99", "--log", `--log-prefix=${prefix}`);
      const { services } = JSON.parse(await box.must("list", "--json"));
      assertEquals(services[0].log.prefix, prefix);
      assertEquals([services[0].policy, services[0].doors], ["drop", []]);
      await box.must("remove", "web");
    }
    assertEquals((await box.ns.run(["test", "-e", CANARY])).code, 1);
  },
);

forEachBackend("promise 7, no injection: a hostile environment runs nothing", async (box) => {
  await box.must("init", "ssh", "--port", "22");
  const names = ["iptables", "iptables-save", "iptables-restore", "sh", "flock"];
  const fake = names.map((name) => `printf '#!/bin/sh\\ntouch ${CANARY}\\n' > /mnt/evil/${name}`);
  const setup = ["mkdir /mnt/evil", ...fake, "chmod 755 /mnt/evil/*"].join("\n");
  await box.ns.must(["sh", "-c", `set -e\n${setup}`]);
  const env = {
    PATH: "/mnt/evil:/usr/bin",
    LD_PRELOAD: "/mnt/evil/none.so",
    XTABLES_LIBDIR: "/mnt/evil",
    IFS: "/",
    ENV: "/mnt/evil/sh",
    BASH_ENV: "/mnt/evil/sh",
    DENO_DIR: "/mnt/evil",
    NODE_OPTIONS: "--require=/mnt/evil/none.js",
  };
  const outcome = await box.spawn(["add", "203.0.113.9", "--service", "ssh"], { env }).outcome;
  assertEquals(outcome.code, 0, outcome.stderr);
  assert((await box.save("ipv4")).includes("203.0.113.9/32"));
  assertEquals((await box.ns.run(["test", "-e", CANARY])).code, 1);
});
