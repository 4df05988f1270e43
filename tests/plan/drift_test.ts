// How a service that is in the kernel differs from its rules file, in words.
import { assert, assertEquals } from "@std/assert";
import { describeDrift } from "../../src/plan/drift.ts";
import { planTable } from "../../src/plan/service.ts";
import { compileFile } from "../../src/semantic/compile.ts";
import type { Family } from "../../src/firewall/address.ts";
import { FakeKernel } from "../support/fake_kernel.ts";
import { memoryReader } from "../support/memory_reader.ts";
import { readFilterTable } from "../support/read_table.ts";

const NOW = Date.parse("2030-01-01T00:00:00Z") / 1000;

/** What is said of the only service of a file on a machine with these rules, each behind `-A`. */
function drift(
  file: string,
  lines: readonly string[],
  { family = "ipv4", replaceJumps = false }: { family?: Family; replaceJumps?: boolean } = {},
): string[] {
  const { services } = compileFile("a.pk", { reader: memoryReader({ "a.pk": file }), now: NOW });
  const [service] = services;
  assert(service !== undefined);
  const text = [
    ":pk-a - [0:0]",
    ...lines.map((line) => line.startsWith(":") ? line : `-A ${line}`),
  ];
  const kernel = new FakeKernel({ [family]: text.join("\n") });
  const table = readFilterTable(kernel.dump(family), family);
  const wanted = { services, remove: [], now: NOW, revive: true, replaceJumps };
  const { edits } = planTable(table, wanted);
  return describeDrift(table, { service, now: NOW, edits });
}

const JUMP = "INPUT -p tcp -m tcp --dport 22 -j pk-a";
const DROP = "pk-a -j DROP";
const door = (last: number, more = "") => `pk-a -s 10.0.0.${last}/32${more} -j ACCEPT`;
const allowed = (last: number) => door(last, " -m comment --comment pk-allow");
const until = (date: string) => ` -m time --datestop ${date}`;
const [OVER, OPEN] = [until("2029-12-31T23:59:59"), until("2030-01-01T00:00:00")];

const PLAIN = "service a tcp 22 drop\n";

Deno.test("doors that are over, dead or doubled are counted, in the singular and the plural", () => {
  const cases: readonly (readonly [lines: readonly string[], words: readonly string[]])[] = [
    [[JUMP, DROP], []],
    [[JUMP, door(1), door(2, OPEN), DROP], []],
    [[JUMP, door(1, OVER), DROP], ["1 door expired"]],
    [[JUMP, door(1, OVER), door(2, OVER), DROP], ["2 doors expired"]],
    [[JUMP, DROP, door(1)], ["1 door is behind the end"]],
    [[JUMP, DROP, door(1), door(2, OPEN), door(3, OVER)], [
      "1 door expired",
      "2 doors are behind the end",
    ]],
    [[JUMP, door(1), door(1), DROP], ["1 duplicate door"]],
    [[JUMP, door(1), door(1), door(2), door(2, OPEN), DROP], ["2 duplicate doors"]],
    [[JUMP, door(1), door(1), door(1), DROP], ["2 duplicate doors"]],
    // Of two ends of one door that is over none is a double.
    [[JUMP, door(1, OVER), door(1), DROP], ["1 door expired"]],
  ];
  for (const [lines, words] of cases) assertEquals(drift(PLAIN, lines), words, lines.join("\n"));
});

