// What of a knockd.conf a rules file says at the edges, and in which words it says what it leaves out.
import { assertEquals } from "@std/assert";
import { importConf as read, wholeImport as whole } from "../support/importing.ts";

const ALLOW = "iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT";

/** A section that opens ssh, in lines. */
function section(lines: readonly string[], start = `command = ${ALLOW}`): string {
  return ["[s]", "sequence = 3,1,2", start, ...lines, ""].join("\n");
}

/** The time that the door stays open, or that the knock may take. */
function knockOf(conf: string): string {
  return read(conf).rules.find((line) => line.includes("knock"))?.trim() ?? "no knock";
}

Deno.test("seconds are those of atoi(3), up to ten years, whichever setting has them", () => {
  const stop = `stop_command = ${ALLOW.replace("-A", "-D")}`;
  for (
    const [value, duration] of [
      ["1", "1s"],
      ["+2", "2s"],
      ["59", "59s"],
      ["3600 # an hour", "1h"],
      ["86400s", "1d"],
      ["315360000", "3650d"],
      ["315360001", null],
      ["0", null],
      ["-1", null],
      ["++1", null],
      ["x9", null],
      ["", null],
    ] as const
  ) {
    const within = section([`seq_timeout = ${value}`]);
    const timed = section([`cmd_timeout = ${value}`, stop]);
    if (duration === null) {
      assertEquals(read(within).told, ["4: no knock is possible in that time"], value);
      assertEquals(read(within).rules, [], value);
      assertEquals(read(timed).told, ["4: a door cannot have this time"], value);
      assertEquals(knockOf(timed), "knock 3, 1, 2 within 25s", value);
    } else {
      assertEquals(whole(within)[1], `knock 3, 1, 2 within ${duration}`);
      assertEquals(whole(timed)[1], `knock 3, 1, 2 within 25s for ${duration}`);
    }
  }
});

Deno.test("how long pktables itself is told to keep a door open is kept, however long", () => {
  for (const end of ["1s", "90m", "3650d", "4000d"]) {
    const command = `command = /bin/pktables add %IP% -s ssh --for ${end}`;
    assertEquals(whole(section([], command))[1], `knock 3, 1, 2 within 25s for ${end}`);
    // It counts where there is a timer as well.
    const both = ["cmd_timeout = 5", "stop_command = /bin/pktables delete %IP% -s ssh"];
    assertEquals(whole(section(both, command))[1], `knock 3, 1, 2 within 25s for ${end}`);
  }
});

Deno.test("a sequence has 32 ports at most, and one that is none is left out", () => {
  const ports = Array.from({ length: 33 }, (_, index) => 40 - index);
  const conf = (sequence: string) => `[s]\ncommand = ${ALLOW}\nsequence = ${sequence}\n`;
  for (const count of [1, 31, 32]) {
    const steps = ports.slice(0, count);
    assertEquals(whole(conf(steps.join(",")))[1], `knock ${steps.join(", ")} within 25s`);
  }
  for (const sequence of [ports.join(","), "", "3,x", "3:icmp", "0", "65536"]) {
    const { told, rules } = read(conf(sequence));
    assertEquals([told, rules], [["3: invalid sequence of ports"], []], sequence);
  }
});

Deno.test("a path of one-time sequences is absolute, and no character of it ends the line", () => {
  const conf = (path: string) => `[s]\ncommand = ${ALLOW}\none_time_sequences = ${path}\n`;
  for (const path of ["/", "/a b", "/ä#c", "/a/b.once"]) {
    assertEquals(whole(conf(path))[1], `knock once "${path}" within 25s`);
  }
  for (const path of ["", "a", "a/b", "/a\u0007b", "/a\u0085b"]) {
    const { told, rules } = read(conf(path));
    assertEquals([told, rules], [["3: a rules file cannot hold this path"], []], path);
  }
});

Deno.test("of flags and targets all but a plain SYN to this machine is left out", () => {
  for (const flags of ["syn", "SYN", "Syn"]) {
    assertEquals(whole(section([`tcpflags = ${flags}`])).length, 2);
  }
  for (const flags of ["syn,ack", "!syn", "ack", "syn,syn"]) {
    const { told, marked, rules } = read(section([`tcpflags = ${flags}`]));
    assertEquals(told, [`4: tcpflags ${flags}: a knock is a SYN to this machine`]);
    assertEquals([marked, rules.length], [[flags], 2]);
  }
  const { told } = read(section(["tcpflags = fin", "target = syn"]));
  assertEquals(told, [
    "4: tcpflags fin: a knock is a SYN to this machine",
    "5: target syn: a knock is a SYN to this machine",
  ]);
});

