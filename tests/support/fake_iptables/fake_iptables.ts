import type { Family } from "../iptables_text.ts";
import { writeExecutable } from "../executable.ts";
import type { Namespace } from "../namespace.ts";

/** When a program counts: reading, testing a payload, writing one, or whenever it starts. */
export type Phase = "save" | "test" | "write" | "any";

/** What happens in place of, or around, the real run. */
export type Action =
  /** Prints `stderr` and ends with `code`; the real program is not run. */
  | { readonly kind: "fail"; readonly code: number; readonly stderr: string }
  /** Hangs forever. */
  | { readonly kind: "hang" }
  /** Dies of SIGKILL before the real program is run. */
  | { readonly kind: "killed" }
  /** Runs the real program to its end and then dies of SIGKILL: the kernel has changed already. */
  | { readonly kind: "killedAfter" }
  /** Waits, then runs the real program. */
  | { readonly kind: "slow"; readonly seconds: number };

/** One fault. */
export interface Fault {
  /** Default: both. */
  readonly family?: Family;
  readonly phase: Phase;
  readonly action: Action;
  /** Only the first so many times; without it each time. */
  readonly times?: number;
}

/** One start of iptables, iptables-save or iptables-restore. */
export interface Start {
  /** Without backend: `iptables`, `ip6tables-save`, … */
  readonly program: string;
  readonly phase: Exclude<Phase, "any">;
  readonly args: string;
}

const ROOM = "/mnt/fake";
const MULTIS = ["xtables-nft-multi", "xtables-legacy-multi"];

/**
 * Puts a wrapper in the place of the namespace's iptables programs. It records each start, and
 * applies `faults`; if none fits, the real program runs. All iptables programs are symbolic
 * links to two files, so only these two are covered (by a private bind mount); the
 * wrapper knows by its own name which program was meant, as the real one does.
 *
 * @param ns The namespace; may be called again with other faults.
 * @param faults The first that fits is taken.
 */
export async function install(ns: Namespace, faults: readonly Fault[]): Promise<void> {
  const first = await ns.run(["test", "-d", ROOM]);
  if (first.code !== 0) await copyReal(ns);
  await ns.must(["sh", "-c", `rm -rf ${ROOM}/count; mkdir ${ROOM}/count; : > ${ROOM}/starts`]);
  await Deno.writeTextFile(ns.path(`${ROOM}/script`), script(faults));
  if (first.code === 0) return;
  // The wrapper stays as it is; what changes with the faults is only read, so it is never busy.
  await writeExecutable(ns.path(`${ROOM}/wrapper`), `#!/bin/sh\n. ${ROOM}/script\n`);
  for (const multi of MULTIS) {
    const { code } = await ns.run(["test", "-e", `/usr/sbin/${multi}`]);
    if (code === 0) await ns.must(["mount", "--bind", `${ROOM}/wrapper`, `/usr/sbin/${multi}`]);
  }
}

/**
 * Which iptables programs have been started since {@link install}, in order.
 *
 * @param ns A namespace with the wrapper in place.
 */
export async function starts(ns: Namespace): Promise<Start[]> {
  const text = await Deno.readTextFile(ns.path(`${ROOM}/starts`));
  return text.split("\n").filter((line) => line !== "").map((line) => {
    const [program = "", phase, ...args] = line.split(" ");
    return { program, phase: phase as Start["phase"], args: args.join(" ") };
  });
}

/**
 * Takes all iptables programs of one family away, as on a machine where they were never installed.
 *
 * @param ns The namespace.
 * @param family Whose programs are taken.
 */
export async function uninstall(ns: Namespace, family: Family): Promise<void> {
  // A symbolic link cannot be covered by a mount: a folder of links to the real one takes its place.
  const glob = family === "ipv4" ? "iptables*" : "ip6tables*";
  await ns.must([
    "sh",
    "-c",
    `set -e
    mkdir /mnt/sbin
    mount --bind /usr/sbin /mnt/sbin
    mount -t tmpfs -o mode=755 tmpfs /usr/sbin
    for file in /mnt/sbin/*; do ln -s "$file" /usr/sbin/; done
    rm /usr/sbin/${glob}`,
  ]);
}

/** The real programs, under their own names: they, too, look at the name that they are started by. */
async function copyReal(ns: Namespace): Promise<void> {
  await ns.must([
    "sh",
    "-c",
    `set -e
    mkdir -p ${ROOM}/real
    cd /usr/sbin
    for multi in ${MULTIS.join(" ")}; do [ ! -e $multi ] || cp $multi ${ROOM}/real/; done
    for link in iptables* ip6tables*; do
      case "$(readlink -f "$link")" in
        */xtables-nft-multi) ln -s xtables-nft-multi ${ROOM}/real/$link ;;
        */xtables-legacy-multi) ln -s xtables-legacy-multi ${ROOM}/real/$link ;;
      esac
    done`,
  ]);
}

function script(faults: readonly Fault[]): string {
  return `name="\${0##*/}"
plain="$(echo "$name" | sed -e 's/-nft//' -e 's/-legacy//')"
phase=write
case "$plain" in *-save) phase=save ;; esac
for arg; do
  case "$arg" in --test|-t) [ "$phase" = save ] || phase=test ;; -S|-L|-C) phase=save ;; esac
done
echo "$plain $phase $*" >> ${ROOM}/starts
first() { # the number of a fault, how many times; mkdir is atomic
  i=1
  while [ $i -le $2 ]; do mkdir ${ROOM}/count/$1.$i 2>/dev/null && return 0; i=$((i + 1)); done
  return 1
}
${faults.map(clause).join("")}exec ${ROOM}/real/"$name" "$@"
`;
}

function clause(fault: Fault, index: number): string {
  const name = fault.family === undefined
    ? "ip*"
    : fault.family === "ipv4"
    ? "iptables*"
    : "ip6tables*";
  const phase = fault.phase === "any" ? "*" : fault.phase;
  const times = fault.times === undefined ? "" : `first ${index} ${fault.times} && `;
  return `case "$plain $phase" in ${name}" "${phase}) ${times}{ ${act(fault.action)}; } ;; esac\n`;
}

function act(action: Action): string {
  switch (action.kind) {
    case "fail":
      return `cat > /dev/null; cat >&2 <<'END'\n${action.stderr}\nEND\nexit ${action.code}`;
    case "hang":
      return "exec sleep 1000";
    case "killed":
      return "kill -9 $$";
    case "killedAfter":
      return `${ROOM}/real/"$name" "$@"; kill -9 $$`;
    case "slow":
      return `sleep ${action.seconds}`;
  }
}
