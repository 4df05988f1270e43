// Where a command's words go, in which colour, and what --quiet keeps back.
import { assertEquals } from "@std/assert";
import { Reporter, type ReporterOptions } from "../../src/cli/report/reporter.ts";
import { EXIT } from "../../src/cli/exit.ts";
import { failure } from "../../src/system/failure.ts";
import type { Console } from "../../src/system/system.ts";
import { memorySystem } from "../support/memory_system.ts";

/** A reporter, and what it has written so far. */
function reporter(
  options: Partial<ReporterOptions> = {},
  console: Partial<Console> = {},
): { report: Reporter; written: () => string[] } {
  const { system, out, err } = memorySystem({});
  const report = new Reporter({ ...system.console, ...console }, {
    ...{ quiet: false, color: "auto" },
    ...options,
  });
  return { report, written: () => [out(), err()] };
}

/** Says one thing each way. */
function sayAll(report: Reporter): void {
  report.result("a result\nof two lines");
  report.drawn("drawn");
  report.done("done");
  report.note("a note");
  report.warn("odd");
  report.error("wrong");
  report.details(["one", "two"]);
}

Deno.test("results go to standard output, all else to standard error", () => {
  const { report, written } = reporter();
  sayAll(report);
  assertEquals(written(), [
    "a result\nof two lines\ndrawn\ndone\n",
    "a note\npktables: warning: odd\npktables: error: wrong\n  one\n  two\n",
  ]);
});

Deno.test("--quiet keeps back deeds and notes, and they are known all the same", () => {
  const { report, written } = reporter({ quiet: true });
  sayAll(report);
  assertEquals(written(), [
    "a result\nof two lines\ndrawn\n",
    "pktables: warning: odd\npktables: error: wrong\n  one\n  two\n",
  ]);
  assertEquals([report.deeds, report.refusals], [["done"], ["wrong"]]);
});

Deno.test("a warning is given once, an error each time", () => {
  const { report, written } = reporter();
  for (const text of ["odd", "other", "odd"]) report.warn(text);
  for (let time = 0; time < 2; time++) report.error("odd");
  assertEquals(
    written()[1],
    "pktables: warning: odd\npktables: warning: other\n" + "pktables: error: odd\n".repeat(2),
  );
  assertEquals(report.refusals, ["odd", "odd"]);
});

Deno.test("colour is for a terminal of which nobody asked for none, or where it is asked for", () => {
  for (const color of ["auto", "always", "never"] as const) {
    for (const [outIsTerminal, errIsTerminal] of [[true, false], [false, true]] as const) {
      for (const noColor of [false, true]) {
        const { report } = reporter({ color }, { outIsTerminal, errIsTerminal, noColor });
        const isColored = (isTerminal: boolean) =>
          color === "always" || color === "auto" && isTerminal && !noColor;
        assertEquals(
          [report.colorOut, report.colorErr],
          [isColored(outIsTerminal), isColored(errIsTerminal)],
        );
      }
    }
  }
  const { report, written } = reporter({ color: "always" });
  sayAll(report);
  assertEquals(
    written()[1],
    "a note\npktables: \x1b[1;33mwarning:\x1b[0m odd\npktables: \x1b[1;31merror:\x1b[0m wrong\n" +
      "  one\n  two\n",
  );
});

Deno.test("nothing that is said steers the terminal; only what is drawn may", () => {
  const { report, written } = reporter();
  const odd = "\x1b[2J\u202e";
  report.result(`${odd}\nx`);
  report.done(odd);
  report.drawn(odd);
  report.note(`${odd}\nx`);
  report.warn(odd);
  report.error(odd);
  report.details([odd]);
  assertEquals(written(), [
    `␛[2J�\nx\n␛[2J�\n${odd}\n`,
    "␛[2J�␊x\npktables: warning: ␛[2J�\npktables: error: ␛[2J�\n  ␛[2J�\n",
  ]);
});

Deno.test("what the system refused is told with its own words, unless these are all that is said", () => {
  for (
    const [raw, more] of [
      ["", ""],
      ["it is not possible", ""],
      ["iptables: no.\nTry again.", "  iptables: no.\n  Try again.\n"],
    ] as const
  ) {
    const { report, written } = reporter({ quiet: true });
    assertEquals(report.failed(failure("refused", "it is not possible", raw)), EXIT.refused);
    assertEquals(written(), ["", `pktables: error: it is not possible\n${more}`]);
    assertEquals(report.refusals, ["it is not possible"]);
  }
});
