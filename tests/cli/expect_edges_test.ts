// What load and diff say of expectations where not all is known, and where a plan is made anew.
import { assertEquals } from "@std/assert";
import { err as failed, ok } from "../../src/result.ts";
import { failure } from "../../src/system/failure.ts";
import { REFUSED } from "../support/fake_kernel.ts";
import { FakeSystem } from "../support/fake_system.ts";

function machine(rules: string, ipv4 = ""): FakeSystem {
  const system = new FakeSystem({ ipv4 });
  system.contents["rules.pk"] = rules;
  return system;
}

const NOT_LOOKED_AT =
  "too many different senders to test, or the tables changed while they were read";

const OPEN = "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT";
const MAYBE = "-A INPUT -p tcp -m tcp --dport 80 -m set --match-set x dst -j ACCEPT";

Deno.test("an expectation of which nobody knows is told beside one that is not met", async () => {
  const system = machine(
    "service ssh tcp 22 drop ipv4\nservice web tcp 80 drop ipv4\n" +
      "expect tcp 22 from 10.0.0.1 drop\nexpect tcp 80 from 10.0.0.1 drop\n",
    [OPEN, MAYBE].join("\n"),
  );
  const { status, err } = await system.run("load rules.pk --ipv4 --append");
  assertEquals(status, 1);
  const lines = err.split("\n").filter((line) => line.includes("rules.pk:"));
  assertEquals(lines, [
    "pktables: warning: rules.pk:4: cannot tell whether `expect tcp 80 from 10.0.0.1 drop` is met: " +
    "depends on rule 2 of INPUT (-m set --match-set x dst)",
    "pktables: error: rules.pk:3: `expect tcp 22 from 10.0.0.1 drop` is not met: accepted by rule 1 of " +
    "INPUT: -p tcp -m tcp --dport 22 -j ACCEPT",
  ]);
});

Deno.test("more addresses than can be tested are told as that, and stop nothing", async () => {
  const hosts = Array.from({ length: 1500 }, (_, at) => `10.${at >> 8}.${at & 255}.1`);
  const system = machine(
    `service ssh tcp 22 drop ipv4 allow ${hosts.join(", ")}\nexpect tcp 22 from 10.0.0.0/8 drop\n`,
  );
  const { status, err } = await system.run("load rules.pk --ipv4");
  assertEquals([status, err], [
    0,
    "pktables: warning: rules.pk:2: cannot tell whether `expect tcp 22 from 10.0.0.0/8 drop` is met: " +
    `${NOT_LOOKED_AT}\n`,
  ]);
});

Deno.test("where the tables changed meanwhile, what will be met is not known", async () => {
  const system = machine(
    "service ssh tcp 22 reject ipv4\nexpect tcp 22 from 10.0.0.1 reject\n",
    ":pk-ssh - [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh\n-A pk-ssh -j DROP",
  );
  const empty = "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n";
  Object.assign(system.surroundings, { saveAll: () => Promise.resolve(ok(empty)) });
  const { status, err } = await system.run("load rules.pk --ipv4 --backend nft");
  assertEquals([status, err.split("\n")[0]], [
    0,
    "pktables: warning: rules.pk:2: cannot tell whether `expect tcp 22 from 10.0.0.1 reject` is met: " +
    NOT_LOOKED_AT,
  ]);
});

Deno.test("what cannot be read ends load and diff, unless --force goes on", async () => {
  for (
    const [line, status, said] of [
      ["diff rules.pk --ipv4", 1, "pktables: error: no save\n"],
      ["load rules.pk --ipv4", 1, "pktables: error: no save\n"],
      [
        "load rules.pk --ipv4 --force",
        0,
        "pktables: warning: no expectation was tested: no save\n",
      ],
    ] as const
  ) {
    const system = machine("service ssh tcp 22 drop ipv4\nexpect tcp 22 from 10.0.0.1 drop\n");
    const lost = () => Promise.resolve(failed(failure("refused", "no save")));
    Object.assign(system.surroundings, { saveAll: lost });
    const ended = await system.run(line);
    assertEquals([ended.status, ended.err.startsWith(said)], [status, true], ended.err);
  }
});

Deno.test("what is not met is told once with its way, however often the plan is made anew", async () => {
  const system = machine(
    "service ssh tcp 22 syn drop ipv4\nexpect tcp 22 from 10.0.0.1 drop\n",
    `:mine - [0:0]\n-A INPUT -s 10.0.0.0/8 -j mine\n-A mine -j ACCEPT`,
  );
  const { kernel } = system;
  let isFirst = true;
  const restore: typeof kernel.restore = async (...args) => {
    if (!isFirst) return await Object.getPrototypeOf(kernel).restore.apply(kernel, args);
    isFirst = false;
    kernel.load("ipv4", OPEN);
    return failed(REFUSED);
  };
  Object.assign(kernel, { restore });
  const { status, err } = await system.run("load rules.pk --ipv4 --force");
  assertEquals([status, err], [
    0,
    "pktables: warning: rules.pk:2: `expect tcp 22 from 10.0.0.1 drop` is not met: accepted by rule 1 " +
    "of mine: -j ACCEPT\n" +
    "  rule 1 of INPUT: -s 10.0.0.0/8 -j mine\n" +
    "pktables: warning: 1 expectation is not met: loaded anyway because of --force\n",
  ]);
});
