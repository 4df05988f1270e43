import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { shareKnocks } from "../../src/firewall/knock.ts";
import { writeKnockdConf } from "../../src/knockd/write_conf.ts";
import { compileFile } from "../../src/semantic/compile.ts";
import { importConf as read, NOW, wholeImport as whole } from "../support/importing.ts";
import { memoryReader } from "../support/memory_reader.ts";

Deno.test("an opening and a closing section of iptables become one knock", () => {
  const conf = `[options]
  UseSyslog
[openSSH]
  sequence    = 7311,9127,8143:udp
  seq_timeout = 5
  command     = /sbin/iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT
  tcpflags    = syn
[closeSSH]
  sequence    = 8143:udp,9127,7311
  seq_timeout = 5
  command     = /sbin/iptables -D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT
`;
  assertEquals(whole(conf), [
    "service ssh tcp 22 syn drop",
    "knock 7311, 9127, 8143:udp within 5s close 8143:udp, 9127, 7311",
  ]);
});

Deno.test("one knock may open several services, by several commands or by one", () => {
  const knock = "sequence = 7311,9127,8143:udp\nseq_timeout = 5\n";
  const close = "sequence = 8143:udp,7311\n";
  const by = (program: string, does: string) => (port: number) =>
    `${program} ${does} INPUT -s %IP% -p tcp --dport ${port} -j ACCEPT`;
  const [add, del, six] = [by("iptables", "-A"), by("iptables", "-D"), by("ip6tables", "-A")];
  const services = [
    "service ssh tcp 22 syn drop",
    "knock 7311, 9127, 8143:udp within 5s close 8143:udp, 7311",
    "service https tcp 443 syn drop",
    "knock 7311, 9127, 8143:udp within 5s close 8143:udp, 7311",
  ];
  const shell = `[a]\n${knock}command = ${add(22)}; ${add(443)}\n` +
    `command_6 = ${six(22)} && ${six(443)}\n[b]\n${close}command = ${del(22)}; ${del(443)}\n`;
  assertEquals(whole(shell), services);
  const ours = (verb: string) => `command = /bin/pktables ${verb} %IP% -s ssh --service=https\n`;
  assertEquals(whole(`[a]\n${knock}${ours("add")}[b]\n${close}${ours("delete")}`), services);
});

Deno.test("of several services each has the end that its own command or the timer gives it", () => {
  const section = (stop: string) =>
    `[s]\nsequence=3,1,2\nstart_command=/bin/pktables add %IP% -s ssh --for 1m; ` +
    `iptables -A INPUT -s %IP% -p tcp --dport 443 -j ACCEPT\ncmd_timeout=9\nstop_command=${stop}\n`;
  const closes = "iptables -D INPUT -s %IP% -p tcp --dport 443 -j ACCEPT";
  const rules = whole(section(closes));
  assertEquals(rules.filter((line) => line.startsWith("knock")), [
    "knock 3, 1, 2 within 25s for 1m",
    "knock 3, 1, 2 within 25s for 9s",
  ]);
  const { told } = read(section(closes.replace("443", "25")));
  assertEquals(told, ["5: this does not close the door that the section opens"]);
});

Deno.test("half of a command that both opens and closes is lost", () => {
  const { told, rules } = read(
    "[s]\nsequence=3,1,2\ncommand=/bin/pktables add %IP% -s ssh; /bin/pktables delete %IP% -s https\n",
  );
  assertEquals(told, ["3: a knock either opens or closes: this does the opposite"]);
  assertEquals(rules[0], "service ssh tcp 22 syn drop");
});

Deno.test("a timer that deletes the rule is how long the door stays open, knockd's own too", () => {
  const section = (timer: string) =>
    `[s]\nsequence=3,1,2\nstart_command=iptables -I INPUT 1 -m state --state NEW,ESTABLISHED ` +
    `-s %IP% -p tcp --dport ssh -j ACCEPT\n${timer}stop_command=iptables -D INPUT -m state ` +
    "--state NEW,ESTABLISHED -s %IP% -p tcp --dport ssh -j ACCEPT\n";
  assertEquals(whole(section("cmd_timeout = 3600\n"))[1], "knock 3, 1, 2 within 25s for 1h");
  assertEquals(whole(section(""))[1], "knock 3, 1, 2 within 25s for 10s");
});

