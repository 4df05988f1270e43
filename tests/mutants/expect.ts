// Ways to break expectations, by hand: how they are read, what they are held against, what follows.
// deno-fmt-ignore-file -- a table, a mutant a line
import type { Area } from "./list.ts";

/** Expectations of a rules file. */
export const EXPECT: Area = {
  name: "expect",
  tests: ["tests/cli/expect_test.ts", "tests/trace/borders_test.ts", "tests/trace/edited_test.ts", "tests/semantic/expect_test.ts", "tests/errors", "tests/cli/check_test.ts"],
  mutants: [
    ["src/trace/judge.ts", 'if (verdict === wanted) return "met";', "", "nothing is ever met"],
    ["src/trace/judge.ts", 'return isOpen ? "unknown" : "failed";', 'return "unknown";', "nothing ever fails"],
    ["src/trace/judge.ts", 'return isOpen ? "unknown" : "failed";', 'return "failed";', "what is not known fails"],
    ["src/trace/judge.ts", 'if (state === "failed") return found;', "return found;", "an unknown sender hides one that fails"],
    ["src/trace/judge.ts", 'drop: "dropped"', 'drop: "rejected"', "drop means reject"],
    ["src/trace/judge.ts", "only === undefined || names.size > 1 ? given.interface : ", "true ? given.interface : ", "an outsider never comes in by the service's interface"],
    ["src/trace/judge.ts", "expectation.interface ?? (from", "(from", "`on` of an expectation is not heeded"],
    ["src/trace/judge.ts", "    established,\n  };", "    established: false,\n  };", "`established` of an expectation is not heeded"],
    ["src/trace/borders.ts", "starts.add(first).add(first + size);", "starts.add(first);", "what lies behind a network is not asked about"],
    ["src/trace/borders.ts", "if (size > 1n && this.#hasHoles) return null;", "", "one host stands for a network that a mask with holes parts"],
    ["src/trace/borders.ts", "const key = this.#hasHoles ? String(first) : at;", "const key = at;", "one host stands for others that a mask with holes parts"],
    ["src/trace/borders.ts", "if (hosts.size > MAX_SAMPLES) return null;\n    }\n", "}\n", "as many packets are sent as there are addresses"],
    ["src/trace/edited.ts", "this.entries.splice(index - 1, 0,", "this.entries.splice(index, 0,", "a planned rule stands one place too far down"],
    ["src/trace/edited.ts", "if (found >= 0) this.entries.splice(found, 1);", "", "a planned deletion is not seen"],
    ["src/trace/edited.ts", "if (!edits.every((edit) => edited.apply(edit))) return null;", "for (const edit of edits) edited.apply(edit);", "a plan for another table is judged by this one"],
    ["src/trace/edited.ts", "chain.entries.length = 0;", "void 0;", "a planned flush is not seen"],
    ["src/cli/kernel/expectation_guard.ts", "    return EXIT.refused;\n  }", "    return null;\n  }", "load goes on where an expectation fails"],
    ["src/cli/kernel/expectation_guard.ts", "if (!around.ok && !force) return around;", "", "load goes on where nothing could be read"],
    ["src/cli/kernel/expectation_guard.ts", "edits: plan?.edits ?? []", "edits: []", "the kernel is judged as it is"],
    ["src/cli/kernel/planned_stages.ts", "if (global.backend !== \"system\") return ok(global.backend);", "", "--backend is not heeded"],
    ["src/cli/input/judge_file.ts", "if (near.length === 0)", "if (true)", "a service that passes a packet over is not named"],
    ["src/cli/commands/check.ts", "if (compiled.expectations.length === 0) return compiled;", "return compiled;", "check does not look at what is expected"],
    ["src/cli/commands/diff.ts", "failed.length === 0;", "true;", "diff counts a failed expectation as no difference"],
    ["src/semantic/lower_expect.ts", "(destination === null || family === destination.family) &&", "", "a packet goes to an address of the other family"],
    ["src/semantic/checks/expects.ts", "if (prefix === MOST_BITS[family]) return;", "return;", "a packet is sent to a network"],
    ["src/semantic/address_items.ts", 'if (from !== null && from.kind !== "anyone") yield from;', "", "a name that only an expectation uses is not looked up"],
  ],
};
