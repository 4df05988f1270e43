import { assert, assertEquals } from "@std/assert";
import { expandGlob, isGlob, matchesGlob } from "../../src/program/glob.ts";
import { memoryReader } from "../support/memory_reader.ts";

Deno.test("a star, a question mark and a bracket make a path a glob", () => {
  assert(isGlob("a*") && isGlob("a?") && isGlob("[ab]") && isGlob("*/a"));
  assert(!isGlob("services/ssh.pk") && !isGlob(""));
});

Deno.test("a file name fits a pattern as in a shell", () => {
  const fitting: [string, string][] = [
    ["ssh.pk", "*.pk"],
    ["ssh.pk", "s?h.pk"],
    ["ssh.pk", "*"],
    ["ssh.pk", "ssh.pk"],
    ["ssh.pk", "*s*h*"],
    ["aab", "*ab"],
    [".pk", ".*"],
    ["é.pk", "?.pk"],
    ["🔥.pk", "?.pk"],
    ["a1", "a[0-9]"],
    ["b", "[abc]"],
    ["d", "[!abc]"],
    ["]", "[]]"],
    ["a[", "a["],
    ["-", "[a-]"],
    ["a", "[a-]"],
    ["m", "[a-cm-o]"],
    ["5", "[!a-z]"],
    ["-", "[!a-z]"],
    ["!", "[a!]"],
    ["a", "[!]]"],
    ["a]", "[!]]]"],
    ["[!]", "[!]"],
    ["[", "[[]"],
    ["[]", "[]"],
    ["ssh.pk", "ssh.pk***"],
    ["abcbc", "a*bc"],
    ["ab", "a*b*"],
  ];
  for (const [name, pattern] of fitting) assert(matchesGlob(name, pattern), `${name} ${pattern}`);
  const unfitting: [string, string][] = [
    ["ssh.pk~", "*.pk"],
    ["ssh.PK", "*.pk"],
    ["ssh", "ssh?"],
    [".hidden.pk", "*.pk"],
    [".hidden.pk", "?hidden.pk"],
    [".hidden.pk", "[.]hidden.pk"],
    ["ssh.pk", ""],
    ["a", "[!a]"],
    ["aXpk", "a.pk"],
    ["b", "a[0-9]"],
    ["a-", "a[0-9]"],
    ["a:", "a[0-9]"],
    ["a/", "a[0-9]"],
    ["d", "[a-cm-o]"],
    ["]", "[!]]"],
    ["m", "[!a-z]"],
    ["ab", "a"],
    ["ab", "?"],
    ["a", "a?"],
    ["a", "a*b"],
    ["", "?"],
    ["pk", "*.pk"],
    ["b", "*ab"],
  ];
  for (const [name, pattern] of unfitting) {
    assert(!matchesGlob(name, pattern), `${name} ${pattern}`);
  }
});

Deno.test("a pattern of many stars terminates", () => {
  // Trying all ways to split the name among the stars would never end: there are 10^73 of them.
  assert(!matchesGlob("a".repeat(255), `${"*a".repeat(100)}b`));
});

Deno.test("a glob finds files in name order, folder by folder", () => {
  const reader = memoryReader({
    "b/2.pk": "",
    "b/10.pk": "",
    "a/z.pk": "",
    "a/.x.pk": "",
    "c.pk": "",
  });
  const found = expandGlob("*/*.pk", reader);
  assertEquals(found, { ok: true, value: ["a/z.pk", "b/10.pk", "b/2.pk"] });
});

Deno.test("plain parts of a pattern are taken as they are, be the file missing", () => {
  const reader = memoryReader({ "/srv/a1/doors.pk": "", "/srv/a2/x.pk": "", "b/x/doors.pk": "" });
  for (
    const [pattern, paths] of [
      ["/srv/a?/doors.pk", ["/srv/a1/doors.pk", "/srv/a2/doors.pk"]],
      ["/srv/a1/*", ["/srv/a1/doors.pk"]],
      ["b/*/doors.pk", ["b/x/doors.pk"]],
      ["b/*/*", ["b/x/doors.pk"]],
      ["b/*/", ["b/x"]],
      ["./b//*", ["b/x"]],
      ["none/x", ["none/x"]],
      ["/*/a1/x.pk", ["/srv/a1/x.pk"]],
    ] as const
  ) assertEquals(expandGlob(pattern, reader), { ok: true, value: [...paths] }, pattern);
});

Deno.test("a glob in a folder that is missing matches nothing", () => {
  assertEquals(expandGlob("none/*.pk", memoryReader({})), { ok: true, value: [] });
});

Deno.test("a glob in a folder that must not be listed is a problem", () => {
  const reader = memoryReader({ "a/b.pk": "" });
  const closed = {
    ...reader,
    list: () => ({ ok: false, problem: { kind: "permission" } }) as const,
  };
  const problem = { kind: "permission" } as const;
  for (
    const [pattern, folder] of [
      ["a/*.pk", "a"],
      ["*", "."],
      ["/a/b*/c/*.pk", "/a"],
      ["a/*/c*/d", "a"],
    ] as const
  ) assertEquals(expandGlob(pattern, closed), { ok: false, folder, problem });
  const inner: typeof reader = {
    ...reader,
    list: (folder) => folder === "a" ? closed.list() : reader.list(folder),
  };
  assertEquals(expandGlob("*/*.pk", inner), { ok: false, folder: "a", problem });
});
