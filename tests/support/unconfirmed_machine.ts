// A machine in memory on which one file is loaded, and a second one that is loaded with --confirm.
import { assertEquals } from "@std/assert";
import { FakeSystem } from "./fake_system.ts";

/** A name as long as a service may have. */
export const LONGEST = "a-name-of-25-characters--";

/** What is in force before: old.pk. */
export const OLD = `service ssh tcp 22 syn drop\nservice ${LONGEST} tcp 80 drop\n`;

/** What comes with new.pk: every service differs. */
const NEW = `service ssh tcp 2222 syn reject\nservice ${LONGEST} tcp 80 accept\n`;

/** Runs a command that has to succeed; returns its output. */
export async function must(system: FakeSystem, line: string): Promise<string> {
  const { status, out, err } = await system.run(line);
  assertEquals(status, 0, `${line}: ${err}`);
  return out;
}

/** A machine on which old.pk is loaded. */
export async function machine(): Promise<FakeSystem> {
  const system = new FakeSystem();
  system.contents["old.pk"] = OLD;
  system.contents["new.pk"] = NEW;
  await must(system, "load old.pk");
  return system;
}

/** The same, with new.pk unconfirmed for a minute. */
export async function unconfirmed(): Promise<FakeSystem> {
  const system = await machine();
  await must(system, "load new.pk --confirm 60s");
  return system;
}
