// Ethernet frames with spoofed sources, byte by byte.
import { parseHost } from "../../../src/trace/network.ts";
import type { Family } from "../iptables_text.ts";

/** What is sent. */
export interface Sent {
  readonly family: Family;
  /** 6, 17, 1 or 58. */
  readonly protocol: number;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly port: number;
  /** Of ICMP. */
  readonly type: number;
  readonly code: number;
  /** TCP flags. */
  readonly flags: number;
  /** Which cable it goes through. */
  readonly interface: string;
}

/** A frame's bytes as hexadecimal digits. */
export function frameOf(sent: Sent, macs: { readonly to: string; readonly from: string }): string {
  const { family } = sent;
  const [from, to] = [hostOf(sent.source, family), hostOf(sent.destination, family)];
  const payload = payloadOf(sent);
  const pseudo = family === "ipv4"
    ? [...from, ...to, 0, sent.protocol, ...word(payload.length)]
    : [...from, ...to, 0, 0, ...word(payload.length), 0, 0, 0, sent.protocol];
  const at = checksumAt(sent.protocol);
  const covered = sent.protocol === 1 ? payload : [...pseudo, ...payload];
  const filled = payload.toSpliced(at, 2, ...word(checksum(covered)));
  const ip = family === "ipv4"
    ? headerV4(sent, [...from, ...to], filled.length)
    : [0x60, 0, 0, 0, ...word(filled.length), sent.protocol, 64, ...from, ...to];
  const type = family === "ipv4" ? 0x0800 : 0x86dd;
  const bytes = [...macOf(macs.to), ...macOf(macs.from), ...word(type), ...ip, ...filled];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function hostOf(text: string, family: Family): readonly number[] {
  const host = parseHost(text, family);
  if (host === null) throw new TypeError(`${text} is no ${family} address`);
  return host;
}

function headerV4({ protocol }: Sent, addresses: readonly number[], length: number): number[] {
  const header = [0x45, 0, ...word(20 + length), 0, 0, 0x40, 0, 64, protocol, 0, 0, ...addresses];
  return header.toSpliced(10, 2, ...word(checksum(header)));
}

function payloadOf({ protocol, sourcePort, port, type, code, flags }: Sent): number[] {
  const ports = [...word(sourcePort), ...word(port)];
  if (protocol === 6) {
    return [...ports, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0];
  }
  if (protocol === 17) return [...ports, ...word(12), 0, 0, 1, 2, 3, 4];
  return [type, code, 0, 0, ...word(sourcePort), 0, 1, ...Array<number>(12).fill(0)];
}

function checksumAt(protocol: number): number {
  return protocol === 6 ? 16 : protocol === 17 ? 6 : 2;
}

function word(value: number): [number, number] {
  return [value >> 8 & 255, value & 255];
}

function macOf(text: string): number[] {
  return text.split(":").map((byte) => parseInt(byte, 16));
}

/** RFC 1071. */
function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
