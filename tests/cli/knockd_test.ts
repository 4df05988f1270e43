import { assert, assertEquals, assertMatch } from "@std/assert";
import { run } from "../../src/cli/run.ts";
import { memorySystem } from "../support/memory_system.ts";

const RULES = "service ssh tcp 22 syn drop\n    knock 7001, 8001:udp, 9001 within 5s for 30s\n";

async function knockd(words: string, files: Record<string, string> = {}) {
  const { system, out, err } = memorySystem({ "rules.pk": RULES, ...files });
  const status = await run(["knockd", ...words.split(" ").filter((word) => word !== "")], system);
  return { status, out: out(), err: err() };
}

Deno.test("knockd writes sections for the knocks of a file, and nothing else", async () => {
  const { status, out, err } = await knockd("rules.pk --backend nft --wait 3");
  assertEquals([status, err], [0, ""]);
  assertMatch(out, /^# Written by pktables \S+ from rules\.pk;/);
  assert(out.endsWith(`
[open ssh]
    sequence    = 7001:tcp,8001:udp,9001:tcp
    seq_timeout = 5
    tcpflags    = syn
    command     = /usr/local/bin/pktables add %IP% --service ssh --for 30s --backend nft --wait 3
`));
  assert(!out.includes("[options]"));
});

Deno.test("knockd --options writes a whole file, for an interface or knockd's own", async () => {
  assertMatch(
    (await knockd("rules.pk --options")).out,
    /\[options\]\n {4}UseSyslog\n {4}# without/,
  );
  const named = await knockd("--options --interface enp3s0 rules.pk");
  assertMatch(named.out, /\n {4}Interface = enp3s0\n/);
});

Deno.test("knockd refuses what could add lines or words to the file", async () => {
  const cases = [
    "--options --interface eth0] rules.pk",
    "--options --interface seventeen-letters rules.pk",
    "--interface eth0 rules.pk",
    "--binary pktables rules.pk",
    "--binary /bin/pk\ntables rules.pk",
    "--binary /bin/%IP% rules.pk",
  ];
  for (const words of cases) {
    const { status, out, err } = await knockd(words);
    assertEquals([status, out], [2, ""], words);
    assertMatch(err, /^pktables: error: /);
  }
});

Deno.test("knockd warns of what is written but will not work as expected", async () => {
  const text = `service a tcp 1 knock 1, 2, 3 within 1s for 1m
service b tcp 2 knock 4, 5, 4
service c tcp 3 knock 1, 2, 3, 6 for 1m
`;
  const { status, out, err } = await knockd("x.pk", { "x.pk": text });
  assertEquals(status, 0);
  assert(out.includes("[open b]") && !out.includes("[close b]"));
  for (const words of [/a: knockd counts whole seconds/, /b: the knock reads the same/, /PK087/]) {
    assertMatch(err, words);
  }
  const none = await knockd("x.pk", { "x.pk": "service a tcp 1\n" });
  assertEquals(none.status, 0);
  assertMatch(none.err, /no service has a knock/);
});

Deno.test("a knock longer than knockd can keep is not written", async () => {
  const ports = Array.from({ length: 33 }, (_, index) => index + 1).join(", ");
  const text = `service a tcp 100 knock ${ports} for 1m\n`;
  const { status, out, err } = await knockd("x.pk", { "x.pk": text });
  assertEquals([status, out], [3, ""]);
  assertMatch(err, /33 ports, and knockd takes at most 32/);
});

Deno.test("--check passes what was written, and reports problems with status 1", async () => {
  const { out: conf } = await knockd("rules.pk --options");
  const sound = await knockd("--check knockd.conf rules.pk", { "knockd.conf": conf });
  assertEquals([sound.status, sound.out], [0, ""]);
  const wrong = conf.replace("--service ssh", "--service shs");
  const told = await knockd("--check knockd.conf rules.pk", { "knockd.conf": wrong });
  assertEquals(told.status, 1);
  assertMatch(told.out, /warning\[PK082\][^]*knockd\.conf:\d+:\d+[^]*did you mean `ssh`\?/);
  const missing = await knockd("--check nothing.conf rules.pk");
  assertEquals(missing.status, 1);
  assertMatch(missing.err, /`nothing.conf` cannot be read: no such file/);
  assertEquals((await knockd("--check knockd.conf nothing.pk", { "knockd.conf": conf })).status, 3);
});

Deno.test("the file written says where it came from, if that can be in a comment", async () => {
  for (const [path, from] of [["-", "a rules file"], ["a\n[x].pk", "a rules file"]] as const) {
    const { status, out } = await knockd(path, { [path]: RULES });
    assertEquals(status, 0);
    assertMatch(out.split("\n")[0] ?? "", new RegExp(` from ${from}; edit that file`));
    assert(!out.includes("[x]"));
  }
});

Deno.test("--check reads a knockd.conf from standard input, and says why it cannot read one", async () => {
  const { out: conf } = await knockd("rules.pk --options");
  const { system: box } = memorySystem({ "rules.pk": RULES, "-": conf });
  // A file of that name on the disk does not count.
  const read = (path: string) => path === "-" ? box.files.read("nothing") : box.files.read(path);
  const words = ["knockd", "--check", "-", "rules.pk"];
  assertEquals(await run(words, { ...box, files: { ...box.files, read } }), 0);
  const wrong = await knockd("--check - rules.pk", { "-": conf.replace("sequence", "sequense") });
  assertEquals(wrong.status, 1);
  assertMatch(wrong.out, /PK080/);
  // It can be read only once: an empty knockd.conf would have no findings.
  const both = await knockd("--check - -", { "-": RULES });
  assertEquals([both.status, both.out], [2, ""]);
  assertMatch(both.err, /standard input cannot be FILE and KNOCKD_CONF at once/);
  const { system, err } = memorySystem({
    "rules.pk": RULES,
    "bad.conf": { kind: "other", words: "Input/output error" },
  });
  assertEquals(await run(["knockd", "--check", "bad.conf", "rules.pk"], system), 1);
  assertEquals(err(), "pktables: error: `bad.conf` cannot be read: Input/output error\n");
});

Deno.test("--check reads the hooks as pktables does, and exits with 1 for any finding", async () => {
  const { out: conf } = await knockd("rules.pk --options");
  for (
    const [wrong, code] of [["--for 30seconds", "PK089"], ["--for 30s extra", "PK089"]] as const
  ) {
    const text = conf.replace("--for 30s", wrong);
    const { status, out } = await knockd("--check k.conf rules.pk", { "k.conf": text });
    assertEquals(status, 1);
    assertMatch(out, new RegExp(`^error\\[${code}\\]`));
  }
  const marked = await knockd("--check k.conf rules.pk", { "k.conf": `\ufeff${conf}` });
  assertEquals(marked.status, 1);
  assertMatch(marked.out, /byte order mark/);
  // Diagnostics of the rules file count as well.
  const endless = RULES.replace(" for 30s", "");
  const { out: closing } = await knockd("x.pk", { "x.pk": endless });
  const told = await knockd("--check k.conf x.pk", { "x.pk": endless, "k.conf": closing });
  assertEquals([told.status, told.out], [1, ""]);
  assertMatch(told.err, /PK068/);
});

Deno.test("files with knocks that everyone may read are reported, by check and by knockd", async () => {
  const files = { "rules.pk": RULES, "k.conf": (await knockd("rules.pk")).out };
  for (
    const [words, open, code] of [
      ["check rules.pk", "rules.pk", "PK078"],
      ["knockd rules.pk", "rules.pk", "PK078"],
      ["knockd --check k.conf rules.pk", "k.conf", "PK096"],
    ] as const
  ) {
    for (const mode of [[], [open]]) {
      const { system, out, err } = memorySystem(files, {}, { open: mode });
      const status = await run(words.split(" "), system);
      assertEquals((out() + err()).includes(code), mode.length > 0, words);
      assertEquals(status, words.includes("--check") && mode.length > 0 ? 1 : 0, words);
    }
  }
});

Deno.test("--options listens on the interface of the default route, unless one is given", async () => {
  for (const [words, face] of [["", "wan0"], ["--interface lan1", "lan1"]] as const) {
    const { system, out } = memorySystem({ "rules.pk": RULES }, {}, { route: "wan0" });
    const line = [
      "knockd",
      "--options",
      ...words.split(" ").filter((word) => word !== ""),
      "rules.pk",
    ];
    assertEquals(await run(line, system), 0);
    assertMatch(out(), new RegExp(`\n {4}Interface = ${face}\n`));
    assertMatch(out(), /START_KNOCKD=1 in \/etc\/default\/knockd/);
  }
  // The sections alone name no interface, so nothing is asked.
  const { system } = memorySystem({ "rules.pk": RULES });
  const surroundings = {
    ...system.surroundings,
    defaultInterface: () => Promise.reject(new Error("asked")),
  };
  const asked = { ...system, surroundings };
  assertEquals(await run(["knockd", "rules.pk"], asked), 0);
});

Deno.test("--log-file names knockd's log, and --output a file that only its owner may read", async () => {
  const { system, out, err, written, secrets } = memorySystem({ "rules.pk": RULES });
  const words = "knockd --options --log-file /var/log/knockd.log -o /etc/knockd.conf rules.pk";
  assertEquals(await run(words.split(" "), system), 0);
  assertEquals([out(), err()], ["", "wrote `/etc/knockd.conf`\n"]);
  assertMatch(written.get("/etc/knockd.conf") ?? "", /\n {4}LogFile = \/var\/log\/knockd\.log\n/);
  assertEquals([...secrets], ["/etc/knockd.conf"]);
  for (const line of ["--options --log-file knockd.log rules.pk", "--log-file /x rules.pk"]) {
    assertEquals((await knockd(line)).status, 2, line);
  }
  const full = memorySystem({ "rules.pk": RULES }, { "/etc/k": "No space left on device" });
  assertEquals(await run(["knockd", "-o", "/etc/k", "rules.pk"], full.system), 1);
  assertMatch(full.err(), /cannot write `\/etc\/k`: No space left on device/);
});

Deno.test("a knock of exactly as many ports as knockd keeps is written, read and not complained about", async () => {
  const ports = Array.from({ length: 32 }, (_, at) => 7000 + (at * 37) % 101);
  const rules = `service a tcp 100 knock ${ports.join(", ")} for 1m close ${
    ports.toReversed().join(", ")
  }\n`;
  const { status, out, err } = await knockd("x.pk", { "x.pk": rules });
  assertEquals([status, err], [0, ""]);
  assertEquals(out.match(/:tcp/g)?.length, 64);
  const sound = await knockd("--check k.conf x.pk", { "x.pk": rules, "k.conf": out });
  assertEquals([sound.status, sound.out], [0, ""]);
  const read = await knockd("--check k.conf x.pk", {
    "x.pk": rules,
    "k.conf": out.replace("sequence    = ", "sequence    = 1:tcp,"),
  });
  assertMatch(read.out, /the sequence has 33 ports/);
  const closing = `service a tcp 100 knock 3, 1, 2 for 1m close ${[...ports, 1].join(", ")}\n`;
  assertEquals((await knockd("x.pk", { "x.pk": closing })).status, 3);
  // One that is too long is reported, whichever it is.
  const second = `service b tcp 99 knock 9, 7, 8 for 1m\n${closing}`;
  assertEquals((await knockd("x.pk", { "x.pk": second })).status, 3);
});

Deno.test("a knock that something closes has no warning, although it is a palindrome", async () => {
  for (
    const knock of ["4, 5, 4 for 1m", "4, 5, 4 close 6, 5", "4, 5, 6", "4, 5, 4:udp", "4, 5, 5, 6"]
  ) {
    const { status, err } = await knockd("x.pk", { "x.pk": `service b tcp 2 knock ${knock}\n` });
    assertEquals(status, 0);
    assert(!/backwards|no knock closes/.test(err.replace(/PK\d+[^]*/, "")), `${knock}: ${err}`);
  }
  for (const knock of ["4, 5, 4", "4, 5, 5, 4", "4", "4:udp, 5, 4:udp"]) {
    const { err } = await knockd("x.pk", { "x.pk": `service b tcp 2 knock ${knock}\n` });
    assertMatch(err, /b: the knock reads the same backwards, so no knock closes the door/);
  }
});

Deno.test("why a knockd.conf cannot be read is reported, whatever the reason", async () => {
  const reasons = {
    missing: "no such file",
    directory: "is a directory",
    permission: "permission denied",
    special: "not a regular file",
    "too-large": "larger than 4 MiB",
  } as const;
  for (const [kind, words] of Object.entries(reasons)) {
    for (const verb of ["knockd --check k.conf rules.pk", "import k.conf"]) {
      const problem = { kind: kind as keyof typeof reasons };
      const { system, out, err } = memorySystem({ "rules.pk": RULES, "k.conf": problem });
      assertEquals([await run(verb.split(" "), system), out()], [1, ""], verb);
      assertEquals(err(), `pktables: error: \`k.conf\` cannot be read: ${words}\n`);
    }
  }
});
