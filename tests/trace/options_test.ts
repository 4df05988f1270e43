// How many words stand behind each option of a match, and how numbers and masks are read.
import { assertEquals, assertNotEquals } from "@std/assert";
import { readMasked, readNumber } from "../../src/trace/options.ts";
import { readRule, UNREADABLE } from "../../src/trace/rule.ts";
import { holds } from "../support/trace.ts";

/** Matches with all their options, as iptables-extensions(8) has them; `!` where it may stand. */
const OPTIONS: Readonly<Record<string, string>> = {
  addrtype: "--src-type UNICAST --dst-type LOCAL --limit-iface-in --limit-iface-out",
  comment: "--comment x",
  connmark: "--mark 0x0/0xff",
  conntrack: "--ctstate NEW --ctproto tcp --ctdir ORIGINAL --ctstatus NONE --ctexpire 1:2 " +
    "--ctorigsrc 10.0.0.0/8 --ctorigdst 10.0.0.0/8 --ctreplsrc 10.0.0.0/8 --ctrepldst 10.0.0.0/8 " +
    "--ctorigsrcport 1 --ctorigdstport 1 --ctreplsrcport 1 --ctrepldstport 1",
  dccp: "--sport 1024: --source-port 1024: --dport 22 --destination-port 22",
  geoip: "--source-country DE --src-cc DE --destination-country DE --dst-cc DE",
  icmp: "--icmp-type 8/0",
  icmp6: "--icmpv6-type 128/0",
  iprange: "--src-range 10.0.0.1-10.0.0.9 --dst-range 10.0.0.1-10.0.0.9",
  mac: "--mac-source 00:11:22:33:44:55",
  mark: "--mark 0x0/0xff",
  multiport: "--sports 1 --source-ports 1 --dports 1 --destination-ports 1 --ports 1 --port 1",
  physdev: "--physdev-in a --physdev-out b --physdev-is-in --physdev-is-out --physdev-is-bridged",
  pkttype: "--pkt-type unicast",
  policy: "--dir in --pol ipsec --strict --reqid 1 --spi 0x1 --proto esp --mode tunnel " +
    "--tunnel-src 10.0.0.0/8 --tunnel-dst 10.0.0.0/8 --next",
  recent: "--set --rcheck --update --remove --name a --mask 255.255.255.255 --seconds 1 " +
    "--hitcount 1 --reap --rttl --rsource --rdest",
  rpfilter: "--loose --validmark --accept-local --invert",
  rt: "--rt-type 0 --rt-segsleft 1 --rt-len 1 --rt-0-res --rt-0-addrs ::1 --rt-0-not-strict",
  frag: "--fragid 1 --fraglen 1 --fragres --fragfirst --fragmore --fraglast",
  hbh: "--hbh-len 1 --hbh-opts 1:2",
  dst: "--dst-len 1 --dst-opts 1:2",
  sctp: "--sport 1024: --source-port 1024: --dport 22 --destination-port 22",
  set: "--match-set a src",
  state: "--state NEW",
  string: "--string x --hex-string |00| --algo bm --from 1 --to 2",
  tcp: "--sport 1024: --source-port 1024: --dport 22 --destination-port 22 " +
    "--tcp-flags SYN SYN --syn --tcp-option 5",
  tcpmss: "--mss 1:2",
  time: "--datestart 2020 --datestop 2030 --timestart 01:00 --timestop 23:00 --weekdays Fri " +
    "--monthdays 15 --contiguous --utc --kerneltz",
  udp: "--sport 1024: --source-port 1024: --dport 22 --destination-port 22",
  udplite: "--sport 1024: --source-port 1024: --dport 22 --destination-port 22",
};

/** The words of each option of a match, with the values behind it. */
const split = (words: string) => words.split(/ (?=--)/);

Deno.test("behind an option stand as many words as it has values, and then the next option", () => {
  for (const [match, words] of Object.entries(OPTIONS)) {
    for (const option of [...split(words), words]) {
      // What comes next is read: without it the rule would hold, or not be understood at all.
      assertEquals(holds(`-m ${match} ${option} -m mark --mark 0x1`), false, `${match} ${option}`);
      assertEquals(holds(`-m ${match} ${option} -p udp`), false, `${match} ${option}`);
    }
  }
});

Deno.test("an option that a match does not have makes the match unknown, and no other", () => {
  for (const [match, words] of Object.entries(OPTIONS)) {
    const [option = ""] = split(words);
    const strange = `-m ${match} ${option} --such-a-thing`;
    assertEquals(holds(`${strange} -m mark --mark 0x1`), false, match);
    assertEquals(holds(strange), null, match);
  }
  assertEquals(holds("-m mark --mark 0x0 --such-a-thing 1 2 3 -m mark --mark 0x0"), null);
  assertEquals(holds("-m mark --mark 0x0 ! --such-a-thing ! -p udp"), null);
  assertEquals(holds("-m mark --mark 0x0 --such-a-thing - -p udp"), false);
});

