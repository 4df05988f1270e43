import type { Check } from "../context.ts";
import { checkAddressCount, checkEverybody, checkHostBits } from "./addresses.ts";
import { checkCoveredAddresses } from "./covered_addresses.ts";
import { checkCircularDefines, checkUndefinedNames, checkUnusedDefines } from "./defines.ts";
import { checkDuplicateNames } from "./duplicate_names.ts";
import { checkDurations } from "./durations.ts";
import { checkExpects } from "./expects.ts";
import { checkFamilies } from "./families.ts";
import { checkKernelKnockNames, checkKernelKnocks } from "./kernel_knocks.ts";
import {
  checkClosingKnocks,
  checkEasyKnocks,
  checkEndlessKnocks,
  checkKnockPorts,
  checkKnocksOnServices,
  checkOnceFiles,
  checkReadableKnocks,
} from "./knocks.ts";
import { checkIdleBursts, checkLogs } from "./log.ts";
import { checkDefineNames, checkInterfaceNames, checkServiceNames } from "./names.ts";
import { checkOpenServices } from "./open_services.ts";
import { checkPorts } from "./ports.ts";
import { checkRepeatedOptions } from "./repeated_options.ts";
import { checkSamePackets } from "./same_packets.ts";
import { checkSyn } from "./syn.ts";

/** Every check. They are independent of each other, so their order does not matter. */
export const CHECKS: readonly Check[] = [
  checkDuplicateNames,
  checkServiceNames,
  checkDefineNames,
  checkInterfaceNames,
  checkPorts,
  checkSyn,
  checkRepeatedOptions,
  checkLogs,
  checkIdleBursts,
  checkDurations,
  checkHostBits,
  checkEverybody,
  checkUndefinedNames,
  checkCircularDefines,
  checkAddressCount,
  checkFamilies,
  checkUnusedDefines,
  checkCoveredAddresses,
  checkOpenServices,
  checkKnockPorts,
  checkEasyKnocks,
  checkOnceFiles,
  checkClosingKnocks,
  checkReadableKnocks,
  checkEndlessKnocks,
  checkKnocksOnServices,
  checkKernelKnocks,
  checkKernelKnockNames,
  checkSamePackets,
  checkExpects,
];
