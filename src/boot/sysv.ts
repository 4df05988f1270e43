import { quoteForShell } from "../text/quoted.ts";
import { type BootOptions, commandOf, headingOf } from "./options.ts";

/**
 * Writes an init script as the Linux Standard Base describes it, which loads a rules file before the
 * network is up and before knockd starts. A stop leaves services and doors in the kernel unless
 * `removeOnStop` is set.
 *
 * @returns the script, ended by a newline
 */
export function writeSysvScript(options: BootOptions): string {
  const line = (verb: readonly string[]) => commandOf(options, verb).map(quoteForShell).join(" ");
  return `#!/bin/sh
${
    headingOf(options, "sysv")
  }# Install as /etc/init.d/pktables, mode 755; then: update-rc.d pktables defaults
### BEGIN INIT INFO
# Provides:          pktables
# Required-Start:    $local_fs
# Required-Stop:     $local_fs
# X-Start-Before:    $network knockd
# Should-Start:      iptables netfilter-persistent ufw
# Default-Start:     S
# Default-Stop:${options.removeOnStop ? "      0 6" : ""}
# Short-Description: firewall services for port knocking
# Description:       Loads the services of a rules file; doors that are open stay open.
### END INIT INFO

PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 077

# Without a terminal: there is no one at boot to answer.
run() {
    said=$("$@" 2>&1 </dev/null)
    status=$?
    [ -z "$said" ] || printf '%s\\n' "$said" >&2
    exit "$status"
}

case "\${1:-}" in
start | reload | force-reload | restart)
    run ${line(["load", options.file])}
    ;;
stop)
${
    options.removeOnStop
      ? `    run ${line(["remove", "--all"])}`
      : `    # Services and doors stay; to remove them: pktables remove --all
    exit 0`
  }
    ;;
status)
    ${line(["diff", options.file, "--quiet"])} >/dev/null
    case $? in
    0) echo "pktables: the kernel matches the file" ;;
    1) echo "pktables: the kernel does not match the file, or cannot be read" && exit 3 ;;
    *) echo "pktables: unknown state" && exit 4 ;;
    esac
    ;;
*)
    echo "Usage: $0 {start|stop|restart|reload|force-reload|status}" >&2
    exit 2
    ;;
esac
`;
}
