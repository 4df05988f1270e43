// Ways to break the code around the core: the checks of rules files, the command line, transactions,
// the lock and the calls of iptables.
// deno-fmt-ignore-file -- a table, a mutant a line
import type { Area } from "./list.ts";

/** What is wrong with a rules file. */
export const CHECKS: Area = {
  name: "checks",
  tests: ["tests/errors", "tests/golden", "tests/diagnostics", "tests/semantic", "tests/program", "tests/grammar", "tests/syntax"],
  mutants: [
    ["src/firewall/port.ts", "port >= 1 && port", "port >= 0 && port", "port 0"],
    ["src/firewall/port.ts", "const MAX_PORT = 65535;", "const MAX_PORT = 65536;", "port 65536"],
    ["src/semantic/checks/ports.ts", "else if (item.from > item.to)", "else if (item.from >= item.to)", "a range of one port"],
    ["src/semantic/checks/syn.ts", 'service.protocol.value === "tcp"', 'service.protocol.value === "udp"', "syn on udp"],
    ["src/semantic/checks/durations.ts", "if (seconds > 0 && given", "if (seconds >= 0 && given", "a duration of 0"],
    ["src/semantic/checks/durations.ts", "given.now + seconds <= MAX_UNTIL", "seconds <= MAX_UNTIL", "an end past 2038"],
    ["src/semantic/checks/families.ts", 'narrowed.family === "ipv4" ? "ipv6" : "ipv4"', 'narrowed.family === "ipv6" ? "ipv6" : "ipv4"', "families mixed up"],
    ["src/semantic/checks/names.ts", "name.value.length > MAX_SERVICE_NAME", "name.value.length > MAX_SERVICE_NAME + 1", "the wrong reason for a long name"],
    ["src/semantic/checks/knocks.ts", "const ENOUGH_PORTS = 3;", "const ENOUGH_PORTS = 2;", "a knock of two ports"],
    ["src/semantic/checks/knocks.ts", "a.port === b.port && protocolOf(a) === protocolOf(b)", "a.port === b.port", "TCP and UDP are one step"],
    ["src/semantic/checks/knocks.ts", "if (knock.for !== null || knock.close !== null || isByKernel(knock)) continue;", "if (knock.for === null) continue;", "knocks without an end"],
    ["src/semantic/checks/same_packets.ts", "const key = `${family} ${service.protocol.value}`;", "const key = `${family}`;", "TCP and UDP match the same packets"],
    ["src/semantic/checks/same_packets.ts", "owner.order < first.order", "owner.order > first.order", "the last service wins"],
    ["src/semantic/checks/same_packets.ts", 'pattern.endsWith("+")', 'pattern === "+"', "ppp+ is an interface"],
    ["src/semantic/checks/covered_addresses.ts", "if (entry.address.prefix > 0) open.push(entry);", "open.push(entry);", "everybody covers all"],
    ["src/semantic/compile.ts", "!wrong.has(place(one))", "true", "a warning where there is an error"],
    ["src/semantic/compile.ts", "rank(a) - rank(b) ||", "", "messages not in the order of the files"],
    ["src/semantic/lower.ts", "family === null ? FAMILIES : [family.family]", "FAMILIES", "a narrowed service covers both"],
    ["src/semantic/lower.ts", 'name === "+" ? null : name', "name", "-i + is written"],
    ["src/semantic/lower.ts", ".sort(compareAddresses)", "", "addresses in the order of the file"],
    ["src/firewall/service.ts", "const DEFAULT_LOG_LEVEL = 4;", "const DEFAULT_LOG_LEVEL = 5;", "another default level"],
    ["src/semantic/lower.ts", "() => true :", "() => false :", "established is lost"],
    ["src/diagnostics/nearest.ts", "if (distance <= own) {", "if (distance < own) {", "near misses are not offered"],
    ["src/diagnostics/nearest.ts", "limit = distance - 1;", "limit = distance;", "of equally near words the last is offered"],
  ],
};

