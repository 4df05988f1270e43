import { type Address, coversAddress, formatAddress } from "../../firewall/address.ts";
import { chainOf } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { findDoor, isExpired, planDoors } from "../../plan/chain.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { changeDoor, readDoorCall, SERVICE_OPTION } from "../door.ts";
import { misused } from "../words.ts";

/** Closes a door. */
export const deleteDoor: Command = {
  name: "delete",
  summary: "close the door of an address",
  operand: { name: "ADDRESS", min: 1, max: 1, completes: ["door"] },
  options: [
    { ...SERVICE_OPTION, help: "The service to close" },
  ],
  details: [
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
  const { name, address } = door.value;
  return changeDoor(context, {
    call,
    door: door.value,
    plan: (table, now) => {
      const standing = findDoor(table.rules(chainOf(name)), { address, now });
      const about = {
        text: standing === null ? "was not let in: nothing to do" : "is no longer let in",
        still: stillOpen(table, { name, address, now }),
      };
      return { edits: planDoors(table, { name, change: { close: address }, now }).edits, about };
    },
    done: ({ text, still }) => {
      context.report.done(`${name}: ${formatAddress(address)} ${text}`);
      for (const why of still) {
        context.report.warn(`${formatAddress(address)} still gets in: ${why}`);
      }
    },
  });
}

/** What else lets the address in once its door is closed. */
function stillOpen(
  table: FilterTable,
  { name, address, now }: { name: string; address: Address; now: number },
): string[] {
  return table.rules(chainOf(name)).flatMap(({ rule }) => {
    if (rule.kind !== "allow" && rule.kind !== "door") return [];
    if (!coversAddress(rule.address, address)) return [];
    if (rule.kind === "allow") return [`the rules file allows ${formatAddress(rule.address)}`];
    if (rule.address.key === address.key || isExpired(rule.until, now)) return [];
    return [`there is a door for ${formatAddress(rule.address)}`];
  });
}