Deno.test("services are the same if protocol, ports and interface are, and no other ones", () => {
  const opening = (rule: string, at: number) =>
    `[o${at}]\nsequence = ${at + 3},1,2\ncommand = iptables -A INPUT -s %IP% ${rule} -j ACCEPT\n`;
  const rules = [
    "-p tcp --dport 22",
    "-p udp --dport 22",
    "-p tcp --dport 22:221",
    "-i 1 -p tcp --dport 22",
    "-p tcp --dport 22,221",
    "-i tcp -p tcp --dport 221",
    "-p tcp --dport 221",
  ];
  const services = (conf: string) => whole(conf).filter((line) => line.startsWith("service"));
  assertEquals(services(rules.map(opening).join("")).length, rules.length);
  for (const rule of rules) {
    assertEquals(services([rule, rule].map(opening).join("")).length, 1, rule);
  }
  assertEquals(
    services(["-p tcp --dports 22,80", "-p tcp --dports 80,22"].map(opening).join("")).length,
    1,
  );
});

/** What is said of a section whose command or commands are left out, and which words are meant. */
const LOST: readonly (readonly [line: string, message: string, marked: string])[] = [
  ["/root/open.sh %IP%", "unknown program `/root/open.sh`", "/root/open.sh"],
  [
    "/bin/pktables add %IP% -s $NAME",
    "the shell expands this command: its words are not known",
    "/bin/pktables",
  ],
  ["/bin/pktables add %IP% --servce ssh", "unknown option `--servce`", "--servce"],
  ["/bin/pktables add %IP%", "`add` needs `--service NAME`", "add"],
  ["/bin/pktables", "`help` neither opens nor closes a door", "/bin/pktables"],
  ["/bin/pktables sweep", "`sweep` neither opens nor closes a door", "/bin/pktables"],
  ["/bin/pktables list ssh", "`list` neither opens nor closes a door", "/bin/pktables"],
  [
    "/bin/pktables add 203.0.113.9 -s ssh",
    "the command has no %IP%, so it is not about the visitor",
    "/bin/pktables",
  ],
  [
    "/bin/pktables delete 203.0.113.9 -s ssh",
    "the command has no %IP%, so it is not about the visitor",
    "/bin/pktables",
  ],
  ["/bin/pktables add %IP% -s backup", "the ports of `backup` are not known", "backup"],
  ["/bin/pktables add %IP% -s=backup", "the ports of `backup` are not known", "-s=backup"],
  ["iptables -D INPUT 7", "the rule is deleted by its number", "7"],
  [
    "iptables -A INPUT -s %IP% -p tcp --dport 22 -j LOG",
    "cannot tell what the command does",
    "iptables",
  ],
  [
    "iptables -A INPUT -p tcp --dport 22 -j ACCEPT",
    "the command applies to everyone, not to the visitor",
    "iptables",
  ],
  [
    "iptables -A INPUT -s 10.0.0.1 -p tcp --dport 22 -j ACCEPT",
    "the command applies to `10.0.0.1`, not to the visitor",
    "iptables",
  ],
  ["iptables -A INPUT -s %IP% -p tcp -j ACCEPT", "the command applies to all ports", "iptables"],
  [
    "iptables -A INPUT -i eth0/1 -s %IP% -p tcp --dport 22 -j ACCEPT",
    "the command has an invalid interface name",
    "iptables",
  ],
  [
    "iptables -A INPUT -i abcdefghijklmnop -s %IP% -p tcp --dport 22 -j ACCEPT",
    "the command has an invalid interface name",
    "iptables",
  ],
  [
    "iptables -A INPUT -i +eth -s %IP% -p tcp --dport 22 -j ACCEPT",
    "the command has an invalid interface name",
    "iptables",
  ],
  ["nft add rule %IP%", "`nft` is not understood", "nft"],
  [
    "iptables -A INPUT -s %IP% --frob -p tcp --dport 22 -j ACCEPT",
    "`--frob` is not understood",
    "--frob",
  ],
];

