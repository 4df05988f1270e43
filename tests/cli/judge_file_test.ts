// What check says of the expectations of a file: the rule that decides, in the words of the file.
import { assertEquals } from "@std/assert";
import { run } from "../../src/cli/run.ts";
import { memorySystem } from "../support/memory_system.ts";

/** What check says of the file's last line, without the place. */
async function said(text: string): Promise<string> {
  const { system, out } = memorySystem({ "a.pk": text });
  await run(["check", "--format", "short", "a.pk"], system);
  const last = `a.pk:${text.split("\n").length}:`;
  const lines = out().split("\n").filter((line) => line.startsWith(last));
  return lines.map((line) => line.replace(/^\S+ /, "")).join("\n");
}

const ALLOWING =
  "service ssh tcp 22 drop allow 10.0.0.5, 10.1.0.0/16, 2001:db8::/32, 2001:db9::5, ";

for (
  const [text, wanted] of [
    ["service ssh tcp 22 drop\nexpect tcp 22 from anyone drop", ""],
    [
      "service ssh tcp 22 drop\nexpect tcp 22 from anyone accept",
      "error[PK046]: this packet is dropped by the policy of service `ssh` (a.pk:1) (IPv4 and IPv6)",
    ],
    [
      "service ssh tcp 22 reject ipv6\nexpect tcp 22 from ::9 accept",
      "error[PK046]: this packet is rejected by the policy of service `ssh` (a.pk:1)",
    ],
    // One host is named without a length, a network with it.
    ...([
      ["10.0.0.5", "this packet", "10.0.0.5"],
      ["10.1.0.0/16", "a packet from 10.1.0.0", "10.1.0.0/16"],
      ["2001:db8::/32", "a packet from 2001:db8::", "2001:db8::/32"],
      ["2001:db9::5", "this packet", "2001:db9::5"],
      ["10.2.0.0/31", "a packet from 10.2.0.0", "10.2.0.0/31"],
    ] as const).map(([from, who, allow]) =>
      [
        `${ALLOWING}10.2.0.0/31\nexpect tcp 22 from ${from} drop`,
        `error[PK046]: ${who} is accepted by \`allow ${allow}\` of service \`ssh\` (a.pk:1)`,
      ] as const
    ),
    [
      "service ssh tcp 22 drop established\nexpect tcp 22 from anyone established drop",
      "error[PK046]: this packet is accepted by `established` of service `ssh` (a.pk:1) (IPv4 and IPv6)",
    ],
    [
      "service ssh tcp 22 drop\nexpect tcp 23 from anyone drop",
      "error[PK046]: this packet is accepted by the policy of INPUT: no service covers tcp 23 (IPv4 and IPv6)",
    ],
    [
      "service ssh tcp 22 syn drop\nexpect tcp 22 from anyone established drop",
      "error[PK046]: this packet is accepted by the policy of INPUT: service `ssh` (a.pk:1) takes only " +
      "packets that open a connection (`syn`) (IPv4 and IPv6)",
    ],
    [
      "service ssh tcp 22 syn drop on eth1\nexpect tcp 22 from anyone on eth0 drop",
      "error[PK046]: this packet is accepted by the policy of INPUT: service `ssh` (a.pk:1) takes only " +
      "packets that come in on eth1 (IPv4 and IPv6)",
    ],
    [
      "service ssh tcp 22 drop ipv4\nexpect tcp 22 from anyone drop",
      "error[PK046]: this packet is accepted by the policy of INPUT: service `ssh` (a.pk:1) leaves IPv6 " +
      "out (IPv6)",
    ],
    [
      "service ssh tcp 22 drop on eth1\nservice web tcp 22 drop on eth2\n" +
      "expect tcp 22 from anyone on eth0 drop",
      "error[PK046]: this packet is accepted by the policy of INPUT: service `ssh` (a.pk:1) takes only " +
      "packets that come in on eth1 and service `web` (a.pk:2) takes only packets that come in on eth2 " +
      "(IPv4 and IPv6)",
    ],
    [
      "service ssh tcp 22 drop on eth1\nservice web tcp 22 accept on eth2\nexpect tcp 22 from anyone drop",
      "warning[PK079]: cannot tell: this depends on `on eth1` of service `ssh` (a.pk:1) (IPv4 and IPv6) " +
      "(name the interface that is meant by `on`)",
    ],
    [
      "service ssh tcp 22 drop on eth1 ipv4\nservice web tcp 22 drop on eth2 ipv4\n" +
      "expect tcp 22 from 10.0.0.0/8 drop",
      "warning[PK079]: whether this is met from 10.0.0.0 depends on `on eth1` of service `ssh` (a.pk:1) " +
      "and `on eth2` of service `web` (a.pk:2) (name the interface that is meant by `on`)",
    ],
  ] as const
) {
  Deno.test(`check judges an expectation by the file alone: ${text.split("\n").at(-1)}, ${wanted}`, async () => {
    assertEquals(await said(text), wanted);
  });
}

Deno.test("more addresses than can be tested are told as that", async () => {
  const hosts = Array.from({ length: 1500 }, (_, at) => `10.${at >> 8}.${at & 255}.1`);
  const allow = `service ssh tcp 22 drop allow ${hosts.join(", ")}`;
  assertEquals(
    await said(`${allow}\nexpect tcp 22 from 10.0.0.0/8 drop`),
    "warning[PK079]: cannot tell: this depends on too many different addresses to test",
  );
});

Deno.test("the services that a packet comes to are shown beside the expectation", async () => {
  const { system, out } = memorySystem({
    "a.pk": "service ssh tcp 22 drop\nexpect tcp 22 from anyone accept\n",
  });
  await run(["check", "a.pk"], system);
  assertEquals(
    out(),
    "error[PK046]: this packet is dropped by the policy of service `ssh` (a.pk:1) (IPv4 and IPv6)\n" +
      "  --> a.pk:2:27\n" +
      "   |\n" +
      " 1 | service ssh tcp 22 drop\n" +
      "   |         --- the packet comes here\n" +
      " 2 | expect tcp 22 from anyone accept\n" +
      "   |                           ^^^^^^ expected\n",
  );
});
