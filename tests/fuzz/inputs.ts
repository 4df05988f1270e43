// Inputs for fuzzing: valid files in every layout, random words, and mutations of existing files.
import fc from "fast-check";

/** Words that a file may hold, right ones and near misses. */
export const WORDS: readonly string[] = [
  ..."include define service tcp udp syn drop accept reject ipv4 ipv6 on established".split(" "),
  ..."allow knock once within for close by kernel knockd log prefix level limit burst expect from to anyone"
    .split(
      " ",
    ),
  ..."ssh a b-1 eth0 ppp+ eth0.100 sny drop; { } _x é 漢字 😀 \u00a0 \u202e \x1b".split(" "),
  ..."22 0 65536 99999999999 80-90 90-80 80- - -1 7001:udp 7001: : ::: 1:2".split(" "),
  ..."10.0.0.1 10.0.0.0/8 300.1.1.1 10.0.0 10/8 :: 2001:db8::/48 1::2::3 ::ffff:1.2.3.4".split(" "),
  ..."30s 8h 5y 10/minute 10/fortnight 0/day".split(" "),
  ...[
    '"x"',
    '"',
    '"\\"',
    '"\\\\"',
    '"a\\n"',
    "#",
    "# c\n",
    ",",
    ",,",
    "=",
    "\n",
    "\r",
    "\r\n",
    "\t",
  ],
];

/** What may stand between two words. */
const GAPS: readonly string[] = [
  " ",
  " ",
  "\n",
  "\t",
  "\r\n",
  "\r",
  "\n\n\n",
  " # one\n",
  "\n  # two \n",
  "\n# three\n\n",
  "#four\r\n    ",
];

const name = fc.oneof(
  fc.constantFrom("a", "b-1", "Office_2", "service", "drop", "on", "x".repeat(30)),
  fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/),
);
const number = fc.oneof(fc.integer({ min: 0, max: 70000 }).map(String), fc.constant("007"));
const address = fc.oneof(
  fc.constantFrom("10.0.0.0/8", "10.0.0.5/24", "::/0", "::ffff:1.2.3.4", "2001:DB8::1/128"),
  fc.ipV4(),
  fc.ipV6(),
);
const text = fc.stringMatching(/^[ -~é漢]{0,12}$/).map((body) =>
  `"${body.replace(/["\\]/g, "\\$&")}"`
);
const protocol = fc.constantFrom("tcp", "udp");

/** One or more, with commas between. */
function list(item: fc.Arbitrary<readonly string[]>): fc.Arbitrary<string[]> {
  return fc.array(item, { minLength: 1, maxLength: 5 }).map((items) =>
    items.flatMap((words, index) => index === 0 ? words : [",", ...words])
  );
}

/** Some of several word lists, in any order. */
function anyOf(...parts: fc.Arbitrary<readonly string[]>[]): fc.Arbitrary<string[]> {
  return fc.array(fc.oneof(...parts), { maxLength: 5 }).map((lists) => lists.flat());
}

