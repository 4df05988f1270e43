// The real programs that the tests run against, from Debian's archive.
import { isInstalled, run } from "./script.ts";

/** A program, or a file by its absolute path, and the Debian package that contains it. */
export type Need = readonly [program: string, debianPackage: string];

/** What the demo starts. */
export const DEMO_NEEDS: readonly Need[] = [
  ["iptables", "iptables"],
  ["ip6tables", "iptables"],
  ["nft", "nftables"],
  ["knockd", "knockd"],
  ["knock", "knockd"],
  ["ip", "iproute2"],
  ["unshare", "util-linux"],
  ["nsenter", "util-linux"],
  ["mount", "mount"],
  ["bash", "bash"],
];

/** What the tests start. */
export const TEST_NEEDS: readonly Need[] = [
  ...DEMO_NEEDS,
  ["flock", "util-linux"],
  ["ps", "procps"],
  // Sends frames with any source.
  ["python3", "python3"],
  ["systemd-analyze", "systemd"],
  ["shellcheck", "shellcheck"],
  ["setfacl", "acl"],
  ["setfattr", "attr"],
  ["strace", "strace"],
  // What users have: shells, a terminal, an editor, readers of manuals.
  ["fish", "fish"],
  ["zsh", "zsh"],
  ["tmux", "tmux"],
  ["vim", "vim"],
  ["man", "man-db"],
  ["mandoc", "mandoc"],
];

const INSTALL_MILLISECONDS = 300_000;

/** Names of /usr/sbin are not in every user's PATH, yet they are there. */
async function isThere(program: string): Promise<boolean> {
  if (await isInstalled(program)) return true;
  try {
    const path = program.startsWith("/") ? program : `/usr/sbin/${program}`;
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/**
 * Installs what this machine lacks by apt-get, and says so. Only root can.
 *
 * @param needed The programs.
 * @returns What is still missing, each with the reason and the way out.
 */
export async function installNeeded(needed: readonly Need[]): Promise<string[]> {
  const missing: Need[] = [];
  for (const entry of needed) if (!await isThere(entry[0])) missing.push(entry);
  if (missing.length === 0) return [];
  const packages = [...new Set(missing.map(([, name]) => name))];
  if (Deno.uid() !== 0) {
    const install = `apt-get install ${packages.join(" ")}`;
    return [`missing: ${packages.join(", ")}; run this as root, or install by hand: ${install}`];
  }
  if (!await isInstalled("apt-get")) {
    const programs = missing.map(([program]) => program).join(", ");
    return [`missing: ${programs}; there is no apt-get here, so install them by hand`];
  }
  console.log(`installing by apt-get: ${packages.join(", ")}`);
  const options = { timeLimit: INSTALL_MILLISECONDS, env: { DEBIAN_FRONTEND: "noninteractive" } };
  const install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", ...packages];
  let outcome = await run(install, options);
  if (outcome.code !== 0) {
    // A new machine has no package lists yet.
    const update = await run(["apt-get", "update", "-q"], options);
    outcome = await run(install, options);
    if (outcome.code !== 0) return [`apt-get failed:\n${update.output}${outcome.output}`];
  }
  return [];
}
