// What is printed on a terminal while a command waits.
import { assertEquals } from "@std/assert";
import { FakeSystem } from "../support/fake_system.ts";

const LINE = "add 10.0.0.5 --service ssh";

/** A machine with a service, used from a terminal. */
async function machine(): Promise<FakeSystem> {
  const system = new FakeSystem();
  await system.run("init ssh --port 22");
  Object.assign(system.console, { errIsTerminal: true });
  return system;
}

Deno.test("a lock that is held for more than a second is reported on a terminal", async () => {
  const system = await machine();
  const told = Promise.withResolvers<void>();
  const { console, lock: { take } } = system;
  const err = console.err.bind(console);
  console.err = (text) => {
    err(text);
    told.resolve();
  };
  // The lock is released when the note is there; without one this would never end.
  Object.assign(system.lock, { take: (wait: number) => told.promise.then(() => take(wait)) });
  assertEquals(await system.run(LINE), {
    status: 0,
    out: "ssh: 10.0.0.5/32 open until deleted\n",
    err: "waiting for another pktables to finish, up to 10 s ...\n",
  });
});

Deno.test("a hook is told nothing of what it waits for, however long", async () => {
  const system = await machine();
  Object.assign(system.console, { errIsTerminal: false });
  const { kernel: { readChain } } = system;
  // As long as until a person is told.
  const slowly: typeof readChain = async (...args) => {
    await new Promise((resolve) => setTimeout(resolve, 1050));
    return await readChain.apply(system.kernel, args);
  };
  Object.assign(system.kernel, { readChain: slowly });
  assertEquals((await system.run(LINE)).err, "");
  Object.assign(system.console, { errIsTerminal: true });
  assertEquals((await system.run(LINE)).err, "reading the kernel's rules ...\n");
});

Deno.test("a command that takes less does not say what it waited for", async () => {
  const system = await machine();
  const { lock: { take } } = system;
  const slowly = async (wait: number) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return await take(wait);
  };
  Object.assign(system.lock, { take: slowly });
  assertEquals((await system.run(LINE)).err, "");
});
