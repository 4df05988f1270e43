import { quoteForShell } from "../text/quoted.ts";
import { type BootOptions, commandOf, headingOf } from "./options.ts";

/**
 * Writes a service script of openrc-run(8) that loads a rules file before the network is up and before
 * knockd starts. A stop leaves services and doors in the kernel unless `removeOnStop` is set.
 *
 * @returns the script, ended by a newline
 */
export function writeOpenrcScript(options: BootOptions): string {
  const line = (verb: readonly string[]) => commandOf(options, verb).map(quoteForShell).join(" ");
  const load = line(["load", options.file]);
  return `#!/sbin/openrc-run
${
    headingOf(options, "openrc")
  }# Install as /etc/init.d/pktables, mode 755; then: rc-update add pktables boot
# shellcheck shell=sh
# shellcheck disable=SC2034
# SC2034: openrc-run reads the variables.

description="Firewall services for port knocking"
extra_started_commands="reload"
description_reload="Loads the rules file again; doors that are open stay open"

# Without a terminal: there is no one at boot to answer.
run() {
    said=$("$@" 2>&1 </dev/null)
    status=$?
    [ -z "$said" ] || printf '%s\\n' "$said" >&2
    return "$status"
}

depend() {
    need localmount
    after bootmisc sysctl modules iptables ip6tables nftables
    before net knockd
}

start() {
    ebegin "Loading firewall services"
    run ${load}
    eend $?
}

reload() {
    ebegin "Loading firewall services again"
    run ${load}
    eend $?
}

stop() {
${
    options.removeOnStop
      ? `    ebegin "Removing all firewall services and doors"
    run ${line(["remove", "--all"])}
    eend $?`
      : `    # Services and doors stay; to remove them: pktables remove --all
    return 0`
  }
}
`;
}
