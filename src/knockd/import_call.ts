// Translates one command of a knockd.conf for a rules file.
import type { Protocol } from "../firewall/service.ts";
import type { PortRange } from "../firewall/port.ts";
import { baseName, type Call } from "./called.ts";
import type { ForeignCall } from "./foreign_call.ts";
import { nameOfPort, readForeignPorts } from "./foreign_ports.ts";
import type { ReadHook } from "./hook.ts";
import { readForeign } from "./read_foreign.ts";
import type { ShellWord } from "./shell.ts";

/** A service as a command describes it. */
export interface ImportedService {
  /** Its name, unless that is taken. */
  readonly name: string;
  /** What its ports belong to. */
  readonly protocol: Protocol;
  /** In canonical order. */
  readonly ports: readonly PortRange[];
  /** `null` for any. */
  readonly interface: string | null;
}

/** A command that a rules file can express. */
export interface Meaning {
  /** Whether the visitor gets in or is closed out. */
  readonly does: "opens" | "closes";
  /** The services, never none; several where one command is for all of them. */
  readonly services: readonly ImportedService[];
  /** Seconds for which the door is to stay open; `null` if the command does not specify it. */
  readonly seconds: number | null;
  /** What is lost anyway. */
  readonly lost: readonly Lost[];
}

/** A part that a rules file cannot express. */
export interface Lost {
  /** The word it is about. */
  readonly word: ShellWord;
  /** One sentence without a full stop. */
  readonly message: string;
}

/** The meaning of a command, or why a rules file cannot express it. */
export type CallMeaning = Meaning | { readonly does: null; readonly lost: readonly Lost[] };

/** Reads a command of pktables, iptables or ufw; all others are lost. */
export function meaningOf(call: Call, readHook: ReadHook): CallMeaning {
  if (baseName(call.program.text) === "pktables") return meaningOfHook(call, readHook);
  const foreign = readForeign(call);
  if (foreign !== null) return meaningOfForeign(foreign);
  const message = `unknown program \`${call.program.text}\``;
  return { does: null, lost: [{ word: call.program, message }] };
}

function lose(word: ShellWord, message: string): CallMeaning {
  return { does: null, lost: [{ word, message }] };
}

/** A hook names its service, whose ports are in the generated rules file. */
function meaningOfHook({ program, args }: Call, readHook: ReadHook): CallMeaning {
  if (args.some(({ expands }) => expands)) {
    return lose(program, "the shell expands this command: its words are not known");
  }
  const hook = readHook(args.map(({ text }) => text));
  if (!hook.ok) {
    const { at, message } = hook.problem;
    return lose((at === null ? undefined : args[at]) ?? program, message);
  }
  const { verb, services: named, seconds } = hook.value;
  const does = verb === "add" ? "opens" : verb === "delete" ? "closes" : null;
  if (does === null || named.length === 0) {
    return lose(program, `\`${verb ?? "help"}\` neither opens nor closes a door`);
  }
  if (!args.some(({ text }) => text.includes("%IP%"))) {
    return lose(program, "the command has no %IP%, so it is not about the visitor");
  }
  const services: ImportedService[] = [];
  const lost: Lost[] = [];
  for (const { name, at } of named) {
    const ports = readForeignPorts(name);
    if (ports === null) {
      const message = `the ports of \`${name}\` are not known`;
      lost.push({ word: args[at] ?? program, message });
      continue;
    }
    const protocol = name === "domain" || name === "openvpn" ? "udp" : "tcp";
    services.push({ name, protocol, ports, interface: null });
  }
  return services.length === 0 ? { does: null, lost } : { does, services, seconds, lost };
}

function meaningOfForeign(call: ForeignCall): CallMeaning {
  const { does, word, byNumber, source, ports, unsaid } = call;
  if (byNumber !== null) return lose(byNumber, "the rule is deleted by its number");
  if (unsaid.length > 0) {
    const lost = unsaid.map((one) => ({
      word: one.word,
      message: `\`${one.word.text}\` ${one.why}`,
    }));
    return { does: null, lost };
  }
  if (does === null) return lose(word, "cannot tell what the command does");
  if (source !== "%IP%") {
    const who = source === null ? "everyone" : `\`${source}\``;
    return lose(word, `the command applies to ${who}, not to the visitor`);
  }
  if (ports === null) return lose(word, "the command applies to all ports");
  if (call.interface !== null && !/^[A-Za-z0-9][A-Za-z0-9._+-]{0,14}$/.test(call.interface)) {
    return lose(word, "the command has an invalid interface name");
  }
  const protocol = call.protocol ?? "tcp";
  const lost = call.protocol === null && does === "opens"
    ? [{
      word,
      message: `${call.program} without a protocol means tcp and udp: only tcp is written`,
    }]
    : [];
  const name = nameFor(protocol, ports);
  const face = call.interface;
  return { does, services: [{ name, protocol, ports, interface: face }], seconds: null, lost };
}

/** `ssh` for tcp 22, `tcp-8001` for a port without a name. */
function nameFor(protocol: Protocol, ports: readonly PortRange[]): string {
  const first = ports[0]?.from ?? 0;
  return nameOfPort(first) ?? `${protocol}-${first}`;
}
