// What is written to be read or kept by people: pages, completions, boot scripts, see lazy.ts. None of it
// needs the parser of rules files, so it is loaded without it.
export { explain } from "../../diagnostics/codes.ts";
export { writeOpenrcScript } from "../../boot/openrc.ts";
export { writeSystemdUnit } from "../../boot/systemd.ts";
export { writeSysvScript } from "../../boot/sysv.ts";
export { clientHeading, isHost, writeClient } from "../../knockd/client.ts";
export {
  formatKnock,
  makeSequences,
  MAX_SEQUENCES,
  randomFrom,
} from "../../knockd/make_sequences.ts";
export { formatSequence } from "../../knockd/sequence.ts";
export { complete } from "../completion/candidates.ts";
export { SCRIPTS } from "../completion/scripts.ts";
export { writeManual } from "./manual.ts";
export { topicPage } from "./topic_pages.ts";
