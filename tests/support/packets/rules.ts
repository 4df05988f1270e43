// Random rule sets of what the tracer claims to understand, and packets for them.
import type { Random } from "../../fuzz/inputs.ts";
import type { Family } from "../iptables_text.ts";
import { ADDRESSES, KEEPS_TRACKING } from "./test_bed.ts";

/** Sources that rules name, by ones and in networks. */
export const NAMED: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ["203.0.113.7", "203.0.113.8", "203.0.113.200", "10.1.2.3", "172.16.5.5", "192.168.1.9"],
  ipv6: ["2001:db8:a::7", "2001:db8:a::8", "2001:db8:a:1::9", "2001:db8:b::1", "fd00::5"],
};

const NETWORKS: Readonly<Record<Family, readonly string[]>> = {
  ipv4: [
    ...["203.0.113.7/32", "203.0.113.0/24", "203.0.113.128/25", "10.0.0.0/8", "172.16.0.0/12"],
    ...["192.168.1.0/24", "203.0.0.7/255.0.0.255", "0.0.0.0/0", "224.0.0.0/4"],
  ],
  ipv6: [
    ...["2001:db8:a::7/128", "2001:db8:a::/64", "2001:db8:a::/48", "2001:db8::/32", "fd00::/8"],
    ...["::/0", "2000::/3", "fe80::/10"],
  ],
};

const RANGES: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ["203.0.113.5-203.0.113.20", "10.0.0.0-10.1.2.3", "192.168.1.10-192.168.1.20"],
  ipv6: ["2001:db8:a::1-2001:db8:a::7", "2001:db8::-2001:db8:a::", "fd00::6-fd00::9"],
};

/** Ports that rules and packets use. */
export const PORTS = [22, 80, 443, 2222, 5000, 8080] as const;

/** How a rule set is made. */
export interface RulesOptions {
  readonly random: Random;
  readonly family: Family;
  /** Seconds since 1970: rules on time are made around it. */
  readonly now: number;
  /** Whether addresses may be translated. */
  readonly nat: boolean;
}

/** Where a rule stands, which decides what may be in it. */
type Place = "raw" | "mangle" | "nat" | "filter";

/** Makes rule sets; each call of `text` another one. */
export class RuleMaker {
  constructor(readonly options: RulesOptions) {}

  /** All tables, as iptables-restore takes them. */
  text(): string {
    const { nat } = this.options;
    return [
      this.#table("raw", { chains: ["PREROUTING"], rules: this.#below(3) }),
      this.#table("mangle", { chains: ["PREROUTING", "INPUT"], rules: this.#below(4) }),
      this.#table("nat", { chains: ["PREROUTING"], rules: nat ? 1 + this.#below(4) : 0 }),
      this.#table("filter", { chains: ["INPUT"], rules: 3 + this.#below(8) }),
    ].join("");
  }

  #table(place: Place, { chains, rules }: { chains: readonly string[]; rules: number }): string {
    const count = rules === 0 ? 0 : this.#below(place === "filter" ? 5 : 2);
    const users = Array.from({ length: count }, (_, at) => `user${at}`);
    const policy = place === "filter" ? this.#pick(["ACCEPT", "DROP"]) : "ACCEPT";
    const lines = [
      ...chains.flatMap((chain) => this.#chain(chain, { place, rules, users })),
      ...users.flatMap((chain, at) =>
        this.#chain(chain, { place, rules: this.#below(5), users: users.slice(at + 1) })
      ),
    ];
    // Counts all packets: it shows when the last one is through.
    const all = place === "raw" ? "-A PREROUTING -m comment --comment all\n" : "";
    const keeps = place === "mangle" ? `:POSTROUTING ACCEPT [0:0]\n${KEEPS_TRACKING}\n` : "";
    const declared = [...chains.map((name) => `:${name} ${policy} [0:0]\n`)];
    const own = users.map((name) => `:${name} - [0:0]\n`);
    return `*${place}\n${declared.join("")}${own.join("")}${keeps}${all}${lines.join("")}COMMIT\n`;
  }