Deno.test("ufw, hooks of pktables, several ports and interfaces are understood", () => {
  assertEquals(
    whole("[s]\nsequence=3,1,2\ncommand=ufw allow proto tcp from %IP% to any port 80,443\n"),
    ["service http tcp 80, 443 syn drop", "knock 3, 1, 2 within 25s"],
  );
  assertEquals(
    whole("[s]\nsequence=3,1,2\ncommand=/usr/bin/pktables add %IP% -s ssh --for 8h\n"),
    ["service ssh tcp 22 syn drop", "knock 3, 1, 2 within 25s for 8h"],
  );
  assertEquals(
    whole(
      "[s]\nsequence=3,1,2\ncommand=iptables -A INPUT -i eth0.7 -p udp -m multiport --dports " +
        "500,4500:4510 -s %IP% -j ACCEPT; ip6tables -A INPUT -i eth0.7 -p udp -m multiport --dports " +
        "500,4500:4510 -s %IP% -j ACCEPT\n",
    ),
    ["service udp-500 udp 500, 4500-4510 drop", 'on "eth0.7"', "knock 3, 1, 2 within 25s"],
  );
  assertEquals(
    whole(
      '[s]\none_time_sequences = /etc/a "b".once\ncommand=ufw allow from %IP% to any port 22 proto tcp\n',
    ),
    ["service ssh tcp 22 syn drop", 'knock once "/etc/a \\"b\\".once" within 25s'],
  );
});

Deno.test("two services of one name, and two knocks of one service, are kept apart", () => {
  const section = (name: string, sequence: string, rest: string) =>
    `[${name}]\nsequence=${sequence}\ncommand=iptables -A INPUT -s %IP% -p tcp ${rest} -j ACCEPT\n`;
  assertEquals(
    whole(
      section("a", "3,1,2", "--dport 22") + section("b", "6,4,5", "-i eth1 --dport 22") +
        section("c", "9,7,8", "--dport 22"),
    ),
    [
      "service ssh tcp 22 syn drop",
      "knock 3, 1, 2 within 25s",
      "knock 9, 7, 8 within 25s",
      "service ssh-2 tcp 22 syn drop",
      'on "eth1"',
      "knock 6, 4, 5 within 25s",
    ],
  );
});

Deno.test("a closing section goes to the knock that it is backwards, wherever that stands", () => {
  const section = (name: string, sequence: string, command: string) =>
    `[${name}]\nsequence=${sequence}\ncommand=iptables ${command} INPUT -s %IP% -p tcp --dport 22 -j ACCEPT\n`;
  assertEquals(
    whole(
      section("a", "3,1,2", "-A") + section("b", "6,4,5", "-A") + section("x", "2,1,3", "-D") +
        section("y", "5,9", "-D"),
    ).slice(1),
    ["knock 3, 1, 2 within 25s close 2, 1, 3", "knock 6, 4, 5 within 25s close 5, 9"],
  );
});

Deno.test("what a rules file cannot say is named by its line, and by the file itself", () => {
  const cases: readonly [string, string, RegExp][] = [
    ["/root/open.sh %IP%", "unknown program", /open\.sh/],
    ["iptables -I INPUT -p tcp --dport 22 -j ACCEPT", "applies to everyone", /./],
    ["iptables -D INPUT 1", "by its number", /./],
    ["iptables -A FORWARD -s %IP% -p tcp --dport 22 -j ACCEPT", "a chain other", /FORWARD/],
    ["iptables -t nat -A PREROUTING -s %IP% -p tcp --dport 22 -j DNAT", "a table other", /nat/],
    [
      "iptables -A INPUT -s %IP% -p tcp --dport 22 -m limit --limit 1/s -j ACCEPT",
      "cannot express",
      /limit/,
    ],
    ["iptables -A INPUT -s %IP% -j ACCEPT", "all ports", /./],
    ["iptables -A INPUT ! -s %IP% -p tcp --dport 22 -j ACCEPT", "not understood", /!/],
    ["iptables -A INPUT -s 10.0.0.1 -p tcp --dport 22 -j ACCEPT", "10.0.0.1", /./],
    ["nft add element x", "not understood", /nft/],
    ["/bin/pktables add %IP% --servce ssh", "unknown option", /servce/],
    ["/bin/pktables add %IP% --service backup", "are not known", /backup/],
    ["/bin/pktables list", "neither opens nor closes", /./],
    [
      "iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT; iptables -D INPUT -s %IP% -p tcp --dport 80 -j ACCEPT",
      "the opposite",
      /./,
    ],
  ];
  for (const [line, message, more] of cases) {
    const { told, text, rules } = read(`[s]\nsequence=3,1,2\n\ncommand = ${line}\n`);
    assert(told.length > 0, line);
    assert(
      told.some((one) => one.startsWith("4: ") && one.includes(message) && more.test(one)),
      told.join(),
    );
    assert(text.includes(`#   line 4: `), text);
    assertEquals(rules.length > 0, message === "the opposite", line);
  }
});

