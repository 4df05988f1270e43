// The guard against locking oneself out, with real connections, the real ss, and a real terminal.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Box, forEachBackend } from "../support/box.ts";
import { EMPTY_FILTER, FAMILIES, type Family } from "../support/iptables_text.ts";
import { Namespace } from "../support/namespace.ts";
import {
  canConnect,
  connectStanding,
  crowd,
  onTerminal,
  serveStanding,
} from "../support/standing.ts";
import { Terminal } from "../support/terminal.ts";

const PORT = 2200;
const SERVER: Readonly<Record<Family, string>> = { ipv4: "10.9.0.1", ipv6: "2001:db8:9::1" };
const CLIENT: Readonly<Record<Family, string>> = { ipv4: "10.9.0.2", ipv6: "2001:db8:9::2" };

async function join(box: Box): Promise<Namespace> {
  const visitor = await Namespace.create({ sibling: box.ns });
  await box.ns.connect(visitor, {
    here: ["10.9.0.1/16", "2001:db8:9::1/64"],
    there: ["10.9.0.2/16", "2001:db8:9::2/64"],
  });
  return visitor;
}

/** A change, and what it takes from a peer who is connected to port 2200. */
interface Case {
  /** Rules of INPUT that are there. */
  readonly rules?: string;
  /** Command lines that are run ahead of it, without a terminal. */
  readonly first?: readonly string[];
  readonly line: string;
  readonly file?: string;
  readonly cut: boolean;
  readonly out: boolean;
  readonly isLikely?: boolean;
}

const STANDING = "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";

const CASES: readonly Case[] = [
  { line: "init ssh --port 2200", cut: true, out: true },
  { line: "init ssh --port 2200 --syn", cut: false, out: true },
  { line: "init ssh --port 2200 --accept", cut: false, out: false },
  { line: "init ssh --port 22", cut: false, out: false },
  { rules: STANDING, line: "init ssh --port 2200", cut: false, out: true },
  { rules: "-A INPUT -i pk0 -j ACCEPT", line: "init ssh --port 2200", cut: false, out: false },
  { rules: "-A INPUT -i lo -j ACCEPT", line: "init ssh --port 2000-3000", cut: true, out: true },
  {
    rules: STANDING,
    line: "load -",
    file: "service ssh tcp 2200 reject established",
    ...{ cut: false, out: true },
  },
  {
    // Connection tracking begins with this very rule, and does not know the connection.
    line: "load -",
    file: "service ssh tcp 2200 reject established",
    ...{ cut: true, out: true, isLikely: true },
  },
  { line: "load -", file: "service ssh tcp 2200 drop on pk0", cut: true, out: true },
  { line: "load -", file: "service ssh tcp 2200 drop on pk1", cut: false, out: false },
  {
    line: "load -",
    file: "service ssh tcp 2200 drop allow 10.9.0.0/24, 2001:db8:9::/64",
    ...{ cut: false, out: false },
  },
  {
    // By the rules it cannot reconnect in any case; but it is connected.
    first: ["init ssh --port 2200 --syn"],
    line: "init ssh --port 2200 --replace",
    ...{ cut: true, out: false },
  },
  {
    first: ["init ssh --port 2200 --syn"],
    line: "remove ssh",
    ...{ cut: false, out: false },
  },
];

async function prepare(box: Box, { rules, first = [] }: Case, family: Family): Promise<void> {
  for (const one of FAMILIES) await box.load(one, EMPTY_FILTER);
  if (rules !== undefined) {
    await box.load(family, `*filter\n:INPUT ACCEPT [0:0]\n${rules}\nCOMMIT\n`);
  }
  for (const line of first) await box.must(...line.split(" "), `--${family}`);
}

