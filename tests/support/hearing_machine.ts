// A machine in memory whose kernel hears a knock.
import { assertEquals } from "@std/assert";
import { FakeSystem } from "./fake_system.ts";

/** A service with a door of the file and a knock `by kernel`. */
export const RULES = `service ssh tcp 22 syn drop
    allow 10.1.1.1
    knock 7000, 8022:udp, 9003 within 5s for 8h by kernel
`;

/** A machine on which rules.pk is loaded; calls up to then are not recorded. */
export async function loaded(rules = RULES): Promise<FakeSystem> {
  const system = new FakeSystem();
  system.contents["rules.pk"] = rules;
  assertEquals((await system.run("load rules.pk")).status, 0);
  system.steps.length = 0;
  return system;
}