/** What a command line says. */
export const ARGS: Area = {
  name: "args",
  tests: ["tests/cli"],
  mutants: [
    ["src/cli/args.ts", "isValue = spec?.value !== undefined;", "", "an option's value is the verb"],
    ["src/cli/args.ts", 'word === "--") return at + 1;', 'word === "--") return -1;', "no verb behind --"],
    ["src/cli/sort_words.ts", 'word === "--" && !ended', 'word === "--" && ended', "-- is an option"],
    ["src/cli/sort_words.ts", "if (value !== null) return wrong(", 'if (value === "") return wrong(', "--udp=no is --udp"],
    ["src/cli/sort_words.ts", "value === null && /^--?[a-z]/.test(given)", "false", "an option is another one's value"],
    ["src/cli/args.ts", "value.at(-1) : value;", "value.at(0) : value;", "of two values the first counts"],
    ["src/cli/args.ts", "choices.includes(found)", "true", "any backend"],
    ["src/cli/args.ts", "words.length < operand.min) {", "words.length < operand.min - 1) {", "a word too few"],
    ["src/cli/args.ts", "if (words.length <= max) return null;", "if (words.length <= max + 1) return null;", "a word too much"],
    ["src/cli/args.ts", "required && !values.has(name)", "required && values.has(name)", "--service may be missing"],
    ["src/cli/args.ts", "/^\\d{1,4}$/", "/^\\d{1,5}$/", "--wait 10000"],
    ["src/cli/args.ts", "asked.length === 0 ? FAMILIES : asked", "FAMILIES", "--ipv4 does nothing"],
    ["src/cli/args.ts", "familyAsked: asked.length === 1", "familyAsked: false", "--ipv6 without IPv6 is fine"],
    ["src/text/printable.ts", "return text.replace(IN_LINE, picture);", "return text;", "a foreign name steers the terminal"],
    ["src/cli/run.ts", "word === \"--help\" || word === \"-h\"", "word === \"--help\"", "add -h shows no page"],
    ["src/cli/input/words.ts", "if (families.includes(family)) return ok(parsed.value);", "if (family) return ok(parsed.value);", "--ipv4 with an IPv6 address"],
    ["src/cli/input/words.ts", "if (until <= MAX_UNTIL) return ok(until);", "return ok(until);", "an end past 2038"],
    ["src/cli/input/words.ts", "if (now >= CLOCK_IS_SET) return true;", "return true;", "a timed door by a clock that was never set"],
    ["src/cli/input/words.ts", "Math.floor(now) + seconds", "Math.ceil(now) + seconds", "a second too long"],
    ["src/cli/input/words.ts", "return EXIT.noService;", "return EXIT.refused;", "another status for no service"],
  ],
};

