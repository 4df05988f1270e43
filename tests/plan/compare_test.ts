import { assertEquals } from "@std/assert";
import type { Service } from "../../src/firewall/service.ts";
import { observeService } from "../../src/firewall/survey.ts";
import { readFilterTable } from "../support/read_table.ts";
import { compareService } from "../../src/plan/compare.ts";
import { formatLog } from "../../src/firewall/properties.ts";
import { FakeKernel } from "../support/fake_kernel.ts";

const SSH: Service = {
  name: "ssh",
  protocol: "tcp",
  ports: [{ from: 22, to: 22 }],
  syn: true,
  policy: "drop",
  families: ["ipv4"],
  interface: "eth0",
  established: true,
  log: { prefix: "a b", level: 6, limit: { count: 60, unit: "hour" }, burst: 5 },
  allow: null,
};

const RULES = `:pk-ssh - [0:0]
-A INPUT -i eth0 -p tcp -m tcp --dport 22 --syn -j pk-ssh
-A pk-ssh -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A pk-ssh -s 10.0.0.1 -j ACCEPT
-A pk-ssh -m limit --limit 1/minute -j LOG --log-prefix "a b" --log-level 6
-A pk-ssh -j DROP`;

function table(lines: string) {
  return readFilterTable(new FakeKernel({ ipv4: lines }).dump("ipv4"), "ipv4");
}

function compare(wanted: Partial<Service>, lines = RULES): string[] {
  return compareService(observeService(table(lines), "ssh")!, { ...SSH, ...wanted })
    .map(({ what, now, wanted }) => `${what}: ${now} -> ${wanted}`);
}

Deno.test("a service that is what is wanted has no difference, however it was written", () => {
  assertEquals(compare({}), []);
});

Deno.test("each difference is reported once, with the old and the new value", () => {
  const log = 'log: prefix "a b" level info limit 1/minute burst 5';
  for (
    const [wanted, told] of [
      [{ protocol: "udp" }, "protocol: tcp -> udp"],
      [{ ports: [{ from: 22, to: 23 }, { from: 80, to: 80 }] }, "ports: 22 -> 22-23,80"],
      [{ syn: false }, "syn: yes -> no"],
      [{ interface: null }, "interface: eth0 -> any"],
      [{ policy: "reject" }, "policy: drop -> reject"],
      [{ established: false }, "established: yes -> no"],
      [{ log: null }, `${log} -> none`],
      [
        { log: { ...SSH.log!, prefix: "a" } },
        `${log} -> prefix "a" level info limit 1/minute burst 5`,
      ],
      [
        { log: { ...SSH.log!, burst: 6 } },
        `${log} -> prefix "a b" level info limit 1/minute burst 6`,
      ],
    ] as const
  ) assertEquals(compare(wanted as Partial<Service>), [told]);
});

Deno.test("what a half-made service does not show is not a difference", () => {
  assertEquals(compare({ established: false, log: null }, ":pk-ssh - [0:0]"), []);
});

Deno.test("two rates that are one to the kernel are shown as one", () => {
  const log = { prefix: null, level: 4, burst: 5 } as const;
  assertEquals(
    formatLog({ ...log, limit: { count: 60, unit: "minute" } }),
    "level warning limit 1/second burst 5",
  );
  assertEquals(
    formatLog({ ...log, limit: { count: 7, unit: "day" } }),
    "level warning limit 7/day burst 5",
  );
});
