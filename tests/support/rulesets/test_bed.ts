// A machine with an outer and an inner cable, and the addresses at their other ends.
import type { Backend, Family } from "../iptables_text.ts";
import { Namespace } from "../namespace.ts";
import type { RuleSet } from "./rulesets.ts";

/** Answers every connection with a word. */
const LISTENER = `
import socket, select
sockets = []
for port in (22, 2222):
    one = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    one.bind(("::", port))
    one.listen(64)
    sockets.append(one)
open("/mnt/listening", "w").close()
while True:
    for one in select.select(sockets, [], [])[0]:
        connection, _ = one.accept()
        connection.send(b"open")
        connection.close()
`;

/** Asks port 22 from several addresses at once; prints 1 for each that was answered, else 0. */
const ASKER = `
import selectors, socket, sys, time
waiting = selectors.DefaultSelector()
answered = {}
start = time.monotonic()
for number, word in enumerate(sys.argv[1:]):
    source, target, seconds = word.split(",")
    one = socket.socket(socket.AF_INET6 if ":" in source else socket.AF_INET)
    one.setblocking(False)
    one.bind((source, 0))
    answered[number] = 0
    try:
        one.connect((target, 22))
    except BlockingIOError:
        pass
    waiting.register(one, selectors.EVENT_READ, (number, start + float(seconds)))
while True:
    now = time.monotonic()
    ends = [key.data[1] for key in waiting.get_map().values() if key.data[1] > now]
    if not ends:
        break
    for key, _ in waiting.select(min(ends) - now):
        waiting.unregister(key.fileobj)
        try:
            answered[key.data[0]] = int(key.fileobj.recv(9) == b"open")
        except OSError:
            pass
print("".join(str(one) for one in answered.values()))
`;

/** Source and destination. */
export const PEERS = {
  outsider: {
    ipv4: ["198.51.100.2", "198.51.100.1"],
    ipv6: ["2001:db8:100::2", "2001:db8:100::1"],
  },
  door: {
    ipv4: ["198.51.100.77", "198.51.100.1"],
    ipv6: ["2001:db8:100::77", "2001:db8:100::1"],
  },
  lan: { ipv4: ["10.20.0.2", "10.20.0.1"], ipv6: ["2001:db8:200::2", "2001:db8:200::1"] },
} as const;

/** A packet: its source, and whether an answer is expected. */
export interface Ask {
  readonly who: keyof typeof PEERS;
  readonly family: Family;
  /** An expected answer has time on a busy machine; others are waited for only briefly. */
  readonly awaited: boolean;
}

/** The test bed; one backend's rules at a time. */
export class Street implements AsyncDisposable {
  private constructor(readonly machine: Namespace, readonly peers: Namespace) {}

  /**
   * Lays the cables, starts the listener and makes the sets that rules name.
   *
   * @param rulesets those that will be loaded
   */
  static async create(rulesets: readonly RuleSet[]): Promise<Street> {
    const machine = await Namespace.create();
    const peers = await Namespace.create({ sibling: machine });
    const { outsider, door, lan } = PEERS;
    await machine.connect(peers, {
      name: "eth0",
      here: [`${outsider.ipv4[1]}/24`, `${outsider.ipv6[1]}/64`],
      there: [outsider, door].flatMap(({ ipv4, ipv6 }) => [`${ipv4[0]}/24`, `${ipv6[0]}/64`]),
    });
    await machine.connect(peers, {
      name: "br-lan",
      here: [`${lan.ipv4[1]}/24`, `${lan.ipv6[1]}/64`],
      there: [`${lan.ipv4[0]}/24`, `${lan.ipv6[0]}/64`],
    });
    await machine.must(["ip", "route", "add", "default", "via", outsider.ipv4[0]]);
    await machine.must(["ip", "-6", "route", "add", "default", "via", outsider.ipv6[0]]);
    // Rule sets that drop ICMPv6 would drop neighbour discovery (RFC 4861) as well.
    for (const [name, own] of [["eth0", [outsider, door]], ["br-lan", [lan]]] as const) {
      for (const { ipv6: [there, here] } of own) {
        await introduce(machine, { name, address: there, mac: await macOf(peers, name) });
        await introduce(peers, { name, address: here, mac: await macOf(machine, name) });
      }
    }
    for (const { set } of rulesets) {
      if (set !== null) await machine.must(["ipset", "create", ...set.split(" ")]);
    }
    machine.spawn(["python3", "-c", LISTENER], { timeout: 86_400_000 });
    for (let tries = 0; (await machine.run(["test", "-e", "/mnt/listening"])).code !== 0; tries++) {
      if (tries > 100) throw new Error("nobody listens");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return new Street(machine, peers);
  }

  /** All tables of a family; whatever was there before is gone. */
  async load(backend: Backend, { text }: RuleSet): Promise<void> {
    await Promise.all([
      this.machine.load(backend, "ipv4", text.ipv4),
      this.machine.load(backend, "ipv6", text.ipv6),
    ]);
  }

  /** Opens a connection for each question, all at once; returns who was answered. */
  async ask(asks: readonly Ask[]): Promise<boolean[]> {
    const words = asks.map(({ who, family, awaited }) =>
      [...PEERS[who][family], awaited ? "5" : "0.2"].join(",")
    );
    const answered = await this.peers.must(["python3", "-c", ASKER, ...words]);
    return [...answered.trim()].map((one) => one === "1");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.peers[Symbol.asyncDispose]();
    await this.machine[Symbol.asyncDispose]();
  }
}

async function macOf(ns: Namespace, name: string): Promise<string> {
  const shown = await ns.must(["ip", "-o", "link", "show", "dev", name]);
  return /link\/ether (\S+)/.exec(shown)?.[1] ?? "";
}

async function introduce(
  ns: Namespace,
  { name, address, mac }: { name: string; address: string; mac: string },
): Promise<void> {
  await ns.must(["ip", "neigh", "replace", address, "lladdr", mac, "dev", name]);
}