/** Options that leave what the match says as it is: each alone, and all of them. */
const KEEP: readonly (readonly [words: string, more: string, holds: boolean])[] = [
  [
    "-m policy --dir in --pol ipsec",
    OPTIONS["policy"]!.replace("--dir in --pol ipsec ", ""),
    false,
  ],
  ["-m policy --dir in --pol none", "--strict", true],
  ["-m rpfilter", "--loose --validmark --accept-local", true],
  ["-m rpfilter --invert", "--loose --validmark --accept-local", false],
  ["-m rt", OPTIONS["rt"]!, false],
  ["-m frag", OPTIONS["frag"]!, false],
  ["-m hbh", OPTIONS["hbh"]!, false],
  ["-m dst", OPTIONS["dst"]!, false],
  [
    "-m recent --rcheck",
    "--name a --mask 255.255.255.255 --seconds 1 --hitcount 2 --reap --rttl",
    false,
  ],
  ["-m recent --set", "--name a --rsource --rdest", true],
  ["-m physdev --physdev-out a", "--physdev-is-out --physdev-is-bridged", false],
  ["-m time --weekdays Fri", "--contiguous --utc --datestart 2020 --timestart 01:00", true],
  ["-m tcp --syn", "--dport 22 --destination-port 22 --sport 1024: --source-port 1024:", true],
  ["-m comment", "--comment x", true],
];

Deno.test("an option that makes no difference makes nothing unknown", () => {
  for (const [words, more, expected] of KEEP) {
    for (const option of ["", ...split(more), more]) {
      const asked = `${words.startsWith("-m tcp") ? "-p tcp " : ""}${words} ${option}`;
      assertEquals(holds(asked), expected, asked);
    }
  }
});

Deno.test("options belong to the last match that knows them", () => {
  assertEquals(holds("-m mark --mark 0x0 -m connmark --mark 0x0"), true);
  assertEquals(holds("-m mark -m connmark --mark 0x1"), false);
  assertEquals(holds("-p tcp -m mark --mark 0x0 -m comment --comment x --dport 22"), true);
  assertEquals(holds("-p tcp -m mark --mark 0x0 -m comment --comment x --dport 23"), false);
  // One that is named is asked ahead of the one that the protocol would bring along.
  assertEquals(holds("-p tcp -m multiport --dports 22 --sport 1024:"), true);
  assertEquals(holds("-p tcp -m udp --dport 22"), true);
  assertEquals(holds("--dport 22"), null);
  assertEquals(holds("-p gre --dport 22"), false);
});

Deno.test("an option without its values, or a word that is none, makes a rule that may do anything", () => {
  const read = (words: string) => readRule(words, { family: "ipv4", isChain: () => false });
  const unreadable = "-s; -d; -p; -i; -o; -m; -j; -g; -c; -c 1; --source; --set-counters 1; tcp; " +
    '-p tcp 22; -f x; "-p" tcp; -j DROP -j ACCEPT; -j DROP -g DROP; -s !; ! tcp; "!" -p tcp; x -p udp';
  for (const words of unreadable.split("; ")) {
    assertEquals(read(words), UNREADABLE, words);
    assertEquals(read(`-m comment --comment "a b" ${words}`), UNREADABLE, words);
  }
  const readable =
    "; -s 1.2.3.4; -c 1 2; -f; -p tcp -f -j DROP; -m x -j DROP --y z; -j DROP ! --x y";
  for (const words of readable.split("; ")) assertNotEquals(read(words), UNREADABLE, words);
  assertEquals(read("").target.kind, "none");
  assertEquals(read("-c 1 2 -j DROP").conditions, []);
  assertEquals(read("-j DROP --log-prefix -x -p udp").conditions.length, 1);
  // A prefix may look like an option.
  assertEquals(read("-j LOG --log-prefix -p").conditions.length, 0);
  assertNotEquals(read("-m x --what !y - -j DROP"), UNREADABLE);
  // What stands behind a target is the target's, unless a match behind it knows it.
  const asked = (words: string) => read(words).conditions.map(({ text }) => text);
  assertEquals(asked("-m mark --mark 0x0 -j X --mark 0x1"), ["-m mark --mark 0x0"]);
  assertEquals(asked("-j X --mark 0x1 -m mark --mark 0x0"), ["-m mark --mark 0x0"]);
  assertEquals(asked("-m mark --mark 0x0 -j X -m connmark --mark 0x1"), [
    ...["-m mark --mark 0x0", "-m connmark --mark 0x1"],
  ]);
  assertEquals(asked("-m mark -m connmark --mark 0x1 ! --mark 0x2"), [
    ...["-m mark", "-m connmark --mark 0x1 ! --mark 0x2"],
  ]);
  assertEquals(read('-j LOG --log-prefix "-p " -m comment --comment x').conditions.length, 1);
  for (const option of ["--log-prefix", "--nflog-prefix", "--ulog-prefix"]) {
    assertEquals(read(`-j LOG ${option} -p`).conditions.length, 0, option);
  }
});

Deno.test("numbers are decimal, or hexadecimal behind 0x, up to 32 bits", () => {
  const read: Readonly<Record<string, number | null>> = {
    "0": 0,
    "7": 7,
    "010": 10,
    "4294967295": 0xffffffff,
    "4294967296": null,
    "9999999999": null,
    "10000000000": null,
    "0x0": 0,
    "0xff": 255,
    "0XfF": 255,
    "0xffffffff": 0xffffffff,
    "0x100000000": null,
    "0x000000001": null,
    "0x": null,
    "0xg": null,
    "": null,
    "-1": null,
    "1.5": null,
    "1e3": null,
    " 1": null,
    "1 ": null,
    "x1": null,
    "1x": null,
  };
  for (const [text, number] of Object.entries(read)) {
    assertEquals(readNumber(text), number, JSON.stringify(text));
    const masked = number === null ? null : { value: number, mask: 0xffffffff };
    assertEquals(readMasked(text), masked, JSON.stringify(text));
    assertEquals(readMasked(`1/${text}`), number === null ? null : { value: 1, mask: number });
  }
  for (const text of ["/1", "1/2/3", "1/", "/", "1//"]) assertEquals(readMasked(text), null, text);
});
