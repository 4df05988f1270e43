import { type Address, coversAddress, formatAddress } from "../../firewall/address.ts";
import { chainOf } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { planDoors } from "../../plan/chain.ts";
import { deadDoors, findDoor, isExpired } from "../../plan/doors.ts";
import { rulesThatMayLetIn } from "../../plan/others.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { changeDoors, readDoorCall, SERVICE_OPTION } from "../kernel/door.ts";
import { reportOfAddress } from "../report/address_warning.ts";
import { misused } from "../input/words.ts";

/** Closes a door. */
export const deleteDoor: Command = {
  name: "delete",
  summary: "close the door of an address",
  operand: { name: "ADDRESS", min: 1, max: 1, completes: ["door"] },
  options: [
    { ...SERVICE_OPTION, help: "The service to close; repeat it to close several at once" },
  ],
  details: [
    "Closes the door of exactly that address, and warns if a wider one, or a rule of another program, " +
    "may still let it in. No such door is no error; no such service is status 4.",
    "Connections that are open go on where the service lets established connections through.",
    "An address that a rules file allows is not touched, and a note says so: edit the file.",
  ],
  examples: [
    { line: "pktables delete 203.0.113.9 --service ssh", does: "close it now" },
    { line: "command = /usr/local/bin/pktables delete %IP% --service ssh", does: "in knockd.conf" },
  ],
  run,
};

function run(call: Invocation, context: Context): Promise<number> {
  const door = readDoorCall(call);
  if (!door.ok) return Promise.resolve(misused(context, door.problem));
  const { address } = door.value;
  return changeDoors(context, {
    call,
    door: door.value,
    plan: (table, { name, now }) => {
      const standing = findDoor(table, { name, address, now });
      const wasDead = deadDoors(table, { name, now }).some((door) =>
        door.address.key === address.key
      );
      const about = {
        text: standing !== null
          ? "is no longer let in"
          : wasDead
          ? "was not let in: its door, behind the end of the chain, is removed"
          : "was not let in: nothing to do",
        still: stillOpen(table, { name, address, now }),
      };
      return { edits: planDoors(table, { name, change: { close: address }, now }).edits, about };
    },
    done: async ({ text, still }, name) => {
      context.report.done(`${name}: ${formatAddress(address)} ${text}`);
      for (const why of still) context.report.warn(why);
      await reportOfAddress(context, { global: call.global, name, address, isOpen: false });
    },
  });
}

/** What else lets the address in once its door is closed. */
function stillOpen(
  table: FilterTable,
  { name, address, now }: { name: string; address: Address; now: number },
): string[] {
  const shown = formatAddress(address);
  const own = table.reachedRules(chainOf(name)).flatMap(({ rule }) => {
    if (rule.kind !== "allow" && rule.kind !== "door") return [];
    if (!coversAddress(rule.address, address)) return [];
    if (rule.kind === "allow") {
      return [`${shown} still gets in: the rules file allows ${formatAddress(rule.address)}`];
    }
    if (rule.address.key === address.key || isExpired(rule.until, now)) return [];
    return [`${shown} still gets in: there is a door for ${formatAddress(rule.address)}`];
  });
  const hasEnd = table.endOf(chainOf(name)) !== null;
  const open = hasEnd
    ? []
    : [`chain ${chainOf(name)} has no policy at its end: it keeps nobody out`];
  const others = rulesThatMayLetIn(table, { name, address }).map(({ at, text }) =>
    `${shown} may still get in: rule ${at} of ${chainOf(name)} (${text})`
  );
  return [...open, ...own, ...others];
}
