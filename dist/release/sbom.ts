// The bill of materials of a release: what is in the binary besides its own source, as
// CycloneDX 1.6 (ECMA-424). It has no date and no random number: equal sources give equal bytes.

/** The parts of deno.lock (version 5) that are read here. */
export interface Lock {
  /** npm packages by `name@version`. */
  readonly npm: Readonly<Record<string, NpmEntry>>;
  /** JSR packages by `name@version`; there are none if JSR was never reached. */
  readonly jsr?: Readonly<Record<string, { readonly integrity: string }>>;
}

/** An npm package in deno.lock. */
export interface NpmEntry {
  /** `sha512-` and the archive's hash in base64. */
  readonly integrity: string;
  /** Names of packages, with `@version` where the name alone is not clear. */
  readonly dependencies?: readonly string[];
}

/** What a bill is about. */
export interface BillOptions {
  /** Version of the program. */
  readonly version: string;
  /** Version of the runtime that it is compiled onto. */
  readonly deno: string;
  readonly lock: Lock;
  /** npm packages that the program imports, by `name@version`; what they need is found in the lock. */
  readonly npm: readonly string[];
  /** JSR packages that the program imports, by `name@version`. */
  readonly jsr: readonly string[];
}

interface Component {
  readonly type: "library" | "platform";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

/**
 * Writes the bill of materials.
 *
 * @param options What is in the binary.
 * @returns JSON that ends with a newline.
 * @throws {Error} If a package is not in the lock.
 */
export function writeBill({ version, deno, lock, npm, jsr }: BillOptions): string {
  const packages = closure(npm, lock);
  const components = [
    ...packages.map((id) => npmComponent(id, lock)),
    ...[...jsr].sort().map((id) => jsrComponent(id, lock)),
    runtime(deno),
  ];
  const own = `pkg:generic/pktables@${version}`;
  const direct = [...npm.map(npmUrl), ...jsr.map(jsrUrl), runtime(deno).purl].sort();
  const dependencies = [
    { ref: own, dependsOn: direct },
    ...packages.map((id) => ({ ref: npmUrl(id), dependsOn: needs(id, lock).map(npmUrl) })),
  ];
  const self = { type: "application", "bom-ref": own, name: "pktables", version, purl: own };
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { ...self, licenses: [{ license: { id: "MIT" } }] } },
    components,
    dependencies,
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/** The packages, with all that they need, by name. */
function closure(roots: readonly string[], lock: Lock): string[] {
  const found = new Set<string>();
  const queue = [...roots];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    queue.push(...needs(id, lock));
  }
  return [...found].sort();
}

function needs(id: string, lock: Lock): string[] {
  return (entryOf(id, lock).dependencies ?? []).map((name) => {
    const exact = Object.keys(lock.npm).find((known) =>
      known === name || splitId(known).name === name
    );
    if (exact === undefined) throw new Error(`deno.lock has no ${name}, which ${id} needs`);
    return exact;
  }).sort();
}

function entryOf(id: string, lock: Lock): NpmEntry {
  const entry = lock.npm[id];
  if (entry === undefined) {
    throw new Error(`deno.lock has no ${id}: run \`deno run -A dist/lock.ts\``);
  }
  return entry;
}

function npmComponent(id: string, lock: Lock): Component {
  const [algorithm = "", hash = ""] = entryOf(id, lock).integrity.split("-");
  const alg = algorithm.replace("sha", "SHA-");
  const hashes = [{ alg, content: hex(hash) }];
  return { type: "library", "bom-ref": npmUrl(id), ...splitId(id), purl: npmUrl(id), hashes };
}

function jsrComponent(id: string, lock: Lock): Component {
  const content = lock.jsr?.[id]?.integrity;
  const hashes = content === undefined ? {} : { hashes: [{ alg: "SHA-256", content }] };
  return { type: "library", "bom-ref": jsrUrl(id), ...splitId(id), purl: jsrUrl(id), ...hashes };
}

function runtime(version: string): Component {
  const purl = `pkg:github/denoland/deno@v${version}`;
  return { type: "platform", "bom-ref": purl, name: "denort", version, purl };
}

function splitId(id: string): { name: string; version: string } {
  const at = id.lastIndexOf("@");
  return { name: id.slice(0, at), version: id.slice(at + 1) };
}

/** See the package URL specification, type npm: the `@` of a scope is written as %40. */
function npmUrl(id: string): string {
  return `pkg:npm/${id.replace(/^@/, "%40")}`;
}

/** JSR packages have npm names of their own: @std/cli is @jsr/std__cli. */
function jsrUrl(id: string): string {
  return npmUrl(id.replace(/^@([^/]+)\//, "@jsr/$1__"));
}

function hex(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
