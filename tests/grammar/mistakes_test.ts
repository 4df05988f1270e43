// Every kind of word at every place of the language: what is said of those that cannot stand there.
import { assert, assertEquals } from "@std/assert";
import { CODES } from "../../src/diagnostics/codes.ts";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { makeSource } from "../../src/source/source.ts";
import { readSyntax } from "../../src/syntax/ast_reader.ts";

/** With `PKTABLES_UPDATE_GOLDENS=1` what is said is written anew. CI never sets it. */
const isUpdate = Deno.env.get("PKTABLES_UPDATE_GOLDENS") === "1";

const EXPECTED = new URL("mistakes.txt", import.meta.url).pathname;

const SERVICE = "service a tcp 1";
const KNOCK = `${SERVICE} knock 7`;
const LOG = `${SERVICE} log`;

/** What is written already. */
const PLACES: readonly string[] = [
  "",
  "include",
  'include "x"',
  "define",
  "define a",
  "define a =",
  "define a = b",
  "define a = 10.0.0.1",
  "define a = b,",
  "service",
  "service tcp",
  "service a",
  "service a tcp",
  SERVICE,
  `${SERVICE},`,
  `${SERVICE} -`,
  `${SERVICE} syn drop`,
  `${SERVICE} on`,
  `${SERVICE} on eth0`,
  `${SERVICE} allow`,
  `${SERVICE} allow b`,
  `${SERVICE} allow 10.0.0.1`,
  `${SERVICE} allow b,`,
  `${SERVICE} knock`,
  KNOCK,
  `${KNOCK},`,
  `${KNOCK}:`,
  `${SERVICE} knock once`,
  `${SERVICE} knock once "/x"`,
  `${KNOCK} within`,
  `${KNOCK} within 5s`,
  `${KNOCK} for`,
  `${KNOCK} for 8h`,
  `${KNOCK} for 8h close 8`,
  `${KNOCK} close`,
  `${KNOCK} close 8`,
  `${KNOCK} by`,
  `${KNOCK} by kernel`,
  `${KNOCK} on eth0`,
  `${SERVICE} on eth0 knock 7 for 8h`,
  LOG,
  `${LOG} prefix`,
  `${LOG} prefix "x"`,
  `${LOG} level`,
  `${LOG} level info`,
  `${LOG} limit`,
  `${LOG} limit 1/day`,
  `${LOG} burst`,
  `${LOG} burst 5`,
  "expect",
  "expect tcp",
  "expect tcp 22",
  "expect tcp 22 from",
  "expect tcp 22 from anyone",
  "expect tcp 22 to",
  "expect tcp 22 to ::1",
  "expect tcp 22 on",
  "expect tcp 22 established",
  "expect tcp 22 drop",
];

/** What follows: nothing, a word of each shape, keywords of each owner, and near misses of some. */
const WORDS =
  (' foo 22 5s 1/day 10.0.0.1 8000:8010 "x" "" , = - : tcp drop syn on established allow ' +
    "within for kernel prefix from to anyone include service --drp logg onec withn levl fro servce acept defin")
    .split(" ");

/** Takes the word out of what is said of it. */
function withoutWord(said: string, word: string): string {
  if (word === "") return said;
  return said.replaceAll(`\`${word}\``, "`◊`").replaceAll(`"${word}"\``, '"◊"`')
    .replaceAll(` ${word}\``, " ◊`");
}

/** What is said of a word behind a place; what may stand there goes on, to the end or to the next. */
function says(place: string, word: string): string {
  const text = `${place} ${word}`.trim();
  const { diagnostics } = readSyntax(makeSource("a.pk", text));
  const isOpen = ({ code, primary: { span } }: Diagnostic) =>
    code === CODES.incomplete.code && span.start === text.length;
  if (word !== "" && diagnostics.every(isOpen)) return "goes on";
  const told = diagnostics.map((diagnostic) => {
    const { code, message, help, primary: { span, text: label } } = diagnostic;
    const marked = text.slice(span.start, span.end);
    const at = marked === word || isOpen(diagnostic) ? "" : ` at \`${marked}\``;
    const said = [`${code}${at} ${message}`, label, ...(help === null ? [] : [help])].join(" | ");
    return withoutWord(said, word);
  });
  return told.length === 0 ? "is whole" : told.join("\n      ");
}

/** All that is said behind a place: each answer with the words that get it. */
function answersAt(place: string): string {
  const answers = Map.groupBy(WORDS, (word) => says(place, word));
  const lines = [...answers].map(([answer, words]) =>
    `  ${words.map((word) => word === "" ? "(nothing)" : word).join(" ")}\n      ${answer}\n`
  );
  return `${place === "" ? "(start)" : place} ◊\n${lines.join("")}`;
}

Deno.test("each word that cannot stand at a place is told what can, and what was meant", () => {
  const all = PLACES.map(answersAt).join("\n");
  if (isUpdate) Deno.writeTextFileSync(EXPECTED, all);
  assertEquals(all, Deno.readTextFileSync(EXPECTED));
  assert(!isUpdate || Deno.env.get("CI") === undefined);
});
