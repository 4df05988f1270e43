import type { ForeignRule, Unsaid } from "./foreign_call.ts";
import { readForeignPorts } from "./foreign_ports.ts";
import type { ShellWord } from "./shell.ts";

/** Words that ufw(8) has no use for beside the rule itself. */
const FILLERS = ["--force", "rule", "in", "comment"];

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
  const readPorts = (word: ShellWord | undefined) => {
    const [text = "", name] = (word?.text ?? "").split("/");
    if (name === "tcp" || name === "udp") protocol = name;
    ports = readForeignPorts(text);
    if (ports === null && word !== undefined) unsaid.push({ word, why: "is not a known port" });
  };
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    const next = args[at + 1];
    switch (word?.text) {
      case undefined:
        break;
      case "delete":
        isDelete = true;
        if (next !== undefined && /^\d+$/.test(next.text)) byNumber = args[++at] ?? null;
        break;
      case "insert":
        at++;
        break;
      case "prepend":
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
        face = args[++at]?.text ?? null;
        break;
      case "proto": {
        const name = args[++at]?.text;
        if (name === "tcp" || name === "udp") protocol = name;
        else if (name !== "any") unsaid.push({ word, why: "names neither tcp nor udp" });
        break;
      }
      case "from":
        source = args[++at]?.text ?? null;
        if (source === "any") source = null;
        if (args[at + 1]?.text === "port") {
          unsaid.push({ word: args[at + 1]!, why: "is the visitor's own port" });
          at += 2;
        }
        break;
      case "to":
        if (next !== undefined && next.text !== "any") {
          unsaid.push({ word: next, why: "is a destination" });
        }
        at++;
        break;
      case "port":
        readPorts(args[++at]);
        break;
      default:
        if (word === undefined || FILLERS.includes(word.text)) {
          if (word?.text === "comment") at++;
        } else if (accepts !== null && ports === null && source === null) readPorts(word);
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
