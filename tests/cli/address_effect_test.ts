// What add and delete say on a terminal of what the address meets, where it is not what they were for.
import { assert, assertEquals } from "@std/assert";
import { err, ok } from "../../src/result.ts";
import { failure } from "../../src/system/failure.ts";
import { FakeSystem } from "../support/fake_system.ts";

/** The rules of a machine with a service ssh, and what else is special about it. */
interface Machine {
  /** Ahead of the service's jump. */
  readonly ahead?: string;
  readonly jump?: string;
  /** In the service's chain. */
  readonly door?: string;
  readonly prepare?: (system: FakeSystem) => void;
}

/** A person's machine. */
function machine({ ahead = "", jump, door = "", prepare }: Machine): FakeSystem {
  const ipv4 = [
    ":pk-ssh - [0:0]",
    ahead,
    jump ?? "-A INPUT -p tcp -m tcp --dport 22:23 --syn -j pk-ssh",
    door,
    "-A pk-ssh -j DROP",
  ].filter((line) => line !== "").join("\n");
  const system = new FakeSystem({ ipv4 });
  Object.assign(system.console, { errIsTerminal: true, noColor: true });
  prepare?.(system);
  return system;
}

/** What it says of a command on standard error. */
async function said(line: string, given: Machine): Promise<string> {
  const { status, err } = await machine(given).run(`${line} --service ssh`);
  assertEquals(status, 0, err);
  return err.replace(/^pktables: warning: (.*)\n$/, "$1");
}

const INPUT = "this door opens nothing: dropped by rule 1 of INPUT";

/** Sends packets on to 10.9.9.9; `null` where the machine's addresses cannot be read. */
function sendOn(addresses: readonly string[] | null): (system: FakeSystem) => void {
  return ({ around, surroundings }) => {
    around.tables = "*nat\n:PREROUTING ACCEPT [0:0]\n" +
      "-A PREROUTING -p tcp -m tcp --dport 22 -j DNAT --to-destination 10.9.9.9:2222\nCOMMIT\n";
    const read = addresses === null ? err(failure("absent", "no ip")) : ok([...addresses]);
    Object.assign(surroundings, { addresses: () => Promise.resolve(read) });
  };
}

