import { assert, assertEquals } from "@std/assert";
import { expectStatus } from "../support/expect.ts";
import { probeTargets, serveTargets } from "../support/probe.ts";
import { BACKENDS, EMPTY_FILTER, FAMILIES } from "../support/iptables_text.ts";
import { Namespace } from "../support/namespace.ts";

/** Both files allow the client; all else that rules can differ in, differs. */
const FILES = [
  `service ssh tcp 22 syn drop allow 10.9.0.2, 2001:db8:9::2, 192.0.2.1
service web tcp 80 accept
`,
  `service vpn udp 500 reject
service ssh tcp 22, 2222 reject established
    allow 10.9.0.0/30, 2001:db8:9::/126, 9.9.9.9, ::9
    log limit 1/hour
`,
];

const LOADS = 100;
const TARGETS = ["10.9.0.1 22", "2001:db8:9::1 22"];

for (const backend of BACKENDS) {
  Deno.test(`promise 5, doors survive: during ${LOADS} loads an allowed client is never refused, a stranger never let in (${backend})`, async () => {
    await using server = await Namespace.create();
    await using client = await Namespace.create({ sibling: server });
    await using stranger = await Namespace.create({ sibling: server });
    await server.connect(client, {
      name: "pk0",
      here: ["10.9.0.1/30", "2001:db8:9::1/126"],
      there: ["10.9.0.2/30", "2001:db8:9::2/126"],
    });
    await server.connect(stranger, {
      name: "pk1",
      here: ["10.9.1.1/30", "2001:db8:a::1/126"],
      there: ["10.9.1.2/30", "2001:db8:a::2/126"],
    });
    for (const family of FAMILIES) await server.load(backend, family, EMPTY_FILTER);
    const load = async (file: string | undefined) => {
      const line = ["/mnt/bin/pktables", "load", "-", "--prune", "--backend", backend];
      const { stdout } = expectStatus(await server.run(line, { stdin: file ?? "" }), 0);
      assert(!/ssh +unchanged/.test(stdout), stdout);
    };
    await load(FILES.at(-1));
    await serveTargets(server, 22);
    const inside = probeTargets(client, TARGETS, 10_000);
    const outside = probeTargets(stranger, ["10.9.1.1 22", "2001:db8:a::1 22"], 100);
    for (let count = 0; count < LOADS; count++) await load(FILES[count % FILES.length]);
    const [letIn, keptOut] = await Promise.all([inside.stop(), outside.stop()]);
    console.log(
      `${backend}: in ${LOADS} loads the client got in ${letIn.open} times of ` +
        `${letIn.open + letIn.refused}, the stranger ${keptOut.open} of ${
          keptOut.open + keptOut.refused
        }`,
    );
    assertEquals([letIn.refused, keptOut.open], [0, 0]);
    assert(letIn.open > 3 * LOADS, `only ${letIn.open} connections`);
    assert(keptOut.refused > LOADS / 2, `only ${keptOut.refused} tries`);
  });
}
