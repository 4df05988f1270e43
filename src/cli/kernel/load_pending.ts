// What verbs load when they find unconfirmed rules; those of knockd's hooks load it only then. It is one
// module for all verbs: the bundler puts what two parts share into a file of its own, and each file that
// is read adds to the start of a hook.
export { look } from "../../plan/standing.ts";
export { COMMANDS } from "../commands.ts";
export { countDown } from "./countdown.ts";
export { planBoth, planSettled } from "./unconfirmed.ts";
export { sweepBoth } from "./unconfirmed_sweep.ts";
