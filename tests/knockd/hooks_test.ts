// Hooks in knockd.conf, read as pktables would read them.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { readHookLine } from "../../src/cli/input/hook_line.ts";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { KnownServices } from "../../src/knockd/advice.ts";
import { checkKnockdConf, type Known } from "../../src/knockd/check_conf.ts";
import { makeSource } from "../../src/source/source.ts";
import { stepsOf } from "../support/steps.ts";

const OURS = "/usr/local/bin/pktables";

const KNOWN: Known = {
  services: new KnownServices([
    { name: "ssh", protocol: "tcp", ports: [{ from: 22, to: 22 }] },
    { name: "dns", protocol: "udp", ports: [{ from: 53, to: 53 }] },
  ]),
  readHook: (words) => readHookLine(words, { commands: COMMANDS, now: 1_735_689_600 }),
  isProgram: (path) => path === OURS,
  readSequences: () => null,
  hasMark: false,
  isPublic: false,
};

function check(text: string, more: Partial<Known> = {}): Diagnostic[] {
  return checkKnockdConf(makeSource("knockd.conf", text), { ...KNOWN, ...more });
}

function hook(words: string): string {
  return `[s]\nsequence = 3,1,2\ncommand = ${OURS} ${words}\n`;
}

/** Code, marked text, message and help of the only thing that is reported. */
function only(text: string, more: Partial<Known> = {}): [string, string, string, string | null] {
  const [first, ...rest] = check(text, more);
  assert(first !== undefined && rest.length === 0, JSON.stringify([first, ...rest]));
  const { start, end } = first.primary.span;
  return [first.code, text.slice(start, end), first.message, first.help];
}

Deno.test("a hook that pktables would refuse is an error at the word that it would refuse", () => {
  const cases: readonly [string, string, RegExp][] = [
    ["add %IP% --service ssh --for 8hours", "8hours", /invalid duration/],
    ["add %IP% --service ssh --for=8hours", "--for=8hours", /invalid duration/],
    ["add %IP% --servce ssh", "--servce", /unknown option `--servce`/],
    ["add %IP% ssh", "ssh", /unexpected argument/],
    ["add --service dns %IP% dns", "dns", /unexpected argument/],
    ["ad %IP% --service ssh", "ad", /unknown verb `ad`/],
    ["--quiet ad %IP% --service ssh", "ad", /unknown verb `ad`/],
    ["add %IP%/24 --service ssh", "%IP%/24", /invalid address `.*` once knockd/],
    ["add %IP%/32 --service ssh", "%IP%/32", /invalid address `.*` once knockd/],
    ["add %IP% --service", "--service", /needs a value/],
    ["add %IP%", "add", /needs `--service NAME`/],
    ["delete %IP% --service 9lives", "9lives", /invalid service name/],
    ["add %IP% --service ssh --backend nftables", "nftables", /invalid value `nftables`/],
    ["add %IP% --service ssh --wait=long", "--wait=long", /must be 0-9999 seconds/],
    ["add %IP% --service ssh --quiet=no", "--quiet=no", /takes no value/],
    ["add %IP% --service ssh --service 9lives", "9lives", /invalid service name/],
    ["sweep now", "now", /unexpected argument/],
    ["add --service ssh", "add", /needs ADDRESS/],
  ];
  for (const [words, marked, message] of cases) {
    const text = hook(words);
    const [code, place, said] = only(text);
    assertEquals([code, place], ["PK089", marked], words);
    assertMatch(said, message);
    assertEquals(check(text)[0]?.severity, "error");
  }
  // The last of two equal words is the unexpected one.
  assertEquals(check(hook("add --service dns %IP% dns"))[0]?.primary.span.start, 78);
});

Deno.test("the words of a refusal are those of pktables itself, its suggestion too", () => {
  assertEquals(only(hook("add %IP% --servce ssh"))[3], "did you mean `--service`?");
  assertEquals(only(hook("ad %IP% -s ssh"))[3], "did you mean `add`?");
  assertEquals(
    only(hook("add %IP%/24 -s ssh"))[3],
    "write %IP% alone: it is one visitor's address",
  );
});

Deno.test("a hook that pktables would take is no error, in any order and by any shell", () => {
  for (
    const words of [
      "add %IP% --service ssh --for 8h",
      "--backend nft add -s=ssh %IP%",
      "add --ipv4 %IP% --service ssh",
      "add %IP% --service ssh >/dev/null 2>&1",
      "add %IP% --service ssh 2>> /var/log/x 3<&- && logger in",
      '"add" \'%IP%\' --service "ssh"',
      "add %IP% --service ssh # for 8hours",
      "delete %IP% -s ssh --syslog",
      "list ssh",
      "sweep --quiet",
      "help add",
      "add --help",
    ]
  ) assertEquals(check(hook(words)), [], words);
});

Deno.test("a word that the shell expands is not guessed", () => {
  for (const words of ["add %IP% --service ssh --for $LONG", "add %IP% -s `cat /etc/name`"]) {
    assertEquals(check(hook(words)), [], words);
  }
  const [code, place] = only(hook("add $IP --service ssh"));
  assertEquals([code, place], ["PK088", "$IP"]);
});

