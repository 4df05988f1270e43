// The service that the command line of `init` describes.
import { parsePorts } from "../../firewall/port.ts";
import { PROPERTIES, type PropertyName } from "../../firewall/properties.ts";
import {
  burstsADay,
  DEFAULT_LOG_LEVEL,
  defaultBurst,
  formatRate,
  isLogPrefix,
  type Log,
  LOG_LEVELS,
  MAX_BURST,
  MAX_LOG_PREFIX,
  parseLogLevel,
  parseRate,
  type Rate,
  type Service,
} from "../../firewall/service.ts";
import { err, ok, type Result } from "../../result.ts";
import { quote } from "../../text/quote.ts";
import type { UsageProblem } from "../args.ts";
import type { Invocation } from "../command.ts";
import { readName } from "./words.ts";

/** Reads the service that a command line of `init` describes, or returns its problem. */
export function readService(call: Invocation): Result<Service, UsageProblem> {
  const { options } = call;
  const name = readName(call.operands[0] ?? "");
  if (!name.ok) return name;
  const ports = parsePorts(options.get("port") ?? "");
  if (!ports.ok) {
    const { item, message } = ports.problem;
    return err({ message: `invalid port ${quote(item)}: ${message}`, help: null });
  }
  if (options.has("udp") && options.has("syn")) {
    return err({ message: "`--udp` and `--syn` exclude each other: only TCP has SYN", help: null });
  }
  const log = readLog(options);
  if (!log.ok) return log;
  return ok({
    ...initialProperties(),
    name: name.value,
    protocol: options.has("udp") ? "udp" : "tcp",
    ports: ports.value,
    syn: options.has("syn"),
    policy: options.has("accept") ? "accept" : "drop",
    families: call.global.families,
    log: log.value,
  });
}

/** The defaults of a service. */
function initialProperties(): Pick<Service, PropertyName> {
  const entries = Object.entries(PROPERTIES).flatMap(([name, { init }]) =>
    init === undefined ? [] : [[name, init]]
  );
  return Object.fromEntries(entries) as Pick<Service, PropertyName>;
}

function readLog(options: ReadonlyMap<string, string>): Result<Log | null, UsageProblem> {
  const prefix = options.get("log-prefix");
  const [levelWord, limitWord] = [options.get("log-level"), options.get("log-limit")];
  const burstWord = options.get("log-burst");
  const parts = [prefix, levelWord, limitWord, burstWord];
  if (!options.has("log") && parts.every((part) => part === undefined)) return ok(null);
  if (prefix !== undefined && !isLogPrefix(prefix)) {
    const help = `must be 1 to ${MAX_LOG_PREFIX} bytes without control characters`;
    return err({ message: `invalid log prefix ${quote(prefix)}`, help });
  }
  const level = levelWord === undefined ? DEFAULT_LOG_LEVEL : parseLogLevel(levelWord);
  if (level === null) {
    const help = `must be 0-7, or ${LOG_LEVELS.join(", ")}`;
    return err({ message: `invalid log level ${quote(levelWord ?? "")}`, help });
  }
  const limit = limitWord === undefined ? null : parseRate(limitWord);
  if (limit === null && limitWord !== undefined) {
    const help = "must be a number above 0, a slash, and second, minute, hour or day: 10/minute";
    return err({ message: `invalid rate ${quote(limitWord)}`, help });
  }
  const burst = readBurst(burstWord, limit);
  if (!burst.ok) return burst;
  return ok({ prefix: prefix ?? null, level, limit, burst: burst.value });
}

function readBurst(word: string | undefined, limit: Rate | null): Result<number, UsageProblem> {
  if (word === undefined) return ok(defaultBurst(limit));
  const burst = /^[1-9]\d*$/.test(word) ? Number(word) : 0;
  if (burst < 1 || burst > MAX_BURST) {
    const help = `must be 1-${MAX_BURST}`;
    return err({ message: `invalid burst ${quote(word)}`, help });
  }
  if (limit === null) {
    return err({ message: "`--log-burst` needs `--log-limit`", help: null });
  }
  const most = burstsADay(limit);
  if (burst <= most) return ok(burst);
  return err({
    message:
      `the kernel cannot hold a burst of ${burst} at ${formatRate(limit)}: it takes more than a ` +
      "day to refill",
    help: `write --log-burst ${most} or less`,
  });
}
