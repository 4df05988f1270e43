// The README's table of verbs, which is made from their definitions. With README_UPDATE=1 in the
// environment it is written into the README.
import { assertEquals } from "@std/assert";
import { TOP } from "../../dist/build/network.ts";
import { usageOf } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { shownVerbs } from "../../src/cli/pages/help.ts";

const README = `${TOP}/README.md`;

/** The table below its comment. */
const TABLE = /(?<=<!-- Written by tests\/cli\/readme_test\.ts .*-->\n\n)(?:\|.*\n)+/;

/** A table as `deno fmt` leaves it. */
function drawTable(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1].map((at) => Math.max(...rows.map((row) => row[at]!.length)));
  const [head, ...body] = rows.map((row) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |\n`
  );
  return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |\n`, ...body].join("");
}

Deno.test("the README lists every verb as its definition has it", async () => {
  const rows = shownVerbs(COMMANDS).map((command) => [
    `\`${usageOf(command).replace("pktables ", "").replace(" [OPTIONS]", "")}\``.replaceAll(
      "|",
      "\\|",
    ),
    command.summary,
  ]);
  const table = drawTable([["Usage", "What it does"], ...rows]);
  const text = await Deno.readTextFile(README);
  if (Deno.env.get("README_UPDATE") === "1") {
    await Deno.writeTextFile(README, text.replace(TABLE, () => table));
    return;
  }
  assertEquals(TABLE.exec(text)?.[0], table);
});
