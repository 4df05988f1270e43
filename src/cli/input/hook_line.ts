import type { Family } from "../../firewall/address.ts";
import { parseDuration } from "../../firewall/duration.ts";
import { err, ok, type Result } from "../../result.ts";
import type { Hook, HookProblem } from "../../knockd/hook.ts";
import { type ParsedLine, parseLine } from "../args.ts";
import type { Command } from "../command.ts";
import { quote } from "../../text/quote.ts";
import type { UsageProblem } from "../usage.ts";
import { readAddress, readEnd, readName } from "./words.ts";

/** Documentation addresses (RFC 5737, RFC 3849), which replace `%IP%` as knockd would do. */
const VISITORS: Readonly<Record<Family, string>> = { ipv4: "203.0.113.9", ipv6: "2001:db8::9" };

/** The verbs of hooks, whose values are checked as well. */
const DOOR_VERBS = ["add", "delete"];

/**
 * Parses the words of a hook in knockd.conf as the command line they become, for a visitor of each
 * family. Nothing is run.
 *
 * @param words the words after the program's name, with `%IP%` in place of the address
 * @param given all verbs, and the time in seconds since 1970
 */
export function readHookLine(
  words: readonly string[],
  { commands, now }: { readonly commands: readonly Command[]; readonly now: number },
): Result<Hook, HookProblem> {
  const line = parseLine(words, commands);
  if (!line.ok) return err({ ...locate(line.problem, line.problem.at), isAddress: false });
  const { verb, help, version, call, places } = line.value;
  if (help || version || verb === null) return ok({ verb: null, services: [], seconds: null });
  const services = (call.repeated.get("service") ?? []).map((name, index) => (
    { name, at: places.repeated.get("service")?.[index] ?? -1 }
  ));
  const seconds = parseDuration(call.options.get("for") ?? "");
  const hook = { verb, services, seconds };
  if (!DOOR_VERBS.includes(verb)) return ok(hook);
  const problem = valueProblem(line.value, { services, now });
  return problem === null ? ok(hook) : err(problem);
}

function locate(
  { message, help }: UsageProblem,
  at: number | undefined,
): Omit<HookProblem, "isAddress"> {
  return { message, help, at: at ?? null };
}

/** The problem of the values of a line whose words are valid. */
function valueProblem(
  { call, places }: ParsedLine,
  { services, now }: { readonly services: Hook["services"]; readonly now: number },
): HookProblem | null {
  for (const { name, at } of services) {
    const service = readName(name);
    if (!service.ok) return { ...locate(service.problem, at), isAddress: false };
  }
  const duration = call.options.get("for");
  const end = duration === undefined ? null : readEnd(duration, now);
  if (end !== null && !end.ok) {
    return { ...locate(end.problem, places.options.get("for")), isAddress: false };
  }
  const written = call.operands[0] ?? "";
  for (const family of call.global.families) {
    const text = written.replaceAll("%IP%", VISITORS[family]);
    const address = readAddress(text, call.global.families);
    if (address.ok) continue;
    const place = locate(address.problem, places.operands[0]);
    if (text === written) return { ...place, isAddress: true };
    const message = `invalid address ${quote(written)} once knockd has replaced %IP%: ` +
      address.problem.message;
    const help = "write %IP% alone: it is one visitor's address";
    return { ...place, message, help, isAddress: true };
  }
  return null;
}
