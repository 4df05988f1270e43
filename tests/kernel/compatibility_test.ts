import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Box, forEachBackend } from "../support/box.ts";
import { readChains } from "../support/chains.ts";
import { expectIdempotent, expectSound, expectStatus } from "../support/expect.ts";
import { EMPTY_FILTER, FAMILIES, normalize } from "../support/iptables_text.ts";

const OLD = {
  ipv4: ["198.51.100.7", "9.9.9.9", "203.0.113.0/24"],
  ipv6: ["2001:db8:f::7", "2001:db8::9", "fd00::/8"],
} as const;

/** The chain as the tool before this one left it, made with plain iptables commands, doors unsorted. */
async function oldShape(box: Box): Promise<void> {
  for (const family of FAMILIES) {
    const iptables = (line: string) => box.iptables(family, ...line.split(" "));
    await iptables("-N pk-ssh");
    for (const door of OLD[family]) await iptables(`-A pk-ssh -s ${door} -j ACCEPT`);
    await iptables(
      "-A pk-ssh -m limit --limit 10/minute -j LOG --log-prefix pk-ssh: --log-level 4",
    );
    await iptables("-A pk-ssh -j DROP");
    await iptables("-A INPUT -p tcp --dport 22 --syn -j pk-ssh");
  }
}

async function v4(box: Box): Promise<string[]> {
  const [chain] = readChains(await box.save("ipv4"));
  return chain?.doors.map(({ address }) => address) ?? [];
}

forEachBackend("promise 8, compatible: a chain of the old shape is listed", async (box) => {
  await oldShape(box);
  const { services } = JSON.parse(await box.must("list", "--json"));
  assertEquals(services.length, 1);
  const [{ name, ports, protocol, syn, policy, log, doors }] = services;
  assertEquals({ name, ports, protocol, syn, policy }, {
    name: "ssh",
    ports: ["22"],
    protocol: "tcp",
    syn: true,
    policy: "drop",
  });
  assertEquals(log, { prefix: "pk-ssh:", level: 4, limit: "10/minute", burst: 5 });
  const addresses = doors.map(({ address }: { address: string }) => address).sort();
  const whole = (address: string) =>
    address.includes("/") ? address : `${address}/${address.includes(":") ? 128 : 32}`;
  assertEquals(addresses, [...OLD.ipv4, ...OLD.ipv6].map(whole).sort());
});

forEachBackend("promise 8, compatible: doors are added to an old chain in order", async (box) => {
  await oldShape(box);
  await expectIdempotent(box, ["add", "192.0.2.1", "--service", "ssh"]);
  await expectIdempotent(box, ["add", "2001:db8:1::1", "--service", "ssh"]);
  const doors = await v4(box);
  assertEquals([...doors].sort(), [
    "192.0.2.1/32",
    "198.51.100.7/32",
    "203.0.113.0/24",
    "9.9.9.9/32",
  ]);
  await expectSound(box);
});

forEachBackend(
  "promise 8, compatible: doors of an old chain are closed, all copies",
  async (box) => {
    await oldShape(box);
    await box.iptables("ipv4", "-I", "pk-ssh", "-s", "9.9.9.9", "-j", "ACCEPT");
    await expectIdempotent(box, ["delete", "9.9.9.9", "--service", "ssh"]);
    await expectIdempotent(box, ["delete", "2001:db8::9", "--service", "ssh"]);
    assertEquals((await v4(box)).includes("9.9.9.9/32"), false);
    assertStringIncludes(await box.save("ipv4"), "--log-prefix");
  },
);

forEachBackend("promise 8, compatible: an old chain is removed whole", async (box) => {
  await oldShape(box);
  await box.must("remove", "ssh");
  for (const family of FAMILIES) assertEquals(await box.save(family), normalize(EMPTY_FILTER));
});

forEachBackend(
  "promise 8, compatible: init of what an old chain already is changes nothing",
  async (box) => {
    await oldShape(box);
    const before = await box.saveAll();
    const log = ["--log", "--log-prefix", "pk-ssh:", "--log-limit", "10/minute"];
    await box.must("init", "ssh", "--port", "22", "--syn", ...log);
    assertEquals(readChains(before).length, 1);
    for (const family of FAMILIES) {
      const [chain] = readChains(await box.save(family));
      assertEquals(chain?.doors.length, 3);
      assertEquals(chain?.jumps, 1);
    }
  },
);

/** Command lines as they are in knockd.conf and boot scripts, `%IP%` filled in as knockd does. */
const HOOKS = [
  "add 203.0.113.9 --service ssh",
  "add --service ssh 203.0.113.10",
  "add --service=ssh 2001:db8::9",
  "add ::ffff:203.0.113.11 --service ssh",
  "delete 203.0.113.9 --service ssh",
  "delete --service ssh 203.0.113.10",
  "delete --service=ssh 2001:db8::9",
  "delete ::ffff:203.0.113.11 --service ssh",
  "remove ssh",
];

forEachBackend(
  "promise 8, compatible: command lines of the old tool work unchanged",
  async (box) => {
    const boot = [
      "init ssh --port 22 --syn --log --log-prefix ssh: --log-level info",
      "init --port 80 web",
    ];
    for (const line of [...boot, ...HOOKS]) {
      // As knockd runs them: by system(3), that is, by a shell.
      const command = `/mnt/bin/pktables ${line} --backend ${box.backend}`;
      expectStatus(await box.ns.run(["sh", "-c", command]), 0);
      await expectSound(box, line);
    }
    const left = readChains(await box.save("ipv4")).map(({ name }) => name);
    assertEquals(left, ["pk-web"]);
  },
);
