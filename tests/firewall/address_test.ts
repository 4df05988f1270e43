import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isIP } from "node:net";
import {
  type Address,
  compareAddresses,
  coversAddress,
  formatAddress,
  parseAddress,
} from "../../src/firewall/address.ts";
import { orderOf } from "../support/oracle.ts";

function read(text: string): Address {
  const parsed = parseAddress(text);
  assert(parsed.ok, text);
  return parsed.value;
}

const PRINTED: Readonly<Record<string, string>> = {
  "203.0.113.9": "203.0.113.9/32",
  "0.0.0.0": "0.0.0.0/32",
  "0.0.0.0/0": "0.0.0.0/0",
  "255.255.255.255/32": "255.255.255.255/32",
  "10.0.0.0/8": "10.0.0.0/8",
  "::": "::/128",
  "::/0": "::/0",
  "2001:DB8::9": "2001:db8::9/128",
  "2001:0db8:0000:0000:0000:0000:0000:0009/128": "2001:db8::9/128",
  "2001:db8:0:0:1:0:0:1": "2001:db8::1:0:0:1/128",
  "64:ff9b::192.0.2.1": "64:ff9b::c000:201/128",
  "::ffff:203.0.113.9": "203.0.113.9/32",
  "::FFFF:cb00:7109": "203.0.113.9/32",
  "0:0:0:0:0:ffff:203.0.113.9": "203.0.113.9/32",
  "::ffff:203.0.113.0/120": "203.0.113.0/24",
  "::ffff:0:0/96": "0.0.0.0/0",
  "::ffff:0.0.0.0/96": "0.0.0.0/0",
  "::0.1.0.0": "::1:0/128",
  "::203.0.113.9/128": "::cb00:7109/128",
  "1:2:3:4:5:6:1.2.3.4": "1:2:3:4:5:6:102:304/128",
  "::203.0.113.9": "::cb00:7109/128",
  "fe80::/10": "fe80::/10",
};

Deno.test("an address is printed from its bytes, as iptables-save prints it", () => {
  for (const [text, printed] of Object.entries(PRINTED)) {
    assertEquals(formatAddress(read(text)), printed, text);
    assertEquals(read(printed), read(text));
  }
});

const NO_ADDRESS = [
  "",
  " ",
  "/",
  "/24",
  "1",
  "1.2.3",
  ".1.2.3.4",
  "1.2.3.4.5",
  "1..2.3",
  "256.0.0.1",
  "1.2.3.256",
  "1.2.3.999",
  "-1.2.3.4",
  "+1.2.3.4",
  "1.2.3.4 ",
  " 1.2.3.4",
  "1.2.3.4\n",
  "\t1.2.3.4",
  "1.2.3.4\0",
  "0x7f.0.0.1",
  "0x7f000001",
  "2130706433",
  "017700000001",
  "0177.0.0.1",
  "010.0.0.1",
  "1.2.3.04",
  "00.0.0.0",
  "127.1",
  "10.1.2",
  "1.2.3.4/",
  "1.2.3.4//24",
  "1.2.3.4/24/24",
  "1.2.3.4/-1",
  "1.2.3.4/a",
  "1.2.3.4/255.255.255.0",
  "1.2.3.4/1e1",
  "1.2.3.4/ 8",
  "1.2.3.4/0x8",
  "1.2.3.4/1000",
  "１.2.3.4",
  "1．2．3．4",
  "۱.2.3.4",
  "1.2.3.٤",
  "1,2,3,4",
  ":",
  ":::",
  "1::2::3",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7:8::",
  "::1:2:3:4:5:6:7:8",
  "12345::",
  "g::",
  "::g",
  "[::1]",
  "::1%lo",
  "fe80::1%eth0",
  "::1%",
  "::ffff:1.2.3",
  "::ffff:1.2.3.256",
  "::ffff:010.0.0.1",
  "::ffff:0x7f.0.0.1",
  "::1.2.3.4.5",
  "1.2.3.4::",
  "::1.2.3.4:5",
  "1:2:3:4:5:6:7:1.2.3.4",
  ":1",
  "1:",
  "::1:",
  ":1::",
  "localhost",
  "example.org",
  "1.2.3.4;reboot",
  "$(reboot)",
  "`id`",
  "--help",
  "-s",
  "1.2.3.4 -j ACCEPT",
  "::1\n-A INPUT",
  "!1.2.3.4",
  "any",
  "*",
  "1.2.3.4/３２",
  "0000:0000:0000:0000:0000:ffff:255.255.255.2550/128",
  `${"0".repeat(60)}::1`,
];

