// Random packets: what is sent, and the same as input of the tracer.
import type { Random } from "../../fuzz/inputs.ts";
import type { Family } from "../iptables_text.ts";
import { parseHost } from "../../../src/trace/network.ts";
import { ANYONE, type Packet, TCP, UDP } from "../../../src/trace/packet.ts";
import type { Sent } from "./frame.ts";
import { NAMED, PORTS } from "./rules.ts";
import { ADDRESSES, CABLES, LISTENING } from "./test_bed.ts";

/** A packet, and the question. */
export interface Asked {
  readonly sent: Sent;
  readonly packet: Packet;
}

/** Flags of a SYN, and of a packet of a standing connection. */
const SYN = 0x02;
const ACK = 0x10;
const PSH = 0x08;

/** ICMP types that open a connection of connection tracking (nf_conntrack_proto_icmp.c). */
const ICMP_TYPES: Readonly<Record<Family, readonly number[]>> = { ipv4: [8, 13, 17], ipv6: [128] };

/** Makes packets; no two have the same addresses and ports. */
export class PacketMaker {
  #count = 0;

  constructor(readonly options: { readonly random: Random; readonly family: Family }) {}

  /** A packet that opens a connection: from an address that rules name, or from an outsider. */
  opening(now: number): Asked {
    const { random, family } = this.options;
    const isOutsider = random(2) === 0;
    const protocol = this.#pick([TCP, TCP, TCP, UDP, family === "ipv4" ? 1 : 58]);
    const destination = this.#pick(ADDRESSES[family]);
    const sent: Sent = {
      family,
      protocol,
      source: isOutsider ? this.#outsider() : this.#pick(NAMED[family]),
      destination,
      sourcePort: this.#port(),
      port: this.#pick(PORTS),
      type: this.#pick(ICMP_TYPES[family]),
      code: random(3) === 0 ? 1 : 0,
      flags: SYN,
      interface: isOutsider ? CABLES[0] : this.#pick(CABLES),
    };
    return { sent, packet: this.#ask(sent, { now, isOutsider, established: false }) };
  }

  /** A TCP connection that answers: its first packet, and one that follows. */
  standing(now: number): { readonly first: Sent; readonly next: Asked } {
    const { random, family } = this.options;
    const first: Sent = {
      family,
      protocol: TCP,
      source: this.#pick(NAMED[family]),
      destination: this.#pick(ADDRESSES[family]),
      sourcePort: this.#port(),
      port: this.#pick(LISTENING),
      type: 0,
      code: 0,
      flags: SYN,
      interface: CABLES[0],
    };
    const sent = { ...first, flags: ACK | (random(2) === 0 ? PSH : 0) };
    const packet = this.#ask(sent, { now, isOutsider: false, established: true });
    return { first, next: { sent, packet } };
  }

  /** The question; what one may not know is sometimes left out. */
  #ask(
    sent: Sent,
    { now, isOutsider, established }: { now: number; isOutsider: boolean; established: boolean },
  ): Packet {
    const { random, family } = this.options;
    const ported = sent.protocol === TCP || sent.protocol === UDP;
    return {
      family,
      protocol: sent.protocol,
      source: isOutsider ? ANYONE : host(sent.source, family),
      sourcePort: ported && random(2) === 0 ? sent.sourcePort : null,
      destination: random(4) === 0 ? null : host(sent.destination, family),
      port: ported ? sent.port : null,
      // A source is taken to come by the cable that its route leads to, unless it is said otherwise.
      interface: sent.interface === CABLES[0] && random(8) === 0 ? null : sent.interface,
      established,
      icmp: ported ? null : { type: sent.type, code: sent.code },
      now,
    };
  }

  #port(): number {
    return 1024 + this.#count++ % 60_000;
  }

  /** An address of the internet that no rule names. */
  #outsider(): string {
    const { random, family } = this.options;
    const [a, b] = [random(256), random(256)];
    return family === "ipv4"
      ? `45.77.${a}.${b}`
      : `2a0f:55::${a.toString(16)}:${(b + 1).toString(16)}`;
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.options.random(list.length)] as T;
  }
}

function host(text: string, family: Family): readonly number[] {
  const read = parseHost(text, family);
  if (read === null) throw new TypeError(`${text} is no ${family} address`);
  return read;
}
