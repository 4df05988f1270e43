import { assert, assertEquals } from "@std/assert";
import { KNOCKD_CODES } from "../../src/diagnostics/codes_knockd.ts";
import { drawDiagnostics } from "../../src/diagnostics/draw.ts";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { checkKnockdConf } from "../../src/knockd/check_conf.ts";
import { makeSource } from "../../src/source/source.ts";

const OURS = "/usr/local/bin/pktables";

function check(text: string): Diagnostic[] {
  return checkKnockdConf(makeSource("knockd.conf", text), {
    services: ["ssh", "web"],
    isProgram: (path) => path === OURS,
  });
}

/** The codes and the marked text of all that is told. */
function told(text: string): string[] {
  return check(text).map(({ code, primary: { span } }) =>
    `${code} ${text.slice(span.start, span.end)}`
  );
}

function section(...lines: string[]): string {
  return ["[s]", ...lines, ""].join("\n");
}

const SEQUENCE = "sequence = 1,2,3";

Deno.test("a key, flag, protocol or place that knockd does not know is told", () => {
  assertEquals(told(`${SEQUENCE}\n`), ["PK080 sequence"]);
  assertEquals(told(section(SEQUENCE, "colour = red")), ["PK080 colour"]);
  assertEquals(told(section(SEQUENCE, "tcpflags = syn, ack")), ["PK080 syn, ack"]);
  assertEquals(told(section("sequence = 1:icmp,2")), ["PK080 1:icmp"]);
  assertEquals(told(section("command = /bin/true")), ["PK080 [s]"]);
  assertEquals(told(section("one_time_sequences = /etc/web.txt")), []);
  assertEquals(told("[options]\nUseSyslog = 1\n"), ["PK080 UseSyslog"]);
  assertEquals(told("[]\n"), ["PK080 []"]);
  assertEquals(told(section(SEQUENCE, "command")), ["PK080 command"]);
  assertEquals(check(section(SEQUENCE, "command"))[0]?.help, "write command = …");
  const many = Array.from({ length: 33 }, (_, index) => index + 1).join(",");
  assertEquals(told(section(`sequence = ${many}`)), [`PK080 ${many}`]);
  assert(check(section("sequense = 1,2,3"))[1]?.help === "did you mean sequence?");
});

Deno.test("a port that no packet can have is told, each at its place", () => {
  const text = section("sequence = 7000,80000, 0 ,70x0,9000");
  assertEquals(told(text), ["PK081 80000", "PK081 0", "PK081 70x0"]);
});

Deno.test("a command for a service that the file does not have is told, with the nearest", () => {
  for (const words of ["--service shs", "-s shs", "--service=shs"]) {
    const [diagnostic, ...more] = check(section(SEQUENCE, `command = ${OURS} add %IP% ${words}`));
    assertEquals([diagnostic?.code, more.length], ["PK082", 0]);
    assertEquals(diagnostic?.help, "did you mean `ssh`?");
  }
});

Deno.test("no service is offered for one that is like none of the file's", () => {
  const [diagnostic] = check(section(SEQUENCE, `command = ${OURS} add %IP% -s minecraft`));
  assertEquals([diagnostic?.code, diagnostic?.help], ["PK082", null]);
});

Deno.test("a door that a timer of knockd shuts is told, with what to write", () => {
  const stop = `stop_command = ${OURS} delete %IP% --service ssh`;
  const [diagnostic] = check(section(SEQUENCE, "cmd_timeout = 45", stop));
  assertEquals(diagnostic?.code, "PK083");
  assert(diagnostic?.help?.includes("--for 45s"));
  assert(check(section(SEQUENCE, stop))[0]?.help?.includes("--for 10s"), "knockd's own timer");
});

Deno.test("iptables called by hand is told, however it is called", () => {
  for (
    const command of [
      "/sbin/iptables -A INPUT",
      "sudo -n ip6tables-legacy -A INPUT",
      "X=1 nice /usr/sbin/iptables-restore",
      "true && iptables -A INPUT",
      "/bin/sh -c 'sleep 1; iptables -A INPUT'",
      "nft add rule x",
    ]
  ) assertEquals(check(section(SEQUENCE, `command = ${command}`)).map((d) => d.code), ["PK084"]);
  assertEquals(told(section(SEQUENCE, "command = echo iptables # iptables")), []);
  // What a script in a file does is not known, and its name says nothing of it.
  assertEquals(told(section(SEQUENCE, "command = /bin/sh /etc/knock.d/iptables %IP%")), []);
});

Deno.test("a path to pktables that is not there is told, and so is a bare name", () => {
  const rest = "add %IP% --service ssh";
  assertEquals(told(section(SEQUENCE, `command = /opt/pktables ${rest}`)), ["PK085 /opt/pktables"]);
  assertEquals(told(section(SEQUENCE, `command_6 = pktables ${rest}`)), ["PK085 pktables"]);
  assertEquals(told(section(SEQUENCE, `command = bash -c "pktables ${rest}"`)), ["PK085 pktables"]);
});

Deno.test("the same sequence twice is told, however it is written", () => {
  const text = "[a]\nsequence = 1,2\n[b]\nsequence = 1:tcp, 2:TCP\n";
  assertEquals(told(text), ["PK086 1:tcp, 2:TCP"]);
  assertEquals(told("[a]\nsequence = 1,2\n[b]\nsequence = 1:udp,2\n"), []);
  assertEquals(told("[a]\nsequence=1,2\ntarget=10.0.0.1\n[b]\nsequence=1,2\n"), []);
});

Deno.test("a sequence that starts another is told at the longer one, in either order", () => {
  assertEquals(told("[a]\nsequence = 1,2\n[b]\nsequence = 1,2,3\n"), ["PK087 1,2,3"]);
  assertEquals(told("[a]\nsequence = 1,2,3\n[b]\nsequence = 1,2\n"), ["PK087 1,2,3"]);
  assertEquals(told("[a]\nsequence = 1,2,3\n[b]\nsequence = 2,3\n"), []);
});

Deno.test("a command that is not about the visitor is told", () => {
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
    const known = { services: ["ssh", "web"], isProgram: (path: string) => path === OURS };
    const sources = new Map([[name, source]]);
    const drawn = drawDiagnostics(checkKnockdConf(source, known), { sources, color: false });
    const expected = FOLDER + name.replace(".conf", ".txt");
    if (Deno.env.get("PKTABLES_UPDATE_GOLDENS") === "1") Deno.writeTextFileSync(expected, drawn);
    assertEquals(drawn, Deno.readTextFileSync(expected));
  });
}

Deno.test("the files that people write show every kind of warning", () => {
  assert(FILES.length >= 6);
  const drawn = FILES.map((name) => Deno.readTextFileSync(FOLDER + name.replace(".conf", ".txt")));
  for (const { code } of Object.values(KNOCKD_CODES)) assert(drawn.join("").includes(code), code);
});

Deno.test("a sound knockd.conf is not complained about", () => {
  assertEquals(told(Deno.readTextFileSync(`${FOLDER}06-sound.conf`)), []);
});
