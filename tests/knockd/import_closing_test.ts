// Which door a closing section or a stop_command of a knockd.conf is taken to close.
import { assertEquals } from "@std/assert";
import { importConf as read, wholeImport as whole } from "../support/importing.ts";

const ALLOW = "iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT";

/** A section that opens ssh, in lines. */
function section(lines: readonly string[], start = `command = ${ALLOW}`): string {
  return ["[s]", "sequence = 3,1,2", start, ...lines, ""].join("\n");
}

/** Sections that open (`+`) and close (`-`) ssh by a sequence; with `=` there is an end as well. */
function sections(...given: readonly string[]): string {
  return given.map((one, at) => {
    const does = one.startsWith("-") ? "-D" : "-A";
    const timer = one.startsWith("=")
      ? `\ncmd_timeout = 9\nstop_command = ${ALLOW.replace("-A", "-D")}`
      : "";
    return `[s${at}]\nsequence = ${one.slice(1)}\ncommand = ${ALLOW.replace("-A", does)}${timer}\n`;
  }).join("");
}

Deno.test("a closing section goes to the knock that a reader would give it to", () => {
  const knocks = (...given: readonly string[]) =>
    whole(sections(...given)).slice(1).map((line) =>
      line.replace("knock ", "").replace(" within 25s", "")
    );
  // The one that it is backwards, whatever stands nearer; each of them only once.
  assertEquals(knocks("-2,1", "+1,2", "+3,4"), ["1, 2 close 2, 1", "3, 4"]);
  assertEquals(knocks("+1,2", "+3,4", "-2,1", "-4,3"), ["1, 2 close 2, 1", "3, 4 close 4, 3"]);
  // The nearest ahead of it without an end.
  assertEquals(knocks("+1,2", "+3,4", "=5,6", "-8,9", "+7,8"), [
    "1, 2",
    "3, 4 close 8, 9",
    "5, 6 for 9s",
    "7, 8",
  ]);
  // The nearest ahead of it, though it has an end.
  assertEquals(knocks("=1,2", "=3,4", "-8,9", "+7,8"), [
    "1, 2 for 9s",
    "3, 4 for 9s close 8, 9",
    "7, 8",
  ]);
  // The last of those behind it.
  assertEquals(knocks("-8,9", "+1,2", "+3,4"), ["1, 2", "3, 4 close 8, 9"]);
  assertEquals(knocks("+1,2", "+3,4", "+5,6", "-7", "-8", "-9"), [
    "1, 2 close 9",
    "3, 4 close 8",
    "5, 6 close 7",
  ]);
});

Deno.test("a closing section that belongs to no knock is left out, and said why", () => {
  assertEquals(read(sections("-2,1")).told, ["1: this closes what no section opens"]);
  assertEquals(read(sections("+1,2", "-4,3", "-2,1")).told, [
    "7: each knock has a closing one already",
  ]);
  const once = `[o]\none_time_sequences = /a\ncommand = ${ALLOW.replace("-A", "-D")}\n`;
  assertEquals(read(sections("+1,2") + once).told, [
    "4: no list of one-time sequences closes a door",
  ]);
});

Deno.test("a stop_command that ends nothing of its section is left out, and said why", () => {
  const other = "this does not close the door that the section opens";
  const del = ALLOW.replace("-A", "-D");
  for (
    const [stop, told] of [
      [del, []],
      [`${del}; ${del.replace("22", "23")}`, [other]],
      [del.replace("22", "23"), [other]],
      [ALLOW, [other]],
      ["/root/close.sh", ["unknown program `/root/close.sh`"]],
      [`/root/close.sh; ${del}`, ["unknown program `/root/close.sh`"]],
      ["/bin/pktables delete %IP% -s ssh -s https", [other]],
    ] as const
  ) {
    for (const key of ["stop_command", "stop_command_6"]) {
      const got = read(section([`${key} = ${stop}`]));
      assertEquals(got.told, told.map((message) => `4: ${message}`), stop);
      const end = stop.includes(del) && !stop.startsWith(ALLOW) || stop.includes("-s ssh");
      assertEquals(got.rules[1]?.trim(), `knock 3, 1, 2 within 25s${end ? " for 10s" : ""}`, stop);
    }
  }
  // Where the knock itself is lost, so is what ends its door.
  assertEquals(read(section([`stop_command = ${del}`], "command = /root/open.sh")).told, [
    "3: unknown program `/root/open.sh`",
    "4: this closes a door that nothing here opens",
  ]);
  assertEquals(read(`[s]\nsequence = 3,1,2\nstop_command = ${del}\n`).told, [
    "1: section s runs no command",
    "3: this closes a door that nothing here opens",
  ]);
  assertEquals(read("[s]\nsequence = 3,1,2\n").told, ["1: section s runs no command"]);
});