Deno.test("a hook in a script of sh -c is read at its place", () => {
  const text = `[s]\nsequence = 3,1,2\ncommand = sh -c '${OURS} add %IP% --servce ssh'\n`;
  assertEquals(only(text).slice(0, 2), ["PK089", "--servce"]);
});

function command(line: string, ...more: readonly string[]): string {
  return ["[s]", "sequence = 3,1,2", `command = ${line}`, ...more, ""].join("\n");
}

Deno.test("a rule without %IP% opens to everyone, and so does the end of one that closes out", () => {
  for (
    const line of [
      "/sbin/iptables -I INPUT -p tcp --dport 22 -j ACCEPT",
      "iptables -w 5 -t filter -A INPUT -s 0.0.0.0/0 -p tcp --dport ssh -j ACCEPT",
      "ip6tables -D INPUT -p tcp --dport 22 -j DROP",
      "iptables -P INPUT ACCEPT",
      "iptables -F",
      "ufw allow 22/tcp",
      "ufw delete deny 22",
    ]
  ) assertEquals(only(command(line))[0], "PK090", line);
  const [, , , help] = only(command("ufw allow 22/tcp"));
  assertEquals(help, "allow only the visitor: pktables add %IP% --service ssh --for TIME");
});

Deno.test("a rule that is deleted by its number is reported, whoever counts", () => {
  for (
    const line of ["iptables -D INPUT 1", "ip6tables --delete INPUT 12", "ufw --force delete 3"]
  ) {
    const [code, place] = only(command(line));
    assertEquals([code, place], ["PK091", /\d+$/.exec(line)?.[0]]);
  }
});

Deno.test("advice fits what is there: delete for a deletion, the service that has the port", () => {
  const help = (line: string, ...more: string[]) =>
    check(command(line, ...more)).map((d) => d.help);
  assertEquals(help("iptables -D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT"), [
    "let pktables do it: pktables delete %IP% --service ssh",
  ]);
  assertEquals(help("iptables -A INPUT -s %IP% -p udp --dport 53 -j ACCEPT"), [
    "let pktables do it: pktables add %IP% --service dns --for TIME",
  ]);
  assertEquals(help("iptables -A INPUT -s %IP% -p tcp --dport 53 -j ACCEPT"), [
    "let pktables do it: pktables add %IP% --service NAME --for TIME",
  ]);
  const [ufw, timer] = help(
    "ufw allow from %IP% to any port 22",
    "cmd_timeout = 3600",
    "stop_command = /root/close %IP%",
  );
  assertEquals(ufw, "let pktables do it: pktables add %IP% --service ssh --for 1h");
  assertEquals(
    timer,
    "leave out stop_command and cmd_timeout, and let the kernel keep the time: " +
      "pktables add %IP% --service ssh --for 1h",
  );
  // What is to be left out need not be written otherwise.
  const raw = "iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT";
  const both = check(command(raw, `stop_command = ${raw.replace("-A", "-D")}`));
  assertEquals(both.map(({ code }) => code), ["PK084", "PK083"]);
  const [script] = help("/root/open %IP%", "stop_command = /root/close %IP%");
  assert(script !== undefined && script !== null && !script.includes("--for"), String(script));
  const stop = "stop_command = /root/close %IP%";
  const timed = (line: string) => check(command(line, stop)).at(-1)?.help;
  assertEquals(
    timed(`${OURS} add %IP% --service ssh`),
    "leave out stop_command and cmd_timeout, and end the command with --for 10s",
  );
  const ends = { "+5": "5s", x5: "TIME", 0: "TIME", 315360000: "3650d", 315360001: "TIME" };
  for (const [value, end] of [...Object.entries(ends), ["9".repeat(30), "TIME"] as const]) {
    const add = command(`${OURS} add %IP% --service ssh`, `cmd_timeout = ${value}`, stop);
    assertEquals(check(add).at(-1)?.help?.endsWith(`--for ${end}`), true, value);
  }
  // Only pktables add has --for: neither another verb of it, nor another program that adds.
  const alone = "let the command itself end what it starts: knockd's timer dies with knockd";
  assertEquals(timed("/usr/sbin/ipset add visitors %IP%"), alone);
  assertEquals(timed(`${OURS} delete %IP% --service ssh`), alone);
});

Deno.test("flags that no first packet has are reported", () => {
  for (const flags of ["syn,ack", "ACK", "fin", "!syn", "psh,syn"]) {
    assertEquals(only(command("true", `tcpflags = ${flags}`)).slice(0, 2), ["PK092", flags]);
  }
  const message = (flags: string) => only(command("true", `tcpflags = ${flags}`))[2];
  const alone = "a knock's packets have SYN alone, not PSH: none of them is heard";
  for (const flags of ["psh,ack", "syn,psh,fin", "!syn,psh"]) assertEquals(message(flags), alone);
  assertEquals(message("!fin,!syn"), "a knock's packets have SYN, so none of them is heard");
  for (const flags of ["syn", "SYN,!ACK", "!fin"]) {
    assertEquals(check(command("true", `tcpflags = ${flags}`)), []);
  }
});

