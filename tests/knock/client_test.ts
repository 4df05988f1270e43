// What `client` prints, run by the real bash, knock and ssh against the real knockd.
import { assert, assertEquals } from "@std/assert";
import { addressOf, Knocking, RULES, serverOf } from "../support/knocking.ts";
import { serve } from "../support/traffic.ts";

const FILE = "service ssh tcp 22 syn drop\n    knock 8022, 7001:udp, 9003 within 5s for 1h\n";

/** A machine that listens, and what its client prints for a family. */
async function prepare(knocking: Knocking, family: "ipv4" | "ipv6"): Promise<string> {
  await serve(knocking.server.ns, [22]);
  await knocking.listen(FILE);
  return await knocking.server.must("client", RULES, "--host", serverOf(1, family));
}

for (const family of ["ipv4", "ipv6"] as const) {
  for (const [program, start] of [["knock(1)", "knock -"], ["bash alone", "bash -c "]] as const) {
    Deno.test(`the line for ${program} opens the door over ${family}`, async () => {
      await using knocking = await Knocking.create("nft");
      const line = (await prepare(knocking, family)).split("\n").find((one) =>
        one.startsWith(start)
      );
      await knocking.client.must(["sh", "-c", line ?? "false"]);
      const door = `-s ${addressOf(1, family)}/`;
      await knocking.until(
        "the door",
        async () => (await knocking.server.save(family)).includes(door),
      );
    });
  }

  Deno.test(`ssh connects through the block for ssh_config over ${family}`, async () => {
    await using knocking = await Knocking.create("nft");
    const printed = await prepare(knocking, family);
    const host = serverOf(1, family);
    // ssh itself says what it makes of the block, and what it would run.
    await Deno.writeTextFile(
      knocking.client.path("/mnt/ssh_config"),
      printed.slice(printed.indexOf("Host ")),
    );
    const read = await knocking.client.must(["ssh", "-G", "-F", "/mnt/ssh_config", host]);
    assert(read.includes("\nport 22\n"), read);
    const command = /^proxycommand (.*)$/m.exec(read)?.[1] ?? "false";
    const run = command.replaceAll("%p", "22");
    const started = performance.now();
    const { stdout, stderr } = await knocking.client.run(["sh", "-c", run], { stdin: "" });
    // The server's greeting comes through, and nothing else; no SYN had to be sent twice.
    assertEquals([stdout, stderr], ["open\n", ""], await knocking.log());
    assert(performance.now() - started < 5000);
  });
}

Deno.test("a whole session of the real ssh goes through the block, both ways", async () => {
  await using knocking = await Knocking.create("nft");
  const { server, client } = knocking;
  await client.must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/mnt/key"]);
  await server.ns.must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/mnt/host"]);
  const key = await Deno.readTextFile(client.path("/mnt/key.pub"));
  await Deno.writeTextFile(server.ns.path("/mnt/keys"), key);
  const settings = [
    "HostKey /mnt/host",
    "AuthorizedKeysFile /mnt/keys",
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin yes",
    "PidFile none",
    "ListenAddress 10.9.1.1",
  ];
  await Deno.writeTextFile(server.ns.path("/mnt/sshd_config"), `${settings.join("\n")}\n`);
  await server.ns.must(["mkdir", "-p", "/run/sshd"]);
  server.ns.spawn(["/usr/sbin/sshd", "-D", "-e", "-f", "/mnt/sshd_config"], { timeout: 60_000 });
  await knocking.listen(FILE);
  const printed = await server.must("client", RULES, "--host", serverOf(1));
  await Deno.writeTextFile(client.path("/mnt/ssh_config"), printed.slice(printed.indexOf("Host ")));
  const options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"];
  const words = [
    "ssh",
    "-F",
    "/mnt/ssh_config",
    "-i",
    "/mnt/key",
    ...options.flatMap((one) => ["-o", one]),
  ];
  const said = "x".repeat(200_000);
  const { code, stdout, stderr } = await client.run([...words, `root@${serverOf(1)}`, "cat"], {
    stdin: said,
    timeout: 30_000,
  });
  assertEquals([code, stderr], [0, ""], await knocking.log());
  assertEquals(stdout, said);
});
