import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Lock, writeBill } from "../../dist/release/sbom.ts";

const LOCK: Lock = {
  npm: {
    "@scope/b@2.0.0": { integrity: "sha512-AAEC", dependencies: ["c"] },
    "a@1.0.0": { integrity: "sha512-/w==", dependencies: ["@scope/b", "c"] },
    "c@3.0.0": { integrity: "sha1-AA==" },
    "only-for-tests@9.0.0": { integrity: "sha512-AA==" },
  },
  jsr: { "@std/cli@1.0.0": { integrity: "00ff" } },
};

const OPTIONS = { version: "1.2.3", deno: "2.4.2", lock: LOCK };

Deno.test("the bill names what the program imports, all that this needs, and the runtime", () => {
  const bill = JSON.parse(writeBill({ ...OPTIONS, npm: ["a@1.0.0"], jsr: ["@std/cli@1.0.0"] }));
  assertEquals([bill.bomFormat, bill.specVersion], ["CycloneDX", "1.6"]);
  assertEquals(bill.metadata.component.version, "1.2.3");
  assertEquals(bill.components.map(({ purl }: { purl: string }) => purl), [
    "pkg:npm/%40scope/b@2.0.0",
    "pkg:npm/a@1.0.0",
    "pkg:npm/c@3.0.0",
    "pkg:npm/%40jsr/std__cli@1.0.0",
    "pkg:github/denoland/deno@v2.4.2",
  ]);
  assertEquals(bill.components[0].hashes, [{ alg: "SHA-512", content: "000102" }]);
  assertEquals(bill.components[2].hashes, [{ alg: "SHA-1", content: "00" }]);
  const known = new Set([bill.metadata.component, ...bill.components].map((one) => one["bom-ref"]));
  assertEquals(known.size, 6);
  for (const { ref, dependsOn } of bill.dependencies) {
    for (const name of [ref, ...dependsOn]) assert(known.has(name), name);
  }
});

Deno.test("a package that the lock does not know is no release", () => {
  assertThrows(() => writeBill({ ...OPTIONS, npm: ["d@1.0.0"], jsr: [] }));
});
