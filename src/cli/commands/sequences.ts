import { loadPages, type Pages } from "../lazy.ts";
import type { KnockStep } from "../../firewall/knock.ts";
import { VERSION } from "../../version.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import { quote } from "../../text/quote.ts";
import { misused } from "../input/words.ts";

/** Default number of ports of a sequence. */
const DEFAULT_PORTS = 4;

/** Generates one-time sequences. */
export const sequences: Command = {
  name: "sequences",
  summary: "generate random one-time knock sequences",
  operand: { name: "COUNT", min: 1, max: 1 },
  options: [
    { name: "ports", value: "COUNT", help: "Ports in each sequence, 3 to 32 (default: 4)" },
    {
      name: "output",
      short: "o",
      value: "FILE",
      completes: "file",
      help: "Write them to a new file, readable by its owner only, and print what the visitor " +
        "carries",
    },
  ],
  details: [
    'The lines are those of knockd\'s one_time_sequences: `knock once "FILE"` in a rules file names ' +
    "the list. knockd takes the first line that is not marked by a #, and marks it once it is " +
    "used; it must not be edited while knockd runs, so an existing FILE is never overwritten.",
    "knockd 0.8 does not renew its IPv6 filter after a sequence is used: over IPv6 it hears " +
    "the next one only after a restart.",
    "Ports come from the system's random source, from 1024 upwards, tcp and udp. No sequence is one " +
    "that a port scan knocks. A single line also works as an ordinary knock.",
  ],
  examples: [
    {
      line: "pktables sequences 50 --output /etc/knockd.once",
      does: "a list for knockd, and a copy to print",
    },
    { line: "pktables sequences 1", does: "random ports for a knock" },
  ],
  run,
};

async function run(call: Invocation, context: Context): Promise<number> {
  const pages = await loadPages();
  const { makeSequences, MAX_SEQUENCES, randomFrom } = pages;
  const word = call.operands[0]!;
  const count = readCount(word, { from: 1, to: MAX_SEQUENCES });
  if (count === null) {
    const message = `invalid count ${quote(word)}: must be 1-${MAX_SEQUENCES}`;
    return misused(context, { message, help: null });
  }
  const written = call.options.get("ports") ?? String(DEFAULT_PORTS);
  const ports = readCount(written, { from: 3, to: 32 });
  if (ports === null) {
    const message = `invalid value ${quote(written)} for \`--ports\`: must be 3-32`;
    return misused(context, { message, help: null });
  }
  const random = randomFrom((length) => context.system.randomBytes(length));
  return write(context, {
    pages,
    drawn: makeSequences(count, { ports, random }),
    path: call.options.get("output"),
  });
}

function readCount(text: string, { from, to }: { from: number; to: number }): number | null {
  const count = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return count >= from && count <= to ? count : null;
}

function write(
  { system, report }: Context,
  { pages: { formatKnock, formatSequence }, drawn, path }: {
    pages: Pages;
    drawn: readonly (readonly KnockStep[])[];
    path: string | undefined;
  },
): number {
  // knockd writes its # over the first character of a line: the blank keeps the first port readable.
  const lines = drawn.map((steps) => ` ${formatSequence(steps)}\n`);
  if (path === undefined) {
    report.console.out(lines.join(""));
    return EXIT.done;
  }
  const heading =
    `# One-time knock sequences by pktables ${VERSION}. knockd takes the first line without\n` +
    "# a # and marks it once it is used. Keep the file secret; do not edit it while knockd runs.\n";
  const created = system.files.create(path, heading + lines.join(""));
  if (!created.ok) {
    report.error(`cannot write ${quote(path)}: ${created.words}`);
    return EXIT.refused;
  }
  const width = String(drawn.length).length;
  report.console.out(
    drawn.map((steps, at) => `${String(at + 1).padStart(width)}  ${formatKnock(steps)}\n`).join(""),
  );
  report.note(`wrote ${quote(path)}`);
  return EXIT.done;
}
