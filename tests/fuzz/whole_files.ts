// Meaningful rules files: nearly all of them compile, whatever parts of the language they use.
import fc from "fast-check";
import { LOG_LEVELS } from "../../src/firewall/service.ts";

type Words = fc.Arbitrary<string>;

const some = <T>(item: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<T[]> =>
  fc.array(item, { minLength: 1, maxLength });
const list = (item: Words, maxLength: number): Words =>
  some(item, maxLength).map((items) => items.join(", "));
const quoted = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

const port = fc.oneof(
  fc.integer({ min: 1, max: 65535 }),
  fc.constantFrom(1, 22, 443, 1023, 65535),
);
const ports = list(
  fc.oneof(
    port.map(String),
    fc.tuple(port, port).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
  ),
  24,
);

const octet = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.oneof(
  fc.tuple(octet, octet, octet, octet).map((bytes) => bytes.join(".")),
  fc.tuple(octet, octet, fc.integer({ min: 16, max: 24 })).map(([a, b, length]) =>
    `${a}.${b}.0.0/${length}`
  ),
  fc.constantFrom("0.0.0.0/0", "10.0.0.0/8", "::ffff:10.1.2.3", "255.255.255.255", "0.0.0.0"),
);
const ipv6 = fc.oneof(
  fc.ipV6().filter((text) => !text.includes(".")),
  fc.tuple(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 32, max: 64 })).map(
    ([word, length]) => `2001:${word.toString(16)}::/${length}`,
  ),
  fc.constantFrom("::/0", "::1", "::", "fe80::/10", "::203.0.113.9", "2001:DB8:0:0:0::1/128"),
);
const address = fc.oneof(ipv4, ipv6);

/** Interfaces with all letters that the kernel and the language take. */
const device = fc.oneof(
  fc.constantFrom("eth0", "ppp+", '"eth0.100"', '"+"', '"$(id)"', "lo"),
  fc.stringMatching(/^[#-&(-,.0-9;-[\]-~][#-&(-.0-9;-[\]-~]{0,14}$/).map(quoted),
);
const prefix = fc.oneof(
  fc.stringMatching(/^[ -~]{1,29}$/),
  fc.stringMatching(/^[ "'\\$`;*?#%:-]{1,12}$/),
  fc.stringMatching(/^[aé漢😀 ]{1,7}$/u),
).map(quoted);

const rate = fc.tuple(
  fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 10_000 })),
  fc.constantFrom("second", "minute", "hour", "day"),
).map((parts) => parts.join("/"));
const log = fc.record({
  prefix: prefix.map((text) => `prefix ${text}`),
  level: fc.constantFrom(...LOG_LEVELS).map((name) => `level ${name}`),
  limit: rate.map((text) => `limit ${text}`),
  burst: fc.integer({ min: 1, max: 60 }).map((count) => `burst ${count}`),
}, { requiredKeys: [] }).map((parts) =>
  // A burst without a limit has no effect.
  ["log", ...Object.values(parts.limit === undefined ? { ...parts, burst: "" } : parts)].join(" ")
);

const knock = fc.tuple(
  list(
    fc.tuple(port, fc.constantFrom("", ":tcp", ":udp")).map((pair) => pair.join("")),
    5,
  ),
  fc.constantFrom(
    "",
    "within 5s",
    "for 8h",
    "within 90s for 2d",
    "close 3, 2:udp",
    "for 8h close 4",
  ),
).map(([sequence, rest]) => `knock ${sequence} ${rest}`);

/** Mostly absent, so that options come in every combination and not all at once. */
const maybe = (words: Words): Words => fc.oneof(fc.constant(""), words);

const service = fc.record({
  protocol: fc.constantFrom("tcp", "udp", "tcp"),
  ports,
  syn: fc.boolean(),
  policy: fc.constantFrom("", "drop", "accept", "reject"),
  family: fc.constantFrom("", "", "ipv4", "ipv6"),
  device: maybe(device.map((name) => `on ${name}`)),
  established: maybe(fc.constant("established")),
  four: maybe(list(ipv4, 6).map((items) => `allow ${items}`)),
  six: maybe(list(ipv6, 6).map((items) => `allow ${items}`)),
  defined: maybe(fc.constant("allow everywhere")),
  knock: maybe(knock),
  log: maybe(log),
});

/**
 * A file of one to four services and a define.
 *
 * @param number makes the names in it its own, so that many files go into one kernel
 */
export function wholeFile(number: number): fc.Arbitrary<string> {
  return fc.tuple(list(address, 6), some(service, 4)).map(([everywhere, services]) => {
    const texts = services.map((one, at) => {
      const { protocol, family, defined } = one;
      return [
        `service f${number}-${at} ${protocol} ${one.ports}`,
        one.syn && protocol === "tcp" ? "syn" : "",
        ...[one.policy, family, one.device, one.established],
        family === "ipv6" ? "" : one.four,
        family === "ipv4" ? "" : one.six,
        family === "" ? defined : "",
        ...[one.knock, one.log],
      ].filter((words) => words !== "").join(" ");
    });
    return `define everywhere = ${everywhere}\n${texts.join("\n")}\n`;
  });
}