Deno.test("what only looks like an address is not one", () => {
  for (const text of NO_ADDRESS) {
    const parsed = parseAddress(text);
    assert(!parsed.ok && parsed.problem.kind === "syntax", JSON.stringify(text));
  }
});

Deno.test("a length is a plain number within the family", () => {
  for (
    const [text, max] of [
      ["1.2.3.4/33", 32],
      ["1.2.3.4/032", 32],
      ["1.2.3.4/00", 32],
      ["::/129", 128],
      ["::1/0128".slice(0, 6) + "8", 128],
      ["::/999", 128],
      ["::/08", 128],
      ["::ffff:1.2.3.4/129", 128],
    ] as const
  ) {
    const parsed = parseAddress(text);
    assertEquals(parsed, { ok: false, problem: { kind: "prefix", max } }, text);
  }
});

Deno.test("host bits are refused, with both readings suggested", () => {
  for (
    const [text, host, network] of [
      ["10.0.0.5/24", "10.0.0.5/32", "10.0.0.0/24"],
      ["255.255.255.255/0", "255.255.255.255/32", "0.0.0.0/0"],
      ["10.0.0.1/31", "10.0.0.1/32", "10.0.0.0/31"],
      ["2001:db8::1/32", "2001:db8::1/128", "2001:db8::/32"],
      ["::ffff:10.0.0.5/120", "10.0.0.5/32", "10.0.0.0/24"],
      ["::ffff:10.0.0.5/95", "::ffff:a00:5/128", "::fffe:0:0/95"],
    ] as const
  ) {
    const parsed = parseAddress(text);
    assert(!parsed.ok && parsed.problem.kind === "host-bits", text);
    assertEquals(formatAddress(parsed.problem.network), network);
    assertEquals(formatAddress(parsed.problem.host), host);
  }
});

const BYTES = (length: number) => fc.array(fc.nat(255), { minLength: length, maxLength: length });
const IPV4 = fc.tuple(BYTES(4), fc.nat(32)).map(([bytes, prefix]) => network(bytes, prefix));
const IPV6 = fc.tuple(BYTES(16), fc.nat(128)).map(([bytes, prefix]) => network(bytes, prefix));
const NETWORK = fc.oneof(IPV4, IPV6);

/** Writes a network from bits, by other means than the code under test. */
function network(bytes: readonly number[], prefix: number): string {
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const kept = bits.slice(0, prefix).padEnd(bits.length, "0");
  const digits = (size: number) =>
    kept.match(new RegExp(`.{${size}}`, "g"))!.map((part) => parseInt(part, 2));
  const host = bytes.length === 4
    ? digits(8).join(".")
    : digits(16).map((part) => part.toString(16)).join(":");
  return `${host}/${prefix}`;
}

Deno.test("any network is read, and what is printed is the same network", () => {
  fc.assert(
    fc.property(NETWORK, (text) => {
      const address = read(text);
      assertEquals(read(formatAddress(address)), address);
      const mapped = text.includes(":") && address.family === "ipv4" ? 96 : 0;
      assertEquals(address.prefix, Number(text.split("/")[1]) - mapped);
    }),
    { numRuns: 2000 },
  );
});

