// Rules that are unconfirmed, as packets meet them, and every way out.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Box, forEachBackend } from "../support/box.ts";
import { expectSound, expectStatus } from "../support/expect.ts";
import { FAMILIES } from "../support/iptables_text.ts";
import { Namespace, program } from "../support/namespace.ts";
import { answers, serve } from "../support/traffic.ts";

const OLD = "service ssh tcp 22 drop allow 10.9.0.2, 2001:db8:9::2\nservice old tcp 80 drop\n";
const NEW = "service ssh tcp 22 drop established\nservice web udp 500 reject\n";

/** The server's addresses; the client is 10.9.0.2 and 2001:db8:9::2. */
const SERVER = ["10.9.0.1", "2001:db8:9::1"];

async function load(box: Box, text: string, ...options: string[]): Promise<string> {
  return expectStatus(await box.spawn(["load", "-", ...options], { stdin: text }).outcome, 0)
    .stdout;
}

async function confirmIn(box: Box, seconds: number): Promise<string> {
  return await load(box, NEW, "--prune", "--confirm", `${seconds}s`);
}

const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Who gets in: to ssh, to the service that goes, and to the one that comes; both families alike. */
async function open(client: Namespace): Promise<string> {
  const found: string[] = [];
  for (const address of SERVER) {
    const ask = (protocol: "tcp" | "udp", port: number) =>
      answers(client, { protocol, address, port }, 300);
    const [ssh, old, web] = await Promise.all([ask("tcp", 22), ask("tcp", 80), ask("udp", 500)]);
    found.push([ssh && "ssh", old && "old", web && "web"].filter((word) => word).join(" "));
  }
  assertEquals(found[0], found[1], "the families differ");
  return found[0] ?? "";
}

const OPEN_BEFORE = "ssh web";
const OPEN_AFTER = "old";

async function withClient(box: Box): Promise<Namespace> {
  const client = await Namespace.create({ sibling: box.ns });
  await box.ns.connect(client, {
    here: ["10.9.0.1/30", "2001:db8:9::1/126"],
    there: ["10.9.0.2/30", "2001:db8:9::2/126"],
  });
  await serve(box.ns, [22, 80, 500]);
  await load(box, OLD);
  return client;
}

forEachBackend(
  "unconfirmed rules decide, and end as announced",
  async (box) => {
    await using client = await withClient(box);
    const before = await box.saveAll();
    assertEquals(await open(client), OPEN_BEFORE);

    assertMatch(
      await confirmIn(box, 60),
      /^unconfirmed, (1m|5\ds) left: .*Z unless `pktables confirm --backend (nft|legacy)`/m,
    );
    assertEquals(await open(client), OPEN_AFTER);
    assertMatch(
      await box.must("list"),
      /^unconfirmed, (1m|[2-5]\ds) left: old, ssh, web; taken back after/m,
    );
    const { unconfirmed } = JSON.parse(await box.must("list", "--json"));
    assertEquals(unconfirmed.services, ["old", "ssh", "web"]);
    assert(unconfirmed.secondsLeft > 30 && unconfirmed.secondsLeft <= 60);
    assertMatch(await box.must("revert"), /^taken back \(IPv4 and IPv6\)$/m);
    assertEquals(await open(client), OPEN_BEFORE);
    assertEquals(await box.saveAll(), before);

    await confirmIn(box, 60);
    assertMatch(await box.must("confirm"), /^confirmed \(IPv4 and IPv6\)$/m);
    assertEquals(await open(client), OPEN_AFTER);
    const { code } = await box.spawn(["diff", "-", "--prune"], { stdin: NEW }).outcome;
    assertEquals(code, 0);
    await expectSound(box);
    assertEquals((await box.saveAll()).includes("pk."), false);
    assertEquals((await box.saveAll()).includes("--date"), false);
  },
);

forEachBackend(
  "left alone, the previous rules come back by themselves, and the next command tidies up",
  async (box) => {
    await using client = await withClient(box);
    const before = await box.saveAll();
    await confirmIn(box, 6);
    assertEquals(await open(client), OPEN_AFTER);
    const armed = await box.saveAll();
    await sleep(7.2);
    assertEquals(await open(client), OPEN_BEFORE, "nobody did anything");
    assertEquals(await box.saveAll(), armed);
    assertEquals((await box.must("list")).includes("unconfirmed"), false);
    const late = expectStatus(await box.pktables("confirm"), 1);
    assertStringIncludes(late.stderr, "too late: the kernel took the rules back after");
    assertEquals(await box.saveAll(), before);
    for (
      const line of [["add", "10.0.0.9", "--service", "ssh"], ["sweep"], [
        "init",
        "x",
        "--port",
        "9",
      ]]
    ) {
      await confirmIn(box, 1);
      await sleep(2.2);
      const { stderr } = expectStatus(await box.pktables(...line), 0);
      assertStringIncludes(stderr, "were taken back", line.join(" "));
      // One address has one family, and so has the transaction.
      const tidied = line[0] === "add" ? await box.save("ipv4") : await box.saveAll();
      assertEquals(tidied.includes("pk."), false, line.join(" "));
      assertEquals(tidied.includes("--date"), false, line.join(" "));
      await box.must("revert");
      await load(box, OLD, "--prune");
      await box.pktables("delete", "10.0.0.9", "--service", "ssh");
    }
    assertEquals(await box.saveAll(), before);
  },
);

