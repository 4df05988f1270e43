import { assertEquals, assertMatch } from "@std/assert";
import { run } from "../../src/cli/run.ts";
import { memorySystem } from "../support/memory_system.ts";

const OPEN =
  "[s]\nsequence=3,1,2\nseq_timeout=5\ncommand=/sbin/iptables -I INPUT -s %IP% -p tcp --dport 22 -j ACCEPT\n";

async function importConf(words: string, files: Record<string, string>, refuse = {}) {
  const { system, out, err, written } = memorySystem(files, refuse);
  const status = await run(["import", ...words.split(" ")], system);
  return { status, out: out(), err: err(), written };
}

Deno.test("import prints the rules file in canonical form", async () => {
  const { status, out, err } = await importConf("k.conf", { "k.conf": OPEN });
  assertEquals([status, err], [0, "k.conf: 1 service, nothing left out\n"]);
  assertMatch(out, /\n\nservice ssh tcp 22 syn drop knock 3, 1, 2 within 5s\n$/);
});

Deno.test("import reads a knockd.conf or the kernel, one of them", async () => {
  const help = "(write `pktables import KNOCKD_CONF` or `pktables import --kernel`)\n";
  for (const words of ["k.conf --kernel", "--kernel -", "--output=x"]) {
    const { status, out, err, written } = await importConf(words, { "k.conf": OPEN, "-": OPEN });
    assertEquals([status, out, written.size], [2, "", 0]);
    const told = words.includes("--kernel")
      ? "`--kernel` reads the kernel, and no file"
      : "`import` needs KNOCKD_CONF or `--kernel`";
    assertEquals(err, `pktables: error: ${told} ${help}`);
  }
});

Deno.test("import names what it leaves out, with its place, and ends with 1", async () => {
  const conf = `${OPEN}[t]\nsequence=5,4,6\ncommand=/root/open.sh %IP%\n`;
  const { status, out, err } = await importConf("k.conf", { "k.conf": conf });
  assertEquals(status, 1);
  assertMatch(
    err,
    /^warning\[PK097\][^]*k\.conf:7:9[^]*left out\n\nk\.conf: 1 service, 1 warning\n$/,
  );
  assertMatch(out, /# {3}line 7: unknown program `\/root\/open\.sh`/);
});

Deno.test("import writes a new file, and overwrites none", async () => {
  const { status, out, written } = await importConf("k.conf -o r.pk", { "k.conf": OPEN });
  assertEquals([status, out, [...written.keys()]], [0, "", ["r.pk"]]);
  const taken = await importConf("k.conf -o r.pk", { "k.conf": OPEN }, {
    "r.pk": "already exists",
  });
  assertEquals(taken.status, 1);
  assertMatch(taken.err, /cannot write `r\.pk`: already exists/);
  const missing = await importConf("none.conf", {});
  assertEquals([missing.status, missing.out], [1, ""]);
  assertMatch(missing.err, /no such file/);
  assertEquals((await importConf("-", { "-": OPEN })).status, 0);
});
