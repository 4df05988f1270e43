import { assertEquals } from "@std/assert";
import { type Box, forEachBackend } from "../support/box.ts";
import { readChains } from "../support/chains.ts";
import { expectIdempotent, expectRefusal, expectSound, filterTable } from "../support/expect.ts";
import type { Family } from "../support/iptables_text.ts";

async function doors(box: Box, family: Family): Promise<string[]> {
  return (await box.save(family).then(readChains))[0]?.doors.map((door) => door.address) ?? [];
}

forEachBackend(
  "add opens one address and delete closes it, each said twice is once",
  async (box) => {
    await box.must("init", "ssh", "--port", "22");
    const closed = await box.saveAll();
    await expectIdempotent(box, ["add", "203.0.113.9", "--service", "ssh"]);
    await expectIdempotent(box, ["add", "--service", "ssh", "2001:db8::9"]);
    const input = "INPUT -p tcp -m tcp --dport 22 -j pk-ssh";
    const end = "pk-ssh -j DROP";
    assertEquals(
      await box.save("ipv4"),
      filterTable(["pk-ssh"], [input, "pk-ssh -s 203.0.113.9/32 -j ACCEPT", end]),
    );
    assertEquals(
      await box.save("ipv6"),
      filterTable(["pk-ssh"], [input, "pk-ssh -s 2001:db8::9/128 -j ACCEPT", end]),
    );
    await expectIdempotent(box, ["delete", "203.0.113.9", "--service", "ssh"]);
    await expectIdempotent(box, ["delete", "--service=ssh", "2001:db8::9"]);
    assertEquals(await box.saveAll(), closed);
  },
);

forEachBackend("doors are in address order, whatever order they were opened in", async (box) => {
  await box.must("init", "ssh", "--port", "22", "--log");
  const v4 = ["9.9.9.9/32", "10.0.0.0/8", "10.0.0.0/16", "10.0.0.0/32", "192.0.2.1/32"];
  const v6 = [
    "2001:db8::/32",
    "2001:db8::/48",
    "2001:db8::1/128",
    "2001:db8:a::/48",
    "fd00::1/128",
  ];
  for (const list of [v4, v6]) {
    for (const index of [3, 0, 4, 2, 1]) {
      await box.must("add", list[index] ?? "", "--service", "ssh");
    }
  }
  assertEquals(await doors(box, "ipv4"), v4);
  assertEquals(await doors(box, "ipv6"), v6);
  await expectSound(box);
});

forEachBackend(
  "promise 6, closed means closed: a mapped address is its IPv4 address, in every spelling",
  async (box) => {
    await box.must("init", "ssh", "--port", "22");
    const before = await box.saveAll();
    const spellings = ["::ffff:192.0.2.1", "::FFFF:c000:201", "0:0:0:0:0:ffff:192.0.2.1"];
    for (const spelling of spellings) {
      await box.must("add", spelling, "--service", "ssh");
      assertEquals(await doors(box, "ipv4"), ["192.0.2.1/32"], spelling);
      assertEquals(await doors(box, "ipv6"), [], spelling);
      await box.must("delete", "192.0.2.1", "--service", "ssh");
      await box.must("add", "192.0.2.1", "--service", "ssh");
      await box.must("delete", spelling, "--service", "ssh");
      assertEquals(await box.saveAll(), before, spelling);
    }
  },
);

forEachBackend("one address has many spellings and one door", async (box) => {
  await box.must("init", "ssh", "--port", "22");
  for (
    const spelling of ["2001:DB8:0:0::9", "2001:db8::9/128", "2001:0db8:0000:0:0:0:0:0009"]
  ) await box.must("add", spelling, "--service", "ssh");
  for (const spelling of ["203.0.113.9", "203.0.113.9/32"]) {
    await box.must("add", spelling, "--service", "ssh");
  }
  assertEquals(await doors(box, "ipv6"), ["2001:db8::9/128"]);
  assertEquals(await doors(box, "ipv4"), ["203.0.113.9/32"]);
});

