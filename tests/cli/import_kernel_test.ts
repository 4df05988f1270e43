import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { examplesIn } from "../syntax/examples.ts";
import { FakeSystem } from "../support/fake_system.ts";

/** The services of a file of `import --kernel`, without its comments. */
function rulesOf(text: string): string {
  return text.split("\n").filter((line) => !line.startsWith("#")).join("\n").trim();
}

Deno.test("import --kernel writes what `init` made, and loading it changes nothing", async () => {
  const system = new FakeSystem();
  for (
    const line of [
      "init ssh --port 22 --syn --log --log-limit 6/minute",
      "init web --port 80,443,8000-8010 --accept --ipv4",
      "init dns --port 53 --udp",
      "add 10.0.0.5 --service ssh --for 8h",
    ]
  ) assertEquals((await system.run(line)).status, 0, line);
  const before = system.dump();
  const { status, out, err } = await system.run("import --kernel");
  assertEquals([status, err], [0, "3 services, nothing left out\n"]);
  assertEquals(
    rulesOf(out),
    `service ssh tcp 22 syn drop log level warning limit 6/minute burst 5
service web tcp 80, 443, 8000-8010 accept ipv4
service dns udp 53 drop`,
  );
  system.contents["rules.pk"] = out;
  assertEquals((await system.run("diff rules.pk")).status, 0);
  assertEquals((await system.run("load rules.pk --prune")).status, 0);
  assertEquals(system.dump(), before);
});

Deno.test("what any rules file makes, import --kernel writes back to the same services", async () => {
  for (const [name, text] of examplesIn(new URL("../golden/", import.meta.url))) {
    if (text.includes("include ")) continue;
    const system = new FakeSystem();
    system.contents["rules.pk"] = text;
    if ((await system.run("load rules.pk")).status !== 0) continue;
    const { status, out, err } = await system.run("import --kernel");
    assertEquals(status, 0, `${name}: ${err}`);
    const [before, writes] = [system.dump(), system.kernel.writes.length];
    system.contents["back.pk"] = out;
    assertEquals((await system.run("load back.pk --prune --force")).status, 0, name);
    assertEquals([system.dump(), system.kernel.writes.length], [before, writes], `${name}\n${out}`);
  }
});

Deno.test("what no file says so is left out, named, and left alone by load", async () => {
  const system = new FakeSystem();
  for (const name of ["ssh", "web", "far", "top", "end", "two", "ours"]) {
    await system.run(`init ${name} --port 22`);
  }
  const edit = (line: string) => system.kernel.load("ipv4", line);
  edit("-D INPUT -p tcp -m tcp --dport 22 -j pk-web");
  edit("-I INPUT 1 -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j pk-far");
  edit("-D INPUT -p tcp -m tcp --dport 22 -j pk-far");
  edit("-I pk-top 1 -j RETURN");
  edit("-D pk-end -j DROP");
  edit("-I pk-ours 1 -p udp -j ACCEPT");
  edit("-I pk-two 1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
  const before = system.dump();
  const { status, out, err } = await system.run("import --kernel --ipv4");
  assertEquals(status, 1);
  assertStringIncludes(err, "`web`: no jump in INPUT has its ports\n");
  assertMatch(err, /`far`: its jump has further matches \(-s 10\.0\.0\.0\/8 .*\)\n/);
  assertMatch(err, /`top`: rule 1 of its chain decides in place of a policy \(-j RETURN\)\n/);
  assertStringIncludes(err, "`end`: its chain has no policy at its end\n");
  assertMatch(
    err,
    /`ours`: a rule of its chain stays, but is not in the file \(-p udp -j ACCEPT\)\n/,
  );
  assertEquals(rulesOf(out).match(/^service \w+/gm)?.sort(), [
    "service ours",
    "service ssh",
    "service two",
  ]);
  const both = await system.run("import --kernel");
  assertStringIncludes(both.err, "`two`: IPv4 and IPv6 differ\n");
  system.contents["rules.pk"] = both.out;
  assertEquals((await system.run("load rules.pk --force")).status, 0);
  assertEquals(system.dump(), before);
});

Deno.test("import takes either a file or --kernel", async () => {
  const system = new FakeSystem();
  assertEquals((await system.run("import")).status, 2);
  assertEquals((await system.run("import k.conf --kernel")).status, 2);
  const { status, out, err } = await system.run("import --kernel");
  assertEquals([status, rulesOf(out), err], [0, "", "0 services, nothing left out\n"]);
});

Deno.test("services are written in the order of their jumps in both families", async () => {
  const system = new FakeSystem();
  const made = ["six --ipv6", "x1 --ipv4", "x2 --ipv4", "both", "last --ipv6", "a --ipv4"];
  for (const [at, line] of made.entries()) {
    assertEquals((await system.run(`init ${line} --port ${at + 1}`)).status, 0, line);
  }
  const { out } = await system.run("import --kernel");
  const names = [...out.matchAll(/^service (\w+)/gm)].map(([, name]) => name);
  assertEquals(names.indexOf("both") > names.indexOf("x2"), true);
  assertEquals(names.indexOf("both") > names.indexOf("six"), true);
  assertEquals(names.indexOf("both") < names.indexOf("last"), true);
  system.contents["rules.pk"] = out;
  assertEquals((await system.run("diff rules.pk")).status, 0);
});

Deno.test("a service that load would write differently is left out, and the others are written", async () => {
  const system = new FakeSystem();
  for (const [at, name] of ["ssh", "web", "dns"].entries()) {
    assertEquals((await system.run(`init ${name} --port ${at + 1} --ipv4`)).status, 0);
  }
  const allow = "-I pk-web 1 -s 192.0.2.1/32 -m comment --comment pk-allow -j ACCEPT";
  for (const line of [allow, allow]) system.kernel.load("ipv4", line);
  const { status, out, err } = await system.run("import --kernel");
  const why = "`web`: its rules are not as `load` would write them";
  assertEquals([status, err], [1, `pktables: warning: ${why}\n2 services, 1 left out\n`]);
  assertEquals(rulesOf(out), "service ssh tcp 1 drop ipv4\nservice dns tcp 3 drop ipv4");
  assertStringIncludes(out, `\n# Left out:\n#   ${why}\n`);
});

Deno.test("one service is not two", async () => {
  const system = new FakeSystem();
  await system.run("init ssh --port 22");
  assertEquals((await system.run("import --kernel")).err, "1 service, nothing left out\n");
});
