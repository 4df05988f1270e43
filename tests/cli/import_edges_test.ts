// The whole file that import --kernel writes, the order of its services, and what stops it.
import { assertEquals } from "@std/assert";
import { failure } from "../../src/system/failure.ts";
import { FakeSystem } from "../support/fake_system.ts";
import { machine, must } from "../support/unconfirmed_machine.ts";

const service = (
  name: string,
  port: number,
) => [`-A INPUT -p tcp -m tcp --dport ${port} -j pk-${name}`, `-A pk-${name} -j DROP`];

/** Rules of one family: the chains of all services, and the lines. */
function rules(names: readonly string[], ...lines: readonly string[]): string {
  return [...names.map((name) => `:pk-${name} - [0:0]`), ...lines].join("\n");
}

const names = (out: string) => [...out.matchAll(/^service (\S+)/gm)].map(([, name]) => name);

Deno.test("the file says where it comes from, what it holds and what it left out", async () => {
  const odd = "-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 9 -j pk-odd";
  const ipv4 = rules(
    ["ssh", "odd", "1x"],
    ...service("ssh", 22),
    odd,
    ...service("1x", 7),
    "-A pk-odd -j DROP",
  );
  const system = new FakeSystem({ ipv4 });
  const { status, out, err } = await system.run("import --kernel --ipv4");
  assertEquals(status, 1);
  assertEquals(
    out,
    "# Made by pktables import --kernel from the services that the kernel had.\n" +
      "# Open doors are not part of it: `pktables load` leaves them open.\n" +
      "\n" +
      "service ssh tcp 22 drop\n" +
      "\n" +
      "# Left out:\n" +
      "#   `odd`: its jump has further matches (-s 10.0.0.0/8 -p tcp -m tcp --dport 9 -j pk-odd)\n" +
      "#   `1x`: no rules file can name it\n",
  );
  assertEquals(
    err,
    "pktables: warning: `odd`: its jump has further matches (-s 10.0.0.0/8 -p tcp -m tcp --dport 9 -j " +
      "pk-odd)\n" +
      "pktables: warning: `1x`: no rules file can name it\n" +
      "1 service, 2 left out\n",
  );
});

Deno.test("services are in the order of their jumps in each family, as long as these agree", async () => {
  const [a, b, c, d] = [service("a", 1), service("b", 2), service("c", 3), service("d", 4)];
  const all = ["a", "b", "c", "d"];
  for (
    const [ipv4, ipv6, wanted] of [
      [[...c, ...b, ...a], [...c, ...b, ...a], "c b a"],
      [[...c, ...a], [...c, ...b, ...a], "c b a"],
      [[...b, ...a], [...c, ...b], "c b a"],
      [[...d, ...a], [...c, ...a], "d c a"],
      [[...a, ...d], [...b, ...c, ...d], "a b c d"],
      // Where they do not agree, IPv4 comes first.
      [[...a, ...b], [...b, ...a], "a b"],
      [[...b, ...a], [...a, ...b], "b a"],
      [[...b, ...a, ...c], [...a, ...b, ...d], "b a c d"],
    ] as const
  ) {
    const chains = (lines: readonly string[]) =>
      all.filter((name) => lines.some((line) => line.startsWith(`-A pk-${name} `)));
    const system = new FakeSystem({
      ipv4: rules(chains(ipv4), ...ipv4),
      ipv6: rules(chains(ipv6), ...ipv6),
    });
    const { out } = await system.run("import --kernel");
    assertEquals(names(out).join(" "), wanted);
  }
});

Deno.test("a name of several services without a jump comes last, by its letters", async () => {
  const ipv4 = rules(["z", "b", "a"], ...service("z", 1), "-A pk-b -j DROP", "-A pk-a -j DROP");
  const { out } = await new FakeSystem({ ipv4 }).run("import --kernel --ipv4");
  const left = [...out.matchAll(/^# {3}`(\S+)`: (.*)$/gm)].map(([, name, why]) =>
    `${name}: ${why}`
  );
  assertEquals([names(out), left], [
    ["z"],
    ["a: no jump in INPUT has its ports", "b: no jump in INPUT has its ports"],
  ]);
});

Deno.test("rules that are unconfirmed in one family alone are told as well", async () => {
  for (const family of ["ipv4", "ipv6"]) {
    const system = await machine();
    await must(system, `load new.pk --confirm 60s --${family}`);
    assertEquals(
      (await system.run("import --kernel")).err.split("\n")[0],
      "pktables: warning: rules are unconfirmed: the file has them as they are now",
    );
    system.clock += 61;
    assertEquals((await system.run("import --kernel")).err, "2 services, nothing left out\n");
  }
});

Deno.test("what cannot be read is not imported, and no file is written over another", async () => {
  const system = await machine();
  system.contents["there.pk"] = "mine";
  assertEquals(await system.run("import --kernel -o there.pk"), {
    status: 1,
    out: "",
    err: "pktables: error: cannot write `there.pk`: already exists\n",
  });
  assertEquals(system.contents["there.pk"], "mine");
  assertEquals(await system.run("import --kernel -o new-one.pk"), {
    status: 0,
    out: "",
    err: "wrote `new-one.pk`\n2 services, nothing left out\n",
  });
  const problem = failure("timeout", "iptables-save did not end");
  system.kernel.faults = { save: { family: "ipv4", problem } };
  assertEquals(await system.run("import --kernel"), {
    status: 1,
    out: "",
    err: "pktables: error: iptables-save did not end\n",
  });
});

for (
  const [options, message] of [
    ["--port 0", "invalid port `0`: must be 1-65535"],
    ["--port 22 --udp --syn", "`--udp` and `--syn` exclude each other: only TCP has SYN"],
    [
      `--port 22 --log-prefix ${"x".repeat(30)}`,
      `invalid log prefix \`${"x".repeat(30)}\` (must be 1 to 29 bytes without control characters)`,
    ],
    [
      "--port 22 --log-level loud",
      "invalid log level `loud` (must be 0-7, or emerg, alert, crit, error, warning, notice, info, debug)",
    ],
    [
      "--port 22 --log-limit 0/minute",
      "invalid rate `0/minute` (must be a number above 0, a slash, and second, minute, hour or day: " +
      "10/minute)",
    ],
    ["--port 22 --log-burst 5", "`--log-burst` needs `--log-limit`"],
    ["--port 22 --log-limit 5/day --log-burst 0", "invalid burst `0` (must be 1-10000)"],
    ["--port 22 --log-limit 5/day --log-burst 10001", "invalid burst `10001` (must be 1-10000)"],
    ["--port 22 --log-limit 5/day --log-burst 05", "invalid burst `05` (must be 1-10000)"],
  ]
) {
  Deno.test(`init refuses ${options}, and says how it is written`, async () => {
    const ended = await new FakeSystem().run(`init ssh ${options}`);
    assertEquals(ended, { status: 2, out: "", err: `pktables: error: ${message}\n` });
  });
}
