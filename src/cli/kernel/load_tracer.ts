// What only verbs that follow packets load: see lazy.ts.
export { emitEmptyMachine } from "../../plan/empty_machine.ts";
export { Borders } from "../../trace/borders.ts";
export { decidersOf } from "../../trace/deciders.ts";
export { describeOutcome, describeTrace, describeWay } from "../../trace/describe.ts";
export { editStages } from "../../trace/edited.ts";
export { interfaceOf, judge } from "../../trace/judge.ts";
export { allStages } from "../../trace/nft/stages.ts";
export { outsider, packetFrom } from "../../trace/packet.ts";
export { knockChainsOf } from "../../firewall/kernel_knock.ts";
export { readKernelKnocks } from "../../firewall/kernel_knock_reader.ts";
export { stagesOf } from "../../trace/stage.ts";
export { NOBODY_KNOCKED } from "../../trace/lists.ts";
export { readTables } from "../../trace/tables.ts";
export {
  closeKernelDoors,
  findKernelDoors,
  forgetClosedDoors,
  withKernelDoors,
} from "./kernel_doors.ts";
export { readKnownLists } from "./known_lists.ts";
export { traceStages } from "../../trace/verdict.ts";
