import { type Address, formatAddress } from "../../firewall/address.ts";
import { ok } from "../../result.ts";
import { chainOf } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { formatDate } from "../../firewall/time.ts";
import { type DoorChange, planDoors } from "../../plan/chain.ts";
import { overruleOf } from "../../plan/overrule.ts";
import { deadDoors, findDoor } from "../../plan/doors.ts";
import type { Edit } from "../../plan/edit.ts";
import { rulesThatMayKeepOut } from "../../plan/others.ts";
import { type Command, type Context, DRY_RUN, type Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import { describeOverrule } from "../report/overrule.ts";
import { reportOfAddress } from "../report/address_warning.ts";
import { changeDoors, type DoorCall, readDoorCall, SERVICE_OPTION } from "../kernel/door.ts";
import { checkClock, misused, readEnd } from "../input/words.ts";

/** Opens a door. */
export const add: Command = {
  name: "add",
  summary: "open a door for an address",
  operand: { name: "ADDRESS", min: 1, max: 1 },
  options: [
    { ...SERVICE_OPTION, help: "The service to open; repeat it to open several at once" },
    {
      name: "for",
      value: "DURATION",
      help: "Close by itself after that time: 90s, 30m, 8h, 1d (default: stay open)",
    },
    DRY_RUN,
  ],
  details: [
    "ADDRESS is an IPv4 or IPv6 address or network; ::ffff:203.0.113.9 is the IPv4 address. " +
    "DURATION is a number and s, m, h or d.",
    "A timed door is closed by the kernel, to the second, even if everything else has died. " +
    "Opening it again extends it; a shorter time never shortens it; without --for it stays open " +
    "until `delete`. `pktables help kernel` says how it ends.",
    "With several services all doors open in one transaction, or none where a service is missing.",
    "A door of this address behind the end of the chain, where no packet comes, is moved ahead of it.",
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
  const door = readDoorCall(call);
  if (!door.ok) return Promise.resolve(misused(context, door.problem));
  return open(context, { call, door: door.value });
}

async function open(
  context: Context,
  { call, door }: { call: Invocation; door: DoorCall },
): Promise<number> {
  const duration = call.options.get("for");
  const endFrom = (now: number) => duration === undefined ? ok(null) : readEnd(duration, now);
  const asked = context.system.now();
  if (duration !== undefined && !checkClock(context, asked)) return EXIT.refused;
  const first = endFrom(asked);
  if (!first.ok) return misused(context, first.problem);
  const { address } = door;
  const opened = await changeDoors(context, {
    call,
    door,
    plan: (table, { name, now }) => {
      const until = endFrom(now);
      if (!until.ok) return misused(context, until.problem);
      warnOfOpenChain(context, { table, name, address });
      const wasDead = deadDoors(table, { name, now }).some((door) =>
        door.address.key === address.key
      );
      const { about, change } = decide(table, { name, address, until: until.value, now, wasDead });
      const { edits } = planDoors(table, { name, change, now });
      warnOfRulesAhead(context, { table, name, address, edits });
      return {
        edits,
        about: wasDead ? `${about} (its door was behind the end of the chain)` : about,
      };
    },
  });
  if (!opened.ok) return opened.problem;
  for (const { name, about } of opened.value) {
    context.report.done(`${name}: ${formatAddress(address)} ${about}`);
    await reportOfAddress(context, { global: call.global, name, address, isOpen: true });
  }
  return EXIT.done;
}

/** What the requested end means for a door that exists. */
function decide(
  table: FilterTable,
  { name, address, until, now, wasDead }: {
    name: string;
    address: Address;
    until: number | null;
    now: number;
    /** Whether a door of the address is behind the end of the chain: it is removed. */
    wasDead: boolean;
  },
): { about: string; change: DoorChange } {
  const standing = findDoor(table, { name, address, now });
  const end = until === null ? "until deleted" : `until ${formatDate(until)}Z`;
  const change = { open: { address, until } };
  if (standing === null) return { about: `${until === null ? "open" : "opened"} ${end}`, change };
  const nothing = wasDead
    ? { rest: "", change: { open: { address, until: standing.until } } }
    : { rest: ": nothing to do", change: {} };
  if (standing.until === null) {
    const about = `already open until deleted${nothing.rest}`;
    return { about, change: nothing.change };
  }
  if (until === null) return { about: "stays open until deleted", change };
  if (until > standing.until) return { about: `open ${end} (extended)`, change };
  const later = formatDate(standing.until);
  const about = `already open until ${later}Z${nothing.rest}`;
  return { about, change: nothing.change };
}

/** Warns of foreign rules that may decide ahead of the door. */
function warnOfRulesAhead(
  { report }: Context,
  { table, name, address, edits }: {
    table: FilterTable;
    name: string;
    address: Address;
    edits: readonly Edit[];
  },
): void {
  for (const { at, text } of rulesThatMayKeepOut(table, { name, address, edits })) {
    const rule = `rule ${at} of ${chainOf(name)} (${text})`;
    report.warn(`${formatAddress(address)} may still be blocked: ${rule} comes before its door`);
  }
}

/** Warns of what makes the door pointless or too wide; the door opens anyway. */
function warnOfOpenChain(
  { report }: Context,
  { table, name, address }: { table: FilterTable; name: string; address: Address },
): void {
  const end = table.endOf(chainOf(name));
  const overrule = overruleOf(table, { name, policy: null });
  if (end === null) {
    report.warn(`chain ${chainOf(name)} has no policy at its end: it blocks no one`);
  } else if (overrule !== null) report.warn(describeOverrule(overrule));
  else if (end.verdict === "accept") report.warn(`${name} accepts everyone anyway`);
  if (address.prefix === 0) report.warn(`${formatAddress(address)} lets in everyone`);
}
