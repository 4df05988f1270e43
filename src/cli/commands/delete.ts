import { EXIT } from "../exit.ts";
import { type Address, coversAddress, formatAddress } from "../../firewall/address.ts";
import { chainOf } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { planDoors } from "../../plan/chain.ts";
import { deadDoors, findDoor, isExpired } from "../../plan/doors.ts";
import { rulesThatMayLetIn } from "../../plan/others.ts";
import { type Command, type Context, DRY_RUN, type Invocation } from "../command.ts";
import { guardHook, type PeerToLetIn } from "../kernel/guard.ts";
import type { ListedHosts } from "../kernel/kernel_doors.ts";
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
    { name: "force", help: "On a terminal: close it even to a connected client" },
    DRY_RUN,
  ],
  details: [
    "Closes the door of exactly that address, and warns if a wider one, or a rule of another program, " +
    "may still let it in. A missing door is not an error; a missing service is status 4.",
    "Open connections continue if the service accepts established connections.",
    "A door that a knock `by kernel` opened is closed on the kernel's list; a network closes those of " +
    "all its hosts.",
    "On a terminal nothing is changed if a connected TCP client would be cut off or could not connect " +
    "again. Hooks of knockd, which have no terminal, are not held up.",
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
  const knocked = new KnockedDoors(context);
  const closed = await changeDoors(context, {
    call,
    door: door.value,
    plan: async (table, { name, now }) => {
      const standing = findDoor(table, { name, address, now });
      const wasDead = deadDoors(table, { name, now }).some((door) =>
        door.address.key === address.key
      );
      const { edits } = planDoors(table, { name, change: { close: address }, now });
      const unread = await knocked.find({ table, name, address });
      const text = standing !== null
        ? CLOSED
        : wasDead
        ? "not open: its door, behind the end of the chain, is removed"
        : "not open: nothing to do";
      const still = [
        ...stillOpen(table, { name, address, now }),
        ...unread.map((list) =>
          `${formatAddress(address)} may still get in: the kernel's list ${list} cannot be read`
        ),
      ];
      return { edits, about: { text, still } };
    },
    // All services at once: nothing is closed if one of them is refused.
    ready: async (edits, until) => {
      const plans = [{ family: address.family, edits }];
      // A door of its own helps a client only if the door of its network is closed.
      const isHost = address.prefix === (address.family === "ipv4" ? 32 : 128);
      const letIn = ({ add }: PeerToLetIn) => isHost ? null : add;
      const guarded = await guardHook(context, {
        ...{ call, verb: deleteDoor, plans, knocked: knocked.found, letIn },
        // A door that only the old rules need is missing once they are restored.
        later: until === null
          ? null
          : { at: until + 1, when: "once the unconfirmed rules are taken back, " },
      });
      if (guarded !== null) return guarded;
      return call.options.has(DRY_RUN.name) ? knocked.describe() : await knocked.close();
    },
  });
  if (!closed.ok) return closed.problem;
  for (const { name, about: { text, still } } of closed.value) {
    const what = knocked.wasOpen(name) ? CLOSED : text;
    context.report.done(`${name}: ${formatAddress(address)} ${what}`);
    for (const why of still) context.report.warn(why);
    await reportOfAddress(context, { global: call.global, name, address, isOpen: false });
  }
  return EXIT.done;
}

/** The message for a door that was open. */
const CLOSED = "closed";

/** The doors that the kernel opened to knocks: they are in no rule, so no transaction closes them. */
class KnockedDoors {
  /** By list: old and unconfirmed rules use the same ones. */
  readonly #found = new Map<string, ListedHosts>();
  /** Of all attempts: the first one closes such a door. */
  readonly #open = new Set<string>();

  constructor(readonly context: Context) {}

  /** The doors to close. */
  get found(): readonly ListedHosts[] {
    return [...this.#found.values()];
  }

  /** Finds the doors of an address in a service; returns the lists that cannot be read. */
  async find(
    where: { table: FilterTable; name: string; address: Address },
  ): Promise<readonly string[]> {
    const rules = where.table.rules(chainOf(where.name));
    if (!rules.some(({ rule }) => rule.kind === "knocked")) return [];
    const { findKernelDoors } = await loadTracer();
    const { doors, unread } = await findKernelDoors(this.context.system, where);
    for (const one of doors) this.#found.set(one.list, one);
    return unread;
  }

  /** The doors that would be closed, one line each. */
  describe(): string[] {
    return this.found.filter(({ open }) => open > 0).map(({ service, open }) => {
      const what = open === 1 ? "the door that a knock opened" : `${open} doors that knocks opened`;
      return `${service}: ${what} would be closed`;
    });
  }

  /** Closes them; returns the exit status if that failed. */
  async close(): Promise<number | []> {
    const { report, system } = this.context;
    const doors = this.found;
    if (doors.length === 0) return [];
    this.#found.clear();
    const { closeKernelDoors } = await loadTracer();
    const closed = await closeKernelDoors(system, doors);
    if (!closed.ok) return report.failed(closed.problem);
    for (const { service, open } of doors) if (open > 0) this.#open.add(service);
    return [];
  }

  /** Whether a door of a service was open. */
  wasOpen(service: string): boolean {
    return this.#open.has(service);
  }
}

/** What else may let the address in once its door is closed. */
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
