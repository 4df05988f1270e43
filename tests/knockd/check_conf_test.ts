import { assert, assertEquals } from "@std/assert";
import { KNOCKD_CODES } from "../../src/diagnostics/codes_knockd.ts";
import { drawDiagnostics } from "../../src/diagnostics/draw.ts";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { readHookLine } from "../../src/cli/input/hook_line.ts";
import { KnownServices } from "../../src/knockd/advice.ts";
import { checkKnockdConf, type Known } from "../../src/knockd/check_conf.ts";
import { makeSource } from "../../src/source/source.ts";

const OURS = "/usr/local/bin/pktables";

const KNOWN: Known = {
  services: new KnownServices([
    { name: "ssh", protocol: "tcp", ports: [{ from: 22, to: 22 }] },
    { name: "web", protocol: "tcp", ports: [{ from: 80, to: 80 }, { from: 443, to: 443 }] },
  ]),
  readHook: (words) => readHookLine(words, { commands: COMMANDS, now: 1_735_689_600 }),
  isProgram: (path) => path === OURS,
  readSequences: (path) => path === "/etc/knockd.once" ? { text: " 3,1,2\n" } : "missing",
  hasMark: false,
  isPublic: false,
};

function check(text: string, more: Partial<Known> = {}): Diagnostic[] {
  return checkKnockdConf(makeSource("knockd.conf", text), { ...KNOWN, ...more });
}

/** The codes and the marked text of all that is reported. */
function told(text: string, more: Partial<Known> = {}): string[] {
  return check(text, more).map(({ code, primary: { span } }) =>
    `${code} ${text.slice(span.start, span.end)}`
  );
}

function section(...lines: string[]): string {
  return ["[s]", ...lines, ""].join("\n");
}

const SEQUENCE = "sequence = 3,1,2";

Deno.test("a key, flag, protocol or place that knockd does not know is reported", () => {
  assertEquals(told(`${SEQUENCE}\n`), ["PK080 sequence"]);
  assertEquals(told(section(SEQUENCE, "colour = red")), ["PK080 colour"]);
  assertEquals(told(section(SEQUENCE, "tcpflags = syn, ack")), ["PK080 syn, ack"]);
  assertEquals(told(section("sequence = 2:icmp,1")), ["PK080 2:icmp"]);
  assertEquals(told(section("command = /bin/true")), ["PK080 [s]"]);
  assertEquals(told(section("one_time_sequences = /etc/knockd.once")), []);
  assertEquals(told("[options]\nUseSyslog = 1\n"), ["PK080 UseSyslog"]);
  assertEquals(told("[]\n"), ["PK080 []"]);
  assertEquals(told(section(SEQUENCE, "command")), ["PK080 command"]);
  assertEquals(check(section(SEQUENCE, "command"))[0]?.help, "write command = …");
  const many = Array.from({ length: 33 }, (_, index) => 33 - index).join(",");
  assertEquals(told(section(`sequence = ${many}`)), [`PK080 ${many}`]);
  assert(check(section("sequense = 1,2,3"))[1]?.help === "did you mean sequence?");
});

Deno.test("impossible ports are reported, each at its place", () => {
  const text = section("sequence = 7000,80000, 0 ,70x0,9000");
  assertEquals(told(text), ["PK081 80000", "PK081 0", "PK081 70x0"]);
});

Deno.test("a command for a service that the file does not have is reported, with the nearest", () => {
  for (const words of ["--service shs", "-s shs", "--service=shs"]) {
    const [diagnostic, ...more] = check(section(SEQUENCE, `command = ${OURS} add %IP% ${words}`));
    assertEquals([diagnostic?.code, more.length], ["PK082", 0]);
    assertEquals(diagnostic?.help, "did you mean `ssh`?");
  }
});

Deno.test("no service is suggested for one that is unlike all of the file", () => {
  const [diagnostic] = check(section(SEQUENCE, `command = ${OURS} add %IP% -s minecraft`));
  assertEquals([diagnostic?.code, diagnostic?.help], ["PK082", null]);
});

Deno.test("a door that a timer of knockd closes is reported, with what to write", () => {
  const stop = `stop_command = ${OURS} delete %IP% --service ssh`;
  const start = `command = ${OURS} add %IP% --service ssh`;
  const [diagnostic] = check(section(SEQUENCE, start, "cmd_timeout = 45", stop));
  assertEquals(diagnostic?.code, "PK083");
  assert(diagnostic?.help?.includes("--for 45s"));
  const own = check(section(SEQUENCE, start, stop))[0]?.help;
  assert(own?.endsWith("end the command with --for 10s"), "knockd's own timer");
});

