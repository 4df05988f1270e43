import { assertEquals } from "@std/assert";
import { addressOf, Knocking, RULES } from "../support/knocking.ts";

/** In the shape in which most people have it, with ports of its own. */
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
  await using room = await Knocking.create("nft");
  await Deno.writeTextFile(room.server.ns.path("/mnt/old.conf"), THEIRS);
  await room.server.must("import", "/mnt/old.conf", "--output", RULES);
  assertEquals((await room.server.ns.must(["stat", "-c", "%a", RULES])).trim(), "600");
  const { code, stderr } = await room.server.pktables("check", RULES);
  assertEquals([code, stderr.includes("nothing to complain about")], [0, true], stderr);
  await room.server.must("load", RULES);
  await room.start(await room.server.must("knockd", RULES, "--options"));
  const isOpen = async () => (await room.server.save("ipv4")).includes(`-s ${addressOf(1)}/32 `);
  await room.knock(["7311", "9127", "8143:udp"]);
  await room.until("it opens", isOpen);
  await room.knock(["8143:udp", "9127", "7311"]);
  await room.until("it closes", async () => !await isOpen());
});
