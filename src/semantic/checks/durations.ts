import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import { MAX_UNTIL } from "../../firewall/service.ts";
import type { Duration, Spanned } from "../../syntax/ast.ts";
import type { Accept, Check } from "../context.ts";
import { secondsOf } from "../limits.ts";
import { optionsOf } from "../options.ts";

/** Durations of 0, and those that end later than the kernel's time match can express. */
export const checkDurations: Check = ({ program, now }, accept) => {
  for (const knock of program.services.flatMap((service) => optionsOf(service, "knock"))) {
    if (knock.within !== null) checkDuration(knock.within, { word: "within", now, accept });
    if (knock.for !== null) checkDuration(knock.for, { word: "for", now, accept });
  }
};

function checkDuration(
  duration: Spanned<Duration>,
  given: { readonly word: "within" | "for"; readonly now: number; readonly accept: Accept },
): void {
  const seconds = secondsOf(duration.value);
  if (seconds > 0 && given.now + seconds <= MAX_UNTIL) return;
  const { count, unit } = duration.value;
  given.accept(diagnose(CODES.durationOutOfRange, {
    message: seconds > 0
      ? `\`${given.word} ${count}${unit}\` ends past 2038-01-19`
      : `\`${given.word} ${count}${unit}\` is too short`,
    at: duration.span,
    label: seconds > 0 ? "the kernel's time match ends there" : "",
    help: seconds > 0
      ? given.word === "for" ? "leave `for` out to open the door until `pktables delete`" : null
      : "write 1s or more",
  }));
}