Deno.test("a time that is too short for a knock is reported, as knockd reads the number", () => {
  for (
    const [time, message] of [["1", /next second/], ["0", /never/], ["soon", /never/]] as const
  ) {
    const [code, place, said] = only(command("true", `seq_timeout = ${time}`));
    assertEquals([code, place], ["PK095", time]);
    assertMatch(said, message);
  }
  for (const time of ["2", "15 # seconds", "5s"]) {
    assertEquals(check(command("true", `seq_timeout = ${time}`)), []);
  }
});

Deno.test("an interface with a comment behind it is reported, because knockd takes all of it", () => {
  const [code, place, , help] = only("[options]\nInterface = eth0 # wan\n");
  assertEquals([code, place], ["PK080", "eth0 # wan"]);
  assertEquals(help, "write eth0 alone, and the comment above it");
});

Deno.test("a file of one-time sequences that is missing or used up is reported", () => {
  const text = "[s]\none_time_sequences = /etc/knock.once\ncommand = true\n";
  assertEquals(check(text), [], "cannot be told");
  const used = "# 3,1,2\n#5,4,6\n\n";
  assertMatch(only(text, { readSequences: () => "missing" })[2], /no such file/);
  assertMatch(only(text, { readSequences: () => ({ text: used }) })[2], /no sequence is left/);
  assertEquals(check(text, { readSequences: () => ({ text: `${used} 3,1:udp,2\n` }) }), []);
  for (const line of ["", "#", "3,x,2", "#3,1,2"]) {
    assertMatch(only(text, { readSequences: () => ({ text: line }) })[2], /no sequence is left/);
  }
});

Deno.test("sequences that strangers knock are reported, but not where they only close", () => {
  const open = `command = ${OURS} add %IP% --service ssh --for 8h`;
  const close = `command = ${OURS} delete %IP% --service ssh`;
  const told = (sequence: string, line: string) =>
    check(`[s]\nsequence = ${sequence}\n${line}\n`).map(({ code }) => code);
  assertEquals(told("7000,8000,9000", open), ["PK094"]);
  assertEquals(told("2222:udp, 3333:tcp, 4444:udp", open), ["PK094"]);
  assertEquals(told("7001,8001,9001", open), ["PK093"]);
  assertEquals(told("7001:udp,8001:udp", open), ["PK093"]);
  // A scan goes through one protocol after the other, so these are not passed in order.
  assertEquals(told("7001,8001:udp,9001", open), []);
  assertEquals(told("7001,9001,8001", open), []);
  assertEquals(told("9000,8000,7000", close), []);
  assertEquals(told("7001,8001,9001", close), []);
  assertEquals(told("9000,8000,7000", open), ["PK094"]);
  assertEquals(told("9000,8000,7000", ""), ["PK094"], "whatever it is for");
  for (
    const [line, isEasy] of [
      [`command = ${OURS} delete %IP% -s ssh; ${OURS} add %IP% -s dns`, true],
      [`command = ${OURS} add %IP% -s dns; ${OURS} delete %IP% -s ssh`, true],
      [`command = ${OURS} delete %IP% -s ssh; ${OURS} delete %IP% -s dns`, false],
      ["command = iptables -D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT", false],
      ["command = iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT", true],
      ["command = /root/close.sh %IP%", true],
    ] as const
  ) assertEquals(told("9000,8000,7000", line).includes("PK094"), isEasy, line);
});

Deno.test("a byte order mark, and a file that everyone may read, are reported at its start", () => {
  const text = hook("add %IP% --service ssh");
  assertEquals(only(text, { hasMark: true }), [
    "PK080",
    "[",
    "the file starts with a byte order mark",
    "save it as UTF-8 without one",
  ]);
  assertEquals(only(text, { isPublic: true }), [
    "PK096",
    "[",
    "every user of this machine can read the knocks",
    "chmod 600 knockd.conf",
  ]);
  assertEquals(check("[options]\nUseSyslog\n", { isPublic: true }), [], "no knock is in it");
  assertEquals(only("[options]\nUseSyslog\n", { hasMark: true })[0], "PK080");
});

/** A file of so many sections, no two alike; the cost of each half is measured. */
function large(count: number): string {
  return Array.from({ length: count }, (_, at) => {
    const [low, high] = [at % 60_000, Math.floor(at / 60_000)];
    const service = at % 2 === 0 ? "ssh" : `s${at}`;
    return `[s${at}]\nsequence = ${low + 5000}:udp,${high + 1},${low + 1}\n` +
      `command = ${OURS} add %IP% --service ${service} --for ${at + 1}s\n`;
  }).join("");
}

Deno.test("ten times the sections take ten times the steps: nothing is compared with all others", () => {
  const steps = (count: number) => {
    const text = large(count);
    return stepsOf(() => assertEquals(check(text).length, count / 2));
  };
  const [small, big] = [steps(200), steps(2000)];
  // What compares each with each takes a hundred times as many.
  assert(small > 200 && big < small * 12, `${small} steps for 200 sections, ${big} for 2,000`);
});
