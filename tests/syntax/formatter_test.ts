import { assert, assertEquals } from "@std/assert";
import { format } from "../../src/syntax/formatter.ts";
import { EXAMPLES, examplesIn } from "./examples.ts";
import { formatted } from "./formatted.ts";
import { stepsOf } from "../support/steps.ts";

const FORMS: readonly (readonly [title: string, text: string, expected: string])[] = [
  ["an empty file stays empty", "\n\n  \n", ""],
  [
    "one space between words, lists as `a, b, c`",
    "define\ta=1.1.1.1 ,b  ,c\nservice  s tcp  80 , 90 - 99",
    "define a = 1.1.1.1, b, c\nservice s tcp 80, 90-99\n",
  ],
  [
    "`syn`, then the policy, then the options in the grammar's order",
    'service s tcp 1 log burst 5 prefix "x" knock 1 allow a established on b ipv4 drop syn',
    `service s tcp 1 syn drop
    ipv4
    on b
    established
    allow a
    knock 1
    log prefix "x" burst 5
`,
  ],
  [
    "the parts of a knock, who hears it the last",
    'service s tcp 1 knock 1 , 2:udp\nwithin 5s for 8h close  3 ,4:tcp,5\nby\tkernel knock\nonce "/a b" close 6 by knockd',
    `service s tcp 1
    knock 1, 2:udp within 5s for 8h close 3, 4:tcp, 5 by kernel
    knock once "/a b" close 6 by knockd
`,
  ],
  [
    "a closing knock is broken between its ports like the knock itself",
    `service s tcp 1 knock ${"65535, ".repeat(11)}1 close ${"65535:udp, ".repeat(7)}1`,
    `service s tcp 1
    knock ${"65535, ".repeat(9)}65535,
        65535, 1 close ${"65535:udp, ".repeat(4)}65535:udp,
        65535:udp, 65535:udp, 1
`,
  ],
  [
    "a service with one option that fits stays on one line",
    "service s tcp 1 drop\n    allow a\n",
    "service s tcp 1 drop allow a\n",
  ],
  [
    "a service with one option that does not fit in 80 columns is broken",
    `service s tcp 1 drop allow ${"a".repeat(53)}\nservice s tcp 1 drop allow ${"a".repeat(54)}`,
    `service s tcp 1 drop allow ${"a".repeat(53)}\nservice s tcp 1 drop\n    allow ${
      "a".repeat(54)
    }\n`,
  ],
  [
    "an expectation stays on one line",
    'expect  tcp\n22 from\n anyone to 192.0.2.1 on "eth0" established\n  drop # why\nexpect udp 53 accept',
    "expect tcp 22 from anyone to 192.0.2.1 on eth0 established drop # why\nexpect udp 53 accept\n",
  ],
  [
    "a comment inside an expectation stays with its part",
    "expect tcp 22 # ssh\n from office # ours\n # but\n on eth0 drop",
    "expect tcp 22 # ssh\n    from office # ours\n    # but\n    on eth0\n    drop\n",
  ],
  [
    "two options stand on lines of their own, `allow` in the order of the file",
    "service s tcp 1 allow b allow a",
    "service s tcp 1\n    allow b\n    allow a\n",
  ],
  [
    "one blank line is kept at most, none at the ends or inside a service",
    "\n\nservice a tcp 1\n\n\n\nservice b tcp 2 drop\n\n    on x\n\n    allow y\nservice c tcp 3\n\n",
    "service a tcp 1\n\nservice b tcp 2 drop\n    on x\n    allow y\nservice c tcp 3\n",
  ],
  [
    "statements on one line are separated",
    'service a tcp 1 include "x" define b = c # d',
    'service a tcp 1\ninclude "x"\ndefine b = c # d\n',
  ],
  [
    "a comment ahead of a statement stays ahead of it, one behind it behind it",
    "#a\n\n  # b\nservice s tcp 1   #c  \n\n\n# d",
    "#a\n\n# b\nservice s tcp 1 #c\n\n# d\n",
  ],
  [
    "a comment inside a service moves with the option that it is about",
    "service s tcp 1\n  # why\n  log # l\n  drop # d\n  on b # o\n",
    "service s tcp 1 drop # d\n    on b # o\n    # why\n    log # l\n",
  ],
  [
    "a comment behind a service written on one line is about the service",
    "service s tcp 1 drop on a allow b # c",
    "service s tcp 1 drop # c\n    on a\n    allow b\n",
  ],
  [
    "a comment inside keeps a service of one option on several lines",
    "service s tcp 1 drop # c\n    on a\n",
    "service s tcp 1 drop # c\n    on a\n",
  ],
  [
    "an indented comment below a service belongs to it",
    "service s tcp 1 drop\n    on a\n    allow b\n  # knock 1\n\n# next\nservice t tcp 2",
    "service s tcp 1 drop\n    on a\n    allow b\n    # knock 1\n\n# next\nservice t tcp 2\n",
  ],
  [
    "an indented comment ahead of an indented service belongs to that one",
    "service s tcp 1\n  # t\n  service t tcp 2",
    "service s tcp 1\n# t\nservice t tcp 2\n",
  ],
  [
    "items with comments of their own stand on lines of their own",
    "define a = 1.1.1.1 # one\n , 2.2.2.2, # two\n # of three\n 3.3.3.3\nservice s tcp 1 allow b, # b\n c",
    `define a =
    1.1.1.1, # one
    2.2.2.2, # two
    # of three
    3.3.3.3
service s tcp 1
    allow
        b, # b
        c
`,
  ],
  [
    "a comment behind the name of a list is about the list",
    "define a = # all\n  1.1.1.1,\n  2.2.2.2\n",
    "define a = 1.1.1.1, 2.2.2.2 # all\n",
  ],
  [
    "two comments at a place where only one fits are both kept",
    "define a # one\n = # two\n b\nservice s tcp 1 knock 1 within # x\n 2s # y\n",
    "# one\ndefine a = b # two\nservice s tcp 1\n    knock 1 # x\n        within 2s # y\n",
  ],
  [
    "long lists are filled up to 80 columns",
    `define a = ${Array(12).fill("10.0.0.1").join(",")}`,
    `define a = ${Array(7).fill("10.0.0.1").join(", ")},\n    ${
      Array(5).fill("10.0.0.1").join(", ")
    }\n`,
  ],
  [
    "quotes stand only where they are needed, escapes where they must",
    'service s tcp 1 on "eth0" log prefix "a\\"\\\\"\nservice t tcp 1 on "eth0.1"',
    'service s tcp 1\n    on eth0\n    log prefix "a\\"\\\\"\nservice t tcp 1 on "eth0.1"\n',
  ],
  [
    "CRLF, lone CR and a byte order mark become plain line ends",
    "\ufeffservice a tcp 1 # x\r\n\r\nservice b tcp 2\rservice c tcp 3",
    "service a tcp 1 # x\n\nservice b tcp 2\nservice c tcp 3\n",
  ],
];

for (const [title, text, expected] of FORMS) {
  Deno.test(`fmt: ${title}`, () => assertEquals(formatted(text), expected));
}

Deno.test("fmt leaves a file with errors alone and says what they are", () => {
  const result = format("service a tcp 1 sny\nservice  b  tcp 2\n", "rules.pk");
  assertEquals(result.ok, false);
  assertEquals(result.ok ? [] : result.problem.map(({ code }) => code), ["PK004"]);
});

for (const [path, text] of examplesIn(EXAMPLES)) {
  Deno.test(`the example ${path} is in canonical form`, () => assertEquals(formatted(text), text));
}

Deno.test("formatting takes as many steps as the file is long", () => {
  const steps = (count: number): number => {
    const text = `define a =\n${"    10.0.0.1, # one\n    # two\n".repeat(count)}    10.0.0.1\n` +
      "    # three\n".repeat(count);
    return stepsOf(() => assert(format(text, "rules.pk").ok));
  };
  steps(10); // what is made once for all files
  const [short, long] = [steps(250), steps(2500)];
  assert(short > 250 && long < 12 * short, `${short} steps, ${long} steps`);
});
