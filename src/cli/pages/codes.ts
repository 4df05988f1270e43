import { ALL_CODES } from "../../diagnostics/codes.ts";
import type { Block, Term } from "./page.ts";

/** What `pktables help codes` and the manual say: every code of a message about a rules file. */
export const CODES_PAGE: readonly Block[] = [
  {
    text: "Each error and warning about a rules file or a knockd.conf has a code, which is never " +
      "used for another one. `pktables help PK004` explains it, with an example of wrong and right.",
  },
  ...(["error", "warning"] as const).flatMap((severity): Block[] => [
    { heading: severity === "error" ? "Errors" : "Warnings" },
    {
      terms: ALL_CODES.filter((one) => one.severity === severity)
        .map(({ code, title }): Term => [code, title]),
    },
  ]),
];
