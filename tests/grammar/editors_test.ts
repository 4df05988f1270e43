// The word lists of the editor files are made from the table of options; the rest of them is written
// by hand.
import { assertEquals } from "@std/assert";
import type { Entry, ValueKind } from "../../grammar/option_entry.ts";
import { OPTIONS } from "../../grammar/options.ts";
import { isUpdate } from "./update.ts";

const VIM = new URL("../../grammar/editors/vim/syntax/pk.vim", import.meta.url);
const TEXTMATE = new URL("../../grammar/editors/pk.tmLanguage.json", import.meta.url);

const ENTRIES: readonly Entry[] = OPTIONS;

/** What an editor distinguishes. */
type Group = "statement" | "protocol" | "policy" | "option";

/** Statements that start with a name, which is marked as what it defines. */
const NAMING = ["define", "service"];

function groupOf({ looks, form }: Entry): Group {
  return looks ?? (form === "statement" ? "statement" : "option");
}

/** The words of a group. */
function wordsIn(group: Group): readonly string[] {
  return ENTRIES.flatMap((entry) => groupOf(entry) === group ? entry.words : []);
}

/** The words behind which a value of a kind stands. */
function wordsBefore(value: ValueKind): readonly string[] {
  return ENTRIES.flatMap((entry) => entry.value === value ? entry.words : []);
}

function vimWords(): string {
  const marked = [...NAMING, ...wordsBefore("interface"), ...wordsBefore("level")];
  const line = (name: Group, words: readonly string[], next?: string) => {
    const group = `pk${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const behind = next === undefined ? "" : ` nextgroup=${next} skipwhite skipnl skipempty`;
    return `syntax keyword ${group} ${words.join(" ")}${behind}\n`;
  };
  const rest = (group: Group) => wordsIn(group).filter((word) => !marked.includes(word));
  return line("statement", NAMING, "pkDefined") + line("statement", rest("statement")) +
    line("protocol", rest("protocol")) + line("policy", rest("policy")) +
    line("option", rest("option")) +
    line("option", wordsBefore("interface"), "pkInterface,pkString") +
    line("option", wordsBefore("level"), "pkLevel");
}

Deno.test("the words of the Vim syntax file are those of the table", () => {
  const text = Deno.readTextFileSync(VIM);
  const made = text.replace(/^(syntax keyword .*\n)+/m, vimWords());
  if (isUpdate) Deno.writeTextFileSync(VIM, made);
  assertEquals(isUpdate ? made : text, made);
});

/** A pattern of a TextMate grammar. */
interface Pattern {
  readonly name?: string;
  match?: string;
  readonly captures?: Readonly<Record<string, { readonly name: string }>>;
}

const SCOPES: Readonly<Record<string, Group>> = {
  "keyword.control.pk": "statement",
  "storage.type.pk": "protocol",
  "support.constant.policy.pk": "policy",
  "keyword.other.pk": "option",
};

/** The words of a pattern that marks what is behind them. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  "entity.name.section.pk": NAMING,
  "variable.parameter.interface.pk": wordsBefore("interface"),
  "support.constant.level.pk": wordsBefore("level"),
};

Deno.test("the words of the TextMate grammar are those of the table", () => {
  const text = Deno.readTextFileSync(TEXTMATE);
  const grammar = JSON.parse(text) as { readonly patterns: readonly Pattern[] };
  let made = 0;
  for (const pattern of grammar.patterns) {
    const { name = "", captures = {}, match = "" } = pattern;
    const group = SCOPES[name];
    const before = BEFORE[captures["2"]?.name ?? ""];
    const words = group === undefined ? before : wordsIn(group);
    if (words === undefined) continue;
    pattern.match = match.replace(
      group === undefined ? /\([a-z|]+\)(?=\\s\+)/ : /(?<=\(\?:)[a-z0-9|]+(?=\))/,
      group === undefined ? `(${words.join("|")})` : words.join("|"),
    );
    made++;
  }
  assertEquals(made, Object.keys(SCOPES).length + Object.keys(BEFORE).length);
  const written = `${JSON.stringify(grammar, null, 2)}\n`;
  if (isUpdate) Deno.writeTextFileSync(TEXTMATE, written);
  assertEquals(isUpdate ? written : text, written);
});
