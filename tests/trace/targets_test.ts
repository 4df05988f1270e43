// What each target does to a packet, by iptables-extensions(8), and the ports and flags of matches.
import { assertEquals } from "@std/assert";
import { ask, filter, holds, type Question, told } from "../support/trace.ts";

const STANDING: Question = { from: "203.0.113.9", established: true };

/** The verdict on a packet that meets a target, ahead of a rule that lets all in. */
const behind = (target: string) =>
  ask(filter(`-A INPUT -j ${target}\n-A INPUT -j ACCEPT`, "DROP")).verdict;

Deno.test("after a target that logs, counts or marks for others a packet continues", () => {
  const passing = "LOG NFLOG ULOG TRACE AUDIT CLASSIFY TOS DSCP TTL HL ECN TCPMSS TCPOPTSTRIP " +
    "CHECKSUM SECMARK CONNSECMARK IDLETIMER LED RATEEST TEE ACCOUNT";
  for (const target of passing.split(" ")) assertEquals(behind(target), "accepted", target);
  for (const target of ["SET --del-set a src", "SET --add-set a src", "CT --zone 1", "CT"]) {
    assertEquals(behind(target), "accepted", target);
  }
});

Deno.test("a target that decides ends the way, an unknown one leaves it open", () => {
  const verdicts: Readonly<Record<string, string>> = {
    ACCEPT: "accepted",
    DROP: "dropped",
    REJECT: "rejected",
    QUEUE: "queued",
    NFQUEUE: "queued",
    TARPIT: "dropped",
    STEAL: "dropped",
    DELUDE: "rejected",
    STRANGE: "unknown",
    constructor: "unknown",
  };
  for (const [target, verdict] of Object.entries(verdicts)) {
    const after = target === "ACCEPT" ? "DROP" : "ACCEPT";
    const rules = filter(`-A INPUT -j ${target}\n-A INPUT -j ${after}`);
    assertEquals(ask(rules).verdict, verdict, target);
  }
});

Deno.test("a chain may have the name of an extension, but not of what the kernel knows itself", () => {
  const named = (name: string) => {
    const rules = filter(`:${name} - [0:0]\n-A INPUT -j ${name}\n-A ${name} -j ACCEPT`, "DROP");
    return ask(rules).verdict;
  };
  for (const name of ["LOG", "REJECT", "NFQUEUE", "TARPIT", "MARK", "own"]) {
    assertEquals(named(name), "accepted", name);
  }
  assertEquals([named("DROP"), named("QUEUE")], ["dropped", "queued"]);
  const goto = filter("-A INPUT -g none\n-A INPUT -j ACCEPT", "DROP");
  assertEquals(ask(goto).verdict, "unknown");
});

/** Whether a packet has a mark after these targets of table mangle. */
function marked(targets: readonly string[], test: string, ahead = ""): boolean | null {
  const mangle = targets.map((target) => `-A PREROUTING -j ${target}`).join("\n");
  const tables = `${ahead}*mangle\n:PREROUTING ACCEPT [0:0]\n${mangle}\nCOMMIT\n`;
  const { verdict } = ask(`${tables}${filter(`-A INPUT ${test} -j ACCEPT`, "DROP")}`);
  return verdict === "accepted" ? true : verdict === "dropped" ? false : null;
}