async function tryCase(
  box: Box,
  visitor: Namespace,
  { one, family }: { one: Case; family: Family },
) {
  const what = `${one.rules ?? ""} ${one.first ?? ""} ${one.line} ${one.file ?? ""} ${family}`;
  await prepare(box, { ...one, first: [] }, family);
  const at = { address: SERVER[family], port: PORT };
  await using peer = await connectStanding(visitor, at);
  for (const line of one.first ?? []) await box.must(...line.split(" "), `--${family}`);
  const line = `pktables ${one.line} --${family} --backend ${box.backend}`;
  const whole = one.file === undefined ? line : `echo '${one.file}' | ${line}`;
  const before = await box.saveAll();
  const asked = await onTerminal(box.ns, whole);
  const isRefused = one.cut || one.out;
  assertEquals(asked.code, isRefused ? 1 : 0, `${what}\n${asked.text}`);
  if (isRefused) {
    assertEquals(await box.saveAll(), before, what);
    const loss = one.cut && one.out
      ? "would be cut off and could not connect again"
      : one.cut
      ? "would be cut off:"
      : "would stay connected but could not connect again";
    const likely = one.isLikely === true ? "probably " : "";
    const whom = `${CLIENT[family]}, which is connected to port ${PORT}, ${likely}${loss}`;
    assertStringIncludes(asked.text.replaceAll("\n", " "), whom, what);
    const forced = await onTerminal(box.ns, `${whole} --force`);
    assertEquals(forced.code, 0, `${what}\n${forced.text}`);
  }
  assert(await box.saveAll() !== before, what);
  // What it says is what a packet meets.
  const met = { cut: !await peer.isAlive(), out: !await canConnect(visitor, at) };
  const wasOut = one.line.includes("--replace");
  assertEquals(met, { cut: one.cut, out: one.out || wasOut }, what);
}

forEachBackend(
  "promise 9, no lockout: what the guard says is what happens to the connection",
  async (box) => {
    await using visitor = await join(box);
    await serveStanding(box.ns, [PORT]);
    for (const one of CASES) {
      for (const family of FAMILIES) await tryCase(box, visitor, { one, family });
    }
  },
);

forEachBackend(
  "promise 9, no lockout: the ways out that are named work",
  async (box) => {
    await using visitor = await join(box);
    await serveStanding(box.ns, [PORT]);
    for (const family of FAMILIES) {
      for (const one of FAMILIES) await box.load(one, EMPTY_FILTER);
      const at = { address: SERVER[family], port: PORT };
      await using peer = await connectStanding(visitor, at);
      const line = `pktables init ssh --port ${PORT} --backend ${box.backend}`;
      const { text } = await onTerminal(box.ns, line);
      const way = /to let it in first: (.*); then this command with --replace/.exec(text)?.[1] ??
        "";
      assertStringIncludes(way, `pktables add ${CLIENT[family]} --service ssh`);
      for (const step of [...way.split("; "), `${line} --replace`]) {
        const done = await onTerminal(box.ns, step);
        assertEquals(done.code, 0, `${step}\n${done.text}`);
        assert(await peer.isAlive(), step);
        assert(await canConnect(visitor, at), step);
      }
      const last = await onTerminal(
        box.ns,
        `pktables delete ${CLIENT[family]} --service ssh --backend ${box.backend}`,
      );
      assertEquals(last.code, 1, last.text);
      assert(await peer.isAlive());
    }
  },
);

forEachBackend("without a terminal the guard warns once, and the status stays", async (box) => {
  await using visitor = await join(box);
  await serveStanding(box.ns, [PORT]);
  await using _peer = await connectStanding(visitor, { address: SERVER.ipv6, port: PORT });
  const { code, stderr } = await box.pktables("init", "ssh", "--port", String(PORT), "--syn");
  assertEquals(code, 0, stderr);
  assertEquals(
    stderr,
    `pktables: warning: ${CLIENT.ipv6}, which is connected to port ${PORT}, will stay connected ` +
      "but cannot connect again: dropped by rule 1 of pk-ssh: -j DROP\n",
  );
});

forEachBackend(
  "in tmux, which no sshd is a parent of, the guard still works",
  async (box) => {
    await using visitor = await join(box);
    await serveStanding(box.ns, [PORT]);
    await using peer = await connectStanding(visitor, { address: SERVER.ipv4, port: PORT });
    const terminal = await Terminal.open(box.ns, "PS1='> ' sh", { columns: 200 });
    await terminal.waitFor(/^>/m);
    const line = `pktables init ssh --port ${PORT} --backend ${box.backend}; echo status=$?`;
    await terminal.press(line, "Enter");
    const screen = await terminal.waitFor(/status=\d/);
    assertStringIncludes(screen, "status=1");
    assertStringIncludes(screen.replaceAll("\n", ""), `${CLIENT.ipv4}, which is connected to port`);
    assert(await peer.isAlive());
  },
);

