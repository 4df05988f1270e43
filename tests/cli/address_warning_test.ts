// Whether an address gets in after all, as add and delete say it to whoever looks on.
import { assertEquals } from "@std/assert";
import { failure } from "../../src/system/failure.ts";
import { err, ok } from "../../src/result.ts";
import { FakeSystem } from "../support/fake_system.ts";

const JUMP = "-A INPUT -p tcp -m tcp --dport 2222 --syn -j pk-ssh";

/** A machine with a service on port 2222, a rule ahead of it, and rules in its chain. */
function machine(
  { ahead = "", chain = "", jump = JUMP }: { ahead?: string; chain?: string; jump?: string },
): FakeSystem {
  const rules = [
    ...[":pk-ssh - [0:0]", ahead === "" ? "" : `-A INPUT ${ahead}`, jump],
    ...[chain === "" ? "" : `-A pk-ssh ${chain}`, "-A pk-ssh -j DROP"],
  ];
  const system = new FakeSystem({ ipv4: rules.filter((rule) => rule !== "").join("\n") });
  Object.assign(system.console, { errIsTerminal: true, noColor: true });
  return system;
}

/** What a command warns of. */
async function warned(system: FakeSystem, line: string): Promise<string> {
  const { status, err } = await system.run(`${line} --service ssh`);
  assertEquals(status, 0, err);
  return err.replace("pktables: warning: ", "").trimEnd();
}

const ADD = "add 203.0.113.9";
const DELETE = "delete 203.0.113.9";
const DOOR = "-s 203.0.113.9/32 -j ACCEPT";

Deno.test("a door that opens nothing is told, with the rule that decides", async () => {
  for (
    const [ahead, words] of [
      ["-p tcp -j DROP", "dropped by rule 1 of INPUT: -p tcp -j DROP"],
      ["-s 203.0.113.0/24 -j DROP", "dropped by rule 1 of INPUT: -s 203.0.113.0/24 -j DROP"],
      [
        "-p tcp -j REJECT",
        "rejected by rule 1 of INPUT: -p tcp -j REJECT --reject-with icmp-port-unreachable",
      ],
    ] as const
  ) {
    assertEquals(await warned(machine({ ahead }), ADD), `this door opens nothing: ${words}`);
  }
});

Deno.test("an address that still gets in without its door is told, with the rule that lets it in", async () => {
  for (
    const [ahead, words] of [
      ["-p tcp -j ACCEPT", "accepted by rule 1 of INPUT: -p tcp -j ACCEPT"],
      [
        "-s 203.0.113.0/24 -p tcp -m tcp --dport 2222 -j ACCEPT",
        "accepted by rule 1 of INPUT: -s 203.0.113.0/24 -p tcp -m tcp --dport 2222 -j ACCEPT",
      ],
    ] as const
  ) {
    assertEquals(
      await warned(machine({ ahead, chain: DOOR }), DELETE),
      `203.0.113.9/32 still gets in: ${words}`,
    );
  }
});

Deno.test("nothing is told where it is as the command made it, or where that is not known", async () => {
  for (const ahead of ["", "-s 192.0.2.1/32 -j DROP", "-p udp -j DROP", "-i lo -j DROP"]) {
    assertEquals(await warned(machine({ ahead }), ADD), "", ahead);
  }
  for (const ahead of ["", "-s 192.0.2.1/32 -j ACCEPT", "-p tcp -m tcp --dport 80 -j ACCEPT"]) {
    assertEquals(await warned(machine({ ahead, chain: DOOR }), DELETE), "", ahead);
  }
  for (const ahead of ["-m set --match-set x src -j DROP", "-p tcp -j NFQUEUE --queue-num 1"]) {
    assertEquals(await warned(machine({ ahead }), ADD), "", ahead);
    assertEquals(await warned(machine({ ahead, chain: DOOR }), DELETE), "", ahead);
  }
  const broken = machine({ ahead: "-p tcp -j DROP" });
  Object.assign(broken.surroundings, {
    saveAll: () => Promise.resolve(err(failure("refused", "no"))),
  });
  assertEquals(await warned(broken, ADD), "");
});

Deno.test("nobody is asked where nobody looks on: a hook of knockd waits for nothing", async () => {
  const system = machine({ ahead: "-p tcp -j DROP" });
  Object.assign(system.console, { errIsTerminal: false, outIsTerminal: true });
  assertEquals(await warned(system, ADD), "");
  Object.assign(system.console, { errIsTerminal: true });
  assertEquals((await warned(system, `${ADD} --for 1h`)).startsWith("this door"), true);
});

Deno.test("the packet comes from the first host of a network, in on the interface of the service", async () => {
  const network = machine({ ahead: "-s 203.0.113.0/32 -j DROP" });
  assertEquals(
    await warned(network, "add 203.0.113.0/24"),
    "this door opens nothing: dropped by rule 1 of INPUT: -s 203.0.113.0/32 -j DROP",
  );
  const jump = JUMP.replace("INPUT", "INPUT -i lan0");
  const words = "this door opens nothing: dropped by rule 1 of INPUT: -i lan0 -j DROP";
  for (const [name, told] of [["lan0", words], ["wan0", ""]] as const) {
    assertEquals(await warned(machine({ ahead: `-i ${name} -j DROP`, jump }), ADD), told);
  }
});

Deno.test("where a packet is sent on to is told, once the machine's addresses say where that is", async () => {
  const dnat = "-p tcp -j DNAT --to-destination 192.0.2.7:2222";
  const cases: readonly [addresses: readonly string[] | null, words: string][] = [
    [["192.0.2.7"], ""],
    [
      ["192.0.2.8"],
      "this door opens nothing: redirected to 192.0.2.7:2222 by rule 1 of PREROUTING in table nat: " +
      dnat,
    ],
    [null, ""],
  ];
  for (const [addresses, words] of cases) {
    const system = machine({});
    system.around.tables = `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING ${dnat}\nCOMMIT\n`;
    Object.assign(system.surroundings, {
      addresses: () =>
        Promise.resolve(addresses === null ? err(failure("refused", "no")) : ok(addresses)),
    });
    assertEquals(await warned(system, ADD), words);
  }
});

Deno.test("a service to which no jump leads, or one of others, has no port that could be asked for", async () => {
  for (const jump of ["-A INPUT -p icmp -j ACCEPT", "-A INPUT -s 10.0.0.0/8 -j pk-ssh"]) {
    const said = await warned(machine({ ahead: "-j DROP", jump }), ADD);
    assertEquals(said.includes("opens nothing: "), false, said);
  }
});

Deno.test("an address of IPv6 is asked about in IPv6, of a range the first port", async () => {
  const ipv6 = `:pk-ssh - [0:0]
-A INPUT -p tcp -m tcp --dport 3000 -j DROP
-A INPUT -p tcp -m multiport --dports 3000:3009,22 -j pk-ssh
-A pk-ssh -j DROP`;
  for (
    const [rules, words] of [
      [ipv6, ""],
      [
        ipv6.replace("--dport 3000 ", "--dport 22 "),
        "this door opens nothing: dropped by rule 1 of INPUT: -p tcp -m tcp --dport 22 -j DROP",
      ],
    ] as const
  ) {
    const system = new FakeSystem({ ipv6: rules });
    Object.assign(system.console, { errIsTerminal: true, noColor: true });
    assertEquals(await warned(system, "add 2001:db8::9"), words);
  }
});
