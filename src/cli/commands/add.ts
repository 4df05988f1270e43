import { type Address, formatAddress } from "../../firewall/address.ts";
import { good } from "../../firewall/result.ts";
import { chainOf } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { formatDate } from "../../firewall/time.ts";
import { type DoorChange, endOf, findDoor, planDoors } from "../../plan/chain.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import { change } from "../transaction.ts";
import { checkClock, misused, noService, readAddress, readEnd, readName } from "../words.ts";

/** Opens a door. */
export const add: Command = {
  name: "add",
  summary: "let an address in",
  operand: { name: "ADDRESS", min: 1, max: 1 },
  options: [
    {
      name: "service",
      short: "s",
      value: "NAME",
      completes: "service",
      required: true,
      help: "The service to open",
    },
    {
      name: "for",
      value: "DURATION",
      help: "Close by itself after that time: 90s, 30m, 8h, 1d (default: stay open)",
    },
  ],
  details: [
    "ADDRESS is an IPv4 or IPv6 address or network; ::ffff:203.0.113.9 is the IPv4 address.",
    "A timed door is closed by the kernel, to the second, even if everything else has died. " +
    "Opening it again extends it; a shorter time never shortens it; without --for it stays open " +
    "until `delete`.",
  ],
  examples: [
    { line: "pktables add 203.0.113.9 --service ssh", does: "open until `delete`" },
    { line: "pktables add 203.0.113.9 --service ssh --for 8h", does: "open for a working day" },
    {
      line: "command = /usr/local/bin/pktables add %IP% --service ssh --for 30s",
      does: "in knockd.conf",
    },
  ],
  run,
};

function run(call: Invocation, context: Context): Promise<number> {
  const name = readName(call.options.get("service") ?? "");
  if (!call.options.has("service")) {
    const problem = { message: "`add` needs `--service NAME`", help: null };
    return Promise.resolve(misused(context, problem));
  }
  if (!name.ok) return Promise.resolve(misused(context, name.problem));
  const address = readAddress(call.operands[0] ?? "", call.global.families);
  if (!address.ok) return Promise.resolve(misused(context, address.problem));
  return open(context, { call, name: name.value, address: address.value });
}

function open(
  context: Context,
  { call, name, address }: { call: Invocation; name: string; address: Address },
): Promise<number> {
  const duration = call.options.get("for");
  const endFrom = (now: number) => duration === undefined ? good(null) : readEnd(duration, now);
  const asked = context.system.now();
  if (duration !== undefined && !checkClock(context, asked)) return Promise.resolve(EXIT.refused);
  const first = endFrom(asked);
  if (!first.ok) return Promise.resolve(misused(context, first.problem));
  const global = { ...call.global, families: [address.family], familyAsked: true };
  return change(context, {
    global,
    plan: ([table]) => {
      if (table === undefined || !table.hasChain(chainOf(name))) {
        return noService(context, { name, tables: table === undefined ? [] : [table], global });
      }
      // Counted from now: waiting for the lock may have taken a while.
      const now = context.system.now();
      const until = endFrom(now);
      if (!until.ok) return misused(context, until.problem);
      warnOfOpenChain(context, { table, name, address });
      const { about, door } = decide(table, { name, address, until: until.value, now });
      const { edits } = planDoors(table, { name, change: door, now });
      return { plans: [{ family: address.family, edits }], about };
    },
    done: (about) => context.report.done(`${name}: ${formatAddress(address)} ${about}`),
  });
}

/** What a wanted end means beside the door that stands there. */
function decide(
  table: FilterTable,
  { name, address, until, now }: {
    name: string;
    address: Address;
    until: number | null;
    now: number;
  },
): { about: string; door: DoorChange } {
  const standing = findDoor(table.rules(chainOf(name)), { address, now });
  const end = until === null ? "until it is deleted" : `until ${formatDate(until)}Z`;
  const door = { open: { address, until } };
  if (standing === null) return { about: `let in ${end}`, door };
  if (standing.until === null) {
    return { about: "is let in already, until it is deleted: nothing to do", door: {} };
  }
  if (until === null) return { about: "stays let in until it is deleted", door };
  if (until > standing.until) return { about: `stays let in longer, ${end}`, door };
  const later = formatDate(standing.until);
  return { about: `is let in already, until ${later}Z: nothing to do`, door: {} };
}

/** Tells of what makes the door pointless or too wide; the door opens all the same. */
function warnOfOpenChain(
  { report }: Context,
  { table, name, address }: { table: FilterTable; name: string; address: Address },
): void {
  const end = endOf(table.rules(chainOf(name)));
  if (end === null) {
    report.warn(`chain ${chainOf(name)} has no policy at its end: it keeps nobody out`);
  } else if (end.policy === "accept") report.warn(`${name} accepts everybody anyway`);
  if (address.prefix === 0) report.warn(`${formatAddress(address)} lets in everybody`);
}
