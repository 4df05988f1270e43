// What `add` says of rules of other programs that come before the door, wherever they stand.
import { assertEquals } from "@std/assert";
import { FakeSystem } from "../support/fake_system.ts";

/** Rules that may stand in a service's chain ahead of its end. */
const PIECES = [
  "-s 10.0.0.2/32 -j ACCEPT",
  "-s 10.0.0.9/32 -j ACCEPT",
  "-s 10.0.0.5/32 -j ACCEPT",
  "-s 10.0.0.3/32 -m time --datestop 2020-01-01T00:00:00 -j ACCEPT",
  "-m mac --mac-source 00:00:00:00:00:01 -j DROP",
  "-p udp -m mac --mac-source 00:00:00:00:00:02 -j REJECT --reject-with icmp-port-unreachable",
];

/** All orders of up to so many of them. */
function* orders(most: number, pieces = PIECES): Generator<string[]> {
  yield [];
  if (most === 0) return;
  for (const piece of pieces) {
    for (const rest of orders(most - 1, pieces.filter((one) => one !== piece))) {
      yield [piece, ...rest];
    }
  }
}

Deno.test("add names the rules that come before the door, and no others, in any order of the chain", async () => {
  let warned = 0;
  for (const rules of orders(4)) {
    for (const time of ["", " --for 1h"]) {
      const lines = [...rules, "-j DROP"].map((rule) => `-A pk-ssh ${rule}`);
      const system = new FakeSystem({
        ipv4: `:pk-ssh - [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh\n${lines.join("\n")}`,
      });
      const { status, err } = await system.run(`add 10.0.0.5 --service ssh${time}`);
      assertEquals(status, 0);
      const chain = system.kernel.chain("ipv4", "pk-ssh") ?? [];
      const door = chain.findIndex((rule) => rule.startsWith("-s 10.0.0.5/32 "));
      const ahead = chain.slice(0, door).filter((rule) => /-j (DROP|REJECT)/.test(rule));
      const told = [
        ...err.matchAll(/blocked: rule (\d+) of pk-ssh \((.*)\) comes before its door\n/g),
      ];
      assertEquals(told.map(([, , text]) => text), ahead, `${lines.join("\n")}\n${err}`);
      for (const [, at, text] of told) assertEquals(rules[Number(at) - 1], text);
      assertEquals(err.split("\n").length - 1, told.length, err);
      warned += told.length;
    }
  }
  assertEquals(warned > 300, true, String(warned));
});

Deno.test("the same end again is no extension, and a shorter one shortens nothing, dead doors or not", async () => {
  const day = "2026-05-06T";
  const timed = (time: string) => `-s 10.0.0.5/32 -m time --datestop ${day}${time} -j ACCEPT`;
  for (const isDead of [false, true]) {
    for (
      const [time, until, words] of [
        ["59m", "08:08:09", "already open until 2026-05-06T08:08:09Z"],
        ["1h", "08:08:09", "already open until 2026-05-06T08:08:09Z"],
        ["61m", "08:09:09", "open until 2026-05-06T08:09:09Z (extended)"],
      ] as const
    ) {
      const dead = isDead ? `\n-A pk-ssh ${timed("09:09:09")}` : "";
      const system = new FakeSystem({
        ipv4: `:pk-ssh - [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh\n-A pk-ssh ${
          timed("08:08:09")
        }\n-A pk-ssh -j DROP${dead}`,
      });
      const { out, err } = await system.run(`add 10.0.0.5 --service ssh --for ${time}`);
      const end = isDead
        ? " (its door was behind the end of the chain)"
        : words.startsWith("already")
        ? ": nothing to do"
        : "";
      assertEquals([out, err], [`ssh: 10.0.0.5/32 ${words}${end}\n`, ""]);
      assertEquals(system.kernel.chain("ipv4", "pk-ssh"), [timed(until), "-j DROP"]);
    }
  }
});
