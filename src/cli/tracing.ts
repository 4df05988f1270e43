// What verbs that follow packets load, and only when they do: see reading.ts.
export { decidersOf } from "../trace/deciders.ts";
export { describeOutcome, describeTrace, describeWay } from "../trace/describe.ts";
export { allStages } from "../trace/nft/stages.ts";
export { outsider, packetFrom } from "../trace/packet.ts";
export { readTables } from "../trace/tables.ts";
export { traceStages } from "../trace/verdict.ts";
