// The transaction that gives one family's table what is wanted, line by line.
import { assertEquals } from "@std/assert";
import { emitPayload } from "../../src/plan/edit.ts";
import { knockPlace, planTable } from "../../src/plan/service.ts";
import { compileFile } from "../../src/semantic/compile.ts";
import { memoryReader } from "../support/memory_reader.ts";
import { readFilterTable } from "../support/read_table.ts";

/** What is planned for the services of a file; each line of the table stands behind `-A`. */
function plan(
  file: string,
  lines: readonly string[],
  options: Partial<Omit<Parameters<typeof planTable>[1], "services">> = {},
) {
  const { services } = compileFile("a.pk", { reader: memoryReader({ "a.pk": file }), now: 0 });
  const chains = [...new Set(["INPUT", ...lines.map((line) => line.split(" ")[0] ?? "")])];
  const heads = chains.map((chain) => `:${chain} ${chain === "INPUT" ? "ACCEPT" : "-"} [0:0]`);
  const rules = lines.filter((line) => line.includes(" ")).map((line) => `-A ${line}`);
  const saved = ["*filter", ...heads, ...rules, "COMMIT", ""].join("\n");
  return planTable(readFilterTable(saved, "ipv4"), { services, remove: [], now: 0, ...options });
}

/** The lines of its payload. */
function lines(...given: Parameters<typeof plan>): string[] {
  return emitPayload(plan(...given).edits).split("\n").slice(1, -2);
}

const jump = (port: number, name: string) => `-p tcp -m tcp --dport ${port} -j pk-${name}`;
const A = "service a tcp 1 drop\n";
const B = "service b tcp 2 drop\n";
const STANDING = [
  ...[`INPUT ${jump(1, "a")}`, "INPUT -j LOG", `INPUT ${jump(2, "b")}`],
  ...["pk-a -j DROP", "pk-b -j DROP"],
];
const door = (last: number) => `-s 10.0.0.${last}/32 -j ACCEPT`;

Deno.test("chains are made first and go last, rules are written in between, jumps behind them", () => {
  assertEquals(lines(A + B, []), [
    ...["-N pk-a", "-N pk-b", "-A pk-a -j DROP", "-A pk-b -j DROP"],
    ...[`-A INPUT ${jump(1, "a")}`, `-A INPUT ${jump(2, "b")}`],
  ]);
  assertEquals(lines(A + B, STANDING), []);
  const old = ["INPUT -p udp -j pk-old", ...STANDING, "pk-old -j DROP"];
  assertEquals(lines("service c tcp 3 drop\n", old, { remove: ["old", "none"] }), [
    ...["-N pk-c", "-A pk-c -j DROP"],
    ...["-D INPUT -p udp -j pk-old", `-A INPUT ${jump(3, "c")}`],
    ...["-F pk-old", "-X pk-old"],
  ]);
});

Deno.test("what goes is emptied first, and every jump to it goes, wherever it is", () => {
  const table = [
    ...STANDING,
    ...["pk-a -s 10.0.0.1/32 -j pk-b", "pk-b -s 10.0.0.1/32 -j pk-a"],
    ...["theirs -i eth0 -j pk-a", "theirs -j LOG", "theirs -g pk-b", "pk-c -i eth0 -j pk-a"],
  ];
  assertEquals(lines("", table, { remove: ["a", "b"] }), [
    "-D theirs -i eth0 -j pk-a",
    "-D theirs -g pk-b",
    "-D pk-c -i eth0 -j pk-a",
    `-D INPUT ${jump(1, "a")}`,
    `-D INPUT ${jump(2, "b")}`,
    ...["-F pk-a", "-F pk-b", "-X pk-a", "-X pk-b"],
  ]);
  assertEquals(lines("", table, { remove: ["b"] }), [
    "-D pk-a -s 10.0.0.1/32 -j pk-b",
    "-D theirs -g pk-b",
    `-D INPUT ${jump(2, "b")}`,
    ...["-F pk-b", "-X pk-b"],
  ]);
});