/** All or nothing, one after another. */
export const TRANSACTION: Area = {
  name: "transaction",
  tests: ["tests/cli", "tests/plan"],
  mutants: [
    ["src/cli/kernel/transaction.ts", "if (test && payloads.length > 1) {", "if (false) {", "both families are not tested first"],
    ["src/cli/kernel/transaction.ts", "if (!tested.ok) return err(inFamily(tested.problem, family));", "", "a failed test changes nothing"],
    ["src/cli/kernel/transaction.ts", "return err(await putBack(iptables, { done, problem: written.problem, family }));", "return err(written.problem);", "the first family is not put back"],
    ["src/cli/kernel/transaction.ts", "emitPayload(invertEdits(first.edits))", "emitPayload(first.edits)", "written again instead of put back"],
    ["src/cli/kernel/transaction.ts", 'if (!("text" in edit) || isWritable(edit.text)) continue;', "continue;", "a newline in a comment gets into the payload"],
    ["src/cli/kernel/transaction.ts", "if (native !== null) return err(context.report.failed(native));", "", "a rule of nft is deleted by its text"],
    ["src/cli/kernel/tables.ts", "for (const [chain, places] of native.value) table.markNative(chain, places);", "", "rules of nft are not distinguished"],
    ["src/cli/kernel/transaction.ts", "if (problem === null) table.isVerified = true;\n    else table.isFrozen = true;", "table.isVerified = true;", "rules are written anew that may hide something"],
    ["src/system/bytes.ts", "fatal: true", "fatal: false", "a Latin-1 byte is lost"],
    ["src/system/bytes.ts", "code >= ESCAPE + 0x80", "code > ESCAPE + 0x80", "one byte cannot be written back"],
    ["src/cli/kernel/tables.ts", 'isMissing(problem) && family === "ipv6" && !global.familyAsked', "isMissing(problem)", "going on without IPv4"],
    ["src/cli/kernel/transaction.ts", "filter(({ edits }) => edits.length > 0)", "filter(() => true)", "an empty transaction is written"],
    ["src/cli/kernel/transaction.ts", "if (!lock.ok) return err(context.report.failed(lock.problem));", "if (!lock.ok) return await work();", "going on without the lock"],
    ["src/cli/kernel/transaction.ts", "    lock.value.release();\n", "", "the lock is not released"],
    ["src/cli/kernel/transaction.ts", "  await context.system.dropFileAccess();\n  try {", "  try {", "the right to files is kept"],
    ["src/cli/kernel/transaction.ts", 'written.problem.kind !== "refused" || attempt === MAX_ATTEMPTS', "true", "not planned anew"],
    ["src/cli/kernel/door.ts", "families: [family], familyAsked: true", "familyAsked: true", "a hook pays for both families"],
    ["src/cli/kernel/door.ts", "return table === null ? await readTables(context, global) : ok([table]);", "return await readTables(context, global);", "a hook reads the whole table"],
    ["src/cli/kernel/door.ts", "GIVES_UP.has(printed.problem.kind)", "false", "a lock is waited for twice"],
    ["src/cli/kernel/door.ts", "table?.hasChain(chainOf(name)) !== true", "false", "a door to no service"],
  ],
};

/** What only real commands reach; run from source against a real kernel. */
export const SYSTEM: Area = {
  name: "system",
  tests: ["tests/kernel/system_test.ts"],
  filter: "/lock|--backend|one read/",
  mutants: [
    ["src/system/lock.ts", "file.value.lock(true).then(() => true)", "Promise.resolve(true)", "the lock is not taken"],
    ["src/system/lock.ts", "file.value.lock(true)", "file.value.lock(false)", "the lock is shared"],
    ["src/system/lock.ts", "!== LOCK_MODE) Deno.chmodSync(path, LOCK_MODE);", "!== LOCK_MODE) Deno.chmodSync(path, 0o644);", "others can hold the lock"],
    ["src/system/lock.ts", "seconds * 1000", "seconds * 100000", "--wait is not kept"],
    ["src/system/lock.ts", "& 0o002) !== 0;", "& 0o000) !== 0;", "a lock in a folder of everybody"],
    ["src/system/iptables.ts", '? "" : `-${this.options.backend}`', '? "" : ""', "--backend does nothing"],
    ["src/system/iptables.ts", 'return ["-w", String(this.options.wait)];', "return [];", "iptables' lock is not waited for"],
  ],
};

/**
 * How the program ends, and what it is started in. What it does where SIGCHLD is ignored only the binary
 * shows: Deno itself listens for that signal.
 */
export const PROCESSES: Area = {
  name: "processes",
  tests: ["tests/kernel/late_writer_test.ts", "tests/kernel/strange_environment_test.ts"],
  filter: "/killed|ends iptables|--wait 0 gives|IPv6/",
  mutants: [
    ["src/system/iptables.ts", "this.lock.held ?? undefined", "undefined", "iptables-restore does not hold the lock"],
    ["src/system/children.ts", 'guard = "wanted";', "guard = null;", "signals end no child"],
    ["src/system/children.ts", "void endChildren().then(() => Deno.exit(STATUS[signal]))", "Deno.exit(STATUS[signal])", "children outlive a signal"],
    ["src/system/lock.ts", "Math.max(SHORTEST, seconds * 1000)", "Math.max(SHORTEST, seconds * 1000 + 5000)", "--wait 0 waits"],
    ["src/cli/kernel/tables.ts", "if (exposed !== null) return err(exposed);", "", "a port stays open on IPv6"],
    ["src/cli/kernel/tables.ts", "if (found.ok && found.value === null) return null;", "if (!found.ok || found.value === null) return null;", "what is not known counts as none"],
    ["src/system/ipv6.ts", 'LOOPBACK.test(address)) continue;', "false) continue;", "::1 counts"],
  ],
};

