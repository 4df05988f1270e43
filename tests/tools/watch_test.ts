// What a person sees in a real terminal while something is running.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Namespace, PKTABLES } from "../support/namespace.ts";
import { Terminal } from "../support/terminal.ts";

async function machine(): Promise<Namespace> {
  const ns = await Namespace.create();
  await ns.must([PKTABLES, "init", "ssh", "--port", "22", "--syn"]);
  await ns.must([PKTABLES, "add", "203.0.113.9", "--service", "ssh", "--for", "30s"]);
  return ns;
}

Deno.test("list --watch shows the time running down, what changes, and is gone on Ctrl-C", async () => {
  await using ns = await machine();
  const terminal = await Terminal.open(ns, "PS1='> ' sh", { columns: 90, rows: 8 });
  await terminal.waitFor(/^>$/m);
  await terminal.press("echo before; pktables list --watch; echo status $?", "Enter");
  const first = await terminal.waitFor(/203\.0\.113\.9\/32 +\d+s +0/);
  assertMatch(first, /^pktables list at 20\d\d-.*Z, Ctrl-C quits\n\nSERVICE/);
  assertEquals(await terminal.ask("cursor_flag alternate_on".replace(" ", "}#{")), "01");
  const left = (text: string) => Number(/(\d+)s +0$/m.exec(text)?.[1]);
  await terminal.waitFor(new RegExp(`203\\.0\\.113\\.9/32 +${left(first) - 2}s +0`));
  await ns.must([PKTABLES, "add", "198.51.100.7", "--service", "ssh"]);
  await terminal.waitFor(/198\.51\.100\.7\/32 +no end +0/);
  await terminal.press("C-c");
  const after = await terminal.waitFor(/^status \d+$/m);
  assertMatch(after, /^before\nstatus 0$/m);
  assert(!after.includes("SERVICE"), after);
  assertEquals(await terminal.ask("cursor_flag}#{alternate_on"), "10");
});

Deno.test("list --watch into a pipe ends with its reader", async () => {
  await using ns = await machine();
  const line = `${PKTABLES} list --watch | head -n 3; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await ns.run(["bash", "-c", line], { timeout: 10_000 });
  assertMatch(stdout, /^20\d\d-\S+Z\nSERVICE [^\n]*\nssh [^\n]*\n0\n$/);
  assertEquals(stderr, "");
});

Deno.test("a command that waits for another one in a terminal says so, once", async () => {
  await using ns = await machine();
  const holder = ns.spawn(["flock", "/run/pktables.lock", "sleep", "3"]);
  const terminal = await Terminal.open(ns, "PS1='> ' sh", { columns: 100 });
  await terminal.waitFor(/^>$/m);
  await terminal.press("pktables add 192.0.2.1 --service ssh", "Enter");
  await terminal.waitFor(/waiting for another pktables to finish, up to 10 s \.\.\.$/m);
  const screen = await terminal.waitFor(/^ssh: 192\.0\.2\.1\/32 open until deleted$/m);
  assertEquals(screen.split("waiting").length, 2);
  await holder.outcome;
});

Deno.test("a hook that waits does not say so", async () => {
  await using ns = await machine();
  const holder = ns.spawn(["flock", "/run/pktables.lock", "sleep", "2"]);
  const { code, stderr } = await ns.run([PKTABLES, "add", "192.0.2.2", "--service", "ssh"]);
  assertEquals([code, stderr], [0, ""]);
  await holder.outcome;
});

/** Replaces logger(1): the real one prints to standard error what it would send. */
const LOGGER = '#!/bin/sh\nexec /mnt/logger --no-act --socket-errors=off -s "$@" 2>> /mnt/log\n';

Deno.test("--syslog gives logger one line, whatever is in it", async () => {
  await using ns = await machine();
  await ns.must(["cp", "/usr/bin/logger", "/mnt/logger"]);
  await ns.must(["sh", "-c", "cat > /mnt/fake; chmod 755 /mnt/fake"], { stdin: LOGGER });
  await ns.must(["mount", "--bind", "/mnt/fake", "/usr/bin/logger"]);
  await ns.must([PKTABLES, "add", "192.0.2.3", "-s", "ssh", "--syslog", "--quiet"]);
  await ns.run([PKTABLES, "add", "$(reboot)`id`\n-x", "-s", "ssh", "--syslog"]);
  const lines = (await ns.must(["cat", "/mnt/log"])).trimEnd().split("\n");
  assertEquals(lines.length, 2);
  // <37> is auth.notice, <36> auth.warning (RFC 3164).
  assertMatch(
    lines[0] ?? "",
    /^<37>.* pktables: add: ssh: 192\.0\.2\.3\/32 open until deleted$/,
  );
  assertMatch(
    lines[1] ?? "",
    /^<36>.* pktables: add: invalid address `\$\(reboot\)`id`\\u\{a\}-x`/,
  );
});
