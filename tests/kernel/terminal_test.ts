import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { printableLines } from "../../src/text/printable.ts";
import { forEachBackend } from "../support/box.ts";

/** Clears the screen; changes the direction of text; ESC [ of an 8-bit terminal. */
const POISON = ["\x1b[2J", "\u202e", "\x9b31m"];

forEachBackend(
  "no chain, interface, comment or log prefix in the kernel steers the terminal",
  async (box) => {
    await box.must("init", "web", "--port", "80");
    for (const [at, poison] of POISON.entries()) {
      const chain = `pk-a${poison}`;
      await box.iptables("ipv4", "-N", chain);
      await box.iptables("ipv4", "-A", chain, "-s", `192.0.2.${at}`, "-j", "ACCEPT");
      const said = ["-m", "comment", "--comment", `c${poison}`];
      await box.iptables("ipv4", "-A", "pk-web", "-s", `192.0.2.${at}`, ...said, "-j", "ACCEPT");
      await box.iptables("ipv4", "-A", "pk-web", "-j", "LOG", "--log-prefix", `p${poison}`);
      const match = ["-i", `e${poison}`, "-p", "tcp", "--dport", String(8000 + at)];
      for (const target of [chain, "pk-web"]) {
        await box.iptables("ipv4", "-A", "INPUT", ...match, "-j", target);
      }
    }
    await Deno.writeTextFile(box.ns.path("/mnt/rules.pk"), "service web tcp 443 drop\n");
    for (
      const line of [
        ["list"],
        ["list", "--raw"],
        ["list", "web", "--raw"],
        ["list", "--json"],
        ["diff", "/mnt/rules.pk", "--prune"],
        ["diff", "/mnt/rules.pk", "--json"],
        ["load", "/mnt/rules.pk"],
        ["load", "/mnt/rules.pk", "--prune"],
        ["remove", "--all"],
      ]
    ) {
      const { code, stdout, stderr } = await box.pktables(...line);
      assert(code < 2, stderr);
      assertEquals(printableLines(stdout), stdout, line.join(" "));
      assertEquals(printableLines(stderr), stderr, line.join(" "));
      if (line.join(" ") === "list --raw") {
        for (const shown of ["pk-a␛[2J", "pk-a�", "/* c␛[2J */"]) {
          assertStringIncludes(stdout, shown);
        }
      }
    }
  },
);
