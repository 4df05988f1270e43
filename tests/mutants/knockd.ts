// Ways to break what is written, checked and imported for knockd, and what a visitor is given.
// deno-fmt-ignore-file -- a table, a mutant a line
import type { Area } from "./list.ts";

/** Hooks, sequences, clients. */
export const KNOCKD: Area = {
  name: "knockd",
  tests: ["tests/knockd", "tests/cli/sequences_test.ts", "tests/cli/client_test.ts", "tests/cli/import_test.ts", "tests/cli/knockd_test.ts"],
  mutants: [
    ["src/knockd/check_commands.ts", "const hook = expands ? null : known.readHook(words);", "const hook = known.readHook(words);", "$VARIABLES are read as they stand"],
    ["src/knockd/check_commands.ts", "hook.problem.isAddress && !hasVisitor", "!hasVisitor", "a typo beside a missing %IP%"],
    ["src/knockd/check_commands.ts", "foreign === null || isEnd ? []", "foreign === null ? []", "a stop_command is reported twice"],
    ["src/cli/input/hook_line.ts", 'ipv6: "2001:db8::9"', 'ipv6: "203.0.113.9"', "%IP%/32 is fine"],
    ["src/cli/input/hook_line.ts", 'const DOOR_VERBS = ["add", "delete"];', 'const DOOR_VERBS = ["add"];', "delete takes any name"],
    ["src/cli/sort_words.ts", "places.set(spec.name, next);", "", "the wrong word is marked"],
    ["src/knockd/shell.ts", "if (word !== null && !isTarget) words.push({ ...word, end });", "if (word !== null) words.push({ ...word, end });", "a redirection's file is an argument"],
    ["src/knockd/check_settings.ts", "if (seconds > 1) return [];", "if (seconds > 0) return [];", "seq_timeout 1"],
    ["src/knockd/check_settings.ts", '!flag.startsWith("!") && flag !== "syn"', 'flag === "fin"', "syn,ack"],
    ["src/firewall/knock.ts", "before.port < port && before.protocol === protocol", "before.port < port", "a scan mixes protocols"],
    ["src/knockd/sequence.ts", "const other = isLast ? known.first : known.end;", "const other = known.end;", "a sequence that is the start of an earlier one"],
    ["src/knockd/foreign_iptables.ts", 'accepts === (command !== "delete")', "accepts", "a deletion opens"],
    ["src/knockd/foreign_iptables.ts", "open.byNumber = takeNumber(rest);", "takeNumber(rest);", "a number is no number"],
    ["src/knockd/foreign_ufw.ts", "accepts === !isDelete", "accepts", "ufw delete allow opens"],
    ["src/knockd/make_sequences.ts", "starts.has(start) || easyKnock(steps) !== null", "easyKnock(steps) !== null", "two sequences start alike"],
    ["src/knockd/make_sequences.ts", "if (drawn < limit) return drawn % below;", "return drawn % below;", "low numbers are likelier"],
    ["src/knockd/write_conf.ts", "if (knock.close !== null) return knock.close;", "", "a closing knock is lost"],
    ["src/knockd/write_conf.ts", "const isTcp = once !== null ||", "const isTcp =", "one-time sequences hear any TCP packet"],
    ["src/knockd/import_conf.ts", "for (const key of keys) closed.add(key);", "for (const key of opened.keys()) closed.add(key);", "every door has an end"],
    ["src/knockd/import_conf.ts", "sameSequence(knock.steps, backwards)", "false", "a closing knock goes to another"],
    ["src/knockd/import_call.ts", 'if (source !== "%IP%") {', 'if (source === null) {', "a fixed address is the visitor"],
    ["src/knockd/write_imported.ts", 'replace(/[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]/g, "?")', 'replace(/x{999}/g, "?")', "a value ends a comment"],
    ["src/knockd/client.ts", "text.length <= 253 &&", "", "a host of any length"],
    ["src/knockd/client.ts", "families.filter((family) => services.some((one) => one.families.includes(family)))", "families", "a family without a door"],
    ["src/knockd/client.ts", "Math.min(PAUSE, Math.floor(within * 1000 / (2 * steps.length)))", "PAUSE", "a knock that is too slow"],
    ["src/cli/input/knockd_file.ts", "{ secret: true }", "{}", "everybody reads knockd.conf"],
    ["src/cli/input/knockd_file.ts", "if (diagnostics.length > 0 || compiled.diagnostics.length > 0)", "if (diagnostics.length > 0)", "status 0 though something was said"],
  ],
};
