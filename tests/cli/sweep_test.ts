import { assertEquals } from "@std/assert";
import { machine, OLD, ssh } from "../support/door_machine.ts";

const OVER = "[1:60] -s 10.0.0.3/32 -m time --datestop 2026-05-06T07:00:00 -j ACCEPT";
const MESSY = ["-A pk-mess -s 10.0.0.7 -j ACCEPT", "-A pk-mess -s 10.0.0.2 -j ACCEPT"];

Deno.test("sweep takes expired doors, and leaves every other service as it is", async () => {
  const mess = ["\n:pk-mess - [0:0]", ...MESSY, "-A pk-mess -j DROP"].join("\n");
  const system = machine(`\n${OVER.replace("-s", "-I pk-ssh 1 -s")}${mess}`);
  const before = system.kernel.chain("ipv4", "pk-mess");
  assertEquals(await system.run("sweep"), {
    status: 0,
    out: "ssh: 10.0.0.3/32 removed (expired)\n",
    err: "",
  });
  assertEquals([ssh(system), system.kernel.writes.length], [[OLD, "-j DROP"], 1]);
  assertEquals(system.kernel.chain("ipv4", "pk-mess"), before);
  assertEquals((await system.run("sweep")).out, "no expired doors: nothing to do\n");
  assertEquals(system.kernel.writes.length, 1);
});

Deno.test("expired doors go in the transaction of the next command, also if it has nothing to do", async () => {
  const system = machine();
  await system.run("add 10.0.0.5 --service ssh --for 30s");
  system.clock += 31;
  await system.run("add 10.0.0.9 --service ssh");
  assertEquals(ssh(system), [OLD, "-j DROP"]);
});

Deno.test("add of an address that is let in removes its door behind the end", async () => {
  const system = machine("\n-A pk-ssh -s 10.0.0.9 -j ACCEPT");
  const { out } = await system.run("add 10.0.0.9 --service ssh");
  const behind = "its door was behind the end of the chain";
  assertEquals(out, `ssh: 10.0.0.9/32 already open until deleted (${behind})\n`);
  assertEquals(ssh(system), [OLD, "-j DROP"]);
});
