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
