import { assertEquals } from "@std/assert";
import { addressOf, Knocking, RULES } from "../support/knocking.ts";

/** As most people have it, with its own ports. */
const THEIRS = `[options]
	UseSyslog
	Interface = pk0

[openSSH]
	sequence    = 7311,9127,8143:udp
	seq_timeout = 5
	command     = /sbin/iptables -I INPUT -s %IP% -p tcp --dport 22 -j ACCEPT
	tcpflags    = syn

[closeSSH]
	sequence    = 8143:udp,9127,7311
	seq_timeout = 5
	command     = /sbin/iptables -D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT
	tcpflags    = syn
`;

Deno.test("an imported file loads, passes check, and opens and closes to the same knocks", async () => {
  await using knocking = await Knocking.create("nft");
  await Deno.writeTextFile(knocking.server.ns.path("/mnt/old.conf"), THEIRS);
  await knocking.server.must("import", "/mnt/old.conf", "--output", RULES);
  assertEquals((await knocking.server.ns.must(["stat", "-c", "%a", RULES])).trim(), "600");
  const { code, stderr } = await knocking.server.pktables("check", RULES);
  assertEquals([code, stderr.includes("no problems found")], [0, true], stderr);
  await knocking.server.must("load", RULES);
  await knocking.start(await knocking.server.must("knockd", RULES, "--options"));
  const isOpen = async () =>
    (await knocking.server.save("ipv4")).includes(`-s ${addressOf(1)}/32 `);
  await knocking.knock(["7311", "9127", "8143:udp"]);
  await knocking.until("it opens", isOpen);
  await knocking.knock(["8143:udp", "9127", "7311"]);
  await knocking.until("it closes", async () => !await isOpen());
});
