import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { lockFile, resolutionArguments, TOP } from "../../dist/build/network.ts";
import type { Lock } from "../../dist/release/sbom.ts";

function read(path: string): Lock {
  return JSON.parse(Deno.readTextFileSync(path));
}

Deno.test("where JSR answers, its part of the lock goes to a copy, and deno.lock stays as it is", () => {
  const copy = lockFile("jsr");
  assertNotEquals(Deno.realPathSync(copy), Deno.realPathSync(`${TOP}/deno.lock`));
  assertEquals(read(copy).npm, read(`${TOP}/deno.lock`).npm);
  assert(resolutionArguments("jsr", "2.4.2").includes(copy));
  assert(!resolutionArguments("jsr", "2.4.2").includes(`${TOP}/deno.lock`));
});

Deno.test("with an npm registry alone deno.lock counts, and a package that it does not hold is an error", () => {
  assertEquals(lockFile("npm"), `${TOP}/deno.lock`);
  const given = resolutionArguments("npm", "2.4.2");
  assert(given.includes(`${TOP}/deno.lock`) && given.includes("--frozen"), given.join(" "));
  assertEquals(read(`${TOP}/deno.lock`).jsr, undefined);
});

Deno.test("a Deno other than the pinned one leaves the lock alone", () => {
  for (const network of ["jsr", "npm"] as const) {
    const given = resolutionArguments(network, "2.99.0");
    assert(given.includes("--no-lock") && !given.includes("--lock"), given.join(" "));
  }
});
