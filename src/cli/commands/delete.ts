import { type Address, coversAddress, formatAddress } from "../../firewall/address.ts";
import { chainOf } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { planDoors } from "../../plan/chain.ts";
import { deadDoors, findDoor, isExpired } from "../../plan/doors.ts";
import { rulesThatMayLetIn } from "../../plan/others.ts";
import { type Command, type Context, DRY_RUN, type Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import { guardHook, type PeerToLetIn } from "../kernel/guard.ts";
import { changeDoors, readDoorCall, SERVICE_OPTION } from "../kernel/door.ts";
import { loadTracer } from "../lazy.ts";
import { reportOfAddress } from "../report/address_warning.ts";
import { misused } from "../input/words.ts";

/** Closes a door. */
export const deleteDoor: Command = {
  name: "delete",
  summary: "close the door of an address",
  operand: { name: "ADDRESS", min: 1, max: 1, completes: ["door"] },
  options: [
    { ...SERVICE_OPTION, help: "The service to close; repeat it to close several at once" },
    { name: "force", help: "On a terminal: close it also to somebody who is connected" },
    DRY_RUN,
  ],
  details: [
    "Closes the door of exactly that address, and warns if a wider one, or a rule of another program, " +
    "may still let it in. No such door is no error; no such service is status 4.",
    "Open connections continue if the service accepts established connections.",
    "A door that a knock `by kernel` opened is closed on the kernel's list; a network closes those of " +
    "all its hosts.",
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

async function run(call: Invocation, context: Context): Promise<number> {
  const door = readDoorCall(call);
  if (!door.ok) return misused(context, door.problem);
  const { address } = door.value;
  // Over all attempts: a door that a knock opened is closed by the first.
  const knocked = new Map<string, number>();
  const closed = await changeDoors(context, {
    call,
    door: door.value,
    plan: async (table, { name, now, isWindow }) => {
      const standing = findDoor(table, { name, address, now });
      const wasDead = deadDoors(table, { name, now }).some((door) =>
        door.address.key === address.key
      );
      const { edits } = planDoors(table, { name, change: { close: address }, now });
      const plans = [{ family: address.family, edits }];
      // A door of his own helps only him whose network's door is closed.
      const isHost = address.prefix === (address.family === "ipv4" ? 32 : 128);
      const letIn = ({ add }: PeerToLetIn) => isHost ? null : add;
      // While rules are unconfirmed these are the edits of one of two chains, which the guard does not know.
      const guarded = isWindow
        ? null
        : await guardHook(context, { call, verb: deleteDoor, plans, letIn });
      if (guarded !== null) return guarded;
      let unread: readonly string[] = [];
      if (!call.options.has(DRY_RUN.name)) {
        const taken = await closeKnocked(context, { table, name, address });
        if (taken === null) return EXIT.refused;
        knocked.set(name, (knocked.get(name) ?? 0) + taken.open);
        unread = taken.unread;
      }
      const about = {
        text: standing !== null || (knocked.get(name) ?? 0) > 0
          ? "closed"
          : wasDead
          ? "not open: its door, behind the end of the chain, is removed"
          : "not open: nothing to do",
        still: [
          ...stillOpen(table, { name, address, now }),
          ...unread.map((list) =>
            `${formatAddress(address)} may still get in: the kernel's list ${list} cannot be read`
          ),
        ],
      };
      return { edits, about };
    },
  });
  if (!closed.ok) return closed.problem;
  for (const { name, about: { text, still } } of closed.value) {
    context.report.done(`${name}: ${formatAddress(address)} ${text}`);
    for (const why of still) context.report.warn(why);
    await reportOfAddress(context, { global: call.global, name, address, isOpen: false });
  }
  return EXIT.done;
}

/** Closes doors that the kernel opened to knocks; `null` where that failed. */
async function closeKnocked(
  { system, report }: Context,
  where: { table: FilterTable; name: string; address: Address },
): Promise<{ open: number; unread: readonly string[] } | null> {
  const rules = where.table.rules(chainOf(where.name));
  if (!rules.some(({ rule }) => rule.kind === "knocked")) return { open: 0, unread: [] };
  const { closeKernelDoors } = await loadTracer();
  const closed = await closeKernelDoors(system, where);
  if (closed.ok) return closed.value;
  report.failed(closed.problem);
  return null;
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
  const open = hasEnd ? [] : [`chain ${chainOf(name)} has no policy at its end: it blocks no one`];
  const others = rulesThatMayLetIn(table, { name, address }).map(({ at, text }) =>
    `${shown} may still get in: rule ${at} of ${chainOf(name)} (${text})`
  );
  return [...open, ...own, ...others];
}
