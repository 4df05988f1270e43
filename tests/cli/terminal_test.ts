// Names of chains and interfaces and texts of rules come from anyone: none may control a terminal.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { failure } from "../../src/system/failure.ts";
import { printableLines } from "../../src/text/printable.ts";
import { FakeSystem } from "../support/fake_system.ts";

/** Clears the screen; turns the direction of text; the same as ESC [ on an 8-bit terminal. */
const POISON = ["\x1b[2J", "\u202e", "\x9b31m"];

/** Services and foreign rules with one of these wherever the kernel accepts it. */
function poisoned(poison: string): FakeSystem {
  const lines = [
    `:pk-a${poison} - [0:0]`,
    ":pk-web - [0:0]",
    `-A INPUT -i e${poison} -p tcp -m tcp --dport 22 -j pk-a${poison}`,
    `-A INPUT -m comment --comment "c${poison}" -j ACCEPT`,
    `-A INPUT -i e${poison} -p tcp -m tcp --dport 80 -j pk-web`,
    `-A pk-a${poison} -s 192.0.2.1/32 -j ACCEPT`,
    `-A pk-a${poison} -j DROP`,
    `-A pk-web -s 192.0.2.7/32 -m comment --comment "d${poison}" -j ACCEPT`,
    `-A pk-web -j LOG --log-prefix "p${poison}"`,
    "-A pk-web -j DROP",
  ];
  const system = new FakeSystem({ ipv4: lines.join("\n") });
  system.contents["rules.pk"] = "service web tcp 443 drop\nservice new tcp 1 drop";
  return system;
}

const LINES = [
  "list --ipv4",
  "list --ipv4 --raw",
  "list --ipv4 --json",
  "list --ipv4 --watch",
  "list nothing --ipv4",
  "diff rules.pk --ipv4",
  "diff rules.pk --ipv4 --prune",
  "diff rules.pk --ipv4 --prune --json",
  "load rules.pk --ipv4 --dry-run",
  "load rules.pk --ipv4",
  "load rules.pk --ipv4 --prune",
  "init web --port 443 --ipv4",
  "init web --port 443 --ipv4 --replace",
  "add 192.0.2.7 --service web",
  "delete 192.0.2.7 --service web",
  "sweep --ipv4",
  "remove --all --ipv4",
];

for (const line of LINES) {
  Deno.test(`nothing of a chain, an interface or a rule steers the terminal: ${line}`, async () => {
    for (const poison of POISON) {
      const system = poisoned(poison);
      const { out, err } = await system.run(line);
      assert(out + err !== "", line);
      assertEquals(printableLines(out), out);
      assertEquals(printableLines(err), err);
    }
  });
}

Deno.test("what iptables says of its failure is shown without its control characters", async () => {
  for (const poison of POISON) {
    const system = poisoned(poison);
    const problem = failure("refused", `no${poison}`, `line 3 failed: e${poison}\nand more`);
    system.kernel.faults = { save: { family: "ipv4", problem } };
    const { status, err } = await system.run("list");
    assertEquals([status, printableLines(err)], [1, err]);
    assertStringIncludes(err, "\n  and more\n");
  }
});

Deno.test("colours and the watch's own screen are all that a terminal gets", async () => {
  for (const poison of POISON) {
    for (const line of ["list --ipv4 --watch", "diff rules.pk --ipv4 --prune --color always"]) {
      const system = poisoned(poison);
      Object.assign(system.console, { outIsTerminal: true, errIsTerminal: true, columns: 200 });
      const { out } = await system.run(line);
      // deno-lint-ignore no-control-regex -- the program's own sequences, which are to be there
      const own = /\x1b\[(?:[HJK]|\?1049[hl]|\?25[hl]|(?:0|1|31|32)m)/g;
      assert(own.test(out), line);
      const rest = out.replaceAll(own, "").replaceAll("\r\n", "\n");
      assertEquals(printableLines(rest), rest);
    }
  }
});

Deno.test("list --json and diff --json name what is really there", async () => {
  for (const poison of POISON) {
    const system = poisoned(poison);
    const { services } = JSON.parse((await system.run("list --ipv4 --json")).out);
    assertEquals(services[0].name, `a${poison}`);
    // A rule with a C0 control in it cannot be written back, so it is foreign.
    assertEquals(services[0].interface, poison.startsWith("\x1b") ? null : `e${poison}`);
    const { notInFile } = JSON.parse((await system.run("diff rules.pk --ipv4 --json")).out);
    assertEquals(notInFile, [`a${poison}`]);
  }
});
