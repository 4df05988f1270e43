// What the verbs make of rules that nft wrote and iptables prints without their matches.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { failure } from "../../src/system/failure.ts";
import { chain, DOOR, DROP, JUMP, machine, VERBS } from "../support/ssh_machine.ts";

const IN = { family: "ip", table: "filter" };
const RULE = { ...IN, chain: "pk-ssh" };
const SADDR = { payload: { protocol: "ip", field: "saddr" } };

/** What nft prints of a chain whose first rule iptables shows as a bare ACCEPT. */
const NFT = JSON.stringify({
  nftables: [
    { metainfo: { version: "1.0.6" } },
    { table: { family: "ip", name: "filter" } },
    {
      chain: {
        ...IN,
        name: "INPUT",
        ...{ type: "filter", hook: "input", prio: 0, policy: "accept" },
      },
    },
    { chain: { ...IN, name: "pk-ssh" } },
    {
      rule: {
        ...IN,
        chain: "INPUT",
        expr: [
          {
            match: {
              op: "==",
              left: { payload: { protocol: "tcp", field: "dport" } },
              right: 22,
            },
          },
          { jump: { target: "pk-ssh" } },
        ],
      },
    },
    {
      rule: {
        ...RULE,
        expr: [{ match: { op: "==", left: SADDR, right: "@friends" } }, { accept: null }],
      },
    },
    { rule: { ...RULE, expr: [{ counter: { packets: 0, bytes: 0 } }, { drop: null }] } },
  ],
});

Deno.test("a rule of nft that iptables shows without its match is left alone", async () => {
  const open = "-A pk-ssh -j ACCEPT";
  for (const verb of VERBS) {
    const system = machine(JUMP, open, DROP);
    system.kernel.nft = { ipv4: NFT, ipv6: null };
    const { status } = await system.run(verb);
    assertEquals(status, 0, verb);
    const rules = chain(system) ?? [];
    assertEquals(rules.filter((rule) => rule === "-j ACCEPT").length, 1, verb);
    assertEquals(rules.at(-1), "-j DROP", verb);
    assertEquals(
      system.kernel.writes.every(({ payload }) =>
        !payload.includes(" -j ACCEPT\n") ||
        payload.includes("-s 10.0.0.5/32 -j ACCEPT\n")
      ),
      true,
    );
  }
  const list = machine(JUMP, open, DROP);
  list.kernel.nft = { ipv4: NFT, ipv6: null };
  list.around.nft = NFT;
  const { out, err } = await list.run("list");
  assertStringIncludes(out, "+1 rule of others");
  assertEquals(err, "");
});

Deno.test("what only nft can tell apart is refused where nft is missing", async () => {
  const absent = failure("absent", "there is no nft on this machine");
  for (const verb of [...VERBS, "list", "diff rules.pk"]) {
    const system = machine(JUMP, "-A pk-ssh -j ACCEPT", DROP);
    system.kernel.faults = { nft: absent };
    const { status, err } = await system.run(verb);
    assertEquals([status, system.kernel.writes], [1, []], verb);
    assertStringIncludes(err, "rule 1 of pk-ssh (-j ACCEPT) may be a rule of nft");
    assertStringIncludes(err, "install nft, or delete the rule");
  }
});

Deno.test("a rule of nft stands in nobody's way, and is never deleted by its text", async () => {
  const system = machine(JUMP, "-A pk-ssh -j ACCEPT", DROP);
  system.kernel.nft = { ipv4: NFT, ipv6: null };
  const { status, err } = await system.run("remove ssh --ipv4");
  assertEquals([status, system.kernel.writes], [1, []]);
  assertStringIncludes(
    err,
    "rule 1 of pk-ssh (-j ACCEPT) was written by nft and matches more than iptables shows",
  );
});

Deno.test("a chain that no tool of others touched costs no look at nft", async () => {
  const system = machine(JUMP, DOOR, "-A pk-ssh -j LOG", DROP);
  for (const verb of VERBS) await system.run(verb);
  assertEquals(system.kernel.calls.filter(({ verb }) => verb === "nft"), []);
});