forEachBackend(
  "promise 6, closed means closed: of networks with one number the one that was named is closed",
  async (box) => {
    await box.must("init", "ssh", "--port", "22", "--accept");
    const lists = {
      // ip6tables-nft 1.8.9 takes these for one and the same when it deletes.
      ipv6: ["::/64", "2001:db8::/32", "2001:db8::/48", "2001:db8::/128"],
      ipv4: ["0.0.0.0/2", "10.0.0.0/8", "10.0.0.0/16", "10.0.0.0/32"],
    };
    for (const family of ["ipv4", "ipv6"] as const) {
      const all = lists[family];
      for (const address of all) await box.must("add", address, "--service", "ssh");
      for (const gone of all) {
        await box.must("delete", gone, "--service", "ssh");
        assertEquals(await doors(box, family), all.filter((address) => address !== gone), gone);
        await box.must("add", gone, "--service", "ssh", "--for", "1h");
        await box.must("add", gone, "--service", "ssh");
        assertEquals(await doors(box, family), all);
      }
    }
    await box.must("init", "ssh", "--port", "22", "--replace");
    assertEquals([await doors(box, "ipv4"), await doors(box, "ipv6")], [lists.ipv4, lists.ipv6]);
    await expectSound(box);
  },
);

forEachBackend("host bits are refused, and both readings suggested", async (box) => {
  await box.must("init", "ssh", "--port", "22");
  await expectRefusal(box, ["add", "10.0.0.5/24", "--service", "ssh"], {
    code: 2,
    words: [/10\.0\.0\.0\/24/, /10\.0\.0\.5/],
  });
  await expectRefusal(box, ["delete", "2001:db8::5/32", "--service", "ssh"], {
    code: 2,
    words: [/2001:db8::\/32/, /2001:db8::5/],
  });
});

forEachBackend("a door in a chain of one family needs that family", async (box) => {
  await box.must("init", "ssh", "--port", "22", "--ipv4");
  await box.must("add", "203.0.113.9", "--service", "ssh");
  await expectRefusal(box, ["add", "2001:db8::9", "--service", "ssh"], { code: 4, words: [/ssh/] });
});

forEachBackend("a service that does not exist is status 4, a near name is offered", async (box) => {
  await box.must("init", "ssh", "--port", "22");
  for (const verb of ["add", "delete"]) {
    await expectRefusal(box, [verb, "203.0.113.9", "--service", "shh"], {
      code: 4,
      words: [/shh/, /ssh/],
    });
  }
  await expectRefusal(box, ["list", "shh"], { code: 4, words: [/shh/] });
});

forEachBackend("a wrong command line is status 2 and says what was expected", async (box) => {
  await box.must("init", "ssh", "--port", "22");
  const cases: [string, RegExp][] = [
    ["ad 203.0.113.9 --service ssh", /add/],
    ["add 203.0.113.9 --servce ssh", /--service/],
    ["add 203.0.113.9", /--service/],
    ["add --service ssh", /address/i],
    ["add 203.0.113.9 203.0.113.10 --service ssh", /203\.0\.113\.10/],
    ["add 203.0.113.9 --service ssh --for", /--for/],
    ["add 203.0.113.9 --service ssh --for 5x", /5x/],
    ["add 203.0.113.9 --service ssh --for 0s", /0s/],
    ["add 203.0.113.9 --service ssh --for 9999d", /2038/],
    ["init web", /--port/],
    ["init web --port 0", /0/],
    ["init web --port 65536", /65536/],
    ["init web --port 90-80", /90-80|80-90/],
    ["init web --port 80 --udp --syn", /--syn/],
    ["init web --port 80 --log-level loud --log", /loud/],
    ["init web --port 80 --log --log-limit 0/minute", /0/],
    ["init web --port 80 --log --log-burst 0", /burst/],
    ["init 9web --port 80", /9web/],
    ["list --wait never", /never|--wait/],
    ["list --ipv5", /--ipv4|--ipv6/],
    ["frobnicate", /frobnicate/],
  ];
  for (const [line, word] of cases) {
    await expectRefusal(box, line.split(" "), { code: 2, words: [word] });
  }
});
