import { printDuration } from "../firewall/duration.ts";
import type { KnockStep, SharedKnock } from "../firewall/knock.ts";
import { quoteForShell } from "../text/quoted.ts";
import { formatSequence, sameSequence } from "./sequence.ts";

/** What a knockd.conf is made from besides the knocks. */
export interface ConfOptions {
  /** Absolute path of pktables, without control characters and without `%IP%`. */
  readonly binary: string;
  /** Words behind every command, such as `--backend`, `nft`. */
  readonly words: readonly string[];
  /** The first lines of the file, without `# `. */
  readonly heading: readonly string[];
  /** An `[options]` section; `null` for none. */
  readonly options: {
    readonly interface: string | null;
    /** Absolute path of a log file; `null` for the system's log. */
    readonly logFile: string | null;
  } | null;
}

/**
 * Writes the sections of knockd.conf(5) that open services to their knocks, in the order of the file.
 * A knock with `close` gets a second section that closes the door, and so does one without `for`: the
 * same ports backwards. One that reads the same backwards gets none, because it would open and close at
 * once, nor does one of one-time sequences. A knock that opens several services has one section, whose
 * command opens all of them.
 *
 * No `stop_command` is written: knockd keeps its timers in a sleeping child, and a door whose child is
 * killed stays open. `--for` leaves the end to the kernel. There is no `command_6` either: without one
 * knockd 0.8 runs the plain command for IPv6 too.
 *
 * @returns the file, ended by a newline
 */
export function writeKnockdConf(knocks: readonly SharedKnock[], options: ConfOptions): string {
  const counts = new Map<string, number>();
  const sections = knocks.flatMap((knock) => {
    const services = knock.services.join(" ");
    const count = (counts.get(services) ?? 0) + 1;
    counts.set(services, count);
    // A service's name has no space and starts with a letter: `open a 2` can only mean service `a`.
    const name = count === 1 ? services : `${services} ${count}`;
    return [openSection(knock, { name, options }), ...closeSections(knock, { name, options })];
  });
  const heading = options.heading.map((line) => `# ${line}\n`).join("");
  return [heading, ...optionsSection(options.options), ...sections]
    .filter((part) => part !== "").join("\n");
}

/** Whether the knock backwards is the same knock, so that no section can close what it opens. */
export function isPalindrome({ steps }: Pick<SharedKnock, "steps">): boolean {
  return steps.length > 0 && sameSequence(steps, steps.toReversed());
}

/**
 * The steps that close the door of a knock: those of the file, otherwise the same ports backwards if the door
 * has no end. `null` if no knock closes it.
 */
export function closingSteps(
  knock: Omit<SharedKnock, "services">,
): readonly KnockStep[] | null {
  if (knock.close !== null) return knock.close;
  if (knock.for !== null || knock.once !== null || isPalindrome(knock)) return null;
  return knock.steps.toReversed();
}

function optionsSection(options: ConfOptions["options"]): string[] {
  if (options === null) return [];
  const lines = [options.logFile === null ? "UseSyslog" : `LogFile = ${options.logFile}`];
  // knockd looks for its own addresses on one interface; the word `any` has none (knockd 0.8).
  if (options.interface === null) lines.push("# without Interface knockd listens on eth0");
  else lines.push(`Interface = ${options.interface}`);
  return [section("options", lines)];
}

interface Place {
  readonly name: string;
  readonly options: ConfOptions;
}

function openSection(knock: SharedKnock, { name, options }: Place): string {
  const end = knock.for === null ? [] : ["--for", printDuration(knock.for)];
  const command = ["add", "%IP%", ...serviceWords(knock), ...end];
  const { steps, once } = knock;
  return section(`open ${name}`, listen({ steps, once }, { knock, command, options }));
}

function closeSections(knock: SharedKnock, { name, options }: Place): string[] {
  const steps = closingSteps(knock);
  if (steps === null) return [];
  const command = ["delete", "%IP%", ...serviceWords(knock)];
  const lines = listen({ steps, once: null }, { knock, command, options });
  return [section(`close ${name}`, lines)];
}

/** A service in words for the command; one transaction opens or closes all of them. */
function serviceWords({ services }: SharedKnock): string[] {
  return services.flatMap((service) => ["--service", service]);
}

function listen(
  { steps, once }: Pick<SharedKnock, "steps" | "once">,
  { knock, command, options }: {
    knock: SharedKnock;
    command: readonly string[];
    options: ConfOptions;
  },
): string[] {
  const words = [options.binary, ...command, ...options.words].map(quoteForShell);
  const isTcp = once !== null || steps.some(({ protocol }) => protocol === "tcp");
  return [
    once === null ? `sequence    = ${formatSequence(steps)}` : `one_time_sequences = ${once}`,
    `seq_timeout = ${knock.within}`,
    ...(isTcp ? ["tcpflags    = syn"] : []),
    `command     = ${words.join(" ")}`,
  ];
}

function section(name: string, lines: readonly string[]): string {
  return `[${name}]\n${lines.map((line) => `    ${line}\n`).join("")}`;
}