Deno.test("what a command is left out for is said of the word that it is for", () => {
  for (const [line, message, word] of LOST) {
    const { told, marked, rules } = read(section([], `command = ${line}`));
    assertEquals([told, marked, rules], [[`3: ${message}`], [word], []], line);
    // Another command of the same knock is written all the same.
    const beside = read(section([], `command = ${line}; ${ALLOW}`));
    assertEquals([beside.told, beside.rules.length], [[`3: ${message}`], 2], line);
  }
  const several = read(section([], "command = iptables -t nat -A FORWARD -s %IP% -j ACCEPT"));
  assertEquals(several.marked, ["nat", "FORWARD"]);
});

Deno.test("services are called by the name of their first port, of the protocol where it has none", () => {
  const named = (match: string) =>
    whole(section([], `command = iptables -A INPUT -s %IP% ${match} -j ACCEPT`))[0];
  assertEquals(named("-p tcp --dport 8001"), "service tcp-8001 tcp 8001 syn drop");
  assertEquals(named("-p udp --dport 8001"), "service udp-8001 udp 8001 drop");
  assertEquals(named("-p tcp --dports 443,80"), "service http tcp 80, 443 syn drop");
  assertEquals(named("-p udp --dport 20:22"), "service udp-20 udp 20-22 drop");
  assertEquals(named("-i abcdefghijklmno -p tcp --dport 22"), "service ssh tcp 22 syn drop");
  const hook = (name: string) =>
    whole(section([], `command = /bin/pktables add %IP% -s ${name}`))[0];
  assertEquals(hook("domain"), "service domain udp 53 drop");
  assertEquals(hook("openvpn"), "service openvpn udp 1194 drop");
  assertEquals(hook("http"), "service http tcp 80 syn drop");
});

Deno.test("ufw means both protocols where it names none: that only tcp is written is said once", () => {
  const open = read(section([], "command = ufw allow from %IP% to any port 22"));
  assertEquals(open.told, [
    "3: ufw without a protocol means tcp and udp: only tcp is written",
  ]);
  assertEquals(open.rules[0], "service ssh tcp 22 syn drop");
  const close = "[c]\nsequence = 2,1\ncommand = ufw delete allow from %IP% to any port 22\n";
  const both = read(section([], "command = ufw allow from %IP% to any port 22") + close);
  assertEquals([both.told.length, both.rules[1]?.trim()], [
    1,
    "knock 3, 1, 2 within 25s close 2, 1",
  ]);
});

Deno.test("a third service of one name has a third name, and one that is there already keeps its own", () => {
  const opening = (at: number, more: string) =>
    `[o${at}]\nsequence = ${
      at + 3
    },1,2\ncommand = iptables -A INPUT -s %IP% -p tcp --dport ${more} -j ACCEPT\n`;
  const conf = ["22", "22 -i eth1", "22 -i eth2", "22,23", "22 -i eth1"]
    .map((more, at) => opening(at, more)).join("");
  assertEquals(whole(conf), [
    "service ssh tcp 22 syn drop",
    "knock 3, 1, 2 within 25s",
    "service ssh-2 tcp 22 syn drop",
    'on "eth1"',
    "knock 4, 1, 2 within 25s",
    "knock 7, 1, 2 within 25s",
    "service ssh-3 tcp 22 syn drop",
    'on "eth2"',
    "knock 5, 1, 2 within 25s",
    "service ssh-4 tcp 22, 23 syn drop",
    "knock 6, 1, 2 within 25s",
  ]);
});

Deno.test("the file names all that is left out at its end, each with its line, in their order", () => {
  const { text } = read(
    "[options]\ninterface = eth0\ninterface = eth1\nlogfile = /a\nlogfile = /b\n" +
      section(["target = \u0001x"]) + "[t]\nsequence = 5,4\ncommand = a\u0007b; c\nkey\n",
  );
  assertEquals(
    text,
    `# Made by pktables import. Services are closed over IPv4 and IPv6, except to those who knock.
# To write knockd.conf from this file: pktables knockd --options --interface eth1 --log-file /b FILE

service ssh tcp 22 syn drop
    knock 3, 1, 2 within 25s

# Left out, with the lines of knockd.conf:
#   line 9: target ?x: a knock is a SYN to this machine
#   line 12: unknown program \`a?b\`
#   line 12: unknown program \`c\`
#   line 13: unknown key \`key\`
`,
  );
  assertEquals(
    read("").text,
    `# Made by pktables import. Services are closed over IPv4 and IPv6, except to those who knock.
# To write knockd.conf from this file: pktables knockd --options FILE
`,
  );
});
