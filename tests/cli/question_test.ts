// How trace reads the packet that it is asked about.
import { assertEquals } from "@std/assert";
import { readQuestion } from "../../src/cli/input/question.ts";

const read = (line: string) => readQuestion(line.split(" ").filter((word) => word !== ""));

const FORM = "write `pktables trace tcp 22 from 203.0.113.9`";

Deno.test("a question names protocol, port and sender, and the rest in any order", () => {
  const plain = { from: null, family: null, on: null, to: null, established: false };
  for (
    const [line, value] of [
      ["tcp 22 from anyone", { ...plain, protocol: "tcp", port: 22 }],
      ["udp 1 from anyone", { ...plain, protocol: "udp", port: 1 }],
      ["udp 65535 from anyone established", {
        ...plain,
        protocol: "udp",
        port: 65_535,
        established: true,
      }],
      [
        "tcp 10000 established to 10.0.0.1 on eth0 from 203.0.113.9",
        {
          ...{ protocol: "tcp", port: 10_000, from: "203.0.113.9", family: "ipv4" },
          ...{ on: "eth0", to: "10.0.0.1", established: true },
        },
      ],
      [
        "tcp 22 from anyone to 2001:db8::1",
        { ...plain, protocol: "tcp", port: 22, to: "2001:db8::1", family: "ipv6" },
      ],
      [
        "tcp 22 from anyone on abcdefghijklmno",
        { ...plain, protocol: "tcp", port: 22, on: "abcdefghijklmno" },
      ],
    ] as const
  ) {
    assertEquals(read(line), { ok: true, value } as unknown as ReturnType<typeof read>, line);
  }
});

for (
  const [line, message, help] of [
    ["", "invalid protocol ``: must be tcp or udp", FORM],
    ["icmp 22 from anyone", "invalid protocol `icmp`: must be tcp or udp", FORM],
    ["tcp", "invalid port ``: must be 1-65535", null],
    ["tcp 0 from anyone", "invalid port `0`: must be 1-65535", null],
    ["tcp 022 from anyone", "invalid port `022`: must be 1-65535", null],
    ["tcp 65536 from anyone", "invalid port `65536`: must be 1-65535", null],
    ["tcp 100000 from anyone", "invalid port `100000`: must be 1-65535", null],
    ["tcp 22x from anyone", "invalid port `22x`: must be 1-65535", null],
    ["tcp x22 from anyone", "invalid port `x22`: must be 1-65535", null],
    ["tcp 22", "`trace` needs `from ADDRESS` or `from anyone`", FORM],
    ["tcp 22 to 10.0.0.1", "`trace` needs `from ADDRESS` or `from anyone`", FORM],
    ["tcp 22 from", "missing value after `from`", FORM],
    ["tcp 22 from anyone on", "missing value after `on`", FORM],
    ["tcp 22 from anyone by eth0", "unexpected argument `by`", FORM],
    ["tcp 22 from anyone from 10.0.0.1", "duplicate `from`", null],
    ["tcp 22 established established from anyone", "duplicate `established`", null],
    ["tcp 22 from anyone on abcdefghijklmnop", "invalid interface `abcdefghijklmnop`", null],
    ["tcp 22 from anyone on a/b", "invalid interface `a/b`", null],
    [
      "tcp 22 from 10.0.0.0/8",
      "invalid host address `10.0.0.0/8`",
      "write 203.0.113.9 or 2001:db8::9",
    ],
    ["tcp 22 from me", "invalid host address `me`", "write 203.0.113.9 or 2001:db8::9"],
    ["tcp 22 from 10.0.0.1 to ::1", "one address is IPv4 and the other IPv6", null],
  ] as const
) {
  Deno.test(`no question is: ${line}`, () => {
    assertEquals(read(line), { ok: false, problem: { message, help } });
  });
}
