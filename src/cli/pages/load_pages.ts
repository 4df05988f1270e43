// Pages, completions and boot scripts, see lazy.ts. They are loaded without the parser of rules files, which
// they do not need.
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
