// What the [options] of a knockd.conf may hold, and where they come from.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { run } from "../../src/cli/run.ts";
import { err, ok } from "../../src/result.ts";
import { failure } from "../../src/system/failure.ts";
import type { System } from "../../src/system/system.ts";
import { memorySystem } from "../support/memory_system.ts";

const RULES = "service ssh tcp 22 syn drop\n    knock 7001, 8001:udp, 9001 within 5s for 30s\n";

Deno.test("an interface is named as ip link shows it, one of fifteen letters at most", async () => {
  const wrong = [
    "",
    "a".repeat(16),
    "eth 0",
    "eth0 ",
    "a/b",
    "a:b",
    "!eth0",
    "a=b",
    "#a",
    "[a",
    "a]",
  ];
  for (const face of ["e", "a".repeat(15), "wan0.100", "br-lan", "ppp+"]) {
    const words = ["knockd", "--options", `--interface=${face}`, "rules.pk"];
    const { system, out, err } = memorySystem({ "rules.pk": RULES });
    assertEquals([await run(words, system), err()], [0, ""]);
    assert(out().includes(`\n    Interface = ${face}\n`), face);
  }
  for (const face of wrong) {
    const words = ["knockd", "--options", `--interface=${face}`, "rules.pk"];
    const { system, out, err } = memorySystem({ "rules.pk": RULES });
    assertEquals([await run(words, system), out(), err()], [
      2,
      "",
      `pktables: error: invalid interface \`${face}\` ` +
      "(1 to 15 characters, as `ip link` shows it)\n",
    ]);
  }
});

Deno.test("knockd's log has an absolute path without what the file would read otherwise", async () => {
  for (const path of ["", "knockd.log", "./k", "/k ", " /k", "/k\t", "/a\nb", "/k\x7f"]) {
    const words = ["knockd", "--options", `--log-file=${path}`, "rules.pk"];
    const { system, out, err } = memorySystem({ "rules.pk": RULES });
    assertEquals([await run(words, system), out()], [2, ""], path);
    assertMatch(
      err(),
      /^pktables: error: invalid log file `.*` \(must be an absolute path without /,
    );
  }
  for (const name of ["interface", "log-file"]) {
    const { system, err } = memorySystem({ "rules.pk": RULES });
    assertEquals(
      await run(["knockd", `--${name}`, name === "interface" ? "x" : "/x", "rules.pk"], system),
      2,
    );
    assertEquals(
      err(),
      `pktables: error: \`--${name}\` needs \`--options\`: it is part of that section (give both)\n`,
    );
  }
});

Deno.test("knockd listens on the interface of IPv4's default route, else on that of IPv6's", async () => {
  const cases = [
    [{ ipv4: "wan4", ipv6: "wan6" }, "wan4"],
    [{ ipv4: null, ipv6: "wan6" }, "wan6"],
    [{ ipv4: "wan4", ipv6: null }, "wan4"],
    [{ ipv4: "fails", ipv6: "wan6" }, "wan6"],
    [{ ipv4: "fails", ipv6: "fails" }, undefined],
    [{ ipv4: null, ipv6: null }, undefined],
  ] as const;
  for (const [routes, face] of cases) {
    const { system, out } = memorySystem({ "rules.pk": RULES });
    const defaultInterface: System["surroundings"]["defaultInterface"] = (family) =>
      Promise.resolve(
        routes[family] === "fails" ? err(failure("absent", "no ip")) : ok(routes[family]),
      );
    const asked = { ...system, surroundings: { ...system.surroundings, defaultInterface } };
    assertEquals(await run(["knockd", "--options", "rules.pk"], asked), 0);
    assertEquals(/^ {4}Interface = (.*)$/m.exec(out())?.[1], face, JSON.stringify(routes));
  }
});

Deno.test("where the interface is named, or no [options] are written, no route is asked for", async () => {
  for (const words of ["--options --interface=lan1", ""]) {
    const { system, out } = memorySystem({ "rules.pk": RULES });
    const defaultInterface = () => Promise.reject(new Error("asked"));
    const asked = { ...system, surroundings: { ...system.surroundings, defaultInterface } };
    const line = ["knockd", ...words.split(" ").filter((word) => word !== ""), "rules.pk"];
    assertEquals(await run(line, asked), 0);
    assertEquals(out().includes("Interface = lan1"), words !== "");
  }
});

Deno.test("--check reads the rules file from standard input as well", async () => {
  const { system: one, out: conf } = memorySystem({ "rules.pk": RULES });
  await run(["knockd", "--options", "rules.pk"], one);
  const { system, out } = memorySystem({ "k.conf": conf(), "-": RULES });
  assertEquals([await run(["knockd", "--check", "k.conf", "-"], system), out()], [0, ""]);
});
