// What of a knockd.conf is read, and how: each key, in any letters, to the last line.
import { assertEquals } from "@std/assert";
import { readKnockdConf } from "../../src/knockd/read_conf.ts";
import { makeSource } from "../../src/source/source.ts";

function read(text: string) {
  const { sections, options, refused } = readKnockdConf(makeSource("knockd.conf", text));
  const list = (settings: typeof options) => settings.map(({ key, value }) => `${key}=${value}`);
  return {
    options: list(options),
    sections: sections.map(({ name, settings }) => [name, ...list(settings)]),
    refused: refused.map(({ message, help, primary: { span } }) =>
      `${text.slice(span.start, span.end)}: ${message}; ${help}`
    ),
  };
}

/** Keys of a section with a value each may have, and the name that it is reported by. */
const KEYS: readonly (readonly [written: string, value: string, key: string])[] = [
  ["target", "10.0.0.1", "target"],
  ["one_time_sequences", "/etc/once", "one_time_sequences"],
  ["seq_timeout", "5", "seq_timeout"],
  ["timeout", "6", "seq_timeout"],
  ["start_command", "/bin/a %IP%", "start_command"],
  ["command", "/bin/b", "start_command"],
  ["start_command_6", "/bin/c", "start_command_6"],
  ["command_6", "/bin/d", "start_command_6"],
  ["cmd_timeout", "7", "cmd_timeout"],
  ["stop_command", "/bin/e", "stop_command"],
  ["stop_command_6", "/bin/f", "stop_command_6"],
  ["tcpflags", "syn,!ack", "tcpflags"],
];

Deno.test("each key of a section is read, by its other name and in other letters too", () => {
  for (const [written, value, key] of KEYS) {
    for (const spelled of [written, written.toUpperCase(), ` ${written} `]) {
      const got = read(`[s]\nsequence=3,1,2\n${spelled}=${value}\n`);
      assertEquals(got, {
        options: [],
        sections: [["s", "sequence=3,1,2", `${key}=${value}`]],
        refused: [],
      });
    }
  }
});

Deno.test("each key of [options] is read, and none of them in another section", () => {
  const text = "[options]\nUseSyslog\nLogFile = /var/log/k\npidfile=/run/k.pid\nINTERFACE = eth0\n";
  assertEquals(read(text), {
    options: ["usesyslog=UseSyslog", "logfile=/var/log/k", "pidfile=/run/k.pid", "interface=eth0"],
    sections: [],
    refused: [],
  });
  for (const line of ["logfile = /a", "pidfile = /a", "interface = eth0", "usesyslog"]) {
    const [first, ...more] = read(`[s]\nsequence = 1\n${line}\n`).refused;
    const key = line.split(" ")[0];
    assertEquals([first?.startsWith(`${key}: `), more], [true, []], line);
  }
  for (const [written, value] of KEYS) {
    assertEquals(read(`[options]\n${written} = ${value}\n`).refused.length, 1, written);
  }
});

Deno.test("the last line counts without a newline at its end, whatever it is", () => {
  const start = "[s]\nsequence = 3,1,2";
  assertEquals(read(start).sections, [["s", "sequence=3,1,2"]]);
  assertEquals(read(`${start}\ncommand = /bin/a`).sections[0]?.at(-1), "start_command=/bin/a");
  assertEquals(read(`${start}\n[t]`).refused.length, 1);
  assertEquals(read(`${start}\r\ncommand = x\r`).sections[0]?.at(-1), "start_command=x");
  assertEquals(read(`${start}\n# command = x`).sections, [["s", "sequence=3,1,2"]]);
  assertEquals(read(`${start}\nno_key = x`).refused.length, 1);
  assertEquals(read("").sections, []);
});

Deno.test("each flag of TCP is taken, with a ! before it too", () => {
  for (const flag of ["fin", "syn", "rst", "psh", "ack", "urg"]) {
    for (const value of [flag, `!${flag}`, flag.toUpperCase(), `syn,${flag},!rst`]) {
      assertEquals(read(`[s]\nsequence=1\ntcpflags = ${value}\n`).refused, [], value);
    }
  }
  assertEquals(read("[s]\nsequence=1\ntcpflags = syn,ece,cwr\n").refused, [
    "syn,ece,cwr: unknown flag `ece`; write fin, syn, rst, psh, ack, urg, each also with a ! " +
    "before it, joined by commas alone",
  ]);
  for (const value of ["ece", "!", "!!syn", "syn,", "", "syn ,ack"]) {
    assertEquals(read(`[s]\nsequence=1\ntcpflags = ${value}\n`).refused.length, 1, value);
  }
});

Deno.test("a value begins behind the first equals sign, and comments are whole lines", () => {
  const text = "  # not a line\n[s]\n\n  sequence  =  3,1,2  # ports \ncommand=a=b # c\n#x\n";
  assertEquals(read(text).sections, [["s", "sequence=3,1,2  # ports", "start_command=a=b # c"]]);
});

Deno.test("an interface has 1 to 15 characters, without blanks and slashes", () => {
  for (const name of ["e", "eth0.100", "br-lan:1", "abcdefghijklmno"]) {
    assertEquals(read(`[options]\ninterface = ${name}\n`).refused, [], name);
  }
  for (const name of ["abcdefghijklmnop", "a/b", "eth0 # wan", "a b", ""]) {
    assertEquals(read(`[options]\ninterface = ${name}\n`).refused.length, 1, name);
  }
  assertEquals(read("[options]\ninterface = eth0 # wan\n").refused, [
    "eth0 # wan: invalid interface name `eth0 # wan`; write eth0 alone, and the comment above it",
  ]);
});
