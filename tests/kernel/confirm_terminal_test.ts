// The question of `load --confirm` on a real terminal, and the ways in which a session may end.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Box, forEachBackend } from "../support/box.ts";
import { expectStatus } from "../support/expect.ts";
import { Terminal } from "../support/terminal.ts";

const FILE = "/mnt/rules.pk";
const OLD = "service ssh tcp 22 drop\n";
const NEW = "service ssh tcp 22 reject\nservice web tcp 80 drop\n";

const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function prepare(box: Box): Promise<string> {
  expectStatus(await box.spawn(["load", "-"], { stdin: OLD }).outcome, 0);
  const before = await box.saveAll();
  await Deno.writeTextFile(box.ns.path(FILE), NEW);
  return before;
}

/** The table without what is left of rules that were taken back. */
async function tidied(box: Box): Promise<string> {
  await box.must("sweep");
  return await box.saveAll();
}

function ask(box: Box, seconds: number): Promise<Terminal> {
  const line = `pktables load --confirm ${seconds}s ${FILE} --backend ${box.backend}`;
  return Terminal.open(box.ns, `${line}; echo "status $?"; cat`, { columns: 150 });
}

/** The process of the command that asks, as this machine counts processes. */
async function processOf(box: Box): Promise<number> {
  for (const pid of await box.ns.processes()) {
    const line = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
    if (/^\/mnt\/bin\/pktables\0load\0|^pktables\0load\0/.test(line)) return pid;
  }
  throw new Error("the command that asks does not run");
}

const QUESTION = /keep these rules\? y or Enter: yes, n: no \(\d+s left\)/;

forEachBackend("on a terminal y and Enter keep the rules, n takes them back", async (box) => {
  const before = await prepare(box);
  for (
    const [key, status, said] of [["y", 0, "confirmed"], ["Enter", 0, "confirmed"], [
      "n",
      1,
      "taken back",
    ]] as const
  ) {
    const terminal = await ask(box, 50);
    await terminal.waitFor(QUESTION);
    await terminal.press("x");
    await sleep(0.5);
    assertMatch(await terminal.screen(), QUESTION, "another key is no answer");
    await terminal.press(key);
    const screen = await terminal.waitFor(/status \d/);
    assertStringIncludes(screen, said);
    assertStringIncludes(screen, `status ${status}`);
    const now = await box.saveAll();
    assertEquals(now.includes("pk."), false);
    assertEquals(now === before, key === "n");
    expectStatus(await box.spawn(["load", "-", "--prune"], { stdin: OLD }).outcome, 0);
  }
});

forEachBackend("the countdown counts, and its end says that the rules are gone", async (box) => {
  const before = await prepare(box);
  const terminal = await ask(box, 8);
  const first = /\((\d)s left\)/.exec(await terminal.waitFor(QUESTION))?.[1];
  // On a busy machine not every second can be seen.
  await terminal.waitFor(new RegExp(`\\([1-${Number(first) - 1}]s left\\)`));
  const screen = await terminal.waitFor(/status \d/);
  assertStringIncludes(screen, "not confirmed in time: the kernel took the rules back");
  assertStringIncludes(screen, "status 1");
  assertEquals(await tidied(box), before);
});

forEachBackend("an Enter that was pressed before the question is no answer", async (box) => {
  const before = await prepare(box);
  const line = `pktables load --confirm 5s ${FILE} --backend ${box.backend}`;
  const terminal = await Terminal.open(box.ns, `sleep 1; ${line}; echo "status $?"; cat`, {
    columns: 150,
  });
  for (let count = 0; count < 3; count++) await terminal.press("Enter", "y");
  await terminal.waitFor(QUESTION);
  assertStringIncludes(await terminal.waitFor(/status \d/), "status 1");
  assertEquals(await tidied(box), before);
});

/** A cgroup of our own, as systemd makes one for each login session; `null` where none can be made. */
function makeCgroup(): string | null {
  // Version 2 is at the top, or beside version 1.
  for (const top of ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]) {
    const path = `${top}/pktables-test-${crypto.randomUUID()}`;
    try {
      Deno.mkdirSync(path);
      Deno.lstatSync(`${path}/cgroup.kill`);
      return path;
    } catch {
      // A folder of version 1 cannot kill; the next one may.
      try {
        Deno.removeSync(path);
      } catch {
        // It could not be made either.
      }
    }
  }
  return null;
}

/** Kills all processes of the session at once, terminal included, as the end of a login session does. */
async function killCgroup(terminal: Terminal): Promise<void> {
  const path = makeCgroup();
  if (path === null) throw new Error("no cgroup can be made here");
  for (const pid of await terminal.ns.processes()) {
    await Deno.writeTextFile(`${path}/cgroup.procs`, String(pid));
  }
  await Deno.writeTextFile(`${path}/cgroup.kill`, "1");
  for (let tries = 0; tries < 100; tries++) {
    if (await Deno.remove(path).then(() => true, () => false)) return;
    await sleep(0.02);
  }
  throw new Error("the cgroup still has processes");
}

/** Whether cgroups can be made here. */
const hasCgroups = (() => {
  const path = makeCgroup();
  if (path !== null) Deno.removeSync(path);
  return path !== null;
})();

/** Ends of a session. Each gets the terminal and the process that asks. */
const ENDS: readonly {
  readonly name: string;
  readonly end: (terminal: Terminal, pid: number) => Promise<void>;
}[] = [
  ...(hasCgroups ? [{ name: "a session's cgroup that is killed", end: killCgroup }] : []),
  { name: "Ctrl-C", end: (terminal) => terminal.press("C-c") },
  { name: "SIGTERM", end: (_, pid) => Promise.resolve(Deno.kill(pid, "SIGTERM")) },
  { name: "SIGHUP", end: (_, pid) => Promise.resolve(Deno.kill(pid, "SIGHUP")) },
  { name: "SIGKILL", end: (_, pid) => Promise.resolve(Deno.kill(pid, "SIGKILL")) },
  {
    name: "a terminal that is closed",
    end: async (terminal) => {
      await terminal.ns.must(["tmux", "-S", terminal.socket, "kill-server"]);
    },
  },
];

for (const { name, end } of ENDS) {
  forEachBackend(`${name} leaves it to the kernel`, async (box) => {
    const before = await prepare(box);
    const terminal = await ask(box, 6);
    await terminal.waitFor(QUESTION);
    const armed = await box.saveAll();
    assert(armed.includes("pk."), armed);
    await end(terminal, await processOf(box));
    await sleep(0.5);
    assertEquals(await box.saveAll(), armed, "whatever ends, the rules stay as they are");
    await assertEnds(box);
    assertMatch(await box.must("list"), /^unconfirmed, [1-6]s left/m);
    const start = performance.now();
    while ((await box.must("list")).includes("unconfirmed")) await sleep(0.2);
    assert(performance.now() - start < 8000, "it lasts longer than was said");
    assertEquals(await box.saveAll(), armed, "nothing has to run for it");
    assertEquals(await tidied(box), before);
  });
}

async function assertEnds(box: Box): Promise<void> {
  const found = await processOf(box).then(() => true, () => false);
  assertEquals(found, false, "it goes on asking");
}

forEachBackend("another session confirms while the first one asks", async (box) => {
  await prepare(box);
  const terminal = await ask(box, 40);
  await terminal.waitFor(QUESTION);
  await box.must("confirm");
  const screen = await terminal.waitFor(/status \d/);
  assertStringIncludes(screen, "status 0");
  assertEquals((await box.saveAll()).includes("pk."), false);
});
