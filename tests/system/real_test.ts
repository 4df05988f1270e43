import { assertEquals } from "@std/assert";
import { realSystem } from "../../src/system/real.ts";

async function stateOf(permission: Deno.PermissionDescriptor): Promise<string> {
  return (await Deno.permissions.query(permission)).state;
}

Deno.test({
  name: "a verb that needs no file gives up reading and writing, and keeps the lock",
  permissions: { read: ["/"], write: ["/", "/run/pktables.lock"] },
  fn: async () => {
    assertEquals(await stateOf({ name: "read", path: "/etc/shadow" }), "granted");
    await realSystem().dropFileAccess();
    assertEquals(await stateOf({ name: "read", path: "/etc/shadow" }), "prompt");
    assertEquals(await stateOf({ name: "write", path: "/etc/passwd" }), "prompt");
    assertEquals(await stateOf({ name: "write", path: "/run/pktables.lock" }), "granted");
  },
});
