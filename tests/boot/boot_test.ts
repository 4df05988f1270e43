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

Deno.test("a stop leaves services and doors alone unless it was asked for", () => {
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
