import { loadPages } from "../lazy.ts";
import { FAMILIES, parseAddress } from "../../firewall/address.ts";
import { nearest } from "../../diagnostics/nearest.ts";
import { type SharedKnock, shareKnocks } from "../../firewall/knock.ts";
import type { Compiled } from "../../semantic/compile.ts";
import { joinWords } from "../../text/words.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import { readRulesFile } from "../input/rules_file.ts";
import { quote } from "../../text/quote.ts";
import { misused } from "../input/words.ts";

/** Placeholder for the host. */
const PLACEHOLDER = "HOST";

/** Prints the knocks for their users. */
export const client: Command = {
  name: "client",
  summary: "print a knock for its user: commands and an ssh_config block",
  operand: { name: "FILE", min: 1, max: 1, completes: ["pk-file"] },
  options: [
    { name: "service", short: "s", value: "NAME", help: "Only the knocks of this service" },
    {
      name: "host",
      value: "NAME",
      help: "The machine to knock at, a name or an address (default: the word HOST)",
    },
  ],
  details: [
    "For each knock a line for knock(1), one for bash alone, and for ssh a block of ssh_config that " +
    "knocks before it connects. All but the block are lines for a shell; the rest are comments.",
    "A door opens for the address that knocked. A knock over IPv4 opens nothing for IPv6: " +
    "each knock has -4 or -6, and the block uses one family for both.",
  ],
  examples: [
    {
      line: "pktables client rules.pk --service ssh --host gate.example.net",
      does: "what to send to a user",
    },
  ],
  run,
};

async function run(call: Invocation, context: Context): Promise<number> {
  const host = call.options.get("host") ?? PLACEHOLDER;
  const { clientHeading, isHost, writeClient } = await loadPages();
  if (!isHost(host)) {
    const message = `invalid host ${quote(host)}`;
    return misused(context, {
      message,
      help: "write a name or an address, such as gate.example.net",
    });
  }
  const address = parseAddress(host);
  const families = address.ok ? [address.value.family] : FAMILIES;
  const compiled = await readRulesFile(call.operands[0]!, context);
  if (compiled === null) return EXIT.file;
  const knocks = chooseKnocks(compiled, call.options.get("service"), context);
  if (knocks === null) return EXIT.noService;
  const texts: string[] = [];
  for (const knock of knocks) {
    const services = compiled.services.filter(({ name }) => knock.services.includes(name));
    // Only services of the same families share a knock.
    if (!services[0]!.families.some((one) => families.includes(one))) {
      const names = joinWords(knock.services);
      context.report.warn(`${names} has no door for the family of ${quote(host)}`);
      continue;
    }
    texts.push(writeClient(knock, { services, target: { host, families } }));
  }
  if (texts.length > 0) context.report.console.out([clientHeading(), ...texts].join("\n"));
  return texts.length > 0 ? EXIT.done : EXIT.refused;
}

/** The requested knocks; reports if there are none, and returns `null` for a wrong name. */
function chooseKnocks(
  { services, knocks }: Compiled,
  name: string | undefined,
  { report }: Context,
): readonly SharedKnock[] | null {
  const names = services.map((service) => service.name);
  if (name !== undefined && !names.includes(name)) {
    const near = nearest(name, names);
    const help = near === null ? "" : ` (did you mean \`${near}\`?)`;
    report.error(`the rules file has no service ${quote(name)}${help}`);
    return null;
  }
  const shared = shareKnocks(knocks, services);
  const chosen = shared.filter((knock) => name === undefined || knock.services.includes(name));
  if (chosen.length === 0) {
    report.error(name === undefined ? "no service has a knock" : `${name} has no knock`);
  }
  return chosen;
}
