// The parts of iptables and of the kernel that rules need, and the packages that have them.

/** One match or target. */
interface Extension {
  /** What it is needed for, as a phrase after "cannot". */
  readonly purpose: string;
  /** The kernel's module; that of IPv6 after a slash. */
  readonly module: string;
  /** iptables' part of it, in its folder `xtables`. */
  readonly library: string;
  /** OpenWrt's package with the module (include/netfilter.mk). */
  readonly kmod: string;
  /** OpenWrt's package with the library, where that is not `iptables` itself. */
  readonly mod?: string;
}

const CORE = "kmod-ipt-core";

/** By the name for `-m` or `-j`. A Map, because names come from outside. */
const EXTENSIONS: ReadonlyMap<string, Extension> = new Map([
  ["time", {
    purpose: "close a door, or take rules back, by itself",
    module: "xt_time",
    library: "libxt_time.so",
    kmod: CORE,
  }],
  ["recent", {
    purpose: "count knocks in the kernel",
    module: "xt_recent",
    library: "libxt_recent.so",
    kmod: "kmod-ipt-conntrack-extra",
    mod: "iptables-mod-conntrack-extra",
  }],
  ["comment", {
    purpose: "mark the addresses of a rules file",
    module: "xt_comment",
    library: "libxt_comment.so",
    kmod: CORE,
  }],
  ["multiport", {
    purpose: "match several ports by one rule",
    module: "xt_multiport",
    library: "libxt_multiport.so",
    kmod: CORE,
  }],
  ["limit", {
    purpose: "limit a log",
    module: "xt_limit",
    library: "libxt_limit.so",
    kmod: CORE,
  }],
  ["conntrack", {
    purpose: "match established connections",
    module: "xt_conntrack",
    library: "libxt_conntrack.so",
    kmod: "kmod-ipt-conntrack",
  }],
  ["tcp", {
    purpose: "match TCP ports",
    module: "xt_tcpudp",
    library: "libxt_tcp.so",
    kmod: CORE,
  }],
  ["udp", {
    purpose: "match UDP ports",
    module: "xt_tcpudp",
    library: "libxt_udp.so",
    kmod: CORE,
  }],
  ["LOG", {
    purpose: "log packets",
    module: "xt_LOG",
    library: "libxt_LOG.so",
    kmod: CORE,
  }],
  ["REJECT", {
    purpose: "reject packets",
    module: "ipt_REJECT/ip6t_REJECT",
    library: "libipt_REJECT.so and libip6t_REJECT.so",
    kmod: `${CORE} and kmod-ip6tables`,
  }],
]);

/** What iptables 1.8 prints if its own part of a match or target is missing. */
const NO_LIBRARY = /Couldn't load (?:match|target) `?([\w-]+)/;

/** The same from iptables-nft, which takes the name of an unknown target for a chain. */
const NO_TARGET = /Chain '(LOG|REJECT)' does not exist/;

/** The same from both if the target has an option, which nothing parses. */
const NO_OPTION = /unknown option "--(log|reject)-/;

/** What both backends print if the kernel does not know one (libxtables, xtables_compatible_revision()). */
const NO_MODULE = /Extension ([\w-]+) .*not supported/;

/**
 * Determines which match or target is missing, and which package has it.
 *
 * @param text what iptables printed
 * @returns one sentence without a full stop; `null` if the text does not mean that one is missing
 */
export function explainMissing(text: string): string | null {
  const unknown = NO_LIBRARY.exec(text)?.[1] ?? NO_TARGET.exec(text)?.[1] ??
    NO_OPTION.exec(text)?.[1]?.toUpperCase();
  if (unknown !== undefined) return withoutLibrary(unknown);
  const unsupported = NO_MODULE.exec(text)?.[1];
  return unsupported === undefined ? null : withoutModule(unsupported);
}

function withoutLibrary(name: string): string {
  const known = EXTENSIONS.get(name);
  const what = known === undefined
    ? `iptables' extension \`${name}\` is missing`
    : `this machine cannot ${known.purpose}: iptables' extension \`${name}\` (${known.library}) is missing`;
  const openwrt = known?.mod ?? "iptables";
  return `${what}; it comes with the package iptables (Debian, Alpine), iptables-nft or iptables ` +
    `(RHEL), ${openwrt} (OpenWrt)`;
}

function withoutModule(name: string): string {
  const known = EXTENSIONS.get(name);
  const what = known === undefined
    ? `the kernel does not support iptables' extension \`${name}\`: a kernel module is missing`
    : `this machine cannot ${known.purpose}: the kernel module ${known.module} is missing`;
  const openwrt = known === undefined
    ? ""
    : `, ${known.kmod} (OpenWrt; with nft also kmod-nft-compat)`;
  return `${what}; it comes with the package linux-image-* (Debian), kernel-modules or ` +
    `kernel-modules-extra (RHEL 8 and 9; RHEL 10: kernel-modules-extra), linux-lts or linux-virt ` +
    `(Alpine)${openwrt}; after an update of the kernel, reboot first`;
}