Deno.test("marks are set by bits: those of the mask are cleared, then the value is put in", () => {
  const cases:
    readonly (readonly [targets: readonly string[], test: string, is: boolean | null])[] = [
      [["MARK --set-mark 0x7"], "-m mark --mark 0x7", true],
      [["MARK --set-mark 0x7"], "-m mark --mark 0x6", false],
      [["MARK --set-xmark 0x7/0xff"], "-m mark --mark 0x7", true],
      [
        ["MARK --set-xmark 0xf0/0xffffffff", "MARK --set-xmark 0x1/0xf"],
        "-m mark --mark 0xf1",
        true,
      ],
      [["MARK --set-xmark 0xf0", "MARK --set-xmark 0x10/0x10"], "-m mark --mark 0xf0", true],
      [["MARK --set-xmark 0xf0", "MARK --set-xmark 0x10/0x0"], "-m mark --mark 0xe0", true],
      [["MARK --set-xmark 0xf0", "MARK --set-mark 0x3/0x1"], "-m mark --mark 0xf3", true],
      [["MARK --set-xmark 0xff", "MARK --set-mark 0x8/0xc"], "-m mark --mark 0xfb", true],
      [["MARK --set-mark x"], "-m mark --mark 0x7", null],
      [["MARK"], "-m mark --mark 0x7", null],
      [["HMARK --hmark-tuple src --hmark-mod 9"], "-m mark --mark 0", null],
      [["HMARK --hmark-mod 9", "MARK --set-mark 0x7"], "-m mark --mark 0x7", true],
      [["HMARK --hmark-mod 9", "MARK --set-xmark 0x7/0x7"], "-m mark --mark 0x7", null],
      [["HMARK --hmark-mod 9", "CONNMARK --save-mark"], "-m connmark --mark 0x0", null],
      [["CONNMARK --set-mark x", "CONNMARK --restore-mark"], "-m mark --mark 0x0", null],
      [["CONNMARK --set-mark x"], "-m mark --mark 0x0", true],
      [["HMARK --hmark-mod 9"], "-m mark --mark 0x0/0x0", true],
      [["HMARK --hmark-mod 9"], "-m mark --mark 0x1/0x0", false],
      [["CONNMARK --set-mark 0x7"], "-m connmark --mark 0x7", true],
      [["CONNMARK --set-mark 0x7"], "-m mark --mark 0x7", false],
      // The highest bit is one like the others.
      [["MARK --set-xmark 0x80000000/0x80000000"], "-m mark --mark 0x80000000", true],
      [["MARK --set-xmark 0x80000001/0xf000000f"], "-m mark --mark 0x80000000/0x80000000", true],
      [
        ["MARK --set-mark 0x80000000", "CONNMARK --save-mark"],
        "-m connmark --mark 0x80000000",
        true,
      ],
      [["MARK --set-mark 0xffffffff"], "-m mark --mark 0xffffffff", true],
      [["CONNMARK --set-mark 0x7", "CONNMARK --restore-mark"], "-m mark --mark 0x7", true],
      [["MARK --set-mark 0x7", "CONNMARK --save-mark"], "-m connmark --mark 0x7", true],
      [
        ["MARK --set-mark 0x7", "CONNMARK --save-mark --nfmask 0x3"],
        "-m connmark --mark 0x3",
        true,
      ],
      [
        ["MARK --set-mark 0x7", "CONNMARK --save-mark --nfmask 0xff --ctmask 0xff"],
        "-m connmark --mark 0x7",
        true,
      ],
      [
        ["CONNMARK --set-mark 0xff", "CONNMARK --restore-mark --nfmask 0xf --ctmask 0x3"],
        "-m mark --mark 0x3",
        true,
      ],
    ];
  for (const [targets, test, is] of cases) {
    assertEquals(marked(targets, test), is, `${targets.join("; ")}: ${test}`);
  }
});

Deno.test("NOTRACK and CT --notrack leave a packet without a connection", () => {
  for (const target of ["NOTRACK", "CT --notrack"]) {
    const raw = `*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j ${target}\nCOMMIT\n`;
    assertEquals(marked([], "-m conntrack --ctstate UNTRACKED", raw), true, target);
    assertEquals(marked([], "-m conntrack --ctstate NEW", raw), false, target);
    // Of a connection nothing holds where there is none, not even what is negated.
    assertEquals(marked([], "-m conntrack ! --ctproto udp", raw), false, target);
    assertEquals(marked([], "-m connmark ! --mark 0x1", raw), false, target);
  }
  const tracked = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j CT\nCOMMIT\n";
  assertEquals(marked([], "-m conntrack --ctstate NEW", tracked), true);
});

