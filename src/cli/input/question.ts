import type { Protocol } from "../../firewall/service.ts";
import { MAX_PORT } from "../../firewall/port.ts";
import { type Family, parseAddress } from "../../firewall/address.ts";
import { err, ok, type Result } from "../../result.ts";
import { quote } from "../../text/quote.ts";
import type { UsageProblem } from "../args.ts";

/** A question about a packet, as `trace` takes it. */
export interface Question {
  /** TCP or UDP. */
  readonly protocol: Protocol;
  /** The destination port. */
  readonly port: number;
  /** The source address without a length; `null` for anyone. */
  readonly from: string | null;
  /** The family of its addresses; `null` if none is given. */
  readonly family: Family | null;
  /** The interface it comes in on; `null` if none is given. */
  readonly on: string | null;
  /** The address it is sent to; `null` for any of the machine's. */
  readonly to: string | null;
  /** Whether it belongs to an established connection. */
  readonly established: boolean;
}

const FORM = "write `pktables trace tcp 22 from 203.0.113.9`";

function wrong(message: string, help: string | null = FORM): { ok: false; problem: UsageProblem } {
  return err({ message, help });
}

/**
 * Reads `tcp 22 from 203.0.113.9 [on eth0] [to ADDRESS] [established]`; what follows the port in any order.
 *
 * @returns the question, or the problem of the first wrong word
 */
export function readQuestion(words: readonly string[]): Result<Question, UsageProblem> {
  const [protocol = "", port = "", ...rest] = words;
  if (protocol !== "tcp" && protocol !== "udp") {
    return wrong(`invalid protocol ${quote(protocol)}: must be tcp or udp`);
  }
  if (!/^[1-9]\d*$/.test(port) || Number(port) > MAX_PORT) {
    return wrong(`invalid port ${quote(port)}: must be 1-${MAX_PORT}`, null);
  }
  const clauses = readClauses(rest);
  if (!clauses.ok) return clauses;
  const { from, to, on, established } = clauses.value;
  if (from === undefined) return wrong("`trace` needs `from ADDRESS` or `from anyone`");
  const family = readFamily([from === "anyone" ? undefined : from, to]);
  if (!family.ok) return family;
  return ok({
    protocol,
    port: Number(port),
    from: from === "anyone" ? null : from,
    family: family.value,
    on: on ?? null,
    to: to ?? null,
    established: established !== undefined,
  });
}

type Clauses = Partial<Record<"from" | "on" | "to" | "established", string>>;

function readClauses(words: readonly string[]): Result<Clauses, UsageProblem> {
  const clauses: Clauses = {};
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word !== "from" && word !== "on" && word !== "to" && word !== "established") {
      return wrong(`unexpected argument ${quote(word)}`);
    }
    if (clauses[word] !== undefined) return wrong(`duplicate ${quote(word)}`, null);
    const value = word === "established" ? "" : words[++at];
    if (value === undefined) return wrong(`missing value after ${quote(word)}`);
    if (word === "on" && !/^[^\s/]{1,15}$/.test(value)) {
      return wrong(`invalid interface ${quote(value)}`, null);
    }
    clauses[word] = value;
  }
  return ok(clauses);
}

/** The common family of the given addresses. */
function readFamily(
  addresses: readonly (string | undefined)[],
): Result<Family | null, UsageProblem> {
  let family: Family | null = null;
  for (const text of addresses) {
    if (text === undefined) continue;
    const parsed = parseAddress(text);
    if (!parsed.ok || text.includes("/")) {
      return wrong(`invalid host address ${quote(text)}`, "write 203.0.113.9 or 2001:db8::9");
    }
    if (family !== null && family !== parsed.value.family) {
      return wrong("one address is IPv4 and the other IPv6", null);
    }
    family = parsed.value.family;
  }
  return ok(family);
}