Deno.test("allowed addresses are named, three at the most, those of the family alone", () => {
  const file = (...last: readonly number[]) =>
    `${PLAIN}${last.map((end) => `    allow 10.0.0.${end}\n`).join("")}    allow 2001:db8::1\n`;
  const named = (...last: readonly number[]) => last.map((end) => `10.0.0.${end}/32`).join(", ");
  const cases: readonly (readonly [string, lines: readonly string[], words: readonly string[]])[] =
    [
      [file(), [], []],
      [file(1), [allowed(1)], []],
      [file(1, 2), [allowed(1)], [`allow + ${named(2)}`]],
      [file(1, 2, 3), [], [`allow + ${named(1, 2, 3)}`]],
      [file(1, 2, 3, 4), [], [`allow + ${named(1, 2, 3)} and 1 more`]],
      [file(1, 2, 3, 4, 5), [], [`allow + ${named(1, 2, 3)} and 2 more`]],
      [file(), [1, 2, 3].map(allowed), [`allow - ${named(1, 2, 3)}`]],
      [file(), [1, 2, 3, 4].map(allowed), [`allow - ${named(1, 2, 3)} and 1 more`]],
      [file(1), [allowed(1), allowed(1)], [`duplicate allow ${named(1)}`]],
      [file(1), [allowed(1), allowed(1), allowed(1)], [`duplicate allow ${named(1, 1)}`]],
      [file(1), [allowed(2), allowed(2)], [
        `allow + ${named(1)}`,
        `allow - ${named(2)}`,
        `duplicate allow ${named(2)}`,
      ]],
    ];
  for (const [text, lines, words] of cases) {
    assertEquals(drift(text, [JUMP, ...lines, DROP]), words, lines.join("\n"));
  }
  const established = "pk-a -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";
  assertEquals(drift(`${file(1)}    established\n`, [JUMP, established, allowed(1), DROP]), []);
  const six = "pk-a -s 2001:db8::1/128 -m comment --comment pk-allow -j ACCEPT";
  assertEquals(drift(file(1), [JUMP, six, DROP], { family: "ipv6" }), []);
  assertEquals(drift(file(1), [JUMP, DROP], { family: "ipv6" }), ["allow + 2001:db8::1/128"]);
});

Deno.test("the end of a chain is missing, doubled, or another type of reject", () => {
  const reject = "service a tcp 22 reject\n";
  const reset = "pk-a -p tcp -j REJECT --reject-with tcp-reset";
  const plain = "pk-a -j REJECT";
  const log = `${PLAIN}    log\n`;
  const cases: readonly (readonly [string, lines: readonly string[], words: readonly string[]])[] =
    [
      [PLAIN, [], ["its chain was flushed"]],
      [PLAIN, [door(1)], ["the policy at its end is missing"]],
      [PLAIN, [DROP, DROP], ["duplicate policy"]],
      [PLAIN, ["pk-a -j ACCEPT"], ["policy accept -> drop"]],
      [PLAIN, ["pk-a -j ACCEPT", DROP], ["policy accept -> drop", "duplicate policy"]],
      [reject, [reset], []],
      [reject, [plain], ["different type of reject"]],
      [reject, [plain, reset], ["duplicate policy"]],
      [reject, [DROP], ["policy drop -> reject"]],
      [log, ["pk-a -j LOG", DROP], []],
      [log, ["pk-a -j LOG", "pk-a -j LOG", DROP], ["duplicate log"]],
      [log, [DROP], ["log none -> level warning"]],
      [PLAIN, ["pk-a -j LOG", "pk-a -j LOG", DROP], ["log level warning -> none"]],
      [PLAIN, ["pk-a -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", DROP], [
        "established yes -> no",
      ]],
      [PLAIN, [door(2), door(1), DROP], ["its rules are out of order"]],
    ];
  for (const [text, lines, words] of cases) {
    assertEquals(drift(text, [JUMP, ...lines]), words, `${text}${lines.join("\n")}`);
  }
});

