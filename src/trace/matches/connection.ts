import { allOf, type Match, type Option, readMasked, wordOf } from "../options.ts";
import { some, type State, type Test, type Truth } from "../state.ts";
import { readProtocol } from "./basic.ts";

/**
 * Whether the connection is in a state. Ahead of connection tracking, in table raw, every packet counts
 * as INVALID (xt_conntrack.c, xt_state.c: no entry, and not marked as untracked). A packet that opens a
 * connection is NEW, and so is one of a connection that tracking does not know; RELATED needs an expectation,
 * which an outsider has none of.
 */
function inState(name: string, { packet, tracking, translated }: State): Truth {
  const stands = packet.established && packet.known !== false;
  switch (name) {
    case "UNTRACKED":
      return tracking === "untracked";
    case "INVALID":
      return tracking === "none";
    case "NEW":
      return tracking === "tracked" && !stands;
    case "ESTABLISHED":
      return tracking === "tracked" && stands;
    case "RELATED":
      return false;
    case "DNAT":
      return tracking === "tracked" ? translated : false;
    case "SNAT":
      // Source translation of what comes in happens behind filter INPUT.
      return tracking === "tracked" && packet.established ? null : false;
    default:
      return null;
  }
}

function stateTest(option: Option): Test {
  const names = wordOf(option).split(",");
  return (state) => some(names.map((name) => inState(name, state)));
}

/** `-m state`. */
export const state: Match = {
  options: { "--state": 1 },
  build: (options) => allOf(options, stateTest),
};

/** Without a connection only its state is compared; nothing else matches, `!` or not. */
function onlyTracked(test: Test, not: boolean): Test {
  return (way, at) => way.tracking === "tracked" ? test(way, at) : not;
}

function conntrackTest(option: Option): Test | null {
  const value = wordOf(option);
  switch (option.name) {
    case "--ctstate":
      return stateTest(option);
    case "--ctproto": {
      const number = readProtocol(value);
      if (number === null) return null;
      return onlyTracked(({ packet }) => packet.protocol === number, option.not);
    }
    case "--ctdir":
      if (value !== "ORIGINAL" && value !== "REPLY") return null;
      // The traced sender talks to this machine; either side may have opened an established connection.
      return onlyTracked(
        ({ packet }) => packet.established ? null : value === "ORIGINAL",
        option.not,
      );
    default:
      return null;
  }
}

/** `-m conntrack`. Addresses of the connection, its age and its status are unknown. */
export const conntrack: Match = {
  options: {
    ...{ "--ctstate": 1, "--ctproto": 1, "--ctdir": 1, "--ctstatus": 1, "--ctexpire": 1 },
    ...{ "--ctorigsrc": 1, "--ctorigdst": 1, "--ctreplsrc": 1, "--ctrepldst": 1 },
    ...{ "--ctorigsrcport": 1, "--ctorigdstport": 1, "--ctreplsrcport": 1, "--ctrepldstport": 1 },
  },
  build: (options) => allOf(options, conntrackTest),
};

function markTest(option: Option, read: (state: State) => number | null): Test | null {
  const wanted = readMasked(wordOf(option));
  if (wanted === null) return null;
  return (state) => {
    const mark = read(state);
    if (mark === null) return wanted.mask === 0 ? wanted.value === 0 : null;
    return ((mark & wanted.mask) >>> 0) === wanted.value;
  };
}

/** `-m mark`: 0 when a packet comes in, until a rule sets it. */
export const mark: Match = {
  options: { "--mark": 1 },
  build: (options) => allOf(options, (option) => markTest(option, ({ mark }) => mark)),
};

/** `-m connmark`: without a connection it never matches, not even negated (xt_connmark.c). */
export const connmark: Match = {
  options: { "--mark": 1 },
  build: (options) =>
    allOf(options, (option) => {
      const test = markTest(option, ({ connectionMark }) => connectionMark);
      return test === null ? null : onlyTracked(test, option.not);
    }),
};
