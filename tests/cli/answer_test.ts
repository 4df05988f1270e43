// What `confirm` and `revert` only show with --dry-run.
import { assertEquals } from "@std/assert";
import { machine, unconfirmed } from "../support/unconfirmed_machine.ts";

Deno.test("confirm and revert with --dry-run show what they would write, and write nothing", async () => {
  for (const verb of ["confirm", "revert"]) {
    const system = await unconfirmed();
    const [before, writes] = [system.dump(), system.kernel.writes.length];
    const shown = await system.run(`${verb} --dry-run`);
    assertEquals([shown.status, system.dump()], [0, before], shown.err);
    assertEquals(system.kernel.writes.length, writes);
    await system.run(verb);
    // What is written is what was shown, family by family.
    for (const { payload } of system.kernel.writes.slice(writes)) {
      for (const line of payload.split("\n").filter((one) => /^-[A-Z] /.test(one))) {
        assertEquals(shown.out.includes(line), true, `${verb}: ${line}\n${shown.out}`);
      }
    }
  }
});

Deno.test("where nothing is unconfirmed, both say so, with and without --dry-run", async () => {
  for (const verb of ["confirm", "revert"]) {
    for (const options of ["", " --dry-run"]) {
      const system = await machine();
      const before = system.dump();
      const { status, out, err } = await system.run(`${verb}${options}`);
      const told = "nothing is unconfirmed: nothing to do\n";
      assertEquals(
        [status, out, err, system.dump()],
        [0, ...(options === "" ? [told, ""] : ["", `would say: ${told}`]), before],
      );
    }
  }
});
