import { assert, assertEquals } from "@std/assert";
import { BACKENDS, FAMILIES } from "../support/iptables_text.ts";
import { KernelKnocking, type Port } from "../support/kernel_knocking.ts";
import { serverOf } from "../support/knocking.ts";
import { answers, serve } from "../support/traffic.ts";

const KNOCK = ["7000", "8022:udp", "9003"];
const PORT = 2201;

function rules(knock: readonly Port[] = KNOCK, more = "within 5s for 8h"): string {
  return `service ssh tcp ${PORT} syn drop\n    knock ${knock.join(", ")} ${more} by kernel\n`;
}

for (const backend of BACKENDS) {
  Deno.test(`doors and unfinished knocks survive a load; a changed knock starts over (${backend})`, async () => {
    await using knocking = await KernelKnocking.create(backend);
    await knocking.load(rules());
    await knocking.send(knocking.steps(KNOCK, knocking.visitor(1)));
    const [first, second, third] = knocking.steps(KNOCK, knocking.visitor(2));
    await knocking.send([first!, second!]);
    const changes = [
      rules().replace("drop", "reject\n    established\n    allow 192.0.2.1"),
      `service web tcp 80 accept\n${rules(KNOCK, "within 50s for 4h")}`,
      rules().replace("8h", "7h"),
    ];
    for (const change of changes) {
      await knocking.load(change);
      assertEquals(await knocking.open(), [knocking.visitor(1)]);
    }
    await knocking.send([third!]);
    assertEquals(await knocking.open(), [knocking.visitor(1), knocking.visitor(2)]);
    // Another knock with the same end: an unfinished old one does not complete the new one.
    await knocking.send(knocking.steps(KNOCK.slice(0, 2), knocking.visitor(3)));
    await knocking.load(rules(["4004", "5005:udp", "9003"]));
    await knocking.send(knocking.steps(["9003"], knocking.visitor(3)));
    assertEquals(await knocking.open(), [knocking.visitor(1), knocking.visitor(2)]);
    await knocking.load(`service ssh tcp ${PORT} drop\n`);
    const lists = await knocking.knocking.server.ns.must(["ls", "/proc/net/xt_recent"]);
    assertEquals(lists, "");
  });

  Deno.test(`a knock opens with no process in user space, list shows it, delete closes it (${backend})`, async () => {
    await using knocking = await KernelKnocking.create(backend);
    const { server, client } = knocking.knocking;
    await knocking.load(rules(KNOCK, "within 5s for 1h close 9003, 7000"));
    assertEquals(await server.ns.processes(), []);
    const target = { protocol: "tcp", address: serverOf(1), port: PORT } as const;
    await knocking.send(knocking.steps(KNOCK, knocking.own));
    assertEquals(await knocking.open(), [knocking.own]);
    await serve(server.ns, [PORT]);
    assertEquals(await answers(client, target), true);
    const { services: [ssh] } = JSON.parse((await server.pktables("list", "--json")).stdout);
    const [door] = ssh.doors;
    assertEquals([door.address, door.kind], [`${knocking.own}/32`, "kernel"]);
    assert(door.secondsLeft > 3540 && door.secondsLeft <= 3600, String(door.secondsLeft));
    const traced = await server.pktables("trace", "tcp", String(PORT), "from", knocking.own);
    assertEquals(traced.code, 0, traced.stderr);
    const closed = await server.must("delete", knocking.own, "--service", "ssh");
    assertEquals(closed, `ssh: ${knocking.own}/32 closed\n`);
    assertEquals(await answers(client, target), false);
    // The closing knock does the same. The visitor opens with knock(1).
    await knocking.knocking.knock(KNOCK);
    assertEquals(await answers(client, target), true);
    await knocking.send(knocking.steps(["9003", "7000"], knocking.own));
    assertEquals(await answers(client, target), false);
  });

  Deno.test(`packets of a knock continue to the rules that follow (${backend})`, async () => {
    await using knocking = await KernelKnocking.create(backend);
    const { server, client } = knocking.knocking;
    await serve(server.ns, [7000, 9003]);
    await knocking.load(rules());
    // A service on such a port answers as before, even to the last step of a knock.
    const ask = (port: number) => answers(client, { protocol: "tcp", address: serverOf(1), port });
    assertEquals(await ask(7000), true);
    await knocking.send(knocking.steps(["8022:udp"], knocking.own));
    assertEquals(await ask(9003), true);
    assertEquals(await knocking.open(), [knocking.own]);
    await server.iptables("ipv4", "-A", "INPUT", "-p", "tcp", "--dport", "7000", "-j", "DROP");
    assertEquals(await ask(7000), false);
  });

  Deno.test(`a client that waits for answers, and so sends each SYN again, gets in (${backend})`, async () => {
    await using knocking = await KernelKnocking.create(backend);
    const { server, client } = knocking.knocking;
    await knocking.load(rules(KNOCK, "within 10s for 1h"));
    await server.iptables("ipv4", "-A", "INPUT", "-p", "tcp", "--dport", "7000:9100", "-j", "DROP");
    const arrived = await knocking.count(knocking.own);
    const script = `
import socket, sys
def tcp(port):
    one = socket.socket()
    one.settimeout(1.6)
    try:
        one.connect((sys.argv[1], port))
    except OSError:
        pass
tcp(7000)
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", (sys.argv[1], 8022))
tcp(9003)
`;
    await client.must(["python3", "-c", script, serverOf(1)]);
    assertEquals(await knocking.open(), [knocking.own]);
    assert(await arrived() >= 5, "each SYN came twice");
  });
}

Deno.test("what compile writes makes the same tables as load", async () => {
  for (const backend of BACKENDS) {
    await using knocking = await KernelKnocking.create(backend);
    const { server } = knocking.knocking;
    await knocking.load(rules(KNOCK, "for 8h close 9003, 7000"));
    const wanted = await server.saveAll();
    const payloads = await Promise.all(
      [[], ["--ipv6"]].map((more) => server.must("compile", "/mnt/rules.pk", ...more)),
    );
    await server.must("remove", "ssh");
    for (const [at, family] of FAMILIES.entries()) {
      const program = `${family === "ipv4" ? "iptables" : "ip6tables"}-${backend}-restore`;
      await server.ns.must([program, "--noflush"], { stdin: payloads[at]! });
    }
    assertEquals(await server.saveAll(), wanted);
    assertEquals((await server.pktables("diff", "/mnt/rules.pk")).code, 0);
  }
});