Deno.test("iptables called by hand is reported, however it is called", () => {
  for (
    const command of [
      "/sbin/iptables -A INPUT",
      "sudo -n ip6tables-legacy -A INPUT",
      "X=1 nice /usr/sbin/iptables-restore",
      "true && iptables -A INPUT",
      "/bin/sh -c 'sleep 1; iptables -A INPUT'",
      "nft add rule x",
      // Each program that only starts another, with options of its own.
      ..."sudo exec env nice nohup time setsid ionice".split(" ").flatMap((starter) => [
        `${starter} iptables -A INPUT`,
        `/usr/bin/${starter} -a --long=1 -- iptables -A INPUT`,
        `A=1 ${starter} B_2= sudo iptables -A INPUT`,
      ]),
      ...["sh", "bash", "dash", "ash", "busybox", "busybox sh"].flatMap((shell) => [
        `${shell} -c 'iptables -A INPUT'`,
        `sudo /bin/${shell} -ec "true; iptables -A INPUT" name`,
        `${shell} -e +x -c "bash -c 'iptables -A INPUT'"`,
      ]),
    ]
  ) assertEquals(check(section(SEQUENCE, `command = ${command}`)).map((d) => d.code), ["PK084"]);
  assertEquals(told(section(SEQUENCE, "command = echo iptables # iptables")), []);
  for (
    const command of [
      "",
      "sudo",
      "A=1",
      "nice -n",
      "sh",
      "sh -c",
      "sh -c ''",
      "sh -cx 'iptables -A INPUT'",
      "sh --rc=/a-c 'iptables -A INPUT'",
      "sh /a-c 'iptables -A INPUT'",
      "csh -c 'iptables -A INPUT'",
      "-n iptables -A INPUT",
      "A-B=1 iptables -A INPUT",
      "=1 iptables -A INPUT",
      "sudoku iptables -A INPUT",
      "/usr/bin/env/ iptables -A INPUT",
      "iptables/ -A INPUT",
    ]
  ) assertEquals(told(section(SEQUENCE, `command = ${command}`)), [], command);
  // What a script in a file does is unknown, and does not follow from its name.
  assertEquals(told(section(SEQUENCE, "command = /bin/sh /etc/knock.d/iptables %IP%")), []);
});

Deno.test("a path to pktables that is not there is reported, and so is a bare name", () => {
  const rest = "add %IP% --service ssh";
  assertEquals(told(section(SEQUENCE, `command = /opt/pktables ${rest}`)), ["PK085 /opt/pktables"]);
  assertEquals(told(section(SEQUENCE, `command_6 = pktables ${rest}`)), ["PK085 pktables"]);
  assertEquals(told(section(SEQUENCE, `command = bash -c "pktables ${rest}"`)), ["PK085 pktables"]);
});

Deno.test("the same sequence twice is reported, however it is written", () => {
  const text = "[a]\nsequence = 2,1\n[b]\nsequence = 2:tcp, 1:TCP\n";
  assertEquals(told(text), ["PK086 2:tcp, 1:TCP"]);
  assertEquals(told("[a]\nsequence = 2,1\n[b]\nsequence = 2:udp,1\n"), []);
  assertEquals(told("[a]\nsequence=2,1\ntarget=10.0.0.1\n[b]\nsequence=2,1\n"), []);
});

Deno.test("a sequence that starts another is reported at the longer one, in either order", () => {
  assertEquals(told("[a]\nsequence = 2,1\n[b]\nsequence = 2,1,3\n"), ["PK087 2,1,3"]);
  assertEquals(told("[a]\nsequence = 2,1,3\n[b]\nsequence = 2,1\n"), ["PK087 2,1,3"]);
  assertEquals(told("[a]\nsequence = 3,2,1\n[b]\nsequence = 2,1\n"), []);
});

Deno.test("a command that is not about the visitor is reported", () => {
  const text = section(SEQUENCE, `command = ${OURS} add %ip% --service ssh`);
  assertEquals(told(text), ["PK088 %ip%"]);
  assertEquals(told(section(SEQUENCE, `command = ${OURS} list`)), []);
});

const FOLDER = new URL("written/", import.meta.url).pathname;
const FILES = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).filter((name) =>
  name.endsWith(".conf")
).sort();

for (const name of FILES) {
  Deno.test(`a knockd.conf as people write it: ${name}`, () => {
    const source = makeSource(name, Deno.readTextFileSync(FOLDER + name));
    const sources = new Map([[name, source]]);
    const drawn = drawDiagnostics(checkKnockdConf(source, KNOWN), { sources, color: false });
    const expected = FOLDER + name.replace(".conf", ".txt");
    if (Deno.env.get("PKTABLES_UPDATE_GOLDENS") === "1") Deno.writeTextFileSync(expected, drawn);
    assertEquals(drawn, Deno.readTextFileSync(expected));
  });
}

Deno.test("the files that people write show every kind of warning", () => {
  assert(FILES.length >= 6);
  const drawn = FILES.map((name) => Deno.readTextFileSync(FOLDER + name.replace(".conf", ".txt")));
  for (const { code } of Object.values(KNOCKD_CODES)) {
    // A file's mode is not in its text, and what a rules file cannot express is reported by import.
    const others: readonly string[] = [
      KNOCKD_CODES.knockdReadable.code,
      KNOCKD_CODES.knockdUnsaid.code,
    ];
    if (!others.includes(code)) assert(drawn.join("").includes(code), code);
  }
});

Deno.test("a correct knockd.conf has no findings", () => {
  assertEquals(told(Deno.readTextFileSync(`${FOLDER}06-sound.conf`)), []);
});

Deno.test("the word that is taken for a wrong %IP% is the one that looks like it", () => {
  const command = `command = ${OURS} add --ipv4 $x %ip% --service ssh`;
  assertEquals(told(section(SEQUENCE, command)).at(-1), "PK088 %ip%");
  const two = `command = ${OURS} add --ipv4 $IP1 %ip% --service ssh`;
  assertEquals(told(section(SEQUENCE, two)).at(-1), "PK088 $IP1");
  const none = `command = ${OURS} add --ipv4 $x --service ssh`;
  assertEquals(told(section(SEQUENCE, none)).includes(`PK088 ${OURS}`), true);
});

Deno.test("a time is read as atoi(3) does: from its first character", () => {
  for (const value of ["0", "1", "-5", "x5", "", "1.9", "+1"]) {
    assertEquals(told(section(SEQUENCE, `seq_timeout = ${value}`)).length, 1, value);
  }
  for (const value of ["2", "+2", "5s", "15 # seconds"]) {
    assertEquals(told(section(SEQUENCE, `seq_timeout = ${value}`)), [], value);
  }
});