Deno.test("each part of a section that is lost is reported, and the rest is written", () => {
  const section = (more: string) =>
    `[s]\nsequence=3,1,2\ncommand=iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT\n${more}\n`;
  for (
    const line of ["tcpflags = syn,ack", "target = 10.0.0.1", "stop_command = /root/close %IP%"]
  ) {
    const { told, rules } = read(section(line));
    assertEquals([told.length, told[0]?.startsWith("4: "), rules.length], [1, true, 2], line);
  }
  assertEquals(read(section("seq_timeout = 0")).rules, []);
  assertEquals(
    read("[s]\nsequence=PORTS\ncommand=ufw allow from %IP% to any port 22 proto tcp\n").rules,
    [],
  );
  const udp = read("[s]\nsequence=3,1,2\ncommand=ufw allow from %IP% to any port 22\n");
  assertEquals([udp.told.length, udp.rules.length], [1, 2]);
  const closing =
    "[c]\nsequence=4,1,2\ncommand=iptables -D INPUT -s %IP% -p tcp --dport 80 -j ACCEPT\n";
  assertEquals(read(section("") + closing).told, ["5: this closes what no section opens"]);
});

Deno.test("the heading says how to regenerate knockd.conf, and no value breaks out of it", () => {
  const { text } = read(
    "[options]\nlogfile = /var/log/k nock\u0085d.log\nInterface = eth0\n[s]\nsequence=3,1,2\ncommand=true\n",
  );
  assert(
    text.includes(
      "pktables knockd --options --interface eth0 --log-file '/var/log/k nock?d.log' FILE\n",
    ),
    text,
  );
});

Deno.test("what pktables knockd writes is imported to the same knocks", () => {
  const rules = `service ssh tcp 22 syn drop
    knock 8022, 7001:udp, 9003 within 5s for 8h
    knock 6022, 5001:udp, 4003 within 9s close 4003, 6022
    knock 1022, 5002:udp, 4004
service imaps tcp 993 syn drop
    knock 8022, 7001:udp, 9003 within 5s for 8h
    knock 1022, 5002:udp, 4004
service https tcp 443 syn drop knock once "/etc/x.once" within 1m for 30s
`;
  const compile = (text: string) =>
    compileFile("x.pk", { reader: memoryReader({ "x.pk": text }), now: NOW });
  const { knocks, services } = compile(rules);
  const conf = writeKnockdConf(shareKnocks(knocks, services), {
    binary: "/bin/p k/pktables",
    words: ["--wait", "3"],
    heading: [],
    options: null,
  });
  const back = read(conf);
  assertEquals(back.told, []);
  assertEquals(back.compiled.services, services);
  // The same ports backwards, which no rules file has to say, are said.
  const said = knocks.map((knock) =>
    knock.for === null && knock.close === null
      ? { ...knock, close: knock.steps.toReversed() }
      : knock
  );
  assertEquals(back.compiled.knocks, said);
});

const FRAGMENTS = [
  "[a]",
  "[b\u0007]",
  "[options]",
  "sequence = 3,1,2",
  "sequence = 3:udp,70000",
  "seq_timeout = 99999999999",
  "seq_timeout = -3",
  "cmd_timeout = 0",
  "one_time_sequences = /a\tb",
  "tcpflags = fin",
  "target = x",
  "command = iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT",
  'command = iptables -A INPUT -s %IP% -i eth0"x -p tcp --dport 22 -j ACCEPT',
  "command = iptables -A INPUT -s %IP% -i aaaaaaaaaaaaaaaaaaaaaaaaaaa -p tcp --dport 22,80,1:65535 -j ACCEPT",
  "command = pktables add %IP% --service ssh --for 99999d",
  "command = pktables add %IP% -s imaps --for 3m",
  "stop_command = iptables -D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT",
  "command = ufw delete allow from %IP% to any port 22",
  "command = '",
  "\u2028x = y",
  "=",
  "service x tcp 1",
];

Deno.test("whatever a knockd.conf holds, what is written is a rules file without errors", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string()), { maxLength: 14 }),
      (lines) => {
        read(lines.join("\n").replaceAll("\0", ""));
      },
    ),
    { numRuns: 300 },
  );
});