Deno.test("jumps are missing, doubled, or have other matches", () => {
  const [first, second] = ["tcp -m tcp --dport 22", "tcp -m tcp --dport 23"];
  const cases: readonly (readonly [string, lines: readonly string[], words: readonly string[]])[] =
    [
      [PLAIN, [], ["the jump in INPUT is missing"]],
      [PLAIN, [JUMP, JUMP], ["duplicate jump in INPUT"]],
      [PLAIN, [JUMP, JUMP, JUMP], ["duplicate jump in INPUT"]],
      [PLAIN, [`INPUT -p ${second} -j pk-a`], ["ports 23 -> 22"]],
      [PLAIN, [JUMP, `INPUT -p ${second} -j pk-a`], ["ports 22,23 -> 22"]],
      ["service a tcp 22, 23 drop\n", [`INPUT -p ${first} -j pk-a`, `INPUT -p ${second} -j pk-a`], [
        "a jump in INPUT has other matches",
      ]],
      // One with further matches is left as it is, and is no difference.
      [PLAIN, [JUMP, `INPUT -s 10.0.0.1/32 -p ${first} -j pk-a`], []],
      [PLAIN, [`INPUT -s 10.0.0.1/32 -p ${first} -j pk-a`], []],
      [PLAIN, ["INPUT -p udp -m udp --dport 22 -j pk-a"], ["protocol udp -> tcp"]],
      [PLAIN, [`INPUT -i eth0 -p ${first} -j pk-a`], ["interface eth0 -> any"]],
    ];
  for (const [text, lines, words] of cases) {
    assertEquals(drift(text, [...lines, DROP]), words, lines.join("\n"));
  }
});

Deno.test("a jump with further matches is a difference where it goes, and else none", () => {
  const narrow = "INPUT -s 10.0.0.1/32 -p tcp -m tcp --dport 22 -j pk-a";
  const others = ["a jump in INPUT has other matches"];
  const cases: readonly (readonly [lines: readonly string[], stays: string[], goes: string[]])[] = [
    [[narrow], [], others],
    [[narrow, JUMP], [], others],
    [[JUMP, narrow], [], others],
    [[narrow, JUMP, JUMP], ["duplicate jump in INPUT"], ["duplicate jump in INPUT", ...others]],
    [[narrow, narrow], ["duplicate jump in INPUT"], ["duplicate jump in INPUT", ...others]],
  ];
  for (const [lines, stays, goes] of cases) {
    assertEquals(drift(PLAIN, [...lines, DROP]), stays, lines.join("\n"));
    assertEquals(drift(PLAIN, [...lines, DROP], { replaceJumps: true }), goes, lines.join("\n"));
  }
});

Deno.test("a knock that the kernel hears is new, gone, another, or no packet comes to it", () => {
  const knock = "    knock 7000, 8022:udp, 9003 for 1h by kernel\n";
  const chainOf = (file: string) => {
    const { services } = compileFile("a.pk", { reader: memoryReader({ "a.pk": file }), now: NOW });
    const table = readFilterTable(new FakeKernel({}).dump("ipv4"), "ipv4");
    const { edits } = planTable(table, { services, remove: [], now: NOW });
    const lines = edits.flatMap((edit) => "text" in edit ? [`${edit.chain} ${edit.text}`] : []);
    return [":pk-a.1 - [0:0]", ...lines];
  };
  const standing = chainOf(PLAIN + knock);
  const other = PLAIN + knock.replace("9003", "9004");
  const cases: readonly (readonly [string, lines: readonly string[], words: readonly string[]])[] =
    [
      [PLAIN + knock, standing, []],
      // A chain of a second knock, which the file does not have.
      [PLAIN + knock, [":pk-a.2 - [0:0]", ...standing], ["different knock by kernel"]],
      [PLAIN + knock, [JUMP, DROP], ["knock + by kernel"]],
      [PLAIN, standing, ["knock - by kernel"]],
      [other, standing, ["different knock by kernel"]],
      [PLAIN + knock.replace("1h", "2h"), standing, ["different knock by kernel"]],
      [PLAIN + knock + knock.replace("9003", "9004"), standing, ["different knock by kernel"]],
      [PLAIN + knock, standing.filter((line) => !/^INPUT .*-j pk-a\.1$/.test(line)), [
        "the jump of its knock in INPUT is missing",
      ]],
      [PLAIN + knock, standing.filter((line) => !/^INPUT .*-j pk-a/.test(line)), [
        "the jump of its knock in INPUT is missing",
        "the jump in INPUT is missing",
      ]],
      // One of its jumps is gone: the rest are in order by themselves.
      [PLAIN + knock, standing.filter((line) => !/^INPUT -p udp/.test(line)), [
        "its rules are out of order",
      ]],
    ];
  for (const [file, lines, words] of cases) {
    assertEquals(drift(file, lines), words, lines.join("\n"));
  }
});
