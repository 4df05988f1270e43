// What is said of a word that stands where an address is wanted.
import { assertEquals } from "@std/assert";
import { readAddress } from "../../src/syntax/address_text.ts";

const SPAN = { file: "rules.pk", start: 0, end: 0 };

/** Whether a word is an address, or has host bits, or the label and the help of its refusal. */
function read(text: string): string {
  const result = readAddress(text, SPAN);
  if (result.ok) return result.value.ok ? "an address" : "host bits";
  const { message, primary, help } = result.problem;
  const clipped = text.length > 40 ? `${text.slice(0, 39)}…` : text;
  const isLength = message === `\`${clipped}\` has an invalid prefix length`;
  if (!isLength) assertEquals(message, `invalid address \`${clipped}\``);
  return `${isLength ? "length: " : ""}${primary.text}${help === null ? "" : `; ${help}`}`;
}

const FOUR = "an IPv4 address has four parts";
const EIGHT = "an IPv6 address has eight parts, or `::` for those that are zero";
const NAME = "expected an address or the name of a `define`";
const ADDRESS = "expected an address";
const RANGE = "a range of addresses; write a network, as `10.0.0.0/24`";
const HOST = "expected an address; host names are not looked up: write the addresses themselves";

const WORDS: Readonly<Record<string, string>> = {
  "255.255.255.255": "an address",
  "0.0.0.0": "an address",
  "10.0.0.0/32": "an address",
  "::": "an address",
  "::/128": "an address",
  "::1234": "an address",
  "::1.2.3.4": "an address",
  "1:2:3:4:5:6:7:8": "an address",
  "1:2:3:4:5:6::8": "an address",
  "1:2:3:4:5:6:1.2.3.4": "an address",
  "10.0.0.1/8": "host bits",
  "::1/64": "host bits",
  // The length of a network.
  "10.0.0.0/33": "length: expected `/0` to `/32`",
  "10.0.0.0/033": "length: expected `/0` to `/32`",
  "10.0.0.0/032": "length: `032` has a leading zero",
  "10.0.0.0/00": "length: `00` has a leading zero",
  "::/129": "length: expected `/0` to `/128`",
  "10.0.0.0/": "the prefix length is missing",
  "::1/": "the prefix length is missing",
  "10/": "the prefix length is missing",
  "a%x/": "the prefix length is missing",
  "/24": NAME,
  "10.0.0.1/8/9": ADDRESS,
  "10.0.0.1/a": ADDRESS,
  // Zones and ranges.
  "fe80::1%eth0": "unexpected zone; use `on` instead",
  "10.0.0.1%x": "unexpected zone; use `on` instead",
  "10.0.0.1-10.0.0.9": RANGE,
  "10.0.0.1-9": RANGE,
  "1-2": RANGE,
  "10.0.0.1-10.0.0.9/24": NAME,
  "a1-2": NAME,
  "1-2a": NAME,
  "1-": NAME,
  "-1": NAME,
  "1-2-3": NAME,
  // The parts of an IPv4 address.
  "256.0.0.1": "`256` is over 255",
  "1.2.3.256": "`256` is over 255",
  "1.2.300.400": "`300` is over 255",
  "999": "`999` is over 255",
  "255": FOUR,
  "10.0.0": FOUR,
  "10.0.0/24": `${FOUR}; did you mean \`10.0.0.0/24\`?`,
  "10.1/16": `${FOUR}; did you mean \`10.1.0.0/16\`?`,
  "10/8": `${FOUR}; did you mean \`10.0.0.0/8\`?`,
  "10.1/8": `${FOUR}; did you mean \`10.1.0.0/8\`?`,
  "10.0/99": FOUR,
  "10.0/x": FOUR,
  "010.1/16": FOUR,
  "1.2.3.4.5": FOUR,
  "1.2.3.4.5/8": FOUR,
  "10..1": FOUR,
  "10..1/8": FOUR,
  "10.0..1": FOUR,
  ".10/8": FOUR,
  "10./8": FOUR,
  "1.2.3.": FOUR,
  "010.0.0.1": "`010` has a leading zero; did you mean `10.0.0.1`?",
  "10.0.0.00": "`00` has a leading zero; did you mean `10.0.0.0`?",
  "10.01.002.0/24": "`01` has a leading zero; did you mean `10.1.2.0/24`?",
  "10.0.0.01/33": "`01` has a leading zero",
  // Names of hosts.
  "a.b": HOST,
  "a.": HOST,
  ".a": HOST,
  "Z.1": HOST,
  "www.example.com/24": HOST,
  "1a": NAME,
  "_": NAME,
  "_._": NAME,
  "é": NAME,
  // The parts of an IPv6 address.
  "8000:8010": NAME,
  "1:2:3": EIGHT,
  "a:1": EIGHT,
  "1:a": EIGHT,
  "abcd:1234": EIGHT,
  "1:2:3:4:5:6:7": EIGHT,
  "1:2:3:4:5:6:7:8:9": EIGHT,
  "1:2:3:4:5:1.2.3.4": EIGHT,
  "1:2:3:4:5:6:7:1.2.3.4": EIGHT,
  "::1::2": "`::` can occur only once",
  "1:::2": "`::` can occur only once",
  ":::": "`::` can occur only once",
  "12345::1": "`12345` has more than four digits",
  "::12345": "`12345` has more than four digits",
  "12345:67890::": "`12345` has more than four digits",
  "1:2:3:4:5:6:7:00008": "`00008` has more than four digits",
  "1:2::3:4:5:6:7:8": ADDRESS,
  "::1.2.3.4.5": ADDRESS,
  "::1.2.3.256": ADDRESS,
  "1:2:3:4:5:6:1.2.3": ADDRESS,
  "g::1": NAME,
  "::g": NAME,
  "a.b:g": NAME,
};

Deno.test("what is no address is told why, with what is meant where that is plain", () => {
  for (const [text, says] of Object.entries(WORDS)) assertEquals(read(text), says, text);
});

Deno.test("of a long word the message and the label repeat the start", () => {
  const ones = "1".repeat(60);
  assertEquals(read(`${ones}.0.0.0`), `\`${ones.slice(0, 39)}…\` is over 255`);
  assertEquals(read(`${ones}::1`), `\`${ones.slice(0, 39)}…\` has more than four digits`);
  assertEquals(read(`${"a".repeat(60)}.b`), HOST);
});