const word = (keyword: string, value: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
  value.map((each) => [keyword, each]);
const maybe = (part: fc.Arbitrary<string[]>): fc.Arbitrary<string[]> =>
  fc.option(part, { nil: [] });
const join = (...parts: fc.Arbitrary<readonly string[]>[]): fc.Arbitrary<string[]> =>
  fc.tuple(...parts).map((lists) => lists.flat());
const words = (...each: string[]): fc.Arbitrary<string[]> => fc.constant(each);

const addresses = list(fc.oneof(address, name).map((each) => [each]));
const duration = fc.tuple(number, fc.constantFrom("s", "m", "h", "d")).map((parts) =>
  parts.join("")
);
const rate = fc.tuple(number, fc.constantFrom("second", "minute", "hour", "day")).map((parts) =>
  parts.join("/")
);
const port = fc.oneof(
  number.map((each) => [each]),
  fc.tuple(number, number).map(([from, to]) => [from, "-", to]),
);
const knockPort = fc.oneof(
  number.map((each) => [each]),
  fc.tuple(number, protocol).map(([each, kind]) => [each, ":", kind]),
);
const oneInterface = word("on", fc.oneof(name, text));
const option = fc.oneof(
  fc.constantFrom("syn", "drop", "accept", "reject", "ipv4", "ipv6", "established").map(
    (each) => [each],
  ),
  oneInterface,
  join(words("allow"), addresses),
  join(
    words("knock"),
    fc.oneof(list(knockPort), word("once", text)),
    maybe(word("within", duration)),
    maybe(word("for", duration)),
    maybe(join(words("close"), list(knockPort))),
    maybe(word("by", fc.constantFrom("kernel", "knockd"))),
  ),
  join(
    words("log"),
    anyOf(word("prefix", text), word("level", name), word("limit", rate), word("burst", number)),
  ),
);
const expectation = join(
  words("expect"),
  fc.tuple(protocol, number).map((pair) => [...pair]),
  maybe(word("from", fc.oneof(address, name, fc.constant("anyone")))),
  maybe(word("to", address)),
  maybe(oneInterface),
  maybe(words("established")),
  fc.constantFrom("drop", "accept", "reject").map((each) => [each]),
);
const statement = fc.oneof(
  expectation,
  word("include", text),
  join(words("define"), name.map((each) => [each]), words("="), addresses),
  join(
    words("service"),
    fc.tuple(name, protocol).map((pair) => [...pair]),
    list(port),
    anyOf(option),
  ),
);

/** Files that follow the grammar, with comments and line ends at any place between two words. */
export const rightFile: fc.Arbitrary<string> = fc.tuple(
  fc.array(statement, { maxLength: 5 }),
  fc.array(fc.constantFrom(...GAPS), { minLength: 1, maxLength: 30 }),
  fc.constantFrom("", "\ufeff", "# first\n", "\n\n"),
).map(([statements, gaps, start]) =>
  start + statements.flat().map((each, index) => each + gaps[index % gaps.length]).join("")
);

/** Words in no order. */
export const soup: fc.Arbitrary<string> = fc.array(
  fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom(" ", " ", "\n", "")),
  { maxLength: 40 },
).map((pairs) => pairs.flat().join(""));

/** A source of numbers from 0 up to but not including `below`, the same for the same seed. */
export type Random = (below: number) => number;

/** The mulberry32 generator. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/**
 * Changes a file at one to eight places, byte by byte or word by word.
 *
 * @param files what to start from, and to take pieces from
 */
export function mutate(files: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = files[random(files.length)] ?? new Uint8Array();
  for (let count = 1 + random(8); count > 0; count--) {
    const at = random(bytes.length + 1);
    const length = random(random(4) === 0 ? 200 : 6);
    bytes = splice(bytes, { at, length, insert: insertion(files, random) });
  }
  return bytes;
}

function splice(
  bytes: Uint8Array,
  change: { at: number; length: number; insert: Uint8Array },
): Uint8Array {
  const { at, length, insert } = change;
  return new Uint8Array([
    ...bytes.subarray(0, at),
    ...insert,
    ...bytes.subarray(Math.min(at + length, bytes.length)),
  ]);
}

function insertion(files: readonly Uint8Array[], random: Random): Uint8Array {
  switch (random(5)) {
    case 0:
      return new Uint8Array();
    case 1:
      return new Uint8Array([random(256)]);
    case 2:
      return new Uint8Array(Array.from({ length: random(6) }, () => 32 + random(95)));
    case 3: {
      const other = files[random(files.length)] ?? new Uint8Array();
      const from = random(other.length + 1);
      return other.subarray(from, from + random(120));
    }
    default:
      return new TextEncoder().encode(` ${WORDS[random(WORDS.length)] ?? ""} `);
  }
}