Deno.test("a chain that changes in the same transaction ends none that jumps to it", () => {
  const table = [...STANDING.slice(0, 3), "pk-a -j pk-b", ...[9, 1].map((n) => `pk-a ${door(n)}`)];
  table.push("pk-a -j DROP", "pk-b -j DROP");
  assertEquals(lines(A, table), []);
  assertEquals(lines(A + B, table), [`-D pk-a ${door(1)}`, `-I pk-a 2 ${door(1)}`]);
});

Deno.test("doors behind the end come alive only where that is asked for", () => {
  const table = [...STANDING, `pk-a ${door(1)}`];
  assertEquals(lines(A + B, table), []);
  assertEquals(lines(A + B, table, { revive: false }), []);
  assertEquals(lines(A + B, table, { revive: true }), [
    `-D pk-a ${door(1)}`,
    `-I pk-a 1 ${door(1)}`,
  ]);
});

Deno.test("jumps keep their places, doubled ones go, and ones with further matches stay unless replaced", () => {
  const narrow = `-s 10.0.0.1/32 ${jump(1, "a")}`;
  const input = (...rules: readonly string[]) => [
    ...rules.map((rule) => `INPUT ${rule}`),
    "pk-a -j DROP",
  ];
  const cases:
    readonly (readonly [rules: readonly string[], stays: string[], replaced: string[]])[] = [
      [[jump(1, "a"), "-j LOG"], [], []],
      [[jump(9, "a"), "-j LOG"], [`-D INPUT ${jump(9, "a")}`, `-I INPUT 1 ${jump(1, "a")}`], [
        `-D INPUT ${jump(9, "a")}`,
        `-I INPUT 1 ${jump(1, "a")}`,
      ]],
      [["-j LOG", jump(9, "a"), jump(8, "a")], [
        ...[`-D INPUT ${jump(9, "a")}`, `-D INPUT ${jump(8, "a")}`, `-A INPUT ${jump(1, "a")}`],
      ], [
        ...[`-D INPUT ${jump(9, "a")}`, `-D INPUT ${jump(8, "a")}`, `-A INPUT ${jump(1, "a")}`],
      ]],
      [[narrow, "-j LOG"], [], [`-D INPUT ${narrow}`, `-I INPUT 1 ${jump(1, "a")}`]],
      [[narrow, "-j LOG", jump(1, "a")], [], [`-D INPUT ${narrow}`]],
      [[narrow, "-j LOG", jump(9, "a")], [`-D INPUT ${jump(9, "a")}`, `-A INPUT ${jump(1, "a")}`], [
        ...[`-D INPUT ${narrow}`, `-D INPUT ${jump(9, "a")}`, `-I INPUT 1 ${jump(1, "a")}`],
      ]],
      [["-j LOG"], [`-A INPUT ${jump(1, "a")}`], [`-A INPUT ${jump(1, "a")}`]],
    ];
  for (const [rules, stays, replaced] of cases) {
    const text = rules.join("\n");
    assertEquals(lines(A, input(...rules)), stays, text);
    assertEquals(lines(A, input(...rules), { replaceJumps: false }), stays, text);
    assertEquals(lines(A, input(...rules), { replaceJumps: true }), replaced, text);
  }
});

Deno.test("a jump that is missing beside others comes directly behind the last of them", () => {
  const ports = Array.from({ length: 16 }, (_, at) => 2 * at + 1);
  const file = `service a tcp ${ports.join(", ")} drop\n`;
  const [first, second] = [
    `-p tcp -m multiport --dports ${ports.slice(0, 15).join(",")}`,
    jump(31, "a"),
  ];
  const input = (...rules: readonly string[]) => [
    ...rules.map((rule) => `INPUT ${rule}`),
    "pk-a -j DROP",
  ];
  assertEquals(lines(file, input(`${first} -j pk-a`, "-j LOG")), [`-I INPUT 2 ${second}`]);
  assertEquals(lines(file, input(second, "-j LOG", "-p udp")), [`-I INPUT 2 ${first} -j pk-a`]);
  assertEquals(lines(file, input(jump(9, "a"), "-j LOG")), [
    ...[`-D INPUT ${jump(9, "a")}`, `-I INPUT 1 ${first} -j pk-a`, `-I INPUT 2 ${second}`],
  ]);
});

