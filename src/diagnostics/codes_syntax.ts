import type { Code } from "./code.ts";

function error(code: string, entry: Omit<Code, "code" | "severity">): Code {
  return { code, severity: "error", ...entry };
}

/** Syntax errors, found while a file is read: PK001 to PK019. */
export const SYNTAX_CODES = {
  badUtf8: error("PK001", {
    title: "the file is not UTF-8",
    text: "A rules file is UTF-8 text. The place shown has an invalid byte; most " +
      "often the file was saved as Latin-1 or is not text.",
    wrong: "# caf\\xe9            (one byte, Latin-1)",
    right: "# café               (two bytes, UTF-8)",
  }),
  nulByte: error("PK002", {
    title: "the file contains a NUL byte",
    text: "Text has no NUL byte. The file is binary, saved as UTF-16, or was cut off by a crash.",
    wrong: "service ssh\\0tcp 22",
    right: "service ssh tcp 22",
  }),
  fileTooLarge: error("PK003", {
    title: "the file is over 4 MiB",
    text:
      "Larger files are not read, so that an error in a script cannot fill a router's memory. " +
      "Split the file and `include` its parts.",
    wrong: "(a file of 5 MiB)",
    right: 'include "services/*.pk"',
  }),
  unknownWord: error("PK004", {
    title: "unknown word",
    text: "The word is none of those that are valid here. If it is close to one of them, the " +
      "help line offers that one.",
    wrong: "service ssh tcp 22 sny drop",
    right: "service ssh tcp 22 syn drop",
  }),
  misplaced: error("PK005", {
    title: "unexpected input",
    text: "The place shown has something that is valid, but not there. The text after " +
      "the carets says what is expected.",
    wrong: "service ssh 22 tcp",
    right: "service ssh tcp 22",
  }),
  incomplete: error("PK006", {
    title: "incomplete statement",
    text:
      "A statement runs up to the next `service`, `define` or `include`, or to the end of the " +
      "file. This one ended before it was complete.",
    wrong: "service ssh tcp\nservice web tcp 80",
    right: "service ssh tcp 22\nservice web tcp 80",
  }),
  unclosedString: error("PK007", {
    title: "missing closing quote",
    text:
      "A text in double quotes ends on the line on which it starts. A quote inside it is written " +
      '`\\"`, a backslash `\\\\`.',
    wrong: 'include "services/*.pk',
    right: 'include "services/*.pk"',
  }),
  badEscape: error("PK008", {
    title: "unknown escape in quotes",
    text: 'In quotes a backslash is valid only before `"` and before another backslash.',
    wrong: 'service ssh tcp 22 log prefix "ssh\\n"',
    right: 'service ssh tcp 22 log prefix "ssh "',
  }),
  badAddress: error("PK009", {
    title: "invalid address",
    text:
      "An address is IPv4 in four decimal parts of 0-255 without leading zeros, or IPv6, each with " +
      "an optional `/length`. Host names are not looked up: a firewall must not depend on DNS. A list " +
      "of addresses gets a name by `define`.",
    wrong: "service ssh tcp 22 allow 300.1.1.1",
    right: "service ssh tcp 22 allow 30.1.1.1",
  }),
  badPrefixLength: error("PK010", {
    title: "prefix length out of range",
    text:
      "The number after the slash counts the bits of the network: 0-32 for IPv4, 0-128 for IPv6, " +
      "without leading zeros.",
    wrong: "service ssh tcp 22 allow 10.0.0.0/33",
    right: "service ssh tcp 22 allow 10.0.0.0/8",
  }),
  badDuration: error("PK011", {
    title: "invalid duration",
    text:
      "A duration is a number and a unit without a space: `s` seconds, `m` minutes, `h` hours or " +
      "`d` days.",
    wrong: "service vpn udp 500 knock 8001, 7001, 9001 within 30 for 8h",
    right: "service vpn udp 500 knock 8001, 7001, 9001 within 30s for 8h",
  }),
  badRate: error("PK012", {
    title: "invalid rate",
    text: "A rate is a number, a slash and `second`, `minute`, `hour` or `day`.",
    wrong: "service ssh tcp 22 log limit 10/fortnight",
    right: "service ssh tcp 22 log limit 10/day",
  }),
  badNumber: error("PK013", {
    title: "a number is too long",
    text: "No number of the language has more than nine digits.",
    wrong: "service ssh tcp 22222222222",
    right: "service ssh tcp 22222",
  }),
  unquoted: error("PK014", {
    title: "an interface name needs quotes",
    text:
      "A name that is not a plain word (letters, digits, `-`, `_`, and a `+` at its end) must be in " +
      "double quotes.",
    wrong: "service ssh tcp 22 on eth0.100",
    right: 'service ssh tcp 22 on "eth0.100"',
  }),
  tooManySyntaxErrors: error("PK015", {
    title: "too many errors",
    text:
      "After 10,000 errors in one file reading stops: most likely it is not a rules file. What " +
      "follows the place shown was not read.",
    wrong: "(a file of another kind)",
    right: "service ssh tcp 22",
  }),
} as const satisfies Record<string, Code>;
