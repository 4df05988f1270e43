// Where comments go and lines break, next to where they do not.
import { assertEquals } from "@std/assert";
import { formatted } from "./formatted.ts";

const FORMS: readonly (readonly [text: string, expected: string])[] = [
  ["# top\n", "# top\n"],
  ["\n\n# top\n\nservice a tcp 1\n", "# top\n\nservice a tcp 1\n"],
  ["service # one\n a # two\n tcp 1 # three\n", "# one\nservice a tcp # two\n    1 # three\n"],
  ["service a # one\n tcp 1\n", "service a tcp 1 # one\n"],
  ["service a tcp\n # own\n 1\n", "service a tcp\n    # own\n    1\n"],
  ["service a tcp 1 # one\n drop # two\n", "service a tcp 1 # one\n    drop # two\n"],
  [
    "service a tcp 1, # one\n 2, # two\n 3 # three\n drop\n",
    "service a tcp\n    1, # one\n    2, # two\n    3 # three\n    drop\n",
  ],
  ["service a tcp 1, 2 # two\n drop\n", "service a tcp 1, 2 drop # two\n"],
  ["service a tcp 1 drop # x\n# y\n", "service a tcp 1 drop # x\n# y\n"],
  [
    "service a tcp 1 drop # x\n    # y\n  # z\n# w\n",
    "service a tcp 1 drop # x\n    # y\n    # z\n# w\n",
  ],
  [
    "service a tcp 1 drop\n    # y\n\n    # z\nservice b tcp 2\n",
    "service a tcp 1 drop\n    # y\n\n    # z\nservice b tcp 2\n",
  ],
  [
    "service a tcp 1 drop\n    # y\n    service b tcp 2\n",
    "service a tcp 1 drop\n# y\nservice b tcp 2\n",
  ],
  [
    "service a tcp 1 drop\n     # y\n    service b tcp 2\n",
    "service a tcp 1 drop\n    # y\nservice b tcp 2\n",
  ],
  ["  service a tcp 1 drop\n  # y\n", "service a tcp 1 drop\n# y\n"],
  ["  service a tcp 1 drop\n   # y\n", "service a tcp 1 drop\n    # y\n"],
  ['include "x"\n    # y\ninclude "y" # z\n   # w\n', 'include "x"\n# y\ninclude "y" # z\n# w\n'],
  ["define a = b # c\n    # d\n\n    # e\n", "define a = b # c\n    # d\n\n    # e\n"],
  ["define a = b, # c\n c\n", "define a =\n    b, # c\n    c\n"],
  ["define a =\n # own\n b, c\n", "define a =\n    # own\n    b,\n    c\n"],
  ["define a = b,\n # own\n c # after\n", "define a =\n    b,\n    # own\n    c # after\n"],
  [
    "service a tcp 1\n drop\n # about\n allow x # x\n # below\n",
    "service a tcp 1 drop\n    # about\n    allow x # x\n    # below\n",
  ],
  ["service a tcp 1\n allow x,\n y # y\n", "service a tcp 1\n    allow x, y # y\n"],
  [
    "service a tcp 1\n allow x, # x\n y\n",
    "service a tcp 1\n    allow\n        x, # x\n        y\n",
  ],
  [
    'service a tcp 1\n log prefix "a" # p\n limit 1/day # l\n',
    'service a tcp 1\n    log\n        prefix "a" # p\n        limit 1/day # l\n',
  ],
  [
    'service a tcp 1\n log # l\n prefix "a" limit 1/day\n',
    'service a tcp 1\n    log prefix "a" limit 1/day # l\n',
  ],
  [
    'service a tcp 1\n log prefix "a"\n # own\n limit 1/day\n',
    'service a tcp 1\n    log\n        prefix "a"\n        # own\n        limit 1/day\n',
  ],
  [
    'service a tcp 1 log prefix "a" limit 1/day # l\n',
    'service a tcp 1 log prefix "a" limit 1/day # l\n',
  ],
  [
    "service a tcp 1\n knock 1, 2 # two\n within 5s # w\n for 8h\n",
    "service a tcp 1\n    knock 1, 2 # two\n        within 5s # w\n        for 8h\n",
  ],
  [
    "service a tcp 1\n knock 1, # one\n 2 within 5s\n",
    "service a tcp 1\n    knock\n        1, # one\n        2\n        within 5s\n",
  ],
  [
    "service a tcp 1\n knock 1, 2 within 5s # w\n",
    "service a tcp 1\n    knock 1, 2 within 5s # w\n",
  ],
  [
    "service a tcp 1\n knock 1, 2 close 3, # three\n 4 # four\n",
    "service a tcp 1\n    knock 1, 2\n        close 3, # three\n        4 # four\n",
  ],
  ["expect tcp 1 # p\n drop # d\n# e\n", "expect tcp 1 # p\n    drop # d\n# e\n"],
  [
    "expect tcp 1 drop # d\n    # e\nservice a tcp 1 # s\n",
    "expect tcp 1 drop # d\n    # e\nservice a tcp 1 # s\n",
  ],
  ["service a tcp 1 service b tcp 2 # b\n", "service a tcp 1\nservice b tcp 2 # b\n"],
  [
    "service a tcp 1 # a\n\n\n# x\n\n\n\n# y\nservice b tcp 2\n",
    "service a tcp 1 # a\n\n# x\n\n# y\nservice b tcp 2\n",
  ],
  [
    "service a tcp 1\r\n\r\n# x\rservice b tcp 2\r\r\n",
    "service a tcp 1\n\n# x\nservice b tcp 2\n",
  ],
  ["define a\n= b # c\n", "define a = b # c\n"],
  ["service a tcp 1 allow b # x\n", "service a tcp 1 allow b # x\n"],
  ["service a tcp 1\n allow b # x\n", "service a tcp 1\n    allow b # x\n"],
  [
    "service a tcp 1\n allow b # x\n on c # y\n",
    "service a tcp 1\n    on c # y\n    allow b # x\n",
  ],
  ["service a tcp 1 on c allow b # y\n", "service a tcp 1 # y\n    on c\n    allow b\n"],
  ["\tservice a tcp 1\n\t# tab\n        # spaces\n", "service a tcp 1\n# tab\n# spaces\n"],
  ["service a tcp 1 on\n # own\n eth0\n", "service a tcp 1\n    on eth0 # own\n"],
  [
    "service a tcp 1\r\nservice b tcp 2\r\n\r\n\r\n# c",
    "service a tcp 1\nservice b tcp 2\n\n# c\n",
  ],
  [
    "service a tcp 1 # a\nservice b tcp 2 # b\n\n# c",
    "service a tcp 1 # a\nservice b tcp 2 # b\n\n# c\n",
  ],
];

