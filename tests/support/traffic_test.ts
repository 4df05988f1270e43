import { assertEquals } from "@std/assert";
import { Namespace } from "./namespace.ts";
import { answers, serve } from "./traffic.ts";

Deno.test("packets are answered until a rule drops them", async () => {
  await using server = await Namespace.create({ binary: "/bin/true" });
  await using client = await Namespace.create({ binary: "/bin/true", sibling: server });
  await server.connect(client, {
    here: ["10.9.0.1/24", "fd00:9::1/64"],
    there: ["10.9.0.2/24", "fd00:9::2/64"],
  });
  await serve(server, [22]);
  for (const address of ["10.9.0.1", "fd00:9::1"]) {
    for (const protocol of ["tcp", "udp"] as const) {
      const target = { protocol, address, port: 22 };
      assertEquals(await answers(client, target), true, `${protocol} ${address}`);
      const family = address.includes(":") ? "ipv6" : "ipv4";
      await server.iptables("nft", family, "-A", "INPUT", "-p", protocol, "-j", "DROP");
      assertEquals(await answers(client, target), false, `${protocol} ${address}`);
    }
  }
});
