// How unconfirmed rules are written: `load --confirm` adds a chain `pk.NAME` next to `pk-NAME`, and the dates
// of the jumps (xt_time) decide which of the two packets meet.
import { isServiceName } from "./service.ts";
import { formatDate, parseDate } from "./time.ts";

/** Prefix of the chains of unconfirmed rules; as long as that of the others. */
export const UNCONFIRMED_PREFIX = "pk.";

/** The chain of a service's unconfirmed rules. No service name contains a `.`. */
export function unconfirmedChainOf(name: string): string {
  return UNCONFIRMED_PREFIX + name;
}

/** The service whose unconfirmed rules are in a chain of this name; `null` for any other chain. */
export function unconfirmedServiceOf(chain: string): string | null {
  if (!chain.startsWith(UNCONFIRMED_PREFIX)) return null;
  const name = chain.slice(UNCONFIRMED_PREFIX.length);
  return isServiceName(name) ? name : null;
}

/** A parsed jump to one of a service's chains. */
export interface JumpText {
  /** The service. */
  readonly name: string;
  /** Whether it goes to the unconfirmed rules. */
  readonly isNew: boolean;
  /** The same jump to `pk-NAME`, without this tool's dates. */
  readonly plain: string;
  /** The last second in which it is taken (`--datestop`), or `null`. */
  readonly stop: number | null;
  /** The first second in which it is taken (`--datestart`), or `null`. */
  readonly start: number | null;
  /** Whether it is a second copy of an old jump, for the moment of the switch alone. */
  readonly isCopy: boolean;
}

/** A jump to a chain of a service, old or new: it ends with its target. */
const JUMP = /^(.* |)(-[jg]) pk([-.])(\S+)$/s;

/** The dates that this tool writes, after all matches; xt_time also prints the end of its clock. */
const STOP = /-m time --datestop (\S+) $/;
const START = /-m time --datestart (\S+)(?: --datestop (\S+))? $/;
const CLOCK_END = "2038-01-19T03:14:07";

/** Seconds for which a second copy of an old jump matches; a packet passes all rules in far less. */
const MOMENT = 1;

/**
 * Parses a jump, as iptables-save prints it or as this tool writes it.
 *
 * @param text the words behind `-A CHAIN`
 * @returns `null` for a rule that jumps to no chain of a service
 */
export function readJump(text: string): JumpText | null {
  if (!text.startsWith("pk", text.lastIndexOf(" ") + 1)) return null; // asked of 65,000 doors
  const [, match, how, kind, name] = JUMP.exec(text) ?? [];
  if (match === undefined || name === undefined || !isServiceName(name)) return null;
  const isNew = kind === ".";
  const target = `${how} pk-${name}`;
  const date = (isNew ? STOP : START).exec(match);
  const seconds = date === null ? null : parseDate(date[1] ?? "");
  const end = date?.[2] ?? CLOCK_END;
  const isCopy = !isNew && seconds !== null && parseDate(end) === seconds + MOMENT;
  if (date === null || seconds === null || !isCopy && end !== CLOCK_END) {
    return { name, isNew, plain: match + target, stop: null, start: null, isCopy: false };
  }
  const plain = match.slice(0, date.index) + target;
  const [stop, start] = isNew ? [seconds, null] : [null, seconds];
  return { name, isNew, plain, stop, start, isCopy };
}

/**
 * Parses a jump in which this tool has written no dates: in a table in which nothing is unconfirmed, and
 * within unconfirmed chains. A date in it is foreign, and stays.
 *
 * @returns `null` for a rule that jumps to no chain of a service
 */
export function readUndatedJump(text: string): JumpText | null {
  const jump = readJump(text);
  if (jump === null) return null;
  const plain = `${text.slice(0, -`pk-${jump.name}`.length)}pk-${jump.name}`;
  return { ...jump, plain, stop: null, start: null, isCopy: false };
}

/** The jump to a service's unconfirmed rules, which matches up to and including the second `until`. */
export function jumpUntil({ plain, name }: JumpText, until: number): string {
  const how = plain.slice(0, -` pk-${name}`.length);
  const date = `-m time --datestop ${formatDate(until)}`;
  return `${how.slice(0, -2)}${date} ${how.slice(-2)} ${unconfirmedChainOf(name)}`;
}

/** A jump to a service's old rules, which matches from the second after `until` on. */
export function jumpAfter({ plain, name }: JumpText, until: number): string {
  const head = plain.slice(0, -`-j pk-${name}`.length);
  return `${head}-m time --datestart ${formatDate(until + 1)} ${plain.slice(head.length)}`;
}

/** A second copy of such a jump, for packets that pass the rules at the moment of the switch. */
export function jumpInMoment({ plain, name }: JumpText, until: number): string {
  const head = plain.slice(0, -`-j pk-${name}`.length);
  const date = `--datestart ${formatDate(until + 1)} --datestop ${formatDate(until + 1 + MOMENT)}`;
  return `${head}-m time ${date} ${plain.slice(head.length)}`;
}

/** A jump within unconfirmed rules to the unconfirmed rules of another service. */
export function jumpBeside({ plain, name }: JumpText): string {
  return plain.slice(0, -`pk-${name}`.length) + unconfirmedChainOf(name);
}
