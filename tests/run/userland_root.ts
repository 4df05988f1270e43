// A userland of another release of Debian, in which the running kernel's tests can be run.
import { TOP } from "../../dist/build/network.ts";
import { type Outcome, run } from "../../dist/script.ts";

/** A release of Debian that pktables is tested on. */
export interface Release {
  /** Its number, as the README names it. */
  readonly number: string;
  /** Its code name, by which the archive knows it. */
  readonly suite: string;
  /** Its version of iptables. */
  readonly iptables: string;
}

/** What is tested, the oldest first. */
export const RELEASES: readonly Release[] = [
  { number: "11", suite: "bullseye", iptables: "1.8.7" },
  { number: "12", suite: "bookworm", iptables: "1.8.9" },
  { number: "13", suite: "trixie", iptables: "1.8.11" },
];

/** Programs for the tests that `--variant=minbase` does not have. */
const PACKAGES = ["iptables", "nftables", "iproute2", "procps", "python3-minimal"];

const BOOTSTRAP_MILLISECONDS = 600_000;
const TESTS_MILLISECONDS = 900_000;

/**
 * Runs `"$@"` with processes of its own, which all end with it. SIGTERM ends it: its first process
 * cannot be ended by a signal that it does not handle (pid_namespaces(7)), unless it is SIGKILL from
 * outside, and is reaped only when the others are gone. So nothing writes into a root file system
 * when it is removed. A shell's background command would ignore SIGINT (POSIX, 2.11).
 */
const KEEP = `env --default-signal=INT,QUIT "$@" &
first=$!
trap 'kill -KILL $first' TERM INT HUP
wait $first
code=$?
trap - TERM INT HUP
wait $first
exit $code`;

/** The mounts are seen from inside only, so that the removal of the folder cannot reach them. */
const ALONE = ["unshare", "--mount", "--pid", "sh", "-c", KEEP, "sh"];

/**
 * Makes the folder the root of everything that runs in it, with the repository and Deno at the places
 * where they are outside. Not by chroot(2): `nsenter --mount`, which the tests use, would leave it
 * (setns(2)). The shell stays, to reap what the tests leave behind, as the first process has to.
 */
const ENTER = `set -e
root=$1 top=$2 deno=$3 cache=$4
shift 4
mount --bind "$root" "$root"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root$top" "$root$cache" "$root\${deno%/*}" "$root/old"
: >> "$root$deno"
mount --bind "$top" "$root$top"
mount --bind "$cache" "$root$cache"
mount --bind "$deno" "$root$deno"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount -t proc proc "$root/proc"
cd "$root"
pivot_root . old
umount -l /old
cd "$top"
code=0
"$@" || code=$?
exit $code`;

/** The mirror that apt uses here for Debian itself, and its proxy; nothing where it names none. */
async function mirror(): Promise<
  { readonly site: string[]; readonly env: Record<string, string> }
> {
  const format = "$(ORIGIN)|$(LABEL)|$(SITE)";
  const { stdout } = await run(["apt-get", "indextargets", "--format", format]);
  const site = /^Debian\|Debian\|(https?:\S+)$/m.exec(stdout)?.slice(1) ?? [];
  const names = ["http", "https"].flatMap((kind) => [`${kind}_proxy`, `Acquire::${kind}::Proxy`]);
  const proxies = await run(["apt-config", "shell", ...names]);
  const set = [...proxies.stdout.matchAll(/^(\w+)='([^']+)'$/gm)];
  return { site, env: Object.fromEntries(set.map(([, name = "", value = ""]) => [name, value])) };
}

/**
 * Makes a root file system of a release by debootstrap. Needs root. The archive's signature is checked.
 *
 * @param release Which one.
 * @param root The folder, which is not there yet.
 * @throws {Error} If it cannot be made; the message holds what debootstrap printed at last.
 */
export async function makeUserland(release: Release, root: string): Promise<void> {
  const { site, env } = await mirror();
  const options = ["--variant=minbase", "--force-check-gpg", `--include=${PACKAGES.join(",")}`];
  const command = [...ALONE, "sh", "-c", 'mount -t proc proc /proc; "$@"; exit $?', "sh"];
  const { code, output } = await run(
    [...command, "debootstrap", ...options, release.suite, root, ...site],
    { timeLimit: BOOTSTRAP_MILLISECONDS, env },
  );
  if (code === 0) return;
  const end = output.trimEnd().split("\n").slice(-20).join("\n");
  throw new Error(`debootstrap cannot make Debian ${release.number} (status ${code}):\n${end}`);
}

/** Where the running Deno keeps what it has fetched. */
async function denoFolder(): Promise<string> {
  const { stdout, output } = await run([Deno.execPath(), "info", "--json", "--no-lock"]);
  const { denoDir } = JSON.parse(stdout) as { readonly denoDir?: string };
  if (denoDir === undefined) throw new Error(`deno info names no folder:\n${output}`);
  return denoDir;
}

/**
 * Runs a command in a userland, in the repository's folder, on the host's network.
 *
 * @param root Its root file system.
 * @param command Program and arguments; the running Deno is available at its path.
 * @returns Its outcome.
 */
export async function runInUserland(root: string, command: readonly string[]): Promise<Outcome> {
  const cache = await denoFolder();
  const env = {
    PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
    LC_ALL: "C",
    NO_COLOR: "1",
    DENO_DIR: cache,
    DENO_NO_UPDATE_CHECK: "1",
  };
  const words = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const enter = [...ALONE, "sh", "-c", ENTER, "sh", root, TOP, Deno.execPath(), cache];
  return await run([...enter, "env", "-i", ...words, ...command], {
    timeLimit: TESTS_MILLISECONDS,
  });
}
