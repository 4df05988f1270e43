import type { Backend } from "../../system/system.ts";
import { type Address, FAMILIES, formatAddress } from "../../firewall/address.ts";
import { isServiceName } from "../../firewall/service.ts";
import { GLOBAL_OPTIONS } from "../args.ts";
import type { Command, Completion, OptionSpec } from "../command.ts";
import { shownVerbs } from "../pages/help.ts";
import { TOPICS } from "../pages/topics.ts";
import type { ServiceView } from "../report/view.ts";
import { splitOption } from "../sort_words.ts";

/** A word that a shell can offer, and what it means. */
export interface Candidate {
  /** The word. */
  readonly word: string;
  /** A short description; may be empty. */
  readonly about: string;
}

/** The completions for the end of a command line. */
export interface Offer {
  /** Words that start like the last word. */
  readonly candidates: readonly Candidate[];
  /** What the shell has to complete from the disk. */
  readonly files: "pk-file" | "file" | "folder" | null;
}

/** What is read from the machine; nothing before a word needs it. */
export interface Live {
  /** The services in the kernel now; none if it cannot be read. */
  services(backend: Backend): Promise<readonly ServiceView[]>;
}

const NOTHING: Offer = { candidates: [], files: null };

/**
 * Finds the completions for the end of a command line.
 *
 * @param words the words after `pktables`; the last one, maybe empty, is being typed
 * @param commands all verbs
 * @param live how to read the kernel
 */
export async function complete(
  words: readonly string[],
  { commands, live }: { readonly commands: readonly Command[]; readonly live: Live },
): Promise<Offer> {
  const last = words.at(-1) ?? "";
  const line = takeApart(words.slice(0, -1), commands);
  const find = (what: Completion | readonly string[] | undefined, start: string) =>
    offer(what, { start, line, live, commands });
  if (line.open !== null) return await find(kindOf(line.open), last);
  const { written, value: start } = splitOption(last);
  if (start !== null && last.startsWith("--") && !line.ended) {
    const spec = line.specs.find(({ name }) => `--${name}` === written);
    if (spec === undefined) return NOTHING;
    const { candidates, files } = await find(kindOf(spec), start);
    return {
      candidates: candidates.map(({ word, about }) => ({ word: `${written}=${word}`, about })),
      files,
    };
  }
  if (last.startsWith("-") && !line.ended) return offerOptions(line, last);
  if (line.command === null) {
    const verbs = shownVerbs(commands).map(({ name, summary }) => ({ word: name, about: summary }));
    return { candidates: startingWith(verbs, last), files: null };
  }
  const { operand } = line.command;
  if (operand === null || line.operands.length >= operand.max) {
    return offerOptions(line, last);
  }
  const kinds = operand.completes ?? [];
  const found = await find(kinds[Math.min(line.operands.length, kinds.length - 1)], last);
  // If no operand is known, the missing options come next.
  const none = found.candidates.length === 0 && found.files === null;
  return none ? offerOptions(line, last) : found;
}

/** A command line up to the word that is being typed. */
interface Line {
  readonly command: Command | null;
  /** Options that are allowed here. */
  readonly specs: readonly OptionSpec[];
  /** Values of the options that were given; `null` for a switch. */
  readonly given: ReadonlyMap<string, string | null>;
  readonly operands: readonly string[];
  /** The option whose value is being typed, if any. */
  readonly open: OptionSpec | null;
  /** Whether `--` ended the options. */
  readonly ended: boolean;
}

/** Parses words that need not be valid yet. */
function takeApart(words: readonly string[], commands: readonly Command[]): Line {
  const everything = [...GLOBAL_OPTIONS, ...commands.flatMap(({ options }) => options)];
  const given = new Map<string, string | null>();
  const others: string[] = [];
  let [open, ended]: [OptionSpec | null, boolean] = [null, false];
  for (const word of words) {
    if (open !== null) {
      given.set(open.name, word);
      open = null;
    } else if (ended || !word.startsWith("-") || word === "-") others.push(word);
    else if (word === "--") ended = true;
    else {
      const { written, value } = splitOption(word);
      // The same name may be a switch of one verb and take a value with another.
      const own = commands.find(({ name }) => name === others[0])?.options ?? [];
      const spec = [...own, ...everything].find(({ name, short }) =>
        written === `--${name}` || written === `-${short}`
      );
      if (spec?.value !== undefined && value === null) open = spec;
      else if (spec !== undefined) given.set(spec.name, value);
    }
  }
  const [verb, ...operands] = others;
  const command = commands.find(({ name }) => name === verb) ?? null;
  const specs = [...(command?.options ?? []), ...GLOBAL_OPTIONS];
  return { command, specs, given, operands, open, ended };
}