forEachBackend(
  "doors that are opened and closed meanwhile are right after each end",
  async (box) => {
    for (const way of ["confirm", "revert", "wait"]) {
      await load(box, OLD, "--prune");
      for (const door of ["10.0.0.1", "10.0.0.2"]) await box.must("add", door, "--service", "ssh");
      await confirmIn(box, way === "wait" ? 8 : 60);
      await box.must("add", "10.0.0.3", "--service", "ssh", "--for", "1h");
      await box.must("add", "2001:db8::3", "--service", "ssh");
      await box.must("delete", "10.0.0.1", "--service", "ssh");
      await box.must("add", "10.0.0.4", "--service", "web");
      await box.must("add", "10.0.0.5", "--service", "old");
      if (way === "wait") {
        await sleep(9);
        await box.must("sweep");
      } else await box.must(way);
      const { services } = JSON.parse(await box.must("list", "--json"));
      const doors = (name: string) =>
        services.find((one: { name: string }) => one.name === name)?.doors
          .filter(({ kind }: { kind: string }) => kind === "door")
          .map(({ address }: { address: string }) => address) ?? null;
      assertEquals(doors("ssh"), ["10.0.0.2/32", "10.0.0.3/32", "2001:db8::3/128"], way);
      assertEquals(doors("web"), way === "confirm" ? ["10.0.0.4/32"] : null, way);
      assertEquals(doors("old"), way === "confirm" ? null : ["10.0.0.5/32"], way);
      await expectSound(box);
      for (const service of services) await box.must("remove", service.name);
    }
  },
);

forEachBackend(
  "meanwhile no other rules are loaded, and the refusal says for how long",
  async (box) => {
    await load(box, OLD);
    await confirmIn(box, 60);
    const armed = await box.saveAll({ counters: true });
    for (const line of [["init", "x", "--port", "9"], ["remove", "ssh"], ["remove", "--all"]]) {
      const { stderr } = expectStatus(await box.pktables(...line), 1);
      assertMatch(
        stderr,
        /rules are unconfirmed, (1m|[2-5]\ds) left: `pktables confirm --backend (nft|legacy)` keeps them/,
      );
    }
    for (const more of [[], ["--confirm", "60s"]]) {
      const { stderr } = expectStatus(
        await box.spawn(["load", "-", ...more], { stdin: OLD }).outcome,
        1,
      );
      assertMatch(stderr, /rules are unconfirmed/);
    }
    assertEquals(await box.saveAll({ counters: true }), armed);
  },
);

forEachBackend("init --confirm is taken back like a file", async (box) => {
  const before = await box.saveAll();
  await box.must("init", "ssh", "--port", "22", "--syn", "--confirm", "60s");
  await box.must("revert");
  assertEquals(await box.saveAll(), before);
  await box.must("init", "ssh", "--port", "22", "--syn", "--confirm", "60s");
  await box.must("confirm");
  const confirmed = await box.saveAll();
  await box.must("remove", "ssh");
  await box.must("init", "ssh", "--port", "22", "--syn");
  assertEquals(await box.saveAll(), confirmed);
});

forEachBackend(
  "iptables-save and -restore of someone else keep what is unconfirmed",
  async (box) => {
    await load(box, OLD);
    await confirmIn(box, 60);
    const armed = await box.saveAll();
    for (const family of FAMILIES) {
      const iptables = program(box.backend, family);
      const saved = await box.ns.must([`${iptables}-save`, "-c"]);
      await box.ns.must([`${iptables}-restore`, "-c"], { stdin: saved });
    }
    assertEquals(await box.saveAll(), armed);
    assertMatch(await box.must("list"), /^unconfirmed, (1m|[2-5]\ds) left/m);
    await box.must("revert");
    assertEquals((await box.saveAll()).includes("pk."), false);
  },
);

forEachBackend("fifty services are unconfirmed at once", async (box) => {
  const file = (policy: string) =>
    Array.from(
      { length: 50 },
      (_, at) => `service a-service-of-some-name-${at} tcp ${1000 + at} ${policy}\n`,
    )
      .join("");
  await load(box, file("drop"));
  const before = await box.saveAll();
  const start = performance.now();
  await load(box, file("reject"), "--confirm", "60s");
  const took = performance.now() - start;
  console.log(`${box.backend}: 50 services armed in ${Math.round(took)} ms, both families`);
  await box.must("revert");
  assertEquals(await box.saveAll(), before);
  await load(box, file("reject"), "--confirm", "60s");
  await box.must("confirm");
  const { code } = await box.spawn(["diff", "-"], { stdin: file("reject") }).outcome;
  assertEquals(code, 0);
});

Deno.test("the kernel still takes back what nft has printed and read again", async () => {
  await using box = await Box.create("nft");
  await using client = await withClient(box);
  await confirmIn(box, 8);
  const ruleset = await box.ns.must(["nft", "list", "ruleset"]);
  await box.ns.must(["nft", "-f", "-"], { stdin: `flush ruleset\n${ruleset}` });
  assertEquals(await open(client), OPEN_AFTER);
  await sleep(8.2);
  assertEquals(await open(client), OPEN_BEFORE);
  // iptables cannot read times that nft wrote; no command does anything then, and each says so.
  for (const line of [["list"], ["confirm"], ["revert"], ["add", "10.0.0.1", "--service", "ssh"]]) {
    const { stderr } = expectStatus(await box.pktables(...line), 1);
    assertStringIncludes(stderr, "a table holds rules of nft that iptables cannot show or change");
  }
});