/** What only a run of minutes or another file of tests sees. */
export const KERNEL: Area = {
  name: "kernel",
  tests: ["tests/kernel/foreign_test.ts", "tests/kernel/fault_test.ts"],
  filter: "/\\(nft\\)|that hangs/",
  mutants: [
    ["src/system/iptables.ts", 'const args = ["--noflush", "--counters",', 'const args = ["--counters",', "the foreign rules are flushed"],
    ["src/system/iptables.ts", '"--noflush", "--counters",', '"--noflush",', "counters are not put back"],
    ["src/system/iptables.ts", '...(test ? ["--test"] : [])', "...[]", "a test writes"],
    ["src/system/children.ts", 'child.kill("SIGKILL");', "", "a child that hangs hangs all"],
  ],
};

/** What the binary may do; each is compiled. */
export const BINARY: Area = {
  name: "binary",
  tests: ["tests/build/permissions_test.ts"],
  build: true,
  mutants: [
    ["src/system/process.ts", "clearEnv: true,", "clearEnv: false,", "children inherit the environment"],
    ["dist/build/permissions.ts", '  "--no-code-cache",\n', "", "code is loaded from /tmp"],
    ["dist/build/permissions.ts", '  "--deny-net",\n', '  "--allow-net",\n', "the network"],
    ["dist/build/permissions.ts", '  "--no-prompt",\n', "", "a prompt"],
  ],
};

/** Files, and the rights to them. */
export const FILES: Area = {
  name: "files",
  tests: ["tests/system"],
  mutants: [
    ["src/system/real.ts", "await Deno.permissions.revoke({ name: \"read\" });", "", "hooks keep the right to read files"],
    ["src/system/real.ts", "await Deno.permissions.revoke({ name: \"write\", path: \"/\" });", "", "hooks keep the right to write files"],
    ["src/system/files.ts", "if (!info.isFile) return { kind: \"special\" };", "", "a device is read"],
    ["src/system/files.ts", "if (length > MAX_SOURCE_BYTES)", "if (length > 2 * MAX_SOURCE_BYTES)", "a file that grows fills the memory"],
    ["src/system/write_file.ts", "Deno.renameSync(temporary, target);", "Deno.copyFileSync(temporary, target);", "a file is replaced bit by bit"],
    ["src/system/write_file.ts", "if (info.uid !== 0 && info.uid !== ownUid(done))", "if (info.uid < 0)", "links of anybody are followed"],
    ["src/system/write_file.ts", "info.uid !== ownUid(done)", "info.uid === ownUid(done)", "links of others are followed, one's own are not"],
    ["src/system/write_file.ts", "if (isSafe) Deno.chownSync", "Deno.chownSync", "a file is given away where its name may be taken"],
    ["src/system/write_file.ts", "if (!holds(file, old))", "if (file === null)", "what somebody changed meanwhile is lost"],
    ["src/system/write_file.ts", "file.truncateSync(bytes.length);", "", "the end of the old text stays"],
    ["src/system/write_file.ts", "if (++links > MAX_LINKS)", "if (++links < 0)", "a circle of links never ends"],
    ["src/system/extensions.ts", 'known?.mod ?? "iptables"', '"iptables"', "the wrong package is named"],
    ["src/system/failure.ts", "if (sign.test(text)) return", "if (!sign.test(text)) return", "the wrong reason is reported"],
  ],
};