Deno.test("each comment stays with what it stands at, ahead of it, behind it or below it", () => {
  for (const [text, expected] of FORMS) assertEquals(formatted(text), expected, text);
});

/** A word of so many letters. */
const word = (length: number) => "a".repeat(length);

Deno.test("a line is filled up to its 80th column, the comma of an item among them", () => {
  const list = (...lengths: readonly number[]) => `define a = ${lengths.map(word).join(", ")}\n`;
  const broken = (first: readonly number[], rest: readonly number[]) =>
    `define a = ${first.map(word).join(", ")},\n    ${rest.map(word).join(", ")}\n`;
  // `define a = ` takes 11 columns, and a comma and a blank stand between two items.
  assertEquals(formatted(list(30, 37)), list(30, 37));
  assertEquals(formatted(list(30, 38)), broken([30], [38]));
  assertEquals(formatted(list(30, 36, 1)), broken([30, 36], [1]));
  assertEquals(formatted(list(30, 37, 1)), broken([30], [37, 1]));
  assertEquals(formatted(list(30, 1, 74, 2)), `${broken([30, 1], [74]).slice(0, -1)},\n    aa\n`);
  assertEquals(formatted(list(69)), list(69));
  assertEquals(formatted(list(70)), `define a =\n    ${word(70)}\n`);
  assertEquals(formatted(list(200, 1)), `define a =\n    ${word(200)},\n    a\n`);
  // A line below is indented by four columns.
  assertEquals(formatted(list(60, 72, 2)), broken([60], [72, 2]));
  assertEquals(formatted(list(60, 73, 2)), `${broken([60], [73]).slice(0, -1)},\n    aa\n`);
});

Deno.test("a service is one line of 80 columns at most, the comment behind it not counted", () => {
  const service = (length: number, more = "") => `service ${word(length)} tcp 1 on eth0${more}\n`;
  const below = (length: number, more = "") =>
    `service ${word(length)} tcp 1${more}\n    on eth0\n`;
  assertEquals(formatted(service(58)), service(58));
  assertEquals(formatted(service(58, " # why")), service(58, " # why"));
  assertEquals(formatted(service(59)), below(59));
  assertEquals(formatted(service(59, " # why")), below(59, " # why"));
  assertEquals(
    formatted(`service ${word(80)} tcp 1 # a\n`),
    `service ${word(80)} tcp\n    1 # a\n`,
  );
});
