import { assert, assertEquals } from "@std/assert";
import { Box, forEachBackend } from "../support/box.ts";
import { type ObservedDoor, readChains } from "../support/chains.ts";
import { BACKENDS } from "../support/iptables_text.ts";
import { answers, serve, type Target } from "../support/traffic.ts";

const V4 = "203.0.113.9";
const V6 = "2001:db8::9";

async function door(box: Box, address = V4): Promise<ObservedDoor | undefined> {
  const saved = await box.save(address.includes(":") ? "ipv6" : "ipv4");
  return readChains(saved)[0]?.doors.find((seen) => seen.address.startsWith(`${address}/`));
}

function seconds(seen: ObservedDoor | undefined): number {
  return seen?.until ? Date.parse(`${seen.until}Z`) / 1000 - Date.now() / 1000 : NaN;
}

function near(actual: number, expected: number): void {
  assert(Math.abs(actual - expected) <= 10, `${actual} is not about ${expected}`);
}

forEachBackend("a duration is seconds, minutes, hours or days", async (box) => {
  await box.must("init", "ssh", "--port", "22");
  const durations = { "90s": 90, "5m": 300, "8h": 28_800, "2d": 172_800 };
  for (const [index, [text, expected]] of Object.entries(durations).entries()) {
    for (const address of [`192.0.2.${index + 1}`, `2001:db8::${index + 1}`]) {
      await box.must("add", address, "--service", "ssh", "--for", text);
      near(seconds(await door(box, address)), expected);
    }
  }
});

forEachBackend(
  "promise 6, closed means closed: opening again extends, never shortens, or makes permanent",
  async (box) => {
    await box.must("init", "ssh", "--port", "22");
    for (const address of [V4, V6]) {
      const add = (...time: string[]) => box.must("add", address, "--service", "ssh", ...time);
      await add("--for", "1h");
      near(seconds(await door(box, address)), 3600);
      await add("--for", "2h");
      near(seconds(await door(box, address)), 7200);
      const long = await door(box, address);
      await add("--for", "1m");
      assertEquals(await door(box, address), long);
      await add();
      assertEquals(await door(box, address), {
        address: long?.address ?? "",
        until: null,
        isAllowed: false,
      });
      await add("--for", "1h");
      assertEquals((await door(box, address))?.until, null);
    }
  },
);

forEachBackend("expired doors are removed by the next write", async (box) => {
  await box.load(
    "ipv4",
    [
      "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:pk-ssh - [0:0]",
      "-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh",
      "-A pk-ssh -s 192.0.2.1/32 -m time --datestop 2001-01-01T00:00:00 -j ACCEPT",
      "-A pk-ssh -s 192.0.2.2/32 -m time --datestop 2037-01-01T00:00:00 -j ACCEPT",
      "-A pk-ssh -j DROP\nCOMMIT\n",
    ].join("\n"),
  );
  await box.must("add", V4, "--service", "ssh");
  const [chain] = readChains(await box.save("ipv4"));
  assertEquals(chain?.doors.map(({ address }) => address), ["192.0.2.2/32", `${V4}/32`]);
});

forEachBackend("an expired door that is opened again is open again", async (box) => {
  await box.load(
    "ipv4",
    [
      "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:pk-ssh - [0:0]",
      "-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh",
      `-A pk-ssh -s ${V4}/32 -m time --datestop 2001-01-01T00:00:00 -j ACCEPT`,
      "-A pk-ssh -j DROP\nCOMMIT\n",
    ].join("\n"),
  );
  await box.must("add", V4, "--service", "ssh", "--for", "1h");
  const [chain] = readChains(await box.save("ipv4"));
  assertEquals(chain?.doors.length, 1);
  near(seconds(chain?.doors[0]), 3600);
});

/** Opens a door for two seconds and watches the packets: accepted, and then no longer, without any command. */
async function watch(box: Box): Promise<void> {
  const port = 2222;
  await serve(box.ns, [port]);
  for (const protocol of ["tcp", "udp"] as const) {
    const flags = protocol === "udp" ? ["--udp"] : ["--syn"];
    await box.must("init", protocol, "--port", String(port), ...flags);
  }
  for (const address of ["127.0.0.1", "::1"]) {
    const targets: Target[] = (["tcp", "udp"] as const).map((protocol) => ({
      protocol,
      address,
      port,
    }));
    const ask = () => Promise.all(targets.map((target) => answers(box.ns, target)));
    assertEquals(await ask(), [false, false], `${address} before`);
    for (const name of ["tcp", "udp"]) {
      await box.must("add", address, "--service", name, "--for", "3s");
    }
    assertEquals(await ask(), [true, true], `${address} open`);
    await new Promise((resolve) => setTimeout(resolve, 4000));
    assertEquals(await ask(), [false, false], `${address} after its time`);
  }
}

Deno.test("promise 6, closed means closed: the kernel closes a timed door by itself", async () => {
  // Both backends at once: nearly all of the time is waiting.
  await Promise.all(BACKENDS.map(async (backend) => {
    await using box = await Box.create(backend);
    await watch(box);
  }));
});
