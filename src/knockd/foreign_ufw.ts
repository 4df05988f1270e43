import type { ForeignRule, Unsaid } from "./foreign_call.ts";
import { takeNumber } from "./foreign_iptables.ts";
import { readForeignPorts } from "./foreign_ports.ts";
import type { ShellWord } from "./shell.ts";

/** Words of ufw(8) that do not affect what the rule matches. */
const FILLERS = ["--force", "rule", "in", "prepend"];

/**
 * Reads the words of ufw(8): `allow from ADDRESS to any port 22 proto tcp`, `allow 22/tcp`, the same
 * behind `delete`, `insert N` or `prepend`. Without a protocol ufw opens both.
 *
 * @param args the words behind the program's name
 */
export function readUfw(args: readonly ShellWord[]): ForeignRule {
  const unsaid: Unsaid[] = [];
  let [isDelete, accepts] = [false, null as boolean | null];
  let byNumber: ShellWord | null = null;
  let source: string | null = null;
  let protocol: ForeignRule["protocol"] = null;
  let ports: ForeignRule["ports"] = null;
  let face: string | null = null;
  const readPorts = (word: ShellWord) => {
    const name = /\/(tcp|udp)$/.exec(word.text)?.[1];
    if (name === "tcp" || name === "udp") protocol = name;
    ports = readForeignPorts(word.text.replace(/\/(tcp|udp)$/, ""));
    if (ports === null) unsaid.push({ word, why: "is not a known port" });
  };
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    switch (word.text) {
      case "delete":
        isDelete = true;
        byNumber = takeNumber(rest);
        break;
      case "insert":
      case "comment":
        rest.shift();
        break;
      case "allow":
      case "limit":
        accepts = true;
        break;
      case "deny":
      case "reject":
        accepts = false;
        break;
      case "on":
        face = rest.shift()?.text ?? null;
        break;
      case "proto": {
        const name = rest.shift()?.text;
        if (name === "tcp" || name === "udp") protocol = name;
        else if (name !== "any") unsaid.push({ word, why: "names neither tcp nor udp" });
        break;
      }
      case "from": {
        const from = rest.shift()?.text ?? "any";
        source = from === "any" ? null : from;
        const [port] = rest;
        if (port?.text !== "port") break;
        unsaid.push({ word: port, why: "is the visitor's own port" });
        rest.splice(0, 2);
        break;
      }
      case "to": {
        const to = rest.shift();
        if (to !== undefined && to.text !== "any") {
          unsaid.push({ word: to, why: "is a destination" });
        }
        break;
      }
      case "port": {
        const port = rest.shift();
        if (port !== undefined) readPorts(port);
        break;
      }
      default:
        if (FILLERS.includes(word.text)) break;
        if (accepts !== null && ports === null && source === null) readPorts(word);
        else unsaid.push({ word, why: "is not understood" });
    }
  }
  const does = accepts === null ? null : accepts === !isDelete ? "opens" : "closes";
  return {
    does,
    byNumber,
    source,
    protocol,
    ports,
    syn: false,
    interface: face,
    families: ["ipv4", "ipv6"],
    unsaid,
  };
}
