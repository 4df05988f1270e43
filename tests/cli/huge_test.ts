// More doors than a JavaScript call may have arguments, which is some 120,000: both families of one
// machine together have them long before a chain is slow.
import { assertEquals } from "@std/assert";
import { err, ok } from "../../src/result.ts";
import { run } from "../../src/cli/run.ts";
import type { Iptables } from "../../src/system/system.ts";
import { REFUSED } from "../support/fake_kernel.ts";
import { FakeSystem } from "../support/fake_system.ts";

const DOORS = 200_000;
const OVER = " -m time --datestop 2001-01-01T00:00:00";

/** A chain of that many doors with the given matches, in the order of the given numbers. */
function chain(numberOf: (at: number) => number, matches = ""): string {
  const doors = Array.from({ length: DOORS }, (_, at) => {
    const number = numberOf(at);
    const host = `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
    return `[0:0] -A pk-ssh -s ${host}/32${matches} -j ACCEPT\n`;
  });
  const jump = "[0:0] -A INPUT -p tcp -m tcp --dport 22 -j pk-ssh\n";
  const chains = ":INPUT ACCEPT [0:0]\n:pk-ssh - [0:0]\n";
  return `*filter\n${chains}${jump}${doors.join("")}[0:0] -A pk-ssh -j DROP\nCOMMIT\n`;
}

/** Runs a command on a machine that has a chain; how it ends and what it prints and writes, in lines. */
async function runOn(chain: string, line: string): Promise<[number, number, number]> {
  let written = 0;
  const iptables: Iptables = {
    save: () => Promise.resolve(ok(chain)),
    readChain: () => Promise.resolve(err(REFUSED)),
    restore: (_, payload) => {
      written += payload.split("\n").length - 1;
      return Promise.resolve(ok(null));
    },
    print: () => Promise.resolve(ok("")),
    listNft: () => Promise.resolve(ok(null)),
  };
  const system = Object.assign(new FakeSystem(), { iptables: () => iptables });
  const status = await run(line.split(" "), system);
  return [status, system.console.outText.split("\n").length - 1, written];
}

/** The lines `*filter` and `COMMIT`. */
const FRAME = 2;

Deno.test("200,000 doors are listed", async () => {
  assertEquals(await runOn(chain((at) => at), "list --ipv4"), [0, 1 + DOORS, 0]);
});

Deno.test("200,000 expired doors are swept", async () => {
  const swept = await runOn(chain((at) => at, OVER), "sweep --ipv4");
  assertEquals(swept, [0, DOORS, DOORS + FRAME]);
});

Deno.test("200,000 doors in the wrong order are put in order by init", async () => {
  const init = "init ssh --port 22 --ipv4";
  const [status, , written] = await runOn(chain((at) => DOORS - at), init);
  // One door stays, the others go and come back.
  assertEquals([status, written], [0, 2 * (DOORS - 1) + FRAME]);
});

Deno.test("a service of 200,000 doors is removed", async () => {
  assertEquals((await runOn(chain((at) => at), "remove ssh --ipv4"))[0], 0);
});
