// `tests/run/userlands.ts [RELEASE…] [--keep] [--filter TEXT]`: the heart of the kernel tests on the
// userlands of several releases of Debian, each with its own iptables, on the running kernel. A release is
// named by its number; without one all are tested. `--keep` leaves the root file systems in
// dist/out/cache/ for the next run with `--keep`.
import { installNeeded, type Need } from "../../dist/debian.ts";
import { findNetwork, resolutionArguments, TOP } from "../../dist/build/network.ts";
import { cleanUpOnSignal, main, must, withScratch } from "../../dist/script.ts";
import { countsOf } from "./summary.ts";
import { makeUserland, type Release, RELEASES, runInUserland } from "./userland_root.ts";

const NEEDED: readonly Need[] = [
  ["debootstrap", "debootstrap"],
  ["gpgv", "gpgv"],
  ["/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring"],
  ["unshare", "util-linux"],
];

/** What a version of iptables could change: how rules are written, read, compared and shown. */
const HEART = [
  "chain_list",
  "compatibility",
  "confirm",
  "door",
  "expect",
  "extensions",
  "foreign",
  "golden",
  "init",
  "injection",
  "list",
  "load",
  "native_rules",
  "others",
  "system",
  "timed_door",
  "timed_messages",
  "trace",
  "trace_packets",
].map((name) => `tests/kernel/${name}_test.ts`);

interface Request {
  readonly releases: readonly Release[];
  readonly keep: boolean;
  readonly filter: readonly string[];
}

function readRequest(args: readonly string[]): Request {
  const numbers: string[] = [];
  let keep = false;
  let filter: readonly string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--keep") keep = true;
    else if (arg === "--filter") filter = [`--filter=${args[++i] ?? ""}`];
    else if (RELEASES.some(({ number }) => number === arg)) numbers.push(arg);
    else {
      const known = RELEASES.map(({ number }) => number).join(", ");
      throw new Error(`unexpected argument \`${arg}\`; the releases are: ${known}`);
    }
  }
  const releases = RELEASES.filter(({ number }) =>
    numbers.length === 0 || numbers.includes(number)
  );
  return { releases, keep, filter };
}

/** Whether the userland has the iptables that the README names. */
async function checkVersion(release: Release, root: string): Promise<void> {
  for (const backend of ["nft", "legacy"]) {
    const { output } = await runInUserland(root, [`iptables-${backend}`, "--version"]);
    if (output.split(" ")[1] === `v${release.iptables}`) continue;
    throw new Error(
      `Debian ${release.number} has another iptables than ${release.iptables}: ${output.trim()}`,
    );
  }
}

/** Runs the tests in one userland and prints its line; what failed is printed whole. */
async function test(release: Release, root: string, args: readonly string[]): Promise<boolean> {
  await checkVersion(release, root);
  const start = performance.now();
  const { code, output } = await runInUserland(root, [Deno.execPath(), "test", ...args]);
  const counts = countsOf(output);
  const good = code === 0 && counts !== undefined && counts.passed > 0 && counts.ignored === 0;
  if (!good) console.log(output);
  const { passed = 0, failed = 0, ignored = 0 } = counts ?? {};
  console.log(
    `Debian ${release.number}, iptables ${release.iptables}: ${good ? "ok" : "FAILED"}, ` +
      `${passed} passed, ${failed} failed, ${ignored} ignored, ` +
      `${((performance.now() - start) / 1000).toFixed(0)} s`,
  );
  return good;
}

/** Calls `work` with a root file system of the release. */
async function withUserland<T>(
  release: Release,
  options: { readonly keep: boolean; readonly work: (root: string) => Promise<T> },
): Promise<T> {
  if (!options.keep) {
    const folder = await Deno.makeTempDir({ prefix: "pktables-userland-" });
    return await withScratch(folder, async () => {
      await makeUserland(release, `${folder}/root`);
      return await options.work(`${folder}/root`);
    });
  }
  const root = `${TOP}/dist/out/cache/userlands/${release.suite}`;
  if (!await Deno.stat(root).then((stat) => stat.isDirectory, () => false)) {
    const beside = `${root}.${Deno.pid}`;
    await Deno.mkdir(`${TOP}/dist/out/cache/userlands`, { recursive: true });
    await withScratch(beside, async () => {
      await makeUserland(release, beside);
      await Deno.rename(beside, root);
    });
  }
  return await options.work(root);
}

async function userlands(args: readonly string[]): Promise<number> {
  const { releases, keep, filter } = readRequest(args);
  if (Deno.uid() !== 0) throw new Error("this needs root: debootstrap makes a root file system");
  cleanUpOnSignal();
  for (const problem of await installNeeded(NEEDED)) throw new Error(problem);
  const network = await findNetwork();
  const resolution = resolutionArguments(network);
  // Inside there is neither this machine's trust store nor its way to the network.
  const cache = [Deno.execPath(), "cache", ...resolution, ...HEART];
  await must(cache, { name: "deno cache", cwd: TOP });
  const flags = ["-A", "--no-check", "--cached-only", ...resolution, ...filter];
  let good = true;
  for (const release of releases) {
    const work = (root: string) => test(release, root, [...flags, ...HEART]);
    good = await withUserland(release, { keep, work }) && good;
  }
  return good ? 0 : 1;
}

if (import.meta.main) await main("userlands", () => userlands(Deno.args));