/** Texts of the letters of addresses, most of them close to one. */
const NEARLY = fc.oneof(
  fc.array(fc.constantFrom(":", "::", "0", "00a", "F", "db8", "12345"), {
    maxLength: 20,
  })
    .map((parts) => parts.join("")),
  fc.array(fc.constantFrom("0", "ffff", "db8", "", "1", "abcd"), { maxLength: 9 }).map((parts) =>
    parts.join(":")
  ),
  fc.array(fc.constantFrom("0", "1", "10", "255", "256", "01", "", "999"), { maxLength: 5 }).map(
    (parts) => parts.join("."),
  ),
  fc.tuple(fc.constantFrom("::", "::ffff:", "1:2:3:4:5:6:", "1::", "0:0:0:0:0:"), fc.ipV4()).map(
    (parts) => parts.join(""),
  ),
  fc.ipV4(),
  fc.ipV6(),
);

Deno.test("what is an address, and which, is what the runtime's own two parsers say", () => {
  fc.assert(
    fc.property(NEARLY, (text) => {
      const parsed = parseAddress(text);
      assertEquals(parsed.ok, isIP(text) !== 0, text);
      if (!parsed.ok) return;
      const host = formatAddress(parsed.value).replace(/\/.*/, "");
      const url = new URL(text.includes(":") ? `http://[${text}]/` : `http://${text}/`);
      const seen = url.hostname.replace(/[[\]]/g, "");
      const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(seen);
      const bytes = mapped?.slice(1).map((word) => parseInt(word, 16))
        .flatMap((word) => [word >> 8, word & 0xff]) ?? [];
      assertEquals(host, mapped === null ? seen : bytes.join("."), text);
    }),
    { numRuns: 10_000 },
  );
});

Deno.test("address order is by number, a shorter prefix first", () => {
  const order = [
    "0.0.0.0/0",
    "0.0.0.0/32",
    "9.0.0.0/8",
    "10.0.0.0/8",
    "10.0.0.0/9",
    "10.0.0.0/32",
    "10.0.0.1/32",
    "100.0.0.0/8",
    "255.255.255.255/32",
  ];
  assertEquals([...order].reverse().map(read).sort(compareAddresses).map(formatAddress), order);
  fc.assert(fc.property(IPV4, IPV4, (a, b) => {
    const [first, second] = [orderOf(a), orderOf(b)];
    assertEquals(
      Math.sign(compareAddresses(read(a), read(b))),
      first < second ? -1 : first > second ? 1 : 0,
    );
  }));
  fc.assert(
    fc.property(
      IPV6.filter((text) => !text.startsWith("0:0:0:0:0:ffff")),
      IPV6.filter((text) => !text.startsWith("0:0:0:0:0:ffff")),
      (a, b) => {
        const [first, second] = [orderOf(a), orderOf(b)];
        assertEquals(
          Math.sign(compareAddresses(read(a), read(b))),
          first < second ? -1 : first > second ? 1 : 0,
        );
      },
    ),
  );
});

Deno.test("a network covers itself and all within it, never the other family", () => {
  for (
    const [outer, inner, covers] of [
      ["10.0.0.0/8", "10.255.255.255/32", true],
      ["10.0.0.0/8", "11.0.0.0/32", false],
      ["10.0.0.0/8", "10.0.0.0/8", true],
      ["10.0.0.0/9", "10.128.0.0/9", false],
      ["10.0.0.1/32", "10.0.0.0/31", false],
      ["0.0.0.0/0", "203.0.113.9/32", true],
      ["0.0.0.0/0", "::1/128", false],
      ["::/0", "203.0.113.9/32", false],
      ["::/0", "ffff::/16", true],
      ["2001:db8::/47", "2001:db8:1::/48", true],
      ["2001:db8::/48", "2001:db8:1::/48", false],
    ] as const
  ) assertEquals(coversAddress(read(outer), read(inner)), covers, `${outer} ${inner}`);
});
