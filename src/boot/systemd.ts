import { inDoubleQuotes } from "../text/quoted.ts";
import { type BootOptions, commandOf, headingOf } from "./options.ts";

/** Other programs that fill the tables at boot; each may flush INPUT, so this comes after them. */
const OTHERS = [
  "netfilter-persistent.service",
  "iptables.service",
  "ip6tables.service",
  "nftables.service",
  "ufw.service",
  "firewalld.service",
];

/** Kernel modules that iptables-legacy would load itself if it had the right to; a missing one is passed over. */
const MODULES = ["modprobe@ip_tables.service", "modprobe@ip6_tables.service"];

/**
 * Writes a unit of systemd.service(5) that loads a rules file before any network interface is up and
 * before knockd starts. A stop leaves services and doors in the kernel unless `removeOnStop` is set.
 *
 * @returns the unit, ended by a newline
 */
export function writeSystemdUnit(options: BootOptions): string {
  const load = writeCommand(commandOf(options, ["load", options.file]));
  const stop = options.removeOnStop
    ? `ExecStop=${writeCommand(commandOf(options, ["remove", "--all"]))}`
    : "# A stop keeps services and doors; `pktables remove --all` removes them.";
  return `${headingOf(options, "systemd")}# Install as /etc/systemd/system/pktables.service

[Unit]
Description=Firewall services of ${escapeSpecifiers(options.file)}
DefaultDependencies=no
RequiresMountsFor=${quoteWord(options.file)} ${quoteWord(options.binary)}
Wants=network-pre.target ${MODULES.join(" ")}
After=local-fs.target systemd-sysctl.service ${MODULES.join(" ")}
After=${OTHERS.join(" ")}
Before=network-pre.target knockd.service shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${load}
ExecReload=${load}
${stop}
TimeoutStartSec=90

${HARDENING}
[Install]
WantedBy=multi-user.target
`;
}

/**
 * As far as the job allows. Not set: MemoryDenyWriteExecute, because V8 writes the machine code that it
 * runs; LimitAS, because V8 reserves address space that it never uses; PrivateNetwork, because it is
 * this machine's own firewall; a user other than root, who alone may write /run/pktables.lock.
 */
const HARDENING =
  `# What loading needs, and nothing else. V8 generates code at run time and reserves much address
# space: it does not run with MemoryDenyWriteExecute or LimitAS.
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=/run
ProtectHome=read-only
PrivateDevices=yes
DevicePolicy=closed
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
PrivateMounts=yes
PrivateIPC=yes
KeyringMode=private
RemoveIPC=yes
RestrictAddressFamilies=AF_NETLINK AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
IPAddressDeny=any
LimitNOFILE=1024
TasksMax=64
UMask=0077
`;

/** A command line of a unit: each word in quotes where it needs them. */
function writeCommand([program = "", ...args]: readonly string[]): string {
  // A program's name takes no variables, so a `$` in it stays as it is (systemd.service(5)).
  return [quoteWord(program), ...args.map((word) => quoteWord(word.replaceAll("$", "$$$$")))]
    .join(" ");
}

/** A word as systemd.syntax(7) reads it, specifiers and quotes escaped. */
function quoteWord(word: string): string {
  const text = escapeSpecifiers(word);
  return /^[A-Za-z0-9_.,:+\/@%$=-]+$/.test(text) ? text : inDoubleQuotes(text);
}

function escapeSpecifiers(text: string): string {
  return text.replaceAll("%", "%%");
}