Deno.test("what a translation says is where a packet goes, and to which port", () => {
  const nat = (target: string, question: Question = {}) => {
    const tables = `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j ${target}\nCOMMIT\n`;
    return told(`${tables}${filter("")}`, { addresses: ["198.51.100.1"], ...question })
      .replace(/ by (rule|the policy) .*$/, "").replace(/^(unknown).* \((.*)\)$/, "$1: $2");
  };
  const cases: readonly (readonly [target: string, said: string])[] = [
    ["REDIRECT", "accepted"],
    ["REDIRECT --to-ports 8080", "accepted at port 8080"],
    ["REDIRECT --to-ports 8080-8090", "accepted at port unknown"],
    ["DNAT --to-destination 198.51.100.1", "accepted"],
    ["DNAT --to-destination 198.51.100.1:23", "accepted at port 23"],
    ["DNAT --to-destination :23", "accepted at port 23"],
    ["DNAT --to-destination 10.0.0.8", "redirected to 10.0.0.8:22"],
    ["DNAT --to-destination 10.0.0.8:80", "redirected to 10.0.0.8:80"],
    ["DNAT --to-destination 10.0.0.8:80-90", "redirected to 10.0.0.8"],
    ["DNAT --to-destination 10.0.0.8:80-90/80", "redirected to 10.0.0.8"],
    ["DNAT --to-destination 10.0.0.8-10.0.0.9", "unknown: its destination is unknown"],
    ["DNAT", "unknown: its destination is unknown"],
    ["NETMAP --to 10.0.0.0/8", "unknown: its destination is unknown"],
    [
      "DNAT --to-destination 127.0.0.1",
      "unknown: whether the kernel lets it in to lo is not known",
    ],
    ["DNAT --to-destination 128.0.0.1", "redirected to 128.0.0.1:22"],
  ];
  for (const [target, said] of cases) assertEquals(nat(target), said, target);
  const v6 = { family: "ipv6", addresses: ["2001:db8::1"] } as const;
  assertEquals(nat("DNAT --to-destination [2001:db8::8]:80", v6), "redirected to [2001:db8::8]:80");
  assertEquals(nat("DNAT --to-destination 2001:db8::8", v6), "redirected to [2001:db8::8]:22");
  assertEquals(nat("DNAT --to-destination [2001:db8::1]:80", v6), "accepted at port 80");
  assertEquals(
    nat("DNAT --to-destination ::1", v6),
    "unknown: whether the kernel lets it in to lo is not known",
  );
  for (const target of ["x:[2001:db8::8]:80", "[2001:db8::8]:80x", "[2001:db8::8]80"]) {
    assertEquals(
      nat(`DNAT --to-destination ${target}`, v6),
      "unknown: its destination is unknown",
    );
  }
  assertEquals(nat("DNAT --to-destination ::2", v6), "redirected to [::2]:22");
});

