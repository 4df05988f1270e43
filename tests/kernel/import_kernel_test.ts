import { assert, assertEquals } from "@std/assert";
import { forEachBackend } from "../support/box.ts";
import { examples } from "../support/golden.ts";

forEachBackend(
  "what import --kernel writes of loaded examples and of init changes nothing, loaded again",
  async (box) => {
    const [file, back] = ["/mnt/rules.pk", "/mnt/back.pk"];
    let loaded = 0;
    for (const example of examples()) {
      const text = await Deno.readTextFile(example);
      if (/^include /m.test(text)) continue;
      await Deno.writeTextFile(box.ns.path(file), text);
      await box.must("load", file, "--prune", "--force");
      await box.must(
        "init",
        "hand",
        "--port",
        "2222-2230,99",
        "--log",
        "--log-prefix",
        'a "b" \\c',
      );
      await box.must("add", "203.0.113.9", "--service", "hand", "--for", "8h");
      const before = await box.saveAll();
      const { code, stdout, stderr } = await box.pktables("import", "--kernel");
      assertEquals(
        [code, stderr.endsWith(" nothing left out\n")],
        [0, true],
        `${example}: ${stderr}`,
      );
      await Deno.writeTextFile(box.ns.path(back), stdout);
      assertEquals((await box.pktables("diff", back)).code, 0, stdout);
      const again = await box.pktables("load", back, "--prune", "--force");
      assertEquals(again.code, 0, again.stderr);
      assertEquals(await box.saveAll(), before, stdout);
      loaded++;
    }
    assert(loaded > 4);
  },
);

forEachBackend(
  "import --kernel leaves out what is not as load writes it",
  async (box) => {
    await box.must("init", "ssh", "--port", "22", "--syn");
    await box.must("init", "web", "--port", "80");
    // A second log, and an allowed address ahead of ESTABLISHED: no file can express that.
    await box.iptables("ipv4", "-I", "pk-ssh", "1", "-j", "LOG");
    await box.iptables("ipv6", "-I", "pk-ssh", "1", "-j", "LOG");
    await box.iptables("ipv6", "-A", "pk-web", "-s", "2001:db8::1", "-j", "ACCEPT");
    const before = await box.saveAll();
    const { stdout } = await box.pktables("import", "--kernel");
    await Deno.writeTextFile(box.ns.path("/mnt/back.pk"), stdout);
    assertEquals((await box.pktables("load", "/mnt/back.pk", "--force")).code, 0, stdout);
    assertEquals(await box.saveAll(), before, stdout);
  },
);
