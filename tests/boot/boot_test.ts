import { assert, assertEquals } from "@std/assert";
import type { BootOptions } from "../../src/boot/options.ts";
import { writeOpenrcScript } from "../../src/boot/openrc.ts";
import { writeSystemdUnit } from "../../src/boot/systemd.ts";
import { writeSysvScript } from "../../src/boot/sysv.ts";

const OPTIONS: BootOptions = {
  file: "/etc/pktables/rules.pk",
  binary: "/usr/local/bin/pktables",
  words: [],
  removeOnStop: false,
  version: "1.2.3",
};
const ODD = {
  ...OPTIONS,
  file: `/etc/a b/50%/$HOME/it's "x"\\y.pk`,
  binary: "/opt/p k/$x/pktables",
};

function lines(unit: string, key: string): string[] {
  return unit.split("\n").filter((line) => line.startsWith(`${key}=`));
}

Deno.test("a systemd unit loads before the network and before knockd, and reloads", () => {
  const unit = writeSystemdUnit(OPTIONS);
  const load = "/usr/local/bin/pktables load /etc/pktables/rules.pk";
  assertEquals(lines(unit, "ExecStart"), [`ExecStart=${load}`]);
  assertEquals(lines(unit, "ExecReload"), [`ExecReload=${load}`]);
  const before = lines(unit, "Before").join(" ");
  assert(before.includes("network-pre.target") && before.includes("knockd.service"));
  assert(lines(unit, "Wants").join(" ").includes("network-pre.target"));
  assert(!/^(LimitAS|MemoryDenyWriteExecute)=/m.test(unit));
});

Deno.test("a stop leaves services and doors alone unless removal was requested", () => {
  for (const write of [writeSystemdUnit, writeOpenrcScript, writeSysvScript]) {
    const runs = (text: string) =>
      text.split("\n").filter((line) =>
        !line.trim().startsWith("#") && line.includes("remove --all")
      );
    assertEquals(runs(write(OPTIONS)), []);
    assertEquals(runs(write({ ...OPTIONS, removeOnStop: true })).length, 1);
  }
});

Deno.test("options that narrow the load are behind it in every script", () => {
  const words = ["--ipv4", "--backend", "nft"];
  for (const write of [writeSystemdUnit, writeOpenrcScript, writeSysvScript]) {
    const text = write({ ...OPTIONS, words });
    assert(text.includes("load /etc/pktables/rules.pk --ipv4 --backend nft\n"), text);
  }
});

Deno.test("systemd reads an odd path as it is: specifiers, variables, quotes", () => {
  const [start] = lines(writeSystemdUnit(ODD), "ExecStart");
  assertEquals(
    start,
    `ExecStart="/opt/p k/$x/pktables" load "/etc/a b/50%%/$$HOME/it's \\"x\\"\\\\y.pk"`,
  );
});

Deno.test("a shell reads an odd path as it is", () => {
  for (const write of [writeOpenrcScript, writeSysvScript]) {
    const quoted = `'/opt/p k/$x/pktables' load '/etc/a b/50%/$HOME/it'\\''s "x"\\y.pk'`;
    assert(write(ODD).includes(quoted), write(ODD));
  }
});

Deno.test("every line of a systemd unit that names an odd path has it as systemd reads it", () => {
  const unit = writeSystemdUnit({ ...ODD, words: ["--wait", "3"], removeOnStop: true });
  const file = `"/etc/a b/50%%/$HOME/it's \\"x\\"\\\\y.pk"`;
  const binary = `"/opt/p k/$x/pktables"`;
  assertEquals(lines(unit, "Description"), [
    `Description=Firewall services of /etc/a b/50%%/$HOME/it's "x"\\y.pk`,
  ]);
  assertEquals(lines(unit, "RequiresMountsFor"), [`RequiresMountsFor=${file} ${binary}`]);
  const load = `${binary} load ${file.replace("$HOME", "$$$$HOME")} --wait 3`;
  assertEquals(lines(unit, "ExecStart"), [`ExecStart=${load}`]);
  assertEquals(lines(unit, "ExecReload"), [`ExecReload=${load}`]);
  assertEquals(lines(unit, "ExecStop"), [`ExecStop=${binary} remove --all --wait 3`]);
});

Deno.test("a path has quotes in a systemd unit where it holds what systemd may take for something else", () => {
  const inUnit = (file: string) =>
    lines(writeSystemdUnit({ ...OPTIONS, file }), "ExecStart")[0]!.split(" load ")[1];
  for (const plain of "aZ09_.,:+/@=-") assertEquals(inUnit(`/${plain}`), `/${plain}`);
  assertEquals([inUnit("/%i"), inUnit("/$x$y")], ["/%%i", "/$$x$$y"]);
  for (const odd of " '#&();<>?[]^`{|}~é*!") assertEquals(inUnit(`/${odd}`), `"/${odd}"`);
});

Deno.test("a script's other commands name the odd paths as a shell reads them", () => {
  const binary = "'/opt/p k/$x/pktables'";
  const file = `'/etc/a b/50%/$HOME/it'\\''s "x"\\y.pk'`;
  const options = { ...ODD, words: ["--ipv4"], removeOnStop: true };
  for (const write of [writeOpenrcScript, writeSysvScript]) {
    const commands = write(options).split("\n").filter((line) => line.includes(binary));
    const load = `    run ${binary} load ${file} --ipv4`;
    const remove = `    run ${binary} remove --all --ipv4`;
    const status = `    ${binary} diff ${file} --quiet --ipv4 >/dev/null`;
    assertEquals(
      commands,
      write === writeOpenrcScript ? [load, load, remove] : [load, remove, status],
    );
  }
});
