// What is said where a part of iptables or of the kernel is missing, word for word.
import { assertEquals } from "@std/assert";
import { explainMissing } from "../../src/system/extensions.ts";

/** Of each extension what it is for, iptables' part of it, the kernel's, and OpenWrt's packages. */
const EXTENSIONS: readonly (readonly [
  name: string,
  purpose: string,
  library: string,
  module: string,
  kmod: string,
  mod?: string,
])[] = [
  [
    "time",
    "close a door, or take rules back, by itself",
    "libxt_time.so",
    "xt_time",
    "kmod-ipt-core",
  ],
  [
    "recent",
    "count knocks in the kernel",
    "libxt_recent.so",
    "xt_recent",
    "kmod-ipt-conntrack-extra",
    "iptables-mod-conntrack-extra",
  ],
  [
    "comment",
    "mark the addresses of a rules file",
    "libxt_comment.so",
    "xt_comment",
    "kmod-ipt-core",
  ],
  [
    "multiport",
    "match several ports by one rule",
    "libxt_multiport.so",
    "xt_multiport",
    "kmod-ipt-core",
  ],
  ["limit", "limit a log", "libxt_limit.so", "xt_limit", "kmod-ipt-core"],
  [
    "conntrack",
    "match established connections",
    "libxt_conntrack.so",
    "xt_conntrack",
    "kmod-ipt-conntrack",
  ],
  ["tcp", "match TCP ports", "libxt_tcp.so", "xt_tcpudp", "kmod-ipt-core"],
  ["udp", "match UDP ports", "libxt_udp.so", "xt_tcpudp", "kmod-ipt-core"],
  ["LOG", "log packets", "libxt_LOG.so", "xt_LOG", "kmod-ipt-core"],
  [
    "REJECT",
    "reject packets",
    "libipt_REJECT.so and libip6t_REJECT.so",
    "ipt_REJECT/ip6t_REJECT",
    "kmod-ipt-core and kmod-ip6tables",
  ],
];

const LIBRARY =
  "is missing; it comes with the package iptables (Debian, Alpine), iptables-nft or " +
  "iptables (RHEL)";
const MODULE = "is missing; it comes with the package linux-image-* (Debian), kernel-modules or " +
  "kernel-modules-extra (RHEL 8 and 9; RHEL 10: kernel-modules-extra), linux-lts or linux-virt " +
  "(Alpine)";
const REBOOT = "; after an update of the kernel, reboot first";

/** How iptables says that its own part is not there. */
function withoutLibrary(name: string): string[] {
  if (name !== name.toUpperCase()) {
    return [`iptables v1.8.9 (legacy): Couldn't load match \`${name}':No such file or directory\n`];
  }
  return [
    `iptables v1.8.9 (legacy): Couldn't load target \`${name}':No such file or directory\n`,
    `iptables-nft-restore v1.8.9 (nf_tables): Chain '${name}' does not exist\nError at line: 4\n`,
    `iptables v1.8.9 (nf_tables): unknown option "--${name.toLowerCase()}-with"\n`,
  ];
}

Deno.test("each extension is told with what it is for, what is missing, and what brings it", () => {
  for (const [name, purpose, library, module, kmod, mod = "iptables"] of EXTENSIONS) {
    for (const said of withoutLibrary(name)) {
      assertEquals(
        explainMissing(said),
        `this machine cannot ${purpose}: iptables' extension \`${name}\` (${library}) ${LIBRARY}, ` +
          `${mod} (OpenWrt)`,
      );
    }
    assertEquals(
      explainMissing(`Warning: Extension ${name} revision 0 not supported, missing kernel module?`),
      `this machine cannot ${purpose}: the kernel module ${module} ${MODULE}, ${kmod} ` +
        `(OpenWrt; with nft also kmod-nft-compat)${REBOOT}`,
    );
  }
});

Deno.test("an extension of others is told by its name, and with what brings most of them", () => {
  for (const name of ["geoip", "x-y_z", "constructor"]) {
    assertEquals(
      explainMissing(`Couldn't load match \`${name}':No such file or directory`),
      `iptables' extension \`${name}\` ${LIBRARY}, iptables (OpenWrt)`,
    );
    assertEquals(
      explainMissing(`Extension ${name} revision 0 not supported, missing kernel module?`),
      `the kernel does not support iptables' extension \`${name}\`: a kernel module ${MODULE}${REBOOT}`,
    );
  }
  assertEquals(
    explainMissing("Couldn't load target geoip:No such file"),
    `iptables' extension \`geoip\` ${LIBRARY}, iptables (OpenWrt)`,
  );
});

Deno.test("what iptables' own part lacks is told ahead of what the kernel does", () => {
  const both = "Extension LOG revision 0 not supported\nCouldn't load match `limit':No such file\n";
  assertEquals(/`limit`.*libxt_limit/.test(explainMissing(both) ?? ""), true);
});

Deno.test("nothing is missing where iptables says something else", () => {
  for (
    const said of [
      "",
      "Couldn't load match `'",
      "Couldn't load rule `time'",
      "Chain 'pk-ssh' does not exist",
      "Chain 'LOGS' does not exist",
      'unknown option "--comment-with"',
      'unknown option "--log"',
      "Extension  revision 0 not supported",
      "Extension time revision 0 is supported",
      "Extension time revision 0\nnot supported",
    ]
  ) {
    assertEquals(explainMissing(said), null, said);
  }
});