forEachBackend(
  "link-local peers and the machine's own connections are seen by real ss",
  async (box) => {
    await using visitor = await join(box);
    await serveStanding(box.ns, [PORT]);
    for (const [ns, address] of [[box.ns, "fe80::9:1"], [visitor, "fe80::9:2"]] as const) {
      await ns.must(["ip", "address", "add", `${address}/64`, "dev", "pk0"]);
    }
    const line = `pktables init ssh --port ${PORT} --backend ${box.backend}`;
    {
      await using _peer = await connectStanding(visitor, { address: "fe80::9:1%pk0", port: PORT });
      const { code, text } = await onTerminal(box.ns, line);
      // The visitor may use any of its link-local addresses.
      assertEquals(code, 1, text);
      assert(/ fe80::\S+, which is connected to port 2200, would be cut off/.test(text), text);
    }
    await using _own = await connectStanding(box.ns, { address: "127.0.0.1", port: PORT });
    const { code, text } = await onTerminal(box.ns, line);
    assertEquals(code, 1, text);
    assertStringIncludes(text, "127.0.0.1, which is connected to port 2200, would be cut off");
    await box.load("ipv4", "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n");
    assertEquals((await onTerminal(box.ns, line)).code, 0);
  },
);

forEachBackend("a thousand connections cause no delay", async (box) => {
  await using visitor = await join(box);
  await serveStanding(box.ns, [PORT]);
  for (let net = 1; net <= 5; net++) {
    await visitor.must([
      "sh",
      "-c",
      `for n in $(seq 200); do
      echo "address add 10.9.${net}.$n/16 dev pk0"
    done | ip -batch -`,
    ]);
  }
  await crowd(visitor, { address: SERVER.ipv4, port: PORT, count: 1000 });
  const started = performance.now();
  const line = `pktables init ssh --port ${PORT} --backend ${box.backend}`;
  const { code, text } = await onTerminal(box.ns, line);
  const took = performance.now() - started;
  console.log(`${box.backend}: refused for 1000 peers after ${Math.round(took)} ms`);
  assertEquals(code, 1, text);
  assertStringIncludes(text, "1000 connected clients would be cut off");
  assert(took < 5000, `${took} ms`);
});

forEachBackend(
  "an ss that hangs is given up before a hook has waited for too long",
  async (box) => {
    await box.must("init", "ssh", "--port", "22", "--ipv4");
    const script = "printf '#!/bin/sh\\nexec sleep 60\\n' > /mnt/hung && chmod 755 /mnt/hung && " +
      "mount --bind /mnt/hung $(readlink -f $(command -v ss))";
    await box.ns.must(["sh", "-ec", script]);
    const line = `pktables init web --port ${PORT} --ipv4 --backend ${box.backend}`;
    const asked = onTerminal(box.ns, line);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const started = performance.now();
    await box.must("add", "203.0.113.9", "--service", "ssh");
    const took = performance.now() - started;
    assert(took < 6000, `${took} ms`);
    assertStringIncludes((await asked).text, "cannot check who is connected");
  },
);

forEachBackend("a hook starts nothing but iptables", async (box) => {
  await box.must("init", "ssh", "--port", "22", "--ipv4");
  for (const verb of ["add", "delete"]) {
    const traced = ["strace", "-f", "-qq", "-e", "trace=execve", "-o", "/mnt/trace"];
    const call = [verb, "203.0.113.9", "--service", "ssh", "--backend", box.backend];
    await box.ns.must([...traced, "/mnt/bin/pktables", ...call]);
    const trace = await Deno.readTextFile(box.ns.path("/mnt/trace"));
    const started = [...trace.matchAll(/execve\("([^"]+)".* = 0$/gm)].map(([, path = ""]) =>
      path.slice(path.lastIndexOf("/") + 1)
    );
    const name = `iptables-${box.backend}`;
    assertEquals(started, ["pktables", name, `${name}-restore`], verb);
  }
});