  #chain(
    name: string,
    { place, rules, users }: { place: Place; rules: number; users: readonly string[] },
  ): string[] {
    return Array.from({ length: rules }, () => `-A ${name} ${this.#rule(place, users)}\n`);
  }

  #rule(place: Place, users: readonly string[]): string {
    const protocol = this.#pick(["tcp", "tcp", "tcp", "udp", "icmp", ""]);
    const words = protocol === "" ? [] : [this.#protocol(protocol)];
    if (protocol !== "" && !words[0]?.startsWith("!")) words.push(...this.#ofProtocol(protocol));
    for (let count = this.#below(3); count > 0; count--) words.push(this.#match(place));
    const basic = words.filter((word) => !word.startsWith("-m"));
    const once = new Map(basic.map((word) => [word.replace("! ", "").slice(0, 2), word]));
    const matches = words.filter((word) => word.startsWith("-m"));
    const target = this.#target(place, {
      protocol: words[0]?.startsWith("!") ? "" : protocol,
      users,
    });
    return [...once.values(), ...matches, target].filter((word) => word !== "").join(" ");
  }

  #protocol(protocol: string): string {
    const name = protocol === "icmp" && this.options.family === "ipv6" ? "ipv6-icmp" : protocol;
    return `${this.#not(6)}-p ${name}`;
  }

  #ofProtocol(protocol: string): string[] {
    const { family } = this.options;
    if (this.#chance(4)) return [];
    if (protocol === "icmp") {
      const type = family === "ipv4"
        ? this.#pick(["8", "13", "17", "8/0", "any"])
        : this.#pick(["128", "128/0", "129"]);
      const option = family === "ipv4" ? "-m icmp" : "-m icmp6";
      const name = family === "ipv4" ? "--icmp-type" : "--icmpv6-type";
      return [`${option} ${type === "any" ? "" : this.#not(4)}${name} ${type}`];
    }
    const ports = () => `${this.#pick(PORTS)}`;
    const many = () => this.#pick([`${ports()},${ports()}`, `${ports()},1000:6000`, "1:1023"]);
    const range = () => this.#pick([ports(), ports(), "1:1023", "1024:", ":100", "2000:9000"]);
    return [this.#pick([
      `-m ${protocol} ${this.#not(5)}--dport ${range()}`,
      `-m ${protocol} ${this.#not(5)}--dport ${ports()}`,
      `-m ${protocol} ${this.#not(5)}--dport ${ports()} --sport 1024:65535`,
      `-m ${protocol} ${this.#not(5)}--sport ${this.#pick(["1:1023", "1024:65535", "2000:40000"])}`,
      `-m multiport ${this.#not(5)}--dports ${many()}`,
      `-m multiport ${this.#not(5)}--ports ${many()}`,
      protocol === "tcp" ? `-m tcp ${this.#not(4)}--tcp-flags ${this.#flags()}` : "",
      protocol === "tcp" ? `-m tcp --dport ${ports()} ${this.#not(4)}--syn` : "",
    ])];
  }

  #flags(): string {
    return this.#pick([
      "FIN,SYN,RST,ACK SYN",
      "SYN,ACK SYN",
      "ALL NONE",
      "ALL SYN",
      "SYN,RST SYN,RST",
      "ACK ACK",
      "FIN,SYN FIN,SYN",
      "RST RST",
    ]);
  }

  #match(place: Place): string {
    const { family } = this.options;
    const kinds = [
      () => `${this.#not(4)}-s ${this.#pick(NETWORKS[family])}`,
      () => `${this.#not(4)}-s ${this.#pick(NETWORKS[family])}`,
      () => `${this.#not(4)}-d ${this.#pick(ADDRESSES[family])}`,
      () => `${this.#not(4)}-i ${this.#pick(["wan0", "lan0", "lo", "wan+", "eth+"])}`,
      () => `-m state ${this.#not(4)}--state ${this.#states(["NEW", "ESTABLISHED", "INVALID"])}`,
      () => `-m conntrack ${this.#not(4)}--ctstate ${this.#states(CTSTATES)}`,
      () => `-m iprange ${this.#not(4)}--src-range ${this.#pick(RANGES[family])}`,
      () => `-m iprange ${this.#not(4)}--dst-range ${ADDRESSES[family][0]}-${ADDRESSES[family][0]}`,
      () =>
        `-m addrtype ${this.#not(4)}--dst-type ${this.#pick(["LOCAL", "UNICAST", "MULTICAST"])}`,
      () => `-m addrtype ${this.#not(4)}--src-type ${this.#pick(["LOCAL", "UNICAST"])}`,
      () => `-m pkttype ${this.#not(4)}--pkt-type ${this.#pick(["unicast", "broadcast"])}`,
      () => `-m comment --comment "${this.#pick(["a b", "-j DROP", 'x\\"y', "-s"])}"`,
      () => `-m mark ${this.#not(4)}--mark ${this.#pick(["0x0", "0x1", "0x1/0x1", "0x2/0x3"])}`,
      () => `-m connmark ${this.#not(4)}--mark ${this.#pick(["0x0", "0x1", "0x4/0xf"])}`,
      () => this.#recent(),
      () => this.#time(),
      () => `-m conntrack ${this.#not(4)}--ctproto ${this.#pick(["6", "17"])}`,
      () => "-m conntrack --ctdir ORIGINAL",
      () => this.#chance(3) ? this.#unknowable() : "",
      () => place === "raw" ? "-m rpfilter --invert" : "",
      () => place === "filter" ? `-m policy --dir in --pol ${this.#pick(["none", "ipsec"])}` : "",
    ];
    return this.#pick(kinds)();
  }

  #states(names: readonly string[]): string {
    const chosen = new Set([this.#pick(names), this.#pick(names)]);
    return [...chosen].join(",");
  }

  #recent(): string {
    const verb = this.#pick(["--set", "--set", "--rcheck", "--update", "--remove"]);
    const counts = verb === "--rcheck" || verb === "--update";
    const hits = counts && this.#chance(2) ? ` --hitcount ${1 + this.#below(3)}` : "";
    const seconds = counts ? " --seconds 60" : "";
    return `-m recent ${this.#not(5)}${verb}${seconds}${hits} --name ${this.#pick(["one", "two"])}`;
  }

  /** Never within two minutes of a boundary. */
  #time(): string {
    const { now } = this.options;
    const at = (offset: number) => new Date((now + offset) * 1000).toISOString();
    const far = () => this.#pick([-90_000, -7200, -600, 600, 7200, 90_000]);
    const day = () => this.#pick(["Mon,Tue,Wed", "Thu,Fri", "Sat,Sun", "Mon,Thu,Sat"]);
    return this.#pick([
      () => `-m time --datestart ${at(far()).slice(0, 19)}`,
      () => `-m time --datestop ${at(far()).slice(0, 19)}`,
      () => `-m time --timestart ${at(far()).slice(11, 16)} --timestop ${at(far()).slice(11, 16)}`,
      () =>
        `-m time --timestart ${at(far()).slice(11, 16)} --timestop ${at(far()).slice(11, 16)}` +
        ` --weekdays ${day()} --contiguous`,
      () => `-m time ${this.#not(3)}--weekdays ${day()}`,
      () => `-m time ${this.#not(3)}--monthdays ${1 + this.#below(15)},${16 + this.#below(15)}`,
    ])();
  }

  #unknowable(): string {
    return this.#pick([
      "-m limit --limit 1/min --limit-burst 3",
      "-m statistic --mode nth --every 2 --packet 0",
      "-m length --length 0:50",
      "-m string --string abc --algo bm",
    ]);
  }

  #target(
    place: Place,
    { protocol, users }: { protocol: string; users: readonly string[] },
  ): string {
    const jump = users.length > 0 ? this.#pick(users) : null;
    if (jump !== null && this.#chance(3)) return `-${this.#pick(["j", "j", "g"])} ${jump}`;
    if (this.#chance(8)) return "";
    if (this.#chance(8)) return `-j ${this.#mark()}`;
    if (this.#chance(10)) return "-j NFLOG --nflog-group 9";
    switch (place) {
      case "raw":
        return this.#pick(["-j ACCEPT", "-j RETURN", "-j CT --notrack", "-j DROP", ""]);
      case "mangle":
        return this.#pick(["-j ACCEPT", "-j RETURN", "-j ACCEPT", "-j DROP", ""]);
      case "nat":
        return this.#pick([...this.#translations(protocol), "-j ACCEPT", "-j RETURN"]);
      case "filter":
        return this.#pick(["-j ACCEPT", "-j DROP", "-j RETURN", `-j ${this.#reject(protocol)}`]);
    }
  }

  #reject(protocol: string): string {
    return protocol === "tcp" ? "REJECT --reject-with tcp-reset" : "REJECT";
  }

  #mark(): string {
    return this.#pick([
      "MARK --set-xmark 0x1/0xffffffff",
      "MARK --set-xmark 0x2/0x3",
      "MARK --set-xmark 0x3/0x0",
      "CONNMARK --set-xmark 0x4/0xf",
      "CONNMARK --save-mark",
      "CONNMARK --restore-mark",
      "CONNMARK --restore-mark --nfmask 0x1 --ctmask 0x4",
    ]);
  }

  #translations(protocol: string): string[] {
    const [own = ""] = ADDRESSES[this.options.family];
    const ipv6 = this.options.family === "ipv6";
    const elsewhere = ipv6 ? "2001:db8:77::1" : "192.0.2.77";
    const ported = protocol === "tcp" || protocol === "udp";
    const port = this.#pick(PORTS);
    return [
      `-j REDIRECT${ported ? ` --to-ports ${port}` : ""}`,
      `-j DNAT --to-destination ${ported ? ipv6 ? `[${own}]:${port}` : `${own}:${port}` : own}`,
      `-j DNAT --to-destination ${elsewhere}`,
      ...(ported ? [`-j DNAT --to-destination :${port}`] : []),
    ];
  }

  #not(oneIn: number): string {
    return this.#chance(oneIn) ? "! " : "";
  }

  #chance(oneIn: number): boolean {
    return this.options.random(oneIn) === 0;
  }

  #below(limit: number): number {
    return this.options.random(limit);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.options.random(list.length)] as T;
  }
}

const CTSTATES = ["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED", "DNAT", "SNAT"];
