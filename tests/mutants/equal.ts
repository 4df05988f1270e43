// Changes that `tests/mutants/mutants.ts --random` may draw although they make no difference that a user, the
// kernel or another program could see.
import { CLI } from "./equal/cli.ts";
import { FIREWALL } from "./equal/firewall.ts";
import { KERNEL } from "./equal/kernel.ts";
import { LANGUAGE } from "./equal/language.ts";
import { MATCHES } from "./equal/matches.ts";
import { PLAN } from "./equal/plan.ts";
import { TRACE } from "./equal/trace.ts";

/** Changes of the same lines that leave the program as it is. */
export interface Equivalent {
  readonly file: string;
  /** The lines that change, without the blanks around them. */
  readonly from: string;
  /** What they become; each of these is one change. */
  readonly to: readonly string[];
  readonly because: string;
}

/** All that are known. */
export const EQUIVALENTS: readonly Equivalent[] = [
  ...CLI,
  ...KERNEL,
  ...FIREWALL,
  ...PLAN,
  ...TRACE,
  ...MATCHES,
  ...LANGUAGE,
];
