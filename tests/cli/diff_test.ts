// What `diff` compares with, beside rules that are simply there.
import { assertEquals } from "@std/assert";
import { FakeSystem } from "../support/fake_system.ts";
import { machine, must, unconfirmed } from "../support/unconfirmed_machine.ts";

/** Files that `diff` is asked about, each with what is expected of packets. */
const FILES = [
  "service ssh tcp 22 syn drop\nexpect tcp 22 from anyone drop\nexpect tcp 80 from anyone accept\n",
  "service ssh tcp 2222 syn reject\nexpect tcp 2222 from anyone reject\n",
  `service first tcp 7 drop\nservice ssh tcp 22 syn drop allow 192.0.2.1
service last tcp 9 accept
expect tcp 7 from anyone drop
expect tcp 9 from anyone accept
expect tcp 22 from 192.0.2.1 accept
expect tcp 22 from 192.0.2.2 drop
expect tcp 22 from 192.0.2.3 accept
`,
];

Deno.test("rules that the kernel has taken back are no part of a comparison", async () => {
  for (const text of FILES) {
    for (const options of ["", " --prune", " --json", " --prune --json"]) {
      const [over, plain] = [await unconfirmed(), await machine()];
      const said = [];
      for (const system of [over, plain]) {
        system.clock += 120;
        system.contents["x.pk"] = text;
        said.push(await system.run(`diff x.pk${options}`));
      }
      assertEquals(said[0], said[1], `${text}${options}`);
    }
  }
});

Deno.test("diff says that what it compares with is unconfirmed, and for how long", async () => {
  const system = await unconfirmed();
  const note = "note: compared with rules that are unconfirmed, 1m left\n";
  assertEquals(await system.run("diff new.pk"), {
    status: 0,
    out: "",
    err: `${note}the kernel matches the file: nothing to do\n`,
  });
  system.clock += 1;
  assertEquals((await system.run("diff old.pk")).err, note.replace("1m", "59s"));
  await must(system, "confirm");
  assertEquals((await system.run("diff new.pk")).err.includes("unconfirmed"), false);
});

Deno.test("a service that differs in one family alone is judged in the other", async () => {
  const rules = ":pk-ssh - [0:0]\n-A INPUT -j DROP\n-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh";
  const system = new FakeSystem({
    ipv4: `${rules}\n-A pk-ssh -j ACCEPT`,
    ipv6: `${rules}\n-A pk-ssh -j DROP`,
  });
  system.contents["a.pk"] = "service ssh tcp 22 accept\n";
  const { out, err } = await system.run("diff a.pk");
  assertEquals(out.match(/^ssh: .*$/gm), ["ssh: policy drop -> accept (IPv6)"]);
  assertEquals(err.match(/IPv[46]: port 22/g), ["IPv4: port 22"], err);
});

Deno.test("a rule that overrules a service is told once, and no match with the file is claimed", async () => {
  const system = new FakeSystem({
    ipv4: `:pk-ssh - [0:0]
-A INPUT -p tcp -m tcp --dport 22 --syn -j pk-ssh
-A pk-ssh -p tcp -j ACCEPT
-A pk-ssh -j DROP`,
  });
  system.contents["a.pk"] = "service ssh tcp 22 syn drop ipv4\n";
  const { status, out, err } = await system.run("diff a.pk");
  assertEquals([status, out], [1, ""]);
  assertEquals(err.match(/warning/g)?.length, 1, err);
  assertEquals(err.includes("the kernel matches the file"), false);
  const json = JSON.parse((await system.run("diff a.pk --json")).out);
  assertEquals([json.changes, json.stays.length, json.effects], [[], 1, []]);
});

Deno.test("doors that are over are no difference of a service that has none else", async () => {
  const over = "-s 192.0.2.1/32 -m time --datestop 2020-01-01T00:00:00 -j ACCEPT";
  const chain = (name: string, rest: string) =>
    `:pk-${name} - [0:0]\n-A pk-${name} ${over}\n-A pk-${name} -j ${rest}\n`;
  const system = new FakeSystem({
    ipv4: `${chain("one", "DROP")}${chain("two", "ACCEPT")}
-A INPUT -p tcp -m tcp --dport 1 -j pk-one
-A INPUT -p tcp -m tcp --dport 2 -j pk-two`,
  });
  system.contents["a.pk"] = "service one tcp 1 drop ipv4\nservice two tcp 2 drop ipv4\n";
  const { status, out } = await system.run("diff a.pk");
  assertEquals([status, out.match(/^\w+: .*$/gm)], [1, [
    "two: policy accept -> drop, 1 door expired (IPv4)",
  ]]);
});
