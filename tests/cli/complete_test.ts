import { assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { failure } from "../../src/system/failure.ts";
import { FAMILIES } from "../support/iptables_text.ts";
import { NO_ROOT } from "../support/fake_kernel.ts";
import { FakeSystem } from "../support/fake_system.ts";
import { TWO_SERVICES } from "../support/two_services.ts";

async function words(line: string, system = new FakeSystem()): Promise<string[]> {
  const { out, err } = await system.run(["complete", "--", ...line.split(" ")]);
  assertEquals(err, "");
  return out.split("\n").filter((one) => one !== "").map((one) => one.replace(/\t.*/, ""));
}

Deno.test("every option of every verb is offered once, until it is given", async () => {
  for (const { name, options, hidden } of COMMANDS) {
    if (hidden === true) continue;
    const offered = await words(`${name} -`);
    for (const option of options) {
      assertEquals(offered.filter((word) => word === `--${option.name}`).length, 1, option.name);
    }
    assertEquals(new Set(offered).size, offered.length);
    assertEquals(await words(`${name} --quiet --q`), []);
  }
});

Deno.test("every value of an option that has few is offered", async () => {
  assertEquals(await words("list --color "), ["auto", "always", "never"]);
  const { out } = await new FakeSystem().run(["complete", "--", "list", "--color", "a"]);
  assertEquals(out, "auto\t\nalways\t\n");
  assertEquals(await words("list --color=al"), ["--color=always"]);
  assertEquals(await words("list --json=x"), []);
});

Deno.test("where a verb takes rules files, and nowhere else, they are offered", async () => {
  for (const { name, operand } of COMMANDS) {
    const first = await words(`${name} `);
    assertEquals(first.includes(":pk-file"), /^FILE/.test(operand?.name ?? ""), name);
  }
  assertEquals(await words("unit sys"), ["systemd", "sysv"]);
  assertEquals(await words("unit systemd "), [":pk-file"]);
  assertEquals(await words("knockd --check "), [":file"]);
  assertEquals(await words("compile -o "), [":folder"]);
});

Deno.test("after -- nothing is an option", async () => {
  assertEquals(await words("check -- -"), [":pk-file"]);
  assertEquals(await words("check -- --format=j"), [":pk-file"]);
  assertEquals(await words("check -- --format "), [":pk-file"]);
  assertEquals(await words("diff -- -x "), []);
  assertEquals(await words("add -- -"), []);
  assertEquals(await words("sweep -- "), []);
  assertEquals((await words("sweep ")).includes("--wait"), true);
});

Deno.test("a word that is no verb's offers no more than the options of all", async () => {
  assertEquals(await words("nonsense --ver"), ["--version"]);
  assertEquals(await words("x"), []);
  assertEquals((await new FakeSystem().run("complete -- x")).out, "");
  assertEquals(await words("check --nonsense "), [":pk-file"]);
});

Deno.test("without any word the verbs are offered, as for an empty one", async () => {
  const verbs = await words("");
  assertEquals(verbs, COMMANDS.filter(({ hidden }) => hidden !== true).map(({ name }) => name));
  const { status, out } = await new FakeSystem().run("complete");
  assertEquals([status, out.match(/^\S+/gm)], [0, verbs]);
});

Deno.test("a = belongs to the word it is in, unless the word is an option", async () => {
  assertEquals(await words("check a=b"), [":pk-file"]);
  assertEquals(await words("check x--format=j"), [":pk-file"]);
  assertEquals(await words("check --format=j"), ["--format=json"]);
  assertEquals(await words("check --format=json="), []);
  assertEquals(await words("check -=json"), []);
  assertEquals(await words("check --=json"), []);
  assertEquals(await words("check --nonsense=j"), []);
});

Deno.test("- is standard input, a word like any other", async () => {
  const options = await words("diff a.pk ");
  assertEquals(options.every((word) => word.startsWith("--")), true);
  assertEquals(await words("diff - "), options);
  assertEquals(await words("knockd --check - "), [":pk-file"]);
  assertEquals(await words("check - "), [":pk-file"]);
});

Deno.test("an option whose value is written is offered no more, however it was written", async () => {
  for (const given of ["--color never", "--color=never", "--color="]) {
    assertEquals(await words(`check ${given} --co`), [], given);
    assertEquals(await words(`check ${given} `), [":pk-file"], given);
  }
  assertEquals(await words("check -q --q"), []);
  // The same name is a switch of one verb and takes a value with another.
  assertEquals(await words("fmt --check "), [":pk-file"]);
  assertEquals(await words("knockd --check "), [":file"]);
  assertEquals(await words("--check fmt "), [":pk-file"]);
  // What repeats can be given again.
  assertEquals(await words("add 192.0.2.1 -s a --s"), ["--service", "--syslog"]);
});

Deno.test("the kernel is asked only where a service or a door can stand", async () => {
  const system = new FakeSystem();
  for (const line of ["", "a", "list --", "check ", "init x --port "]) await words(line, system);
  assertEquals(system.kernel.calls, []);
  await words("list ", system);
  assertEquals(system.kernel.calls.length, 2);
  assertEquals(system.steps, ["drop"]);
});

/** A machine with two services, three doors and an allowed address. */
async function machine(): Promise<FakeSystem> {
  const system = new FakeSystem();
  for (const line of TWO_SERVICES) await system.run(line);
  system.kernel.load(
    "ipv4",
    "-I pk-vpn 1 -s 203.0.113.1 -m comment --comment pk-allow -j ACCEPT",
  );
  return system;
}

Deno.test("services are offered with their doors, those that were named no more", async () => {
  const system = await machine();
  const { out } = await system.run(["complete", "--", "add", "192.0.2.1", "--service", ""]);
  assertEquals(out, "ssh\t2 doors\nvpn\t2 doors\n");
  await system.run("delete 2001:db8:10::/48 --service ssh");
  assertEquals((await system.run(["complete", "--", "list", "s"])).out, "ssh\t1 door\n");
  assertEquals(await words("remove ", system), ["ssh", "vpn"]);
  assertEquals(await words("remove ssh ", system), ["vpn"]);
  assertEquals(await words("add 192.0.2.1 -s v", system), ["vpn"]);
  assertEquals(await words("add 192.0.2.1 --service=s", system), ["--service=ssh"]);
});

Deno.test("a service whose families differ is offered once, with the doors of both", async () => {
  const system = await machine();
  await system.run("init ssh --port 22 --syn --accept --replace --ipv6");
  const { out } = await system.run(["complete", "--", "list", ""]);
  assertEquals(out, "ssh\t2 doors\nvpn\t2 doors\n");
});

Deno.test("the doors that were opened are offered, a single host without its length", async () => {
  const system = await machine();
  const all = ["203.0.113.9", "2001:db8:10::/48", "198.51.100.7"];
  assertEquals(await words("delete ", system), all);
  assertEquals(await words("delete 2", system), all.slice(0, 2));
  assertEquals(await words("delete --service vpn ", system), ["198.51.100.7"]);
  assertEquals(await words("--service vpn delete ", system), ["198.51.100.7"]);
  assertEquals(await words("delete --service=ssh --ipv6 ", system), ["2001:db8:10::/48"]);
  assertEquals(await words("--ipv4 delete ", system), ["203.0.113.9", "198.51.100.7"]);
  await system.run("add 2001:db8::1 --service vpn");
  assertEquals(await words("delete --ipv6 -s vpn ", system), ["2001:db8::1"]);
  for (const door of ["192.0.2.2/31", "2001:db8::2/127", "2001:32::/32", "2001:db8::32/128"]) {
    await system.run(`add ${door} --service vpn`);
    const named = door.replace("/128", "");
    assertEquals((await words("delete -s vpn ", system)).includes(named), true, door);
    assertEquals(await words(`delete ${door} -s `, system), ["vpn"]);
    assertEquals(await words(`delete ${named} -s `, system), ["vpn"]);
  }
});

Deno.test("a chain whose name a verb would refuse, or a shell would run, is not offered", async () => {
  const names = ["$(reboot)", "`id`", "a;b", "a|b", "a&b", '"x', "'x", "a\x1b[2J", "-x", "9", "%s"];
  for (const name of names) {
    const system = new FakeSystem({
      ipv4: `:pk-${name} - [0:0]\n-A pk-${name} -s 192.0.2.1/32 -j ACCEPT`,
    });
    for (const line of ["list ", "remove ", "add 192.0.2.9 -s ", "add 192.0.2.9 --service="]) {
      const offered = await words(line, system);
      assertEquals(offered.filter((word) => word.includes(name)), [], line);
    }
    assertEquals((await words("delete ", system)).includes("192.0.2.1"), false);
  }
});

Deno.test("of a door that is named, the services are offered that have it", async () => {
  const system = await machine();
  assertEquals(await words("delete 198.51.100.7 --service ", system), ["vpn"]);
  assertEquals(await words("delete 203.0.113.9/32 -s ", system), ["ssh"]);
  assertEquals(await words("delete 192.0.2.99 -s ", system), ["ssh", "vpn"]);
});

Deno.test("the backend of the command line is the one that is used", async () => {
  const system = await machine();
  system.options.length = 0;
  for (const backend of ["--backend legacy ", "--backend=nft ", ""]) {
    await words(`list ${backend}`, system);
  }
  assertEquals(system.options.map(({ backend }) => backend), ["legacy", "nft", "system"]);
  // Whoever pressed a key is there and waits.
  assertEquals(system.options.map(({ wait }) => wait), [1, 1, 1]);
});

Deno.test("without permission to read the kernel no service is offered, and no error printed", async () => {
  for (const family of FAMILIES) {
    const system = await machine();
    system.kernel.faults = { save: { family, problem: NO_ROOT } };
    assertEquals(await words("list s", system), []);
    assertEquals(await words("delete 203.0.113.9 --service ", system), []);
  }
});

Deno.test("that there is no IPv6 here is not told while somebody writes a command", async () => {
  const system = await machine();
  const problem = failure("no-family", "switched off");
  system.kernel.faults = { save: { family: "ipv6", problem } };
  assertEquals(
    (await system.run("list")).err,
    "note: no IPv6 here (switched off): continuing with IPv4 only\n",
  );
  assertEquals(await words("list ", system), ["ssh", "vpn"]);
});

Deno.test("each shell gets a script that asks pktables, another shell the list of them", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { status, out, err } = await new FakeSystem().run(`completions ${shell}`);
    assertEquals([status, err], [0, ""]);
    assertStringIncludes(out, `pktables completions ${shell}\n`);
    assertStringIncludes(out, " complete -- ");
  }
  assertEquals(await new FakeSystem().run("completions csh"), {
    status: 2,
    out: "",
    err: "pktables: error: there are no completions for `csh` (write bash, zsh, fish)\n",
  });
});