for (
  const [what, line, given, expected] of [
    ["a door that opens", "add 10.0.0.5", {}, ""],
    ["a door that is closed", "delete 10.0.0.5", { door: "-A pk-ssh -s 10.0.0.5 -j ACCEPT" }, ""],
    [
      "a rule ahead that drops",
      "add 10.0.0.5",
      { ahead: "-A INPUT -s 10.0.0.0/8 -j DROP" },
      `${INPUT}: -s 10.0.0.0/8 -j DROP`,
    ],
    [
      "a rule ahead that lets in",
      "delete 10.0.0.5",
      { ahead: "-A INPUT -s 10.0.0.5/32 -j ACCEPT" },
      "10.0.0.5/32 still gets in: accepted by rule 1 of INPUT: -s 10.0.0.5/32 -j ACCEPT",
    ],
    // A network is spoken of by its first host.
    [
      "a rule for the first host of the network",
      "add 10.0.2.0/24",
      { ahead: "-A INPUT -s 10.0.2.0/32 -j DROP" },
      `${INPUT}: -s 10.0.2.0/32 -j DROP`,
    ],
    [
      "a rule for another host of the network",
      "add 10.0.2.0/24",
      { ahead: "-A INPUT -s 10.0.2.1/32 -j DROP" },
      "",
    ],
    [
      "a rule for the first port of the service",
      "add 10.0.0.5",
      { ahead: "-A INPUT -p tcp -m tcp --dport 22 -j DROP" },
      `${INPUT}: -p tcp -m tcp --dport 22 -j DROP`,
    ],
    [
      "a rule for another port of the service",
      "add 10.0.0.5",
      { ahead: "-A INPUT -p tcp -m tcp --dport 23 -j DROP" },
      "",
    ],
    // What nobody can tell is not told.
    [
      "a rule that may drop",
      "add 10.0.0.5",
      { ahead: "-A INPUT -m set --match-set x src -j DROP" },
      "",
    ],
    [
      "a rule that may let in",
      "delete 10.0.0.5",
      { ahead: "-A INPUT -m set --match-set x src -j ACCEPT" },
      "",
    ],
    [
      "a program that is asked",
      "add 10.0.0.5",
      { ahead: "-A INPUT -p tcp -j NFQUEUE --queue-num 1" },
      "",
    ],
    ["a service that no jump leads to", "add 10.0.0.5", { jump: "-A INPUT -j DROP" }, ""],
    // The packet is one that may come to the service.
    [
      "a rule for the service's interface",
      "add 10.0.0.5",
      {
        jump: "-A INPUT -i eth1 -p tcp -m tcp --dport 22 -j pk-ssh",
        ahead: "-A INPUT -i eth1 -j DROP",
      },
      `${INPUT}: -i eth1 -j DROP`,
    ],
    [
      "a rule for another interface",
      "add 10.0.0.5",
      {
        jump: "-A INPUT -i eth1 -p tcp -m tcp --dport 22 -j pk-ssh",
        ahead: "-A INPUT -i eth0 -j DROP",
      },
      "",
    ],
    [
      "a rule for the outsider's interface, by which the address need not come",
      "add 10.0.0.5",
      { ahead: "-A INPUT -i eth0 -j DROP" },
      "",
    ],
    [
      "a rule for the service's protocol",
      "add 10.0.0.5",
      {
        jump: "-A INPUT -p udp -m udp --dport 500 -j pk-ssh",
        ahead: "-A INPUT -p udp -j DROP",
      },
      `${INPUT}: -p udp -j DROP`,
    ],
    [
      "a rule that holds still",
      "add 10.0.0.5",
      { ahead: "-A INPUT -m time --datestop 2026-05-06T07:08:09 -j DROP" },
      `${INPUT}: -m time --datestop 2026-05-06T07:08:09 -j DROP`,
    ],
    [
      "a rule whose time is over",
      "add 10.0.0.5",
      { ahead: "-A INPUT -m time --datestop 2026-05-06T07:08:08 -j DROP" },
      "",
    ],
    // Where packets are sent on to depends on what the machine's addresses are.
    [
      "a port that is sent on elsewhere",
      "add 10.0.0.5",
      { prepare: sendOn([]) },
      "this door opens nothing: redirected to 10.9.9.9:2222 by rule 1 of PREROUTING in table nat: " +
      "-p tcp -m tcp --dport 22 -j DNAT --to-destination 10.9.9.9:2222",
    ],
    [
      "a port that is sent on to another one of the machine",
      "delete 10.0.0.5",
      { prepare: sendOn(["10.9.9.9"]) },
      "10.0.0.5/32 still gets in: accepted at port 2222 by the policy of INPUT",
    ],
    [
      "a port that is sent on to where nobody knows",
      "delete 10.0.0.5",
      { prepare: sendOn(null) },
      "",
    ],
    [
      "an address on a list of the kernel",
      "add 10.0.0.5",
      {
        ahead: "-A INPUT -m recent --rcheck --seconds 60 --name pk-x --rsource " +
          "--mask 255.255.255.255 -j DROP",
        prepare: ({ knocked }) => void (knocked["pk-x"] = { "10.0.0.5": 60 }),
      },
      `${INPUT}: -m recent --rcheck --seconds 60 --name pk-x --mask 255.255.255.255 --rsource ` +
      "-j DROP",
    ],
    [
      "a list with an address on it from which the time is over",
      "add 10.0.0.5",
      {
        ahead: "-A INPUT -m recent --rcheck --seconds 60 --name pk-x --rsource " +
          "--mask 255.255.255.255 -j DROP",
        prepare: ({ knocked }) => void (knocked["pk-x"] = { "10.0.0.5": 61 }),
      },
      "",
    ],
    [
      "rules of both iptables: it says whose",
      "add 10.0.0.5",
      {
        prepare: ({ around }) => void (around.legacy = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n"),
      },
      "this door opens nothing: dropped by the policy of INPUT (legacy)",
    ],
    [
      "a table that only nft shows",
      "add 10.0.0.5",
      {
        prepare: ({ surroundings }) =>
          void Object.assign(surroundings, {
            nft: () => Promise.resolve(err(failure("not-root", "no"))),
          }),
      },
      "",
    ],
  ] satisfies readonly (readonly [string, string, Machine, string])[]
) {
  Deno.test(`of a door a person is told what the address meets: ${what}`, async () => {
    assertEquals(await said(line, given), expected);
  });
}

Deno.test("a hook is told nothing of it, and asks for nothing", async () => {
  const system = machine({ ahead: "-A INPUT -s 10.0.0.0/8 -j DROP" });
  Object.assign(system.console, { errIsTerminal: false });
  assertEquals((await system.run("add 10.0.0.5 --service ssh")).err, "");
  assertEquals(system.kernel.calls.map(({ verb }) => verb), ["list", "write"]);
});

Deno.test("a door of an IPv6 address is asked about in IPv6 alone", async () => {
  const system = machine({});
  // Of routes nothing is asked: an address may come by any interface.
  Object.assign(system.surroundings, { defaultInterface: () => assert(false) });
  const ssh = ":pk-ssh - [0:0]\n-A INPUT -s 2001:db8::/32 -j DROP\n" +
    "-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh\n-A pk-ssh -j DROP";
  system.kernel.load("ipv6", ssh);
  assertEquals(
    (await system.run("add 2001:db8::5 --service ssh")).err,
    `pktables: warning: ${INPUT}: -s 2001:db8::/32 -j DROP\n`,
  );
  assertEquals(new Set(system.kernel.calls.map(({ family }) => family)), new Set(["ipv6"]));
});

Deno.test("where the tables cannot be read any more, nothing is said of what an address meets", async () => {
  const system = machine({});
  system.kernel.load(
    "ipv6",
    ":pk-ssh - [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh\n-A pk-ssh -j DROP",
  );
  const problem = failure("absent", "ip6tables is not there");
  Object.assign(system.kernel, { save: () => Promise.resolve(err(problem)) });
  assertEquals(await system.run("add 2001:db8::5 --service ssh"), {
    status: 0,
    out: "ssh: 2001:db8::5/128 open until deleted\n",
    err: "",
  });
});
