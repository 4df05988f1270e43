// The completions in the shells themselves, in a network of their own with live services and doors.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Namespace, PKTABLES } from "../support/namespace.ts";
import { Terminal } from "../support/terminal.ts";
import { TWO_SERVICES } from "../support/two_services.ts";

const ENV = { PATH: "/mnt/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", HOME: "/mnt" };

/** A namespace with two services, three doors, and a folder with rules files. */
async function machine(): Promise<Namespace> {
  const ns = await Namespace.create();
  for (const line of TWO_SERVICES) await ns.must([PKTABLES, ...line.split(" ")]);
  await ns.must(["mkdir", "-p", "/mnt/files/folder.d"]);
  await ns.must(["touch", "/mnt/files/rules.pk", "/mnt/files/notes.txt"]);
  return ns;
}

/** A line that is being typed, and the expected completions of its last word. */
const OFFERS: readonly (readonly [line: string, words: readonly string[]])[] = [
  ["pktables sw", ["sweep"]],
  ["pktables com", ["compile", "completions"]],
  ["pktables add 192.0.2.1 --f", ["--for"]],
  ["pktables list --backend ", ["legacy", "nft"]],
  ["pktables list --col", ["--color"]],
  ["pktables remove ", ["ssh", "vpn"]],
  ["pktables remove ssh ", ["vpn"]],
  ["pktables add 192.0.2.1 --service ", ["ssh", "vpn"]],
  ["pktables add 192.0.2.1 -s v", ["vpn"]],
  ["pktables delete 2", ["2001:db8:10::/48", "203.0.113.9"]],
  ["pktables delete --service vpn ", ["198.51.100.7"]],
  ["pktables delete 198.51.100.7 --service ", ["vpn"]],
  ["pktables completions ", ["bash", "fish", "zsh"]],
  ["pktables help lang", ["language"]],
];

Deno.test("bash completes verbs, options, services and open doors", async () => {
  await using ns = await machine();
  const script = `source <(pktables completions bash)
compopt() { :; } # there is no line editor to be told
while IFS= read -r COMP_LINE; do
  COMP_POINT=\${#COMP_LINE}; _pktables
  echo "$COMP_LINE => $(printf '%s\\n' "\${COMPREPLY[@]}" | LC_ALL=C sort | xargs)"
done`;
  const colons: readonly (readonly [string, readonly string[]])[] = [
    // bash replaces what is behind the last colon or equals sign.
    ["pktables delete 2001:d", ["db8:10::/48"]],
    ["pktables add 192.0.2.1 --service=s", ["ssh"]],
    ["pktables list --backend=", ["legacy", "nft"]],
    ["pktables check /mnt/files/", ["/mnt/files/folder.d", "/mnt/files/rules.pk"]],
    ["pktables compile rules.pk --output /mnt/files/", ["/mnt/files/folder.d"]],
  ];
  const lines = [...OFFERS, ...colons];
  const stdin = lines.map(([line]) => `${line}\n`).join("");
  const { stdout, stderr } = await ns.run(["bash", "--norc", "-c", script], { env: ENV, stdin });
  assertEquals(stderr, "");
  assertEquals(
    stdout.trimEnd().split("\n"),
    lines.map(([line, words]) => `${line} => ${words.join(" ")}`),
  );
});

Deno.test("fish completes verbs, options, services, open doors and files", async () => {
  await using ns = await machine();
  const files: readonly (readonly [string, readonly string[]])[] = [
    ["pktables check /mnt/files/", ["/mnt/files/folder.d/", "/mnt/files/rules.pk"]],
    ["pktables delete 2001:d", ["2001:db8:10::/48"]],
    ["pktables add 192.0.2.1 --service=s", ["--service=ssh"]],
  ];
  const lines = [...OFFERS, ...files];
  const script = `pktables completions fish | source
while read -l line
  echo "$line => "(complete -C "$line" | string replace -r '\\t.*' '' | sort | string join ' ')
end`;
  const stdin = lines.map(([line]) => `${line}\n`).join("");
  const { stdout, stderr } = await ns.run(["fish", "--no-config", "-c", script], {
    env: ENV,
    stdin,
  });
  assertEquals(stderr, "");
  assertEquals(
    stdout.trimEnd().split("\n"),
    lines.map(([line, words]) => `${line} => ${words.join(" ")}`),
  );
});

