import { type Match, type Option, wordOf } from "../options.ts";
import type { Test } from "../state.ts";

const DAY = 86_400;
/** "No end" for xt_time: the last second of a signed 32-bit clock. */
const LAST = 0x7fffffff;
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** The options of `-m time`; days as bits, 0 is Sunday, the first of the month is 1. */
interface Times {
  readonly dateStart: number;
  readonly dateStop: number;
  readonly dayStart: number;
  readonly dayStop: number;
  readonly weekdays: number;
  readonly monthdays: number;
  readonly contiguous: boolean;
}

/** Every day. */
const ALL_WEEKDAYS = 0x7f;
const ALL_MONTHDAYS = 0xfffffffe;

/** Reads `2030-01-02T03:04:05` or the beginning of one, as UTC, like time_parse_date(). */
function readMoment(text: string): number | null {
  const match = /^(\d{4})(?:-(\d\d?)(?:-(\d\d?)(?:T(\d\d?)(?::(\d\d?)(?::(\d\d?))?)?)?)?)?$/.exec(
    text,
  );
  if (match === null) return null;
  const [year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1)
    .map((part) => part === undefined ? undefined : Number(part));
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

function readDaytime(text: string): number | null {
  const match = /^(\d\d?):(\d\d?)(?::(\d\d?))?$/.exec(text);
  if (match === null) return null;
  const [hour = 0, minute = 0, second = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return hour * 3600 + minute * 60 + second;
}

function readWeekdays(option: Option): number | null {
  let days = 0;
  for (const name of wordOf(option).split(",")) {
    const number = /^[1-7]$/.test(name) ? Number(name) % 7 : WEEKDAYS.indexOf(
      name.slice(0, 3).toLowerCase(),
    );
    if (number < 0) return null;
    days |= 1 << number;
  }
  return option.not ? days ^ ALL_WEEKDAYS : days;
}

function readMonthdays(option: Option): number | null {
  let days = 0;
  for (const text of wordOf(option).split(",")) {
    const number = /^\d\d?$/.test(text) ? Number(text) : 0;
    if (number < 1 || number > 31) return null;
    days |= 1 << number;
  }
  return (option.not ? days ^ ALL_MONTHDAYS : days) >>> 0;
}

const READERS: Readonly<
  Record<string, readonly [key: keyof Times, read: (option: Option) => number | null]>
> = {
  "--datestart": ["dateStart", (option) => readMoment(wordOf(option))],
  "--datestop": ["dateStop", (option) => readMoment(wordOf(option))],
  "--timestart": ["dayStart", (option) => readDaytime(wordOf(option))],
  "--timestop": ["dayStop", (option) => readDaytime(wordOf(option))],
  "--weekdays": ["weekdays", readWeekdays],
  "--monthdays": ["monthdays", readMonthdays],
};

function readTimes(options: readonly Option[]): Times | null {
  const found: Partial<Record<keyof Times, number>> = {};
  let contiguous = false;
  for (const option of options) {
    if (option.name === "--contiguous") contiguous = true;
    else if (option.name !== "--utc") {
      const reader = READERS[option.name];
      const value = reader?.[1](option) ?? null;
      if (reader === undefined || value === null) return null; // --kerneltz: the kernel's own zone
      found[reader[0]] = value;
    }
  }
  return {
    dateStart: found.dateStart ?? 0,
    dateStop: found.dateStop ?? LAST,
    dayStart: found.dayStart ?? 0,
    dayStop: found.dayStop ?? DAY - 1,
    weekdays: found.weekdays ?? ALL_WEEKDAYS,
    monthdays: found.monthdays ?? ALL_MONTHDAYS,
    contiguous,
  };
}

/** xt_time.c, time_mt(), step by step. */
function holds(times: Times, now: number): boolean {
  let stamp = Math.floor(now);
  if (stamp < times.dateStart || stamp > times.dateStop) return false;
  const daytime = stamp % DAY;
  if (times.dayStart < times.dayStop) {
    if (daytime < times.dayStart || daytime > times.dayStop) return false;
  } else {
    if (daytime < times.dayStart && daytime > times.dayStop) return false;
    if (times.contiguous && daytime <= times.dayStop) stamp -= DAY;
  }
  const date = new Date(stamp * 1000);
  if ((times.weekdays & 1 << date.getUTCDay()) === 0) return false;
  return times.monthdays === ALL_MONTHDAYS || (times.monthdays & 1 << date.getUTCDate()) !== 0;
}

/** `-m time`, with the packet's clock. */
export const time: Match = {
  options: {
    ...{ "--datestart": 1, "--datestop": 1, "--timestart": 1, "--timestop": 1 },
    ...{ "--weekdays": 1, "--monthdays": 1, "--contiguous": 0, "--utc": 0, "--kerneltz": 0 },
  },
  build(options): Test | null {
    const times = readTimes(options);
    return times === null ? null : ({ packet }) => holds(times, packet.now);
  },
};
