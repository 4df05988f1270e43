import { assert, assertEquals, assertMatch } from "@std/assert";
import { run } from "../../src/cli/run.ts";
import { easyKnock } from "../../src/firewall/knock.ts";
import { makeSequences, randomFrom } from "../../src/knockd/make_sequences.ts";
import { MAX_STEPS, stepsOf } from "../../src/knockd/sequence.ts";
import { VERSION } from "../../src/version.ts";
import { memorySystem } from "../support/memory_system.ts";

async function sequences(words: string, refuse: Record<string, string> = {}) {
  const { system, out, err, written } = memorySystem({}, refuse);
  const status = await run(["sequences", ...words.split(" ").filter((one) => one !== "")], system);
  return { status, out: out(), err: err(), written };
}

Deno.test("sequences prints lines for knockd, each behind the blank that its mark goes over", async () => {
  const { status, out, err } = await sequences("20 --ports 5");
  assertEquals([status, err], [0, ""]);
  const lines = out.trimEnd().split("\n");
  assertEquals(lines.length, 20);
  for (const line of lines) {
    assertMatch(line, /^ \d+:(tcp|udp)(,\d+:(tcp|udp)){4}$/);
    assertEquals(stepsOf(line)?.length, 5);
  }
});

Deno.test("with --output the file is for knockd, and the list to carry is printed", async () => {
  const { status, out, err, written } = await sequences("12 --output /etc/knockd.once");
  assertEquals([status, err], [0, "wrote `/etc/knockd.once`\n"]);
  const file = written.get("/etc/knockd.once") ?? "";
  assertEquals(file.match(/^#.*$/gm), [
    `# One-time knock sequences by pktables ${VERSION}. knockd takes the first line without`,
    "# a # and marks it once it is used. Keep the file secret; do not edit it while knockd runs.",
  ]);
  const kept = file.split("\n").filter((line) => line.startsWith(" "));
  const carried = out.trimEnd().split("\n");
  assertMatch(carried[0] ?? "", /^ 1 {2}\d/);
  assertMatch(carried[11] ?? "", /^12 {2}\d/);
  assertEquals(
    carried.map((line) => stepsOf(line.slice(4).replaceAll(" ", ","))),
    kept.map((line) => stepsOf(line)),
  );
  const refused = await sequences("1 -o /etc/x", { "/etc/x": "already exists" });
  assertEquals([refused.status, refused.out], [1, ""]);
  assertMatch(refused.err, /cannot write `\/etc\/x`: already exists/);
});

Deno.test("sequences refuses a count that is none", async () => {
  for (
    const words of ["0", "10001", "many", "-1", "3 --ports 2", "3 --ports 33", "3 --ports x", ""]
  ) {
    const { status, out } = await sequences(words);
    assertEquals([status, out], [2, ""], words);
  }
  // What other programs would read as a number.
  for (const count of ["1e1", "0x10", "+5", "5.0", "5 ", " 5", "000005", "١"]) {
    for (const words of [[count], ["3", `--ports=${count}`]]) {
      const { system, out, err } = memorySystem({});
      assertEquals([await run(["sequences", ...words], system), out()], [2, ""], words.join(" "));
      const what = words.length === 1 ? "count" : "value";
      assertMatch(err(), new RegExp(`^pktables: error: invalid ${what} .*: must be [13]-`));
    }
  }
});

Deno.test("as few and as many as may be are drawn, of four ports unless it is said", async () => {
  const shape = async (words: string) => {
    const { status, out, err } = await sequences(words);
    assertEquals([status, err], [0, ""], words);
    const lines = out.trimEnd().split("\n");
    return [lines.length, ...new Set(lines.map((line) => stepsOf(line)?.length))];
  };
  assertEquals(await shape("1"), [1, 4]);
  const { system, out } = memorySystem({});
  const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  assertEquals(await run(["sequences", "10000", "--ports=3"], { ...system, randomBytes }), 0);
  assertEquals(out().match(/\n/g)?.length, 10_000);
  assertEquals(await shape("2 --ports 3"), [2, 3]);
  assertEquals(await shape("2 --ports 32"), [2, 32]);
});

Deno.test("the list to carry is numbered in a column as wide as its last number", async () => {
  for (const [count, first] of [[9, "1  "], [10, " 1  "], [99, " 1  "], [100, "  1  "]] as const) {
    const { out } = await sequences(`${count} --output /etc/knockd.once`);
    const lines = out.trimEnd().split("\n");
    assertEquals(lines.length, count);
    assertEquals(lines[0]?.slice(0, first.length), first);
    assertMatch(lines.at(-1) ?? "", new RegExp(`^${count} {2}\\d`));
  }
});

Deno.test("no drawn sequence is one that a scan knocks, has a port twice, or starts another", () => {
  const random = randomFrom((length) => crypto.getRandomValues(new Uint8Array(length)));
  for (const ports of [3, 4, MAX_STEPS]) {
    const drawn = makeSequences(2000, { ports, random });
    assertEquals(new Set(drawn.map(([first]) => `${first?.port}${first?.protocol}`)).size, 2000);
    for (const steps of drawn) {
      assertEquals(easyKnock(steps), null);
      assertEquals(new Set(steps.map(({ port }) => port)).size, ports);
      assert(steps.every(({ port }) => port >= 1024 && port <= 65_535));
    }
  }
});

Deno.test("what would make low numbers likelier is drawn again", () => {
  const pairs = [[0xff, 0x00], [0xfc, 0x64], [0x00, 0x07]];
  const random = randomFrom(() => new Uint8Array(pairs.shift() ?? []));
  // 65,536 is no multiple of 64,512: 65,280 and 64,612 would be a second 768 and a second 100.
  assertEquals(random(64_512), 7);
});

Deno.test("random numbers are uniform: each of ten numbers is about as frequent, even the last", () => {
  let [high, low] = [0, 0];
  // Each pair of bytes once: exactly those that would favour low numbers are rejected.
  const random = randomFrom(() => {
    const pair = new Uint8Array([high, low]);
    low = (low + 1) % 256;
    if (low === 0) high = (high + 1) % 256;
    return pair;
  });
  const counts = new Array<number>(10).fill(0);
  for (let at = 0; at < 65_530; at++) {
    const drawn = random(10);
    counts[drawn] = (counts[drawn] ?? 0) + 1;
  }
  assertEquals(counts, new Array(10).fill(6553));
});
