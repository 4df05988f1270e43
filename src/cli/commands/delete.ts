import { type Address, coversAddress, formatAddress } from "../../firewall/address.ts";
import { chainOf } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { planDoors } from "../../plan/chain.ts";
import { deadDoors, findDoor, isExpired } from "../../plan/doors.ts";
import { rulesThatMayLetIn } from "../../plan/others.ts";
import { type Command, type Context, DRY_RUN, type Invocation } from "../command.ts";
import { changeDoor, readDoorCall, SERVICE_OPTION } from "../door.ts";
import { guardHook, type PeerToLetIn } from "../guard.ts";
import { tellOfAddress } from "../whereabouts.ts";
import { misused } from "../words.ts";

/** Closes a door. */
export const deleteDoor: Command = {
  name: "delete",
  summary: "close the door of an address",
  operand: { name: "ADDRESS", min: 1, max: 1, completes: ["door"] },
  options: [
    { ...SERVICE_OPTION, help: "The service to close" },
    { name: "force", help: "On a terminal: close it also to somebody who is connected" },
    DRY_RUN,
  ],
  details: [
    "Connections that are open go on where the service lets established connections through.",
    "On a terminal nothing is changed where somebody who is connected by TCP would be cut off or could " +
    "not connect again. Hooks of knockd, which have no terminal, are not held up.",
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
  const { name, address } = door.value;
  return changeDoor(context, {
    call,
    door: door.value,
    plan: async (table, now) => {
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
      const { edits } = planDoors(table, { name, change: { close: address }, now });
      const plans = [{ family: address.family, edits }];
      // A door of his own helps only him whose network's door is closed.
      const isHost = address.prefix === (address.family === "ipv4" ? 32 : 128);
      const letIn = ({ add }: PeerToLetIn) => isHost ? null : add;
      return await guardHook(context, { call, verb: deleteDoor, plans, letIn }) ??
        { edits, about };
    },
    done: async ({ text, still }) => {
      context.report.done(`${name}: ${formatAddress(address)} ${text}`);
      for (const why of still) context.report.warn(why);
      await tellOfAddress(context, { global: call.global, name, address, isOpen: false });
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