function kindOf({ choices, completes }: OptionSpec): Completion | readonly string[] | undefined {
  return choices ?? completes;
}

function offerOptions({ specs, given, ended }: Line, start: string): Offer {
  if (ended) return NOTHING;
  const left = specs.filter(({ name, repeats }) => repeats === true || !given.has(name));
  const words = left.map(({ name, help }) => ({ word: `--${name}`, about: help }));
  return { candidates: startingWith(words, start), files: null };
}

function startingWith(candidates: readonly Candidate[], start: string): Candidate[] {
  return candidates.filter(({ word }) => word.startsWith(start));
}

async function offer(
  what: Completion | readonly string[] | undefined,
  { start, line, live, commands }: {
    readonly start: string;
    readonly line: Line;
    readonly live: Live;
    readonly commands: readonly Command[];
  },
): Promise<Offer> {
  switch (what) {
    case undefined:
      return NOTHING;
    case "pk-file":
    case "file":
    case "folder":
      return { candidates: [], files: what };
    case "service":
      return { candidates: startingWith(await offerServices(line, live), start), files: null };
    case "door":
      return { candidates: startingWith(await offerDoors(line, live), start), files: null };
    case "topic": {
      const verbs = shownVerbs(commands).map(({ name, summary }) => ({
        word: name,
        about: summary,
      }));
      const topics = TOPICS.map(({ name, about }) => ({ word: name, about }));
      return { candidates: startingWith([...verbs, ...topics], start), files: null };
    }
    default: {
      const choices = what.map((word) => ({ word, about: "" }));
      return { candidates: startingWith(choices, start), files: null };
    }
  }
}

/** The services; if the line already names a door, only those that have it. */
async function offerServices(line: Line, live: Live): Promise<Candidate[]> {
  const { command, operands } = line;
  const services = await namedServices(line, live);
  const takesDoor = command?.operand?.completes?.includes("door") === true;
  const named = takesDoor ? operands[0] : undefined;
  const having = services.filter(({ doors }) =>
    named === undefined || doors.some(({ address }) => isWritten(named, address))
  );
  const shown = having.length > 0 ? having : services;
  const left = shown.filter(({ name }) => !operands.includes(name));
  // A service whose families differ is there once for each.
  return [...Map.groupBy(left, ({ name }) => name)].map(([word, views]) => {
    const count = views.flatMap(({ doors }) => doors).length;
    return { word, about: `${count} ${count === 1 ? "door" : "doors"}` };
  });
}

/** The addresses that `add` let in; if the line already names a service, only its own. */
async function offerDoors(line: Line, live: Live): Promise<Candidate[]> {
  const { given } = line;
  const service = given.get("service");
  const families = FAMILIES.filter((family) => given.has(family));
  const services = await namedServices(line, live);
  return unique(
    services.filter(({ name }) => service === undefined || name === service)
      .flatMap(({ name, doors }) =>
        doors.filter(({ kind, address }) =>
          kind === "door" && (families.length === 0 || families.includes(address.family))
        ).map(({ address }) => ({ word: bare(address), about: name }))
      ),
  );
}

/**
 * The services that a verb accepts. A chain of another tool may have any name, `pk-$(reboot)` too,
 * and a shell inserts a word as it is.
 */
async function namedServices(line: Line, live: Live): Promise<readonly ServiceView[]> {
  return (await live.services(backendOf(line))).filter(({ name }) => isServiceName(name));
}

function backendOf({ given }: Line): Backend {
  const backend = given.get("backend");
  return backend === "nft" || backend === "legacy" ? backend : "system";
}

/** A single host is written without its length. */
function bare(address: Address): string {
  const isHost = address.prefix === (address.family === "ipv4" ? 32 : 128);
  const text = formatAddress(address);
  return isHost ? text.slice(0, text.indexOf("/")) : text;
}

function isWritten(word: string, address: Address): boolean {
  return word === formatAddress(address) || word === bare(address);
}

function unique(candidates: readonly Candidate[]): Candidate[] {
  return [...new Map(candidates.map((one) => [one.word, one])).values()];
}