Deno.test("ports are compared by each option's name, at the ends of a range too", () => {
  const cases: readonly (readonly [words: string, question: Question, holds: boolean | null])[] = [
    ...["--dport", "--destination-port"].flatMap((name): typeof cases[number][] => [
      [`-p tcp -m tcp ${name} 22`, {}, true],
      [`-p tcp -m tcp ${name} 21:22`, {}, true],
      [`-p tcp -m tcp ${name} 22:23`, {}, true],
      [`-p tcp -m tcp ${name} 23:`, {}, false],
      [`-p tcp -m tcp ${name} :21`, {}, false],
      [`-p tcp -m tcp ${name} :`, {}, true],
      [`-p tcp -m tcp ${name} ssh`, {}, null],
      [`-p tcp -m tcp ! ${name} 22`, {}, false],
    ]),
    ...["--sport", "--source-port"].flatMap((name): typeof cases[number][] => [
      [`-p tcp -m tcp ${name} 1024:65535`, {}, true],
      [`-p tcp -m tcp ${name} 1024:`, {}, true],
      [`-p tcp -m tcp ${name} 1025:`, {}, null],
      [`-p tcp -m tcp ${name} :1023`, {}, false],
      [`-p tcp -m tcp ${name} :1024`, {}, null],
      [`-p tcp -m tcp ${name} 5000`, { sourcePort: 5000 }, true],
      [`-p tcp -m tcp ${name} 5000`, { sourcePort: 5001 }, false],
    ]),
    ...["--dports", "--destination-ports"].flatMap((name): typeof cases[number][] => [
      [`-p tcp -m multiport ${name} 20,22`, {}, true],
      [`-p tcp -m multiport ${name} 20,23:30`, {}, false],
      [`-p tcp -m multiport ${name} 20,ssh`, {}, null],
    ]),
    ...["--sports", "--source-ports"].flatMap((name): typeof cases[number][] => [
      [`-p tcp -m multiport ${name} 22,80`, {}, false],
      [`-p tcp -m multiport ${name} 1024:65535`, {}, true],
    ]),
    ...["--port", "--ports"].flatMap((name): typeof cases[number][] => [
      [`-p tcp -m multiport ${name} 22`, {}, true],
      [`-p tcp -m multiport ${name} 23`, {}, false],
      [`-p tcp -m multiport ${name} 1024:65535`, {}, true],
    ]),
    ["-p tcp -m tcp --syn", {}, true],
    ["-p tcp -m tcp ! --syn", {}, false],
    ["-p tcp -m tcp --syn", STANDING, false],
    ["-p tcp -m tcp --tcp-flags ALL SYN", {}, true],
    ["-p tcp -m tcp --tcp-flags ALL NONE", {}, false],
    ["-p tcp -m tcp --tcp-flags FIN,RST NONE", {}, true],
    ["-p tcp -m tcp --tcp-flags SYN,URG SYN", {}, true],
    ["-p tcp -m tcp --tcp-flags SYN,PSH SYN", {}, true],
    ["-p tcp -m tcp --tcp-flags SYN,ACK ACK", {}, false],
    ["-p tcp -m tcp --tcp-flags SYN,ACK ACK", STANDING, true],
    ["-p tcp -m tcp --tcp-flags SYN,PSH PSH", STANDING, null],
    ["-p tcp -m tcp --tcp-flags SYN SYN,ACK", {}, false],
    ["-p tcp -m tcp --tcp-flags XYZ SYN", {}, null],
    ["-p tcp -m tcp --tcp-flags SYN XYZ", {}, null],
    ...["FIN", "RST", "PSH", "ACK", "URG"].flatMap((flag): typeof cases[number][] => [
      [`-p tcp -m tcp --tcp-flags ${flag} ${flag}`, {}, false],
      [`-p tcp -m tcp --tcp-flags ${flag} NONE`, {}, true],
      [`-p tcp -m tcp --tcp-flags SYN,${flag} SYN`, {}, true],
      [`-p tcp -m tcp --tcp-flags SYN,${flag} SYN,${flag}`, {}, false],
      [
        `-p tcp -m tcp --tcp-flags ${flag},PSH ${flag}`,
        STANDING,
        flag === "ACK" || flag === "PSH" ? null : false,
      ],
      [`-p tcp -m tcp --tcp-flags ALL SYN,${flag}`, {}, false],
    ]),
    ["-p tcp -m tcp --tcp-flags ALL ALL", {}, false],
    ["-p tcp -m tcp --tcp-flags NONE NONE", {}, true],
    ["-p tcp -m tcp --tcp-flags SYN,RST,ACK,FIN SYN", STANDING, false],
    ["-p tcp -m tcp --dport 65535", { port: 65535 }, true],
    ["-p tcp -m tcp --dport 0:65535", { port: 65535 }, true],
    ["-p tcp -m tcp --dport 0:65536", {}, null],
    ["-p tcp -m tcp --dport 22:", { port: 65535 }, true],
    ["-p tcp -m tcp --dport 000022", {}, null],
    ["-p tcp -m tcp --dport x22", {}, null],
    ["-p tcp -m tcp --dport 22x", {}, null],
    ["-p tcp -m tcp --dport 22,23", {}, null],
    ["-p tcp -m multiport --dports 000022", {}, null],
    ["-p tcp -m multiport --dports 00022", {}, true],
    ["-p tcp -m multiport --dports 22:000022", {}, null],
    ["-p tcp -m multiport --dports 22:22", {}, true],
    ["-p tcp -m multiport --dports 0", {}, false],
    ["-p tcp -m multiport --dports ,22", {}, null],
    ["-p tcp -m tcp --dport 20:21:22", {}, null],
    ["-p tcp -m multiport --dports 65536,22", {}, null],
    ["-p tcp -m multiport --ports 1024:65535", { port: 80, sourcePort: 1024 }, true],
    ["-p tcp -m multiport --ports 80", { port: 22, sourcePort: 80 }, true],
    ["-p tcp -m multiport --ports 81", { port: 22, sourcePort: 80 }, false],
    ["-p tcp -m multiport --ports 5000", {}, null],
    ["-p tcp -m tcp --tcp-option 2", {}, null],
    ["-p tcp -m tcpmss --mss 1400", {}, null],
    ["-p tcp -m tcpmss --mss 1400", STANDING, false],
    ["-p tcp -m tcpmss ! --mss 1400", STANDING, true],
  ];
  for (const [words, question, expected] of cases) {
    assertEquals(holds(words, question), expected, `${words} ${JSON.stringify(question)}`);
  }
});
