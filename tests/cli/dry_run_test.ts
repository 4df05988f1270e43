import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { attended, established, peerMachine, SSH } from "../support/peers.ts";

const OLD = "-A pk-ssh -s 203.0.113.8/32 -m time --datestop 2026-01-01T00:00:00 -j ACCEPT";
const MACHINE = { ipv4: SSH.replace("-A pk-ssh -j DROP", `${OLD}\n-A pk-ssh -j DROP`) };

/** A line of every verb that changes the kernel, and what it would write. */
const SHOWN: readonly (readonly [line: string, shown: string])[] = [
  ["init web --port 80 --ipv4", "IPv4\n+ -N pk-web\n+ -A pk-web -j DROP\n"],
  ["add 203.0.113.9 --service ssh", "IPv4\n"],
  ["add 203.0.113.9 --service ssh --for 30s", "+ -I pk-ssh 2 -s 203.0.113.9/32 -m time"],
  ["delete 203.0.113.7 --service ssh", "- -D pk-ssh -s 203.0.113.7/32 -j ACCEPT\n"],
  ["remove ssh --ipv4", "- -X pk-ssh\n"],
  ["remove --all", "IPv4\n"],
  ["sweep", "IPv4\n- -D pk-ssh -s 203.0.113.8/32 -m time"],
  ["load rules.pk", "web: created (IPv4)\n+ -N pk-web\n"],
];

Deno.test("every verb that changes the kernel shows with --dry-run what it would write, and writes nothing", async () => {
  for (const [line, shown] of SHOWN) {
    const system = peerMachine(MACHINE);
    system.contents["rules.pk"] = "service web tcp 80 drop ipv4";
    const before = system.dump();
    const { status, out } = await system.run(`${line} --dry-run`);
    // `load --dry-run` is `diff`, which ends by 1 where something differs.
    assertEquals(status, line.startsWith("load") ? 1 : 0, line);
    assertStringIncludes(out, shown, line);
    assertEquals(system.dump(), before, line);
    assertEquals(system.kernel.calls.filter(({ verb }) => verb === "write" || verb === "test"), []);
    assertEquals(system.steps, ["drop"], line);
  }
});

Deno.test("what is shown is what is written", async () => {
  for (const [line] of SHOWN.filter(([line]) => !line.startsWith("load"))) {
    const shown = await peerMachine(MACHINE).run(`${line} --dry-run`);
    const system = peerMachine(MACHINE);
    await system.run(line);
    const written = system.kernel.writes.flatMap(({ payload }) =>
      payload.split("\n").filter((row) => row.startsWith("-") || row.startsWith("["))
    );
    const rows = shown.out.split("\n").filter((row) => /^[+-] /.test(row));
    assertEquals(rows.map((row) => row.slice(2)), written, line);
    assert(rows.length > 0, line);
  }
});

Deno.test("where nothing would change, --dry-run says so", async () => {
  const { status, out, err } = await peerMachine(MACHINE).run(
    "delete 10.0.0.1 --service ssh --dry-run",
  );
  assertEquals([status, out.includes("203.0.113.7"), err], [0, false, ""]);
  const none = await peerMachine().run("sweep --dry-run");
  assertEquals([none.status, none.out, none.err], [0, "", "nothing would change\n"]);
});

Deno.test("an error ends a dry run as it ends the command", async () => {
  assertEquals((await peerMachine().run("add 10.0.0.1 --service ssh --dry-run")).status, 4);
  assertEquals((await peerMachine(MACHINE).run("init ssh --port 23 --dry-run")).status, 1);
});

Deno.test("a dry run shows who would be shut out, and is not refused", async () => {
  for (const line of ["init ssh --port 22", "load rules.pk"]) {
    const system = attended({}, established("203.0.113.7"));
    system.contents["rules.pk"] = "service ssh tcp 22 drop";
    const { status, err } = await system.run(`${line} --dry-run`);
    assertEquals(status, line.startsWith("load") ? 1 : 0);
    assertStringIncludes(
      err,
      "warning: 203.0.113.7, which is connected to port 22, would be cut off and could not connect",
    );
  }
  const emptied = attended(MACHINE);
  emptied.contents["rules.pk"] = "";
  const { err } = await emptied.run("load rules.pk --prune --dry-run");
  assertStringIncludes(err, "warning: this removes every service: ssh\n");
});
