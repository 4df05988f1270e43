import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import { nearest } from "../../diagnostics/nearest.ts";
import {
  burstsADay,
  DEFAULT_BURST,
  isCountable,
  isLogPrefix,
  LOG_LEVELS,
  MAX_BURST,
  MAX_LOG_PREFIX,
  parseLogLevel,
} from "../../firewall/service.ts";
import type { Log, LogPart } from "../../syntax/ast.ts";
import type { Accept, Check } from "../context.ts";
import { optionsOf } from "../options.ts";

/** What the LOG target and the limit match would refuse or silently cut. */
export const checkLogs: Check = ({ program }, accept) => {
  for (const log of program.services.flatMap((service) => optionsOf(service, "log"))) {
    for (const part of log.parts) checkPart(part, accept);
    checkBurstOfRate(log, accept);
  }
};

/** A burst without a rate. Reports nothing if a part of the service could not be read: it may be the limit. */
export const checkIdleBursts: Check = ({ program }, accept) => {
  for (const service of program.services) {
    if (program.halfRead.has(service)) continue;
    for (const { parts } of optionsOf(service, "log")) {
      const burst = parts.find((part) => part.kind === "burst");
      if (burst === undefined || parts.some((part) => part.kind === "limit")) continue;
      if (!isBurst(burst)) continue;
      accept(diagnose(CODES.burstWithoutLimit, {
        message: "`burst` does nothing without `limit`: every packet is logged",
        at: burst.span,
        help: "add `limit`, such as `limit 10/minute`, or leave `burst` out",
      }));
    }
  }
};

function checkPart(part: LogPart, accept: Accept): void {
  switch (part.kind) {
    case "prefix":
      return checkPrefix(part, accept);
    case "level":
      return checkLevel(part, accept);
    case "limit":
      return checkLimit(part, accept);
    case "burst":
      return checkBurst(part, accept);
  }
}

type PartOf<K extends LogPart["kind"]> = Extract<LogPart, { kind: K }>;

function checkPrefix({ text }: PartOf<"prefix">, accept: Accept): void {
  if (isLogPrefix(text.value)) return;
  const bytes = new TextEncoder().encode(text.value).length;
  const unit = bytes === text.value.length ? "characters" : "bytes";
  const message = text.value === ""
    ? "the log prefix is empty"
    : bytes > MAX_LOG_PREFIX
    ? `the log prefix has ${bytes} ${unit}, at most ${MAX_LOG_PREFIX} are allowed`
    : "the log prefix contains a control character";
  accept(diagnose(CODES.badLogPrefix, {
    message,
    at: text.span,
    label: text.value === ""
      ? ""
      : bytes > MAX_LOG_PREFIX
      ? "too long"
      : "could forge lines in a log",
    help: text.value === "" ? "leave `prefix` out" : null,
  }));
}

function checkLevel({ name }: PartOf<"level">, accept: Accept): void {
  if (parseLogLevel(name.value) !== null) return;
  const near = nearest(name.value, LOG_LEVELS);
  accept(diagnose(CODES.badLogLevel, {
    message: `unknown log level \`${name.value}\``,
    at: name.span,
    label: near === null ? "" : `expected one of ${LOG_LEVELS.join(", ")}`,
    help: near === null ? `the levels are ${LOG_LEVELS.join(", ")}` : `did you mean \`${near}\`?`,
  }));
}

function checkLimit({ rate }: PartOf<"limit">, accept: Accept): void {
  const { count, unit } = rate.value;
  if (isCountable(rate.value)) return;
  accept(diagnose(CODES.zeroCount, {
    message: count > 0 ? "the kernel's limit is 10000/second" : "a `limit` of 0",
    at: rate.span,
    label: count > 0 ? "too fast" : "would log nothing",
    help: count > 0 ? "leave `limit` out to log every packet" : `write \`1/${unit}\` or more`,
  }));
}

/** Whether the limit match accepts it. */
function isBurst({ count }: PartOf<"burst">): boolean {
  return count.value > 0 && count.value <= MAX_BURST;
}

function checkBurst(part: PartOf<"burst">, accept: Accept): void {
  if (isBurst(part)) return;
  const { count } = part;
  accept(diagnose(CODES.zeroCount, {
    message: count.value > 0
      ? `a \`burst\` of ${count.value}, at most ${MAX_BURST} are allowed`
      : "a `burst` of 0",
    at: count.span,
    label: count.value > 0 ? "too many" : "would log nothing",
    help: count.value > 0 ? null : `write 1 or more; without \`burst\` it is ${DEFAULT_BURST}`,
  }));
}

/** A burst that takes more than a day to refill: it overflows the kernel's credits. */
function checkBurstOfRate(log: Log, accept: Accept): void {
  const limit = log.parts.find((part) => part.kind === "limit");
  const burst = log.parts.find((part) => part.kind === "burst");
  if (limit === undefined || burst === undefined || burst.count.value > MAX_BURST) return;
  const { value: rate, span } = limit.rate;
  const most = burstsADay(rate);
  if (rate.count === 0 || burst.count.value <= most) return;
  accept(diagnose(CODES.zeroCount, {
    message: `the kernel cannot hold a \`burst\` of ${burst.count.value} at ` +
      `${rate.count}/${rate.unit}`,
    at: burst.count.span,
    label: `takes over a day to refill`,
    secondary: [{ span, text: "at this rate" }],
    help: `write \`burst ${most}\` or less`,
  }));
}
