import { assertEquals } from "@std/assert";
import { easyKnock } from "../../src/firewall/knock.ts";
import { stepsOf } from "../../src/knockd/sequence.ts";
import { Knocking } from "../support/knocking.ts";

const FOLDER = new URL("../knockd/written/", import.meta.url).pathname;

Deno.test("--check says that knockd does not start exactly where the real knockd does not", async () => {
  await using knocking = await Knocking.create("nft");
  const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).filter((name) =>
    name.endsWith(".conf")
  );
  for (const name of names) {
    // Log and process id go to this namespace's own folder, not to the machine's /var/log.
    const text = Deno.readTextFileSync(FOLDER + name).replace(/^.*logfile.*$/m, "");
    const told = Deno.readTextFileSync(FOLDER + name.replace(".conf", ".txt"));
    const starts = await knocking.start(text).then((knockd) => (knockd.kill("SIGKILL"), true))
      .catch(() => false);
    assertEquals(
      starts,
      !told.includes("knockd does not start"),
      `${name}: ${await knocking.log()}`,
    );
  }
});

/** Starts the real knockd with a file; returns whether it listens. */
function starts(knocking: Knocking, text: string): Promise<boolean> {
  return knocking.start(text).then((knockd) => (knockd.kill("SIGKILL"), true)).catch(() => false);
}

Deno.test("what --check says of marks, files and numbers is what the real knockd does", async () => {
  await using knocking = await Knocking.create("nft");
  const command = "command = true\n";
  const sound = `[s]\nsequence = 7003,7001,7002\n${command}`;
  assertEquals(await starts(knocking, sound), true);
  assertEquals(await starts(knocking, `\ufeff${sound}`), false, "a byte order mark");
  assertEquals(await starts(knocking, `\ufeff# x\n${sound}`), false, "a mark before a comment");
  assertEquals(await starts(knocking, `[s]\nsequence = 7003,7001 # x\n${command}`), true);
  assertEquals(await starts(knocking, `[s]\nsequence = 7003,7001:tcp # x\n${command}`), false);
  const once = (path: string) => `[s]\none_time_sequences = ${path}\n${command}`;
  for (const [text, works] of [["# 7003,7001\n", false], ["#\n 7003,7001\n", true]] as const) {
    await Deno.writeTextFile(knocking.server.ns.path("/mnt/once"), text);
    assertEquals(await starts(knocking, once("/mnt/once")), works, text);
  }
  assertEquals(await starts(knocking, once("/mnt/none")), false);
  // knockd is asked without -i here, which would overrule the file.
  const conf = `[options]\nInterface = pk0 # wan\n${sound}`;
  await Deno.writeTextFile(knocking.server.ns.path("/mnt/knockd.conf"), conf);
  const { code, stderr } = await knocking.server.ns.run(["knockd", "-c", "/mnt/knockd.conf"]);
  assertEquals([code, stderr.includes("pk0 # wan")], [1, true], stderr);
});

/** Starts the real knockd with one section, knocks, and returns whether it heard the knock. */
async function hears(lines: string, knocks: readonly (readonly string[])[]): Promise<boolean> {
  await using knocking = await Knocking.create("nft");
  // A second section is knocked at the end: what was to be heard before it has been heard by then.
  const end = ["61001:tcp", "61003:udp", "61002:tcp"];
  const section = (name: string, text: string) => `[${name}]\n${text}\ncommand = true\n`;
  await knocking.start(section("asked", lines) + section("end", `sequence = ${end.join(",")}`));
  for (const knock of [...knocks, end]) await knocking.knock(knock);
  await knocking.until("the end", async () => (await knocking.log()).includes("end: OPEN SESAME"));
  return (await knocking.log()).includes("asked: OPEN SESAME");
}

const SCANS = ["tcp", "udp"].map((protocol) =>
  Array.from({ length: 100 }, (_, at) => `${7000 + at}:${protocol}`)
);

for (
  const [sequence, opens] of [["7003,7040,7077", true], ["7011:udp,7029:udp,7060:udp", true], [
    "7005,7050,7020",
    false,
  ], ["7004,7030:udp,7090", false]] as const
) {
  Deno.test(`a scan upwards of tcp and of udp ${opens ? "opens" : "does not open"} ${sequence}`, async () => {
    assertEquals(await hears(`sequence = ${sequence}\nseq_timeout = 20`, SCANS), opens);
    assertEquals(easyKnock(stepsOf(sequence) ?? []), opens ? "rising" : null);
  });
}

for (
  const [line, heard] of [
    ["tcpflags = syn,ack", false],
    ["tcpflags = !syn", false],
    ["tcpflags = syn,!ack", true],
    ["seq_timeout = 0", false],
  ] as const
) {
  Deno.test(`a knock is ${heard ? "" : "not "}heard with ${line}, as --check has it`, async () => {
    const sequence = ["7003:tcp", "7001:tcp", "7002:tcp"];
    assertEquals(await hears(`sequence = ${sequence.join(",")}\n${line}`, [sequence]), heard);
  });
}