Deno.test("a jump goes ahead of the rule that it is given, from the end as well, and never backwards", () => {
  const table = ["INPUT -i lo -j ACCEPT", "INPUT -j LOG", `INPUT ${jump(1, "a")}`, "pk-a -j DROP"];
  const at = (place: number, name = "a") => lines(A, table, { places: new Map([[name, place]]) });
  const moved = (
    place: number,
  ) => [`-D INPUT ${jump(1, "a")}`, `-I INPUT ${place} ${jump(1, "a")}`];
  assertEquals(at(0), moved(1));
  assertEquals(at(1), moved(2));
  assertEquals(at(0, "b"), []);
  const ahead = [`INPUT ${jump(1, "a")}`, "INPUT -j LOG", "INPUT -p udp", "pk-a -j DROP"];
  assertEquals(lines(A, ahead, { places: new Map([["a", 2]]) }), []);
  const two = lines(A + B, ["INPUT -j LOG"], { places: new Map([["b", 0]]) });
  assertEquals(two.slice(-2), [`-I INPUT 1 ${jump(2, "b")}`, `-A INPUT ${jump(1, "a")}`]);
});

Deno.test("the chains of knocks are made and go with their services, and their jumps come first", () => {
  const file = `${A}    knock 7000, 8000, 9000 for 1h by kernel\n`;
  const made = lines(file, ["INPUT -j LOG"]);
  assertEquals(made.slice(0, 2), ["-N pk-a", "-N pk-a.1"]);
  const jumps = (all: readonly string[]) =>
    all.filter((line) => line.includes(" INPUT ")).map((line) => line.replace(/ -p.* -j/, " -j"));
  assertEquals(jumps(made), ["-A INPUT -j pk-a.1", "-A INPUT -j pk-a"]);
  const places = new Map([[knockPlace("pk-a.1"), 0]]);
  assertEquals(jumps(lines(file, ["INPUT -j LOG"], { places })), [
    ...["-I INPUT 1 -j pk-a.1", "-A INPUT -j pk-a"],
  ]);
  const table = made.filter((line) => line.startsWith("-A ")).map((line) =>
    line.slice(3).replace("--syn", "--tcp-flags FIN,SYN,RST,ACK SYN")
  );
  assertEquals(lines(file, table), []);
  assertEquals(lines(A, table).slice(-2), ["-F pk-a.1", "-X pk-a.1"]);
  assertEquals(lines("", table, { remove: ["a"] }).slice(-4), [
    ...["-F pk-a", "-F pk-a.1", "-X pk-a", "-X pk-a.1"],
  ]);
});

Deno.test("what a comment says of another service is no matter of that one", () => {
  const said = 'INPUT -m comment --comment "or -j pk-b" -p udp -j pk-old';
  const { byService } = plan("", [said, "pk-old -j DROP"], { remove: ["old"] });
  assertEquals([...byService].map(([name, edits]) => [name, edits.length]), [["old", 3]]);
});

Deno.test("each edit belongs to the service whose chain it is in, or where its jump leads", () => {
  const file = `${A}    knock 7000, 8000, 9000 for 1h by kernel\n${B}`;
  const { edits, byService } = plan(file, ["INPUT -j pk-old", "pk-old -j DROP"], {
    remove: ["old"],
  });
  assertEquals([...byService.keys()].toSorted(), ["a", "b", "old"]);
  assertEquals([...byService.values()].flat().length, edits.length);
  const told = (name: string) => emitPayload(byService.get(name) ?? []).split("\n").slice(1, -2);
  assertEquals(told("b"), ["-N pk-b", "-A pk-b -j DROP", `-A INPUT ${jump(2, "b")}`]);
  assertEquals(told("old"), ["-D INPUT -j pk-old", "-F pk-old", "-X pk-old"]);
  assertEquals(told("a").filter((line) => line.includes("pk-a.1")).length, told("a").length - 4);
});
