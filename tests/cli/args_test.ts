import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { GLOBAL_OPTIONS, type ParsedLine, parseLine } from "../../src/cli/args.ts";
import { COMMANDS } from "../../src/cli/commands.ts";

function parse(line: string | readonly string[]): ParsedLine {
  const parsed = parseLine(typeof line === "string" ? line.split(" ") : line, COMMANDS);
  assert(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

function problem(line: string | readonly string[]): string {
  const words = typeof line === "string" ? line.split(" ").filter((word) => word !== "") : line;
  const parsed = parseLine(words, COMMANDS);
  assert(!parsed.ok, JSON.stringify(words));
  return `${parsed.problem.message} | ${parsed.problem.help}`;
}

Deno.test("each verb has its own name, and each of its options a name and a letter of its own", () => {
  const isOnce = (words: readonly (string | undefined)[]) => {
    const given = words.filter((word) => word !== undefined);
    assertEquals(given.toSorted(), [...new Set(given)].sort());
  };
  isOnce(COMMANDS.map(({ name }) => name));
  for (const { options } of COMMANDS) {
    const all = [...GLOBAL_OPTIONS, ...options];
    isOnce(all.map(({ name }) => name));
    isOnce(all.map(({ short }) => short));
  }
});

Deno.test("options, values and words are in any order", () => {
  const wanted = parse("add 203.0.113.9 --service ssh --for 8h --ipv4 --wait 5 -q");
  for (
    const line of [
      "--ipv4 add --for 8h 203.0.113.9 --wait=5 --service=ssh --quiet",
      "--wait 5 -q add --ipv4 --service ssh --for=8h 203.0.113.9",
      "add -s ssh --for 8h --quiet --wait 5 --ipv4 -- 203.0.113.9",
      "--service ssh --for 8h add 203.0.113.9 --ipv4 --wait 5 -q",
      "-s ssh -q --ipv4 --wait 5 --for 8h add 203.0.113.9",
      "-s=ssh --for=8h -q --ipv4 --wait=5 add 203.0.113.9",
    ]
  ) {
    const { call, verb, reporter } = parse(line);
    assertEquals(verb, "add", line);
    assertEquals(call.operands, wanted.call.operands, line);
    assertEquals(call.global, wanted.call.global, line);
    assertEquals([...call.options].sort(), [...wanted.call.options].sort(), line);
    assertEquals(reporter.quiet, true);
  }
  assertEquals(wanted.call.global, {
    families: ["ipv4"],
    familyAsked: true,
    backend: "system",
    wait: 5,
  });
});

Deno.test("without options both families, the system's iptables and ten seconds are meant", () => {
  const { call, reporter, help, version } = parse("list");
  assertEquals(call.global, {
    families: ["ipv4", "ipv6"],
    familyAsked: false,
    backend: "system",
    wait: 10,
  });
  assertEquals([reporter, help, version], [{ quiet: false, color: "auto" }, false, false]);
  assertEquals([[...call.options], [...call.repeated], call.operands], [[], [], []]);
  assertEquals([...parse("list --json").call.options], [["json", ""]]);
  assertEquals(parse("list --ipv4 --ipv6").call.global.familyAsked, false);
});

Deno.test("of an option given twice the last counts", () => {
  assertEquals(parse("add ::1 --service a --service=b").call.options.get("service"), "b");
  assertEquals(parse("list --wait 1 --wait 2").call.global.wait, 2);
  assertEquals(parse("list --backend nft --backend legacy").call.global.backend, "legacy");
});

Deno.test("values keep their text, whatever it looks like", () => {
  for (
    const value of [
      "0x10",
      "007",
      "1e3",
      " ",
      "a=b",
      "=",
      "true",
      "x\ny",
      "--",
      "-",
      "-5",
      "ü",
      "$(id)",
    ]
  ) {
    const words = ["init", "a", `--log-prefix=${value}`, "--port", "022"];
    const { options } = parse(words).call;
    assertEquals([options.get("log-prefix"), options.get("port")], [value, "022"]);
  }
});

Deno.test("what looks like an option is a value behind =, and what only has one inside it anywhere", () => {
  for (const value of ["--quiet", "-q", "a-b", "a --b", "-5", "-"]) {
    const { options } = parse(["init", "a", `--log-prefix=${value}`, "--port=22"]).call;
    assertEquals(options.get("log-prefix"), value);
    if (/^--?[a-z]/.test(value)) continue;
    const words = ["init", "a", "--log-prefix", value, "--port=22"];
    assertEquals(parse(words).call.options.get("log-prefix"), value);
  }
});

Deno.test("of an option that may repeat all values count, each in its place", () => {
  const { call, places } = parse("add ::1 -s a --service=b -q -s c --for 1s --for=2s");
  assertEquals([...call.repeated], [["service", ["a", "b", "c"]]]);
  assertEquals([...places.repeated], [["service", [3, 4, 7]]]);
  assertEquals([call.options.get("for"), places.options.get("for")], ["2s", 10]);
  assertEquals([...parse("list -q").places.repeated], []);
});

Deno.test("behind -- everything is a word", () => {
  assertEquals(parse("add -s a -- --service").call.operands, ["--service"]);
  assertEquals(parse("-- list ssh").verb, "list");
  assertEquals(parse("--").verb, null);
  assertEquals(parse("-q --").verb, null);
  assertEquals(problem("-- --help"), "unknown verb `--help` | did you mean `help`?");
  assertEquals(parse("check - -- - --").call.operands, ["-", "-", "--"]);
  assertEquals(parse("remove a -- -b --all").call.operands, ["a", "-b", "--all"]);
});

Deno.test("an unknown option or verb is reported, with the nearest that there is", () => {
  for (
    const [line, told] of [
      ["ad ::1", "unknown verb `ad` | did you mean `add`?"],
      ["lsit", "unknown verb `lsit` | did you mean `list`?"],
      ["DELETE ::1", "unknown verb `DELETE` | did you mean `delete`?"],
      ["- list", "unknown verb `-` | `pktables help` lists the verbs"],
      ["--nonsense", "unknown option `--nonsense` | see `pktables help`"],
      ["xyzzy", "unknown verb `xyzzy` | `pktables help` lists the verbs"],
      ["add ::1 --srevice ssh", "unknown option `--srevice` | did you mean `--service`?"],
      ["init a --port 1 --upd", "unknown option `--upd` | did you mean `--udp`?"],
      ["init a --port 1 --no-udp", "unknown option `--no-udp` | see `pktables help init`"],
      ["list -x", "unknown option `-x` | see `pktables help list`"],
      ["list -qh", "unknown option `-qh` | see `pktables help list`"],
      ["list --port 1", "unknown option `--port` | see `pktables help list`"],
      ["list --Quiet", "unknown option `--Quiet` | did you mean `--quiet`?"],
      [
        "list --backend nftables",
        "invalid value `nftables` for `--backend` | must be one of nft, legacy",
      ],
      ["list --backend legcy", "invalid value `legcy` for `--backend` | did you mean `legacy`?"],
      [
        "list --color sometimes",
        "invalid value `sometimes` for `--color` | must be one of auto, always, never",
      ],
      ["list --quiet=yes", "`--quiet` takes no value | null"],
      ["add ::1 --service", "`--service` needs a value: NAME | null"],
      ["add ::1 --service --for 8h", "`--service` needs a value: NAME | null"],
      ["list --backend", "`--backend` needs a value: nft, legacy | null"],
      ["list --wait 1.5", "invalid value `1.5` for `--wait`: must be 0-9999 seconds | null"],
      ["list --wait=-1", "invalid value `-1` for `--wait`: must be 0-9999 seconds | null"],
      ["list --wait 10000", "invalid value `10000` for `--wait`: must be 0-9999 seconds | null"],
      ["add", "`add` needs ADDRESS | write `pktables add ADDRESS --service NAME [OPTIONS]`"],
      [
        "add ssh ::2",
        "unexpected argument `::2` | write `pktables add ADDRESS --service NAME [OPTIONS]`",
      ],
      ["init a", "`init` needs `--port PORTS` | write `pktables init NAME --port PORTS [OPTIONS]`"],
      ["open ::1", "unknown verb `open` | did you mean `add`?"],
      ["constructor", "unknown verb `constructor` | `pktables help` lists the verbs"],
      [
        "list a b",
        "unexpected argument `b` | write `pktables list [NAME] [OPTIONS]`",
      ],
      [
        "sweep now",
        "unexpected argument `now` | write `pktables sweep [OPTIONS]`",
      ],
      [
        "unit systemd a.pk b.pk",
        "unexpected argument `b.pk` | " +
        "write `pktables unit systemd|openrc|sysv FILE [OPTIONS]`",
      ],
    ] as const
  ) assertEquals(problem(line), told, line);
});

Deno.test("of several options that a verb cannot do without the first that is missing is named", () => {
  const [one] = COMMANDS.filter(({ name }) => name === "sweep");
  const options = ["a", "b", "c"].map((name) => (
    { name, value: "X", help: "", required: true as const }
  ));
  for (const [line, missing] of [["sweep", "a"], ["sweep --a 1", "b"], ["sweep --b 1", "a"]]) {
    const parsed = parseLine(line!.split(" "), [{ ...one!, options }]);
    assert(!parsed.ok);
    assertEquals(parsed.problem.message, `\`sweep\` needs \`--${missing} X\``);
  }
});

Deno.test("what other programs call it leads to the verb", () => {
  const others = {
    ...{ open: "add", allow: "add", close: "delete", del: "delete", rm: "remove", show: "list" },
    ...{ status: "list", apply: "load", reload: "load", format: "fmt" },
  };
  for (const [word, verb] of Object.entries(others)) {
    assertEquals(problem(word), `unknown verb \`${word}\` | did you mean \`${verb}\`?`);
  }
  // The verb that only shells call is suggested to nobody.
  assertEquals(problem("complet"), "unknown verb `complet` | did you mean `compile`?");
});

Deno.test("a problem points at the word that it is about", () => {
  for (
    const [line, at] of [
      ["-q ad ::1", 1],
      ["add ::1 --srevice ssh", 2],
      ["add -s a ::1 --backend nftables", 5],
      ["add -s a ::1 --backend=nftables", 4],
      ["list --quiet=yes", 1],
      ["add ::1 --service", 2],
      ["list ssh --wait 1.5", 3],
      ["-q add -s a", 1],
      ["list a b c", 2],
      ["sweep --ipv4 now", 2],
      ["-q init a", 1],
    ] as const
  ) {
    const parsed = parseLine(line.split(" "), COMMANDS);
    assert(!parsed.ok, line);
    assertEquals(parsed.problem.at, at, line);
  }
});

Deno.test("a name that is a switch of one verb and takes a value with another is the first's", () => {
  assertEquals(parse("--check fmt a.pk").verb, "fmt");
  assertEquals(parse("fmt --check a.pk").call.operands, ["a.pk"]);
  assertEquals(parse("knockd --check k.conf a.pk").call.operands, ["a.pk"]);
  // Ahead of the other verb its value is the word behind the verb.
  const { verb, call, places } = parse("--check knockd k.conf a.pk");
  assertEquals([verb, call.options.get("check"), call.operands], ["knockd", "k.conf", ["a.pk"]]);
  assertEquals([places.options.get("check"), places.operands], [2, [3]]);
});

Deno.test("an empty value is a value, and no option is lost", () => {
  for (const [name, other] of [["service", "--for=1s"], ["for", "-s=a"]] as const) {
    assertEquals(parse(["add", "::1", `--${name}=`, other]).call.options.get(name), "");
    assertEquals(parse(["add", "::1", `--${name}`, "", other]).call.options.get(name), "");
  }
});

Deno.test("help and version may be anywhere, and need no operands", () => {
  assertEquals(parse("add --help").help, true);
  assertEquals(parse("-h").help, true);
  assertEquals(parse("-V").version, true);
  assertEquals(parse("add --version").version, true);
  assertEquals(parse("--version").verb, null);
  assertEquals(parse([]).verb, null);
});

Deno.test("any command line is parsed or refused", () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "add",
      "init",
      "--service",
      "--for=",
      "--",
      "-",
      "-s",
      "--port",
      "--ipv4",
      "--log-prefix=x",
      "__proto__",
      "--__proto__",
      "--constructor=1",
      "=",
      "--=",
      "--=x",
    ),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (words) => {
      const parsed = parseLine(words, COMMANDS);
      if (!parsed.ok) {
        // deno-lint-ignore no-control-regex -- what must not reach a terminal
        assert(!/[\x00-\x1f\x7f]/.test(parsed.problem.message), parsed.problem.message);
      } else {
        const { options } = parsed.value.call;
        for (const name of ["service", "for", "port"]) {
          const end = words.includes("--") ? words.indexOf("--") : words.length;
          const given = words.slice(0, end).some((one) => one.startsWith(`--${name}=`));
          if (given) assert(options.has(name), JSON.stringify(words));
        }
      }
    }),
    { numRuns: 3000 },
  );
});