/** Lines as they are typed, and as one press of Tab leaves them. */
const TYPED: readonly (readonly [string, string])[] = [
  ["pktables sw", "pktables sweep"],
  ["pktables delete 2001", "pktables delete 2001:db8:10::/48"],
  ["pktables delete 203.0.113.9 --service ", "pktables delete 203.0.113.9 --service ssh"],
  ["pktables check /mnt/files/r", "pktables check /mnt/files/rules.pk"],
  [
    "pktables compile x.pk --output /mnt/files/f",
    "pktables compile x.pk --output /mnt/files/folder.d/",
  ],
];

const SHELLS = {
  bash: "bash --norc --noprofile",
  zsh: "zsh -f",
} as const;

/** What makes a shell in a terminal complete our words, on a screen that then says `ready`. */
async function teach(terminal: Terminal, shell: string): Promise<void> {
  const setup = shell === "zsh" ? "autoload -Uz compinit; compinit -u -D; " : "";
  const source = shell === "fish"
    ? "pktables completions fish | source"
    : `source <(pktables completions ${shell})`;
  await terminal.press(`${setup}${source}; clear; echo ready`, "Enter");
  await terminal.waitFor(/^ready/);
}

for (const [shell, command] of Object.entries(SHELLS)) {
  Deno.test(`a press of Tab completes the line in a terminal with ${shell}`, async () => {
    await using ns = await machine();
    const terminal = await Terminal.open(ns, command, { columns: 120, env: { PS1: "% " } });
    await teach(terminal, shell);
    for (const [typed, completed] of TYPED) {
      await terminal.press(typed, "Tab");
      const screen = await terminal.waitFor(
        new RegExp(`[%$#] ${completed.replaceAll(/[.*+]/g, "\\$&")}$`, "m"),
      );
      assert(!screen.includes("rror"), screen);
      await terminal.press("C-u");
    }
    await terminal.press("pktables remove ", "Tab", "Tab");
    await terminal.waitFor(/ssh\b.*\s+.*vpn/);
  });
}

/** Chains that another program made. With its own name as a word, a shell would make the file. */
const HOSTILE = ["$(touch${IFS}/mnt/c)", "`touch${IFS}/mnt/c`", "x;>/mnt/c", "x|tee${IFS}/mnt/c"];

for (const [shell, command] of Object.entries({ ...SHELLS, fish: "fish --no-config" })) {
  for (const names of [HOSTILE, ['"x']]) {
    Deno.test(`no chain of others is inserted, nor run, in ${shell}: pk-${names.join(" pk-")}`, async () => {
      await using ns = await Namespace.create();
      await ns.must([PKTABLES, "init", "ssh", "--port", "22"]);
      for (const name of names) {
        await ns.iptables("nft", "ipv4", "-N", `pk-${name}`);
        await ns.iptables("nft", "ipv4", "-A", `pk-${name}`, "-s", "192.0.2.1", "-j", "ACCEPT");
      }
      const terminal = await Terminal.open(ns, command, {
        columns: 120,
        env: { PS1: "% ", TERM: "xterm" },
      });
      await teach(terminal, shell);
      let count = 0;
      for (const verb of ["list", "add 192.0.2.9 -s", "delete 192.0.2.1 -s"]) {
        for (const start of ["s", "", "$", "x"]) {
          // The mark is read after the completion has ended; then the line is run as it is.
          const mark = `end${++count}`;
          await terminal.press(`pktables ${verb} ${start}`, "Tab", ` ${mark}`);
          const screen = await terminal.waitFor(new RegExp(`pktables .*${mark}`));
          for (const name of names) assert(!screen.includes(name), screen);
          if (start === "s") assertStringIncludes(screen, `pktables ${verb} ssh`);
          // fish keeps a line that it cannot read.
          await terminal.press("Enter", "C-u", `clear; echo ready${count}`, "Enter");
          await terminal.waitFor(new RegExp(`^ready${count}`, "m"));
        }
      }
      assertEquals((await ns.run(["test", "-e", "/mnt/c"])).code, 1);
    });
  }
}

Deno.test("without permission to read the kernel only words are offered, and no error", async () => {
  await using ns = await machine();
  const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const run = (...words: readonly string[]) =>
    ns.run([...nobody, PKTABLES, "complete", "--", ...words], { env: ENV });
  assertEquals(await run("delete", "2"), { code: 0, signal: null, stdout: "", stderr: "" });
  assertEquals((await run("sw")).stdout, "sweep\tremove expired doors\n");
});
