// How words of a command line are read, and what is said of those that are wrong.
import { assertEquals } from "@std/assert";
import { readBinary } from "../../src/cli/input/generated.ts";
import { checkClock, readAddress, readEnd, readName } from "../../src/cli/input/words.ts";
import { Reporter } from "../../src/cli/report/reporter.ts";
import { FAMILIES, formatAddress } from "../../src/firewall/address.ts";
import { FakeSystem } from "../support/fake_system.ts";

const NO_CONTROLS = "use a path without control characters and without %IP%";

Deno.test("an address that is refused is told why, and how to write it", () => {
  for (
    const [text, families, message, help] of [
      [
        "10.0.0",
        FAMILIES,
        "invalid address `10.0.0`",
        "must be IPv4 or IPv6, with an optional /length: 203.0.113.9, 2001:db8::/48",
      ],
      ["10.0.0.0/33", FAMILIES, "invalid prefix length in `10.0.0.0/33`", "must be 0-32"],
      ["2001:db8::/129", FAMILIES, "invalid prefix length in `2001:db8::/129`", "must be 0-128"],
      [
        "10.0.0.5/24",
        FAMILIES,
        "`10.0.0.5/24` has host bits set",
        "write 10.0.0.5/32 for the host or 10.0.0.0/24 for the network",
      ],
      ["::1", ["ipv4"], "`::1` is an IPv6 address, and --ipv4 excludes it", null],
      ["10.0.0.1", ["ipv6"], "`10.0.0.1` is an IPv4 address, and --ipv6 excludes it", null],
    ] as const
  ) {
    const read = readAddress(text, families);
    assertEquals(read, { ok: false, problem: { message, help } }, text);
  }
  for (const families of [FAMILIES, ["ipv4"], ["ipv6"]] as const) {
    for (const [text, family] of [["10.0.0.0/8", "ipv4"], ["2001:db8::/48", "ipv6"]] as const) {
      const read = readAddress(text, families);
      const isWanted = families.some((one) => one === family);
      assertEquals(read.ok ? formatAddress(read.value) : null, isWanted ? text : null);
    }
  }
});

Deno.test("the name of a service is told what it may be", () => {
  assertEquals(readName("a".repeat(25)), { ok: true, value: "a".repeat(25) });
  for (const text of ["", "1a", "a/b", "a".repeat(26)]) {
    const message = `invalid service name \`${text}\``;
    const help = "must be a letter, then letters, digits, - and _, at most 25 characters";
    assertEquals(readName(text), { ok: false, problem: { message, help } });
  }
});

Deno.test("the end of a door is a whole second that the kernel can hold", () => {
  assertEquals(readEnd("90s", 1000.9), { ok: true, value: 1090 });
  const last = Date.parse("2038-01-19T03:14:06Z") / 1000;
  assertEquals(readEnd("1s", last - 1), { ok: true, value: last });
  assertEquals(readEnd("1s", last), {
    ok: false,
    problem: {
      message: "`1s` ends after 2038-01-19, the last date that the kernel can hold",
      help: null,
    },
  });
  assertEquals(readEnd("8", 1000), {
    ok: false,
    problem: {
      message: "invalid duration `8`",
      help: "must be a number above 0 and s, m, h or d, such as 90s or 8h",
    },
  });
});

Deno.test("a clock was set if it shows 2020 or later", () => {
  const first = Date.parse("2020-01-01T00:00:00Z") / 1000;
  for (
    const [now, said] of [
      [first, ""],
      [first + 1, ""],
      [
        first - 1,
        "pktables: error: the clock says 2019-12-31: it was never set, so a timed door would stay " +
        "open for years once it is; set it first, or leave out --for\n",
      ],
    ] as const
  ) {
    const system = new FakeSystem();
    const report = new Reporter(system.console, { quiet: false, color: "never" });
    assertEquals(checkClock({ system, report }, now), said === "");
    assertEquals(system.console.errText, said);
  }
});

Deno.test("generated files call pktables by an absolute path that can stand in them", () => {
  const read = (binary: string | null, program: string | null) => {
    const system = new FakeSystem();
    Object.assign(system, { paths: { ...system.paths, program } });
    const report = new Reporter(system.console, { quiet: false, color: "never" });
    const options = new Map(binary === null ? [] : [["binary", binary]]);
    const global = {
      ...{ families: FAMILIES, familyAsked: false },
      ...{ backend: "system", wait: 10 } as const,
    };
    const call = { global, options, repeated: new Map<string, string[]>(), operands: [] };
    return readBinary(call, { system, report });
  };
  const refused = (message: string, help: string | null) => (
    { ok: false, problem: { message, help } } as const
  );
  assertEquals(read(null, "/opt/pktables"), { ok: true, value: "/opt/pktables" });
  assertEquals(read("/usr/bin/pk", "/opt/pktables"), { ok: true, value: "/usr/bin/pk" });
  assertEquals(
    read(null, null),
    refused(
      "this pktables runs from its sources, so it has no path to write down",
      "give `--binary /usr/local/bin/pktables`",
    ),
  );
  assertEquals(
    read("bin/pk", null),
    refused("invalid value `bin/pk` for `--binary`: must be an absolute path", null),
  );
  assertEquals(read("/a/%IP%", null), refused("invalid path `/a/%IP%`", NO_CONTROLS));
  assertEquals(read("/a\nb", null), refused("invalid path `/a\\u{a}b`", NO_CONTROLS));
});
