// A machine with two cables, and a stranger at their other ends who may send any frame.
import type { Backend, Family } from "../iptables_text.ts";
import { Namespace, program } from "../namespace.ts";
import { isMachineRoot } from "../process.ts";
import { frameOf, type Sent } from "./frame.ts";

/** Sends frames given as lines `INTERFACE HEX`. */
const SENDER = `
import socket, sys
sockets = {}
for line in sys.stdin:
    name, frame = line.split()
    if name not in sockets:
        sockets[name] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        sockets[name].bind((name, 0))
    sockets[name].send(bytes.fromhex(frame))
`;

/** Answers TCP connections, so that connection tracking sees both sides. */
const LISTENER = `
import socket, time
sockets = []
for port in %s:
    one = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    one.bind(("::", port))
    one.listen(4096)
    sockets.append(one)
open("/mnt/listening", "w").close()
time.sleep(86400)
`;

/** The machine's cables: the first leads to the internet. */
export const CABLES = ["wan0", "lan0"] as const;

/** The machine's addresses. */
export const ADDRESSES: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ["198.51.100.1", "10.9.0.1", "192.0.2.1"],
  ipv6: ["2001:db8:100::1", "fd09::1", "2001:db8:2::1"],
};

/** Ports that answer. */
export const LISTENING = [22, 80, 443] as const;

/** Tables that a rule set of the differential test may have. */
const TABLES = ["raw", "mangle", "nat", "filter"] as const;

/** What stays: connection tracking is at work only while a rule needs it. */
export const KEEPS_TRACKING = "-A POSTROUTING -m conntrack --ctstate INVALID -j ACCEPT";

/** An empty rule set of all tables. */
const EMPTY = `*raw\n:PREROUTING ACCEPT [0:0]\nCOMMIT
*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]
${KEEPS_TRACKING}\nCOMMIT
*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT
*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n`;

/** The machine and its cables. */
export class TestBed implements AsyncDisposable {
  private constructor(
    readonly machine: Namespace,
    readonly stranger: Namespace,
    readonly macs: Readonly<Record<string, { readonly to: string; readonly from: string }>>,
  ) {}

  /** Lays the cables and starts the listener. */
  static async create(): Promise<TestBed> {
    const machine = await Namespace.create();
    const stranger = await Namespace.create({ sibling: machine });
    const [v4, v6] = [ADDRESSES.ipv4, ADDRESSES.ipv6];
    const ends = CABLES.map((name, at) => ({
      name,
      here: [`${v4[at]}/24`, `${v6[at]}/64`],
      there: [`${v4[at]?.replace(/1$/, "2")}/24`, `${v6[at]?.replace(/1$/, "2")}/64`],
    }));
    for (const end of ends) await machine.connect(stranger, end);
    const macs: Record<string, { to: string; from: string }> = {};
    for (const name of CABLES) {
      macs[name] = { to: await macOf(machine, name), from: await macOf(stranger, name) };
    }
    // The stranger's kernel sends nothing of its own (router solicitations): that would be counted.
    await stranger.must(["sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6"]);
    await machine.must(["sh", "-c", script(macs[CABLES[0]]?.from ?? "")]);
    const listener = LISTENER.replace("%s", JSON.stringify(LISTENING));
    machine.spawn(["python3", "-c", listener], { timeout: 86_400_000 });
    for (let tries = 0; (await machine.run(["test", "-e", "/mnt/listening"])).code !== 0; tries++) {
      if (tries > 100) throw new Error("nobody listens");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return new TestBed(machine, stranger, macs);
  }

  /** Sends packets in their order. */
  async send(packets: readonly Sent[]): Promise<void> {
    const lines = packets.map((sent) => {
      const macs = this.macs[sent.interface];
      if (macs === undefined) throw new TypeError(`no cable ${sent.interface}`);
      return `${sent.interface} ${frameOf(sent, macs)}\n`;
    });
    await this.stranger.must(["python3", "-c", SENDER], { stdin: lines.join("") });
  }

  /** Replaces all tables of one backend and family, and sets their counters to 0. */
  async load(backend: Backend, family: Family, text: string): Promise<void> {
    await this.machine.load(backend, family, text);
  }

  /** Removes all rules of one backend and family. */
  async open(backend: Backend, family: Family): Promise<void> {
    await this.load(backend, family, EMPTY);
  }

  /** The tables with their counters, as iptables-save prints them. */
  async read(backend: Backend, family: Family): Promise<string> {
    const save = [`${program(backend, family)}-save`, "-c"];
    if (isMachineRoot()) return await this.machine.must(save);
    let text = ""; // See Namespace.save().
    for (const table of TABLES) text += await this.machine.must([...save, "-t", table]);
    return text;
  }

  /** The same as nft shows it, where that is the backend. */
  async readNft(): Promise<string> {
    return await this.machine.must(["nft", "-j", "list", "ruleset"]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stranger[Symbol.asyncDispose]();
    await this.machine[Symbol.asyncDispose]();
  }
}

async function macOf(ns: Namespace, name: string): Promise<string> {
  const shown = await ns.must(["ip", "-o", "link", "show", "dev", name]);
  return /link\/ether (\S+)/.exec(shown)?.[1] ?? "";
}

/** Any source may come by any cable; answers go out to the stranger, who does not read them. */
function script(mac: string): string {
  const [wan] = CABLES;
  const [v4, v6] = [ADDRESSES.ipv4, ADDRESSES.ipv6];
  return `set -e
for file in all default ${CABLES.join(" ")}; do
  echo 0 > /proc/sys/net/ipv4/conf/$file/rp_filter
done
ip address add ${v4[2]}/32 dev lo
ip address add ${v6[2]}/128 dev lo
ip route add default via ${v4[0]?.replace(/1$/, "2")} dev ${wan}
ip -6 route add default via ${v6[0]?.replace(/1$/, "2")} dev ${wan}
ip neigh replace ${v4[0]?.replace(/1$/, "2")} lladdr ${mac} dev ${wan}
ip neigh replace ${v6[0]?.replace(/1$/, "2")} lladdr ${mac} dev ${wan}
iptables-nft -t mangle -A OUTPUT -m conntrack --ctstate INVALID -j ACCEPT
ip6tables-nft -t mangle -A OUTPUT -m conntrack --ctstate INVALID -j ACCEPT
cd /proc/sys/net/netfilter
echo 1 > nf_conntrack_tcp_be_liberal
echo 3 > nf_conntrack_tcp_timeout_syn_sent
echo 60 > nf_conntrack_tcp_timeout_syn_recv
echo 60 > nf_conntrack_tcp_timeout_established
echo 3 > nf_conntrack_udp_timeout
echo 3 > nf_conntrack_icmp_timeout
`;
}
