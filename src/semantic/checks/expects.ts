import { CODES } from "../../diagnostics/codes.ts";
import { diagnose, type Label } from "../../diagnostics/diagnostic.ts";
import type { Family } from "../../firewall/address.ts";
import type { Expect, Source } from "../../syntax/ast.ts";
import type { Accept, Check, Context } from "../context.ts";
import { FAMILY_NAMES } from "../../text/words.ts";

const MOST_BITS: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };

/** An expectation about an impossible packet: no such sender, destination or interface. */
export const checkExpects: Check = (context, accept) => {
  for (const expect of context.program.expects) {
    checkDestination(expect, accept);
    checkInterface(expect, accept);
    checkBothEnds(expect, { context, accept });
  }
};

function checkDestination({ to }: Expect, accept: Accept): void {
  if (to === null || !to.meaning.ok) return;
  const { family, prefix } = to.meaning.value;
  if (prefix === MOST_BITS[family]) return;
  accept(diagnose(CODES.noPacket, {
    message: `a packet is sent to one address, and \`${to.text}\` is a network`,
    at: to.span,
    label: "a network",
    help: "write the address of this machine that is meant",
  }));
}

function checkInterface({ interface: on }: Expect, accept: Accept): void {
  if (on === null || !on.value.endsWith("+")) return;
  accept(diagnose(CODES.noPacket, {
    message: "a packet comes in on one interface",
    at: on.span,
    label: "matches many",
    help: `name one of them, as \`on ${on.value.slice(0, -1)}0\``,
  }));
}

/** Source and destination must have a family in common. */
function checkBothEnds(
  { from, to }: Expect,
  { context, accept }: { context: Context; accept: Accept },
): void {
  if (from === null || to === null || from.kind === "anyone" || !to.meaning.ok) return;
  const { family } = to.meaning.value;
  const families = familiesOf(from, context);
  const [other] = families;
  if (other === undefined || families.includes(family)) return;
  const because: Label = { span: from.span, text: `only ${FAMILY_NAMES[other]}` };
  accept(diagnose(CODES.noPacket, {
    message: `no packet goes from an ${FAMILY_NAMES[other]} address to an ${
      FAMILY_NAMES[family]
    } address`,
    at: to.span,
    label: FAMILY_NAMES[family],
    secondary: [because],
  }));
}

/** The families of a sender's addresses; none if they are unknown. */
function familiesOf(
  from: Exclude<Source, { kind: "anyone" }>,
  { defines }: Context,
): Family[] {
  if (from.kind === "address") return from.meaning.ok ? [from.meaning.value.family] : [];
  const sample = defines.factsOf(from.name)?.sample ?? {};
  return (["ipv4", "ipv6"] as const).filter((family) => sample[family] !== undefined);
}
