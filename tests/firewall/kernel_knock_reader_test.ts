import { assertEquals } from "@std/assert";
import { knockChainsOf } from "../../src/firewall/kernel_knock.ts";
import { readKernelKnocks } from "../../src/firewall/kernel_knock_reader.ts";
import { doorListOf, emitRule } from "../../src/firewall/rule.ts";
import type { KernelKnock, Service } from "../../src/firewall/service.ts";
import { readFilterTable } from "../support/read_table.ts";
import { SSH_SERVICE } from "../support/ssh_service.ts";

const KNOCKS: readonly KernelKnock[] = [
  {
    steps: [{ port: 7000, protocol: "tcp" }, { port: 8022, protocol: "udp" }],
    within: 5,
    for: 28_800,
    close: null,
  },
  {
    steps: [1, 2, 1, 65_535].map((port) => ({ port, protocol: "tcp" as const })),
    within: 600,
    for: 60,
    close: [{ port: 9, protocol: "udp" }, { port: 9, protocol: "tcp" }],
  },
  {
    steps: [{ port: 4004, protocol: "udp" }],
    within: 30,
    for: 1,
    close: [{ port: 4005, protocol: "tcp" }],
  },
];

function service(knocks: readonly KernelKnock[]): Service {
  return {
    ...SSH_SERVICE,
    allow: [],
    knocks,
  };
}

/** The chains of the service as iptables-save prints them, with other rules ahead in some. */
function tableOf(one: Service, { family, ahead = {} }: {
  family: "ipv4" | "ipv6";
  ahead?: Readonly<Record<string, string>>;
}) {
  const heard = knockChainsOf(one, family);
  const doors = (one.knocks ?? []).map((knock, at) =>
    emitRule({
      kind: "knocked",
      list: doorListOf(one.name, { number: at + 1, family }),
      seconds: knock.for,
      family,
    })
  );
  const lines = heard.flatMap(({ chain, rules }) =>
    [...ahead[chain] === undefined ? [] : [ahead[chain]], ...rules]
      .map((rule) => `-A ${chain} ${rule.replace("--syn", "--tcp-flags FIN,SYN,RST,ACK SYN")}`)
  );
  return readFilterTable(
    [
      "*filter",
      ":INPUT ACCEPT [0:0]",
      ":pk-ssh - [0:0]",
      ...heard.map(({ chain }) => `:${chain} - [0:0]`),
      ...[...doors, "-j DROP"].map((rule) => `-A pk-ssh ${rule}`),
      ...lines,
      "COMMIT",
      "",
    ].join("\n"),
    family,
  );
}

Deno.test("knocks are read back from their chains as they were written, each with its own door", () => {
  // No rule names the time of a single packet.
  const expected = KNOCKS.map((knock) =>
    knock.steps.length === 1 ? { ...knock, within: 1 } : knock
  );
  for (const family of ["ipv4", "ipv6"] as const) {
    const read = (knocks: readonly KernelKnock[]) =>
      readKernelKnocks(tableOf(service(knocks), { family }), "ssh");
    assertEquals(read(KNOCKS), expected);
    assertEquals(read(KNOCKS.toReversed()), expected.toReversed());
    assertEquals(read([]), []);
    for (const [at, knock] of KNOCKS.entries()) assertEquals(read([knock]), [expected[at]!]);
  }
});

Deno.test("no knock is read where a chain is not as this tool writes it, or is of another service", () => {
  const one = service(KNOCKS);
  const table = tableOf(one, { family: "ipv4", ahead: { "pk-ssh.2": "-j RETURN" } });
  assertEquals(readKernelKnocks(table, "ssh"), []);
  assertEquals(readKernelKnocks(tableOf(one, { family: "ipv4" }), "ss"), []);
});
