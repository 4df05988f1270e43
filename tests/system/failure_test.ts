import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { explain, type FailureKind } from "../../src/system/failure.ts";

/**
 ** What iptables prints, and its meaning. Captured from 1.8.9 on both backends: no root, held
 * lock, unknown match or target, missing rule or chain; from 1.8.11: a rule that it cannot parse; the
 * others are its sources' wording.
 */
const SAID: readonly [FailureKind, string][] = [
  [
    "not-root",
    "iptables-nft-save v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n",
  ],
  [
    "not-root",
    "iptables-save v1.8.9 (legacy): Cannot initialize: Permission denied (you must be root)\n",
  ],
  [
    "not-root",
    "iptables v1.6.1: can't initialize iptables table `filter': Permission denied (you must be root)\nPerhaps iptables or your kernel needs to be upgraded.\n",
  ],
  ["not-root", "Fatal: can't open lock file /run/xtables.lock: Permission denied\n"],
  ["not-root", "getsockopt failed strangely: Operation not permitted\n"],
  [
    "no-family",
    "ip6tables-save v1.8.9 (legacy): Cannot initialize: Address family not supported by protocol\n",
  ],
  [
    "locked",
    "Can't lock /run/xtables.lock: Resource temporarily unavailable\nAnother app is currently holding the xtables lock. Stopped waiting after 1s.\n",
  ],
  [
    "module",
    "iptables-nft-restore v1.8.9 (nf_tables): Couldn't load match `time':No such file or directory\n\nError occurred at line: 2\n",
  ],
  [
    "module",
    "iptables-restore v1.8.9 (legacy): Couldn't load target `LOG':No such file or directory\n\nError occurred at line: 2\n",
  ],
  [
    "module",
    "Warning: Extension time revision 0 not supported, missing kernel module?\niptables-nft-restore: line 2 failed: No such file or directory.\n",
  ],
  ["module", "Warning: Extension REJECT revision 0 not supported, missing kernel module?\n"],
  [
    "module",
    "iptables-save v1.8.9 (legacy): Cannot initialize: Table does not exist (do you need to insmod?)\n",
  ],
  ["module", "iptables-nft-save: Failed to initialize nft: Protocol not supported\n"],
  [
    "refused",
    "iptables-nft-restore: line 2 failed: Bad rule (does a matching rule exist in that chain?).\n",
  ],
  ["refused", "iptables-restore: line 2 failed\n"],
  [
    "refused",
    "iptables-nft-restore v1.8.9 (nf_tables): \nline 3: CHAIN_DEL failed (Device or resource busy): chain pk-a\n",
  ],
  ["refused", "# Table `filter' is incompatible, use 'nft' tool.\n"],
  [
    "refused",
    "Error: range with unknown payload base\niptables-nft-save v1.8.11 (nf_tables): Parsing nftables rule failed\nPerhaps iptables-nft-save or your kernel needs to be upgraded.\n",
  ],
  [
    "module",
    "iptables-nft-restore v1.8.9 (nf_tables): Chain 'LOG' does not exist\nError occurred at line: 4\n",
  ],
  [
    "refused",
    "iptables-nft-restore v1.8.9 (nf_tables): Chain 'pk-none' does not exist\nError occurred at line: 3\n",
  ],
];

for (const [kind, text] of SAID) {
  Deno.test(`${kind}: ${text.split("\n").find((line) => line.length > 40 || line === text.trim())?.slice(0, 90)}`, () => {
    const found = explain(text, "iptables exited with status 1");
    assertEquals([found.kind, found.raw], [kind, text.trim()]);
    assertEquals(
      /^[a-z][^.]*[^.\n]$/.test(found.message.replace(/\.\w/g, "")),
      true,
      found.message,
    );
  });
}

Deno.test("a warning of tables of the other backend is no reason", () => {
  const warning =
    "# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\n";
  const found = explain(`${warning}iptables-nft-restore: line 2 failed\n`, "status 1");
  assertEquals([found.kind, found.raw], ["refused", "iptables-nft-restore: line 2 failed"]);
});

Deno.test("without output, the status is reported", () => {
  for (const text of ["", "\n", "# Warning: iptables-legacy tables present\n"]) {
    assertEquals(explain(text, "iptables exited with status 4"), {
      kind: "refused",
      message: "iptables refused the change",
      raw: "iptables exited with status 4",
    });
  }
});

Deno.test("a missing time module is named with its package, another one is not taken for it", () => {
  const time = explain("Couldn't load match `time':No such file or directory", "");
  const timeout = explain("Couldn't load match `timeout':No such file or directory", "");
  assertEquals([/xt_time/.test(time.message), /xt_time/.test(timeout.message)], [true, false]);
});

/** Of each extension that rules of this program use: its module, and OpenWrt's packages. */
const BRINGS: readonly (readonly [name: string, module: RegExp, kmod: string, mod: string])[] = [
  ["time", /\bxt_time\b/, "kmod-ipt-core", "iptables"],
  ["recent", /\bxt_recent\b/, "kmod-ipt-conntrack-extra", "iptables-mod-conntrack-extra"],
  ["comment", /\bxt_comment\b/, "kmod-ipt-core", "iptables"],
  ["multiport", /\bxt_multiport\b/, "kmod-ipt-core", "iptables"],
  ["limit", /\bxt_limit\b/, "kmod-ipt-core", "iptables"],
  ["conntrack", /\bxt_conntrack\b/, "kmod-ipt-conntrack", "iptables"],
  ["tcp", /\bxt_tcpudp\b/, "kmod-ipt-core", "iptables"],
  ["udp", /\bxt_tcpudp\b/, "kmod-ipt-core", "iptables"],
  ["LOG", /\bxt_LOG\b/, "kmod-ipt-core", "iptables"],
  ["REJECT", /\bipt_REJECT\/ip6t_REJECT\b/, "kmod-ipt-core and kmod-ip6tables", "iptables"],
];

for (const [name, module, kmod, mod] of BRINGS) {
  Deno.test(`a missing ${name} is reported with its package, for iptables' part and the kernel's`, () => {
    const isTarget = name === name.toUpperCase();
    const own = explain(
      `Couldn't load ${isTarget ? "target" : "match"} \`${name}':No such file`,
      "",
    );
    const said = [own.message];
    if (isTarget) {
      said.push(explain(`Chain '${name}' does not exist`, "").message);
      said.push(explain(`unknown option "--${name.toLowerCase()}-with"`, "").message);
    }
    for (const message of said) {
      assertMatch(message, new RegExp(`\`${name}\` \\(lib\\w+${name}\\.so`));
      assertStringIncludes(message, `, ${mod} (OpenWrt)`);
      for (const part of ["iptables (Debian, Alpine)", "(RHEL)"]) {
        assertStringIncludes(message, part);
      }
      assertEquals(/module|linux-/.test(message), false);
    }
    const warning = `Warning: Extension ${name} revision 0 not supported, missing kernel module?`;
    const kernel = explain(`${warning}\nRULE_APPEND failed (No such file or directory)`, "");
    assertEquals(kernel.kind, "module");
    assertMatch(kernel.message, module);
    for (
      const part of [`, ${kmod} (OpenWrt`, "RHEL 10: kernel-modules-extra", "(Debian)", "(Alpine)"]
    ) {
      assertStringIncludes(kernel.message, part);
    }
  });
}

Deno.test("an extension that only foreign rules use is reported by its name", () => {
  for (
    const text of [
      "Couldn't load match `geoip':No such file or directory",
      "Warning: Extension geoip revision 0 not supported, missing kernel module?",
      "Couldn't load match `constructor':No such file or directory",
    ]
  ) {
    const { kind, message } = explain(text, "");
    assertEquals([kind, /`(geoip|constructor)`/.test(message)], ["module", true], message);
    assertEquals(message.includes("undefined"), false);
  }
});

Deno.test("a rule of nft that iptables 1.8.11 cannot read is reported as such, not as a refused change", () => {
  const said = "iptables-nft-save v1.8.11 (nf_tables): Parsing nftables rule failed\n";
  assertEquals(
    explain(said, "").message,
    "the nft tool wrote a rule that iptables cannot read",
  );
});

Deno.test("each refusal is told in the same words, whatever else iptables printed", () => {
  const root = "this needs root (CAP_NET_ADMIN and CAP_NET_RAW)";
  const backend =
    "the kernel has no support for this backend of iptables: try --backend nft or --backend legacy";
  const words: readonly (readonly [said: string, kind: FailureKind, message: string])[] = [
    ["you must be root", "not-root", root],
    ["Operation not permitted", "not-root", root],
    ["can't open lock file /run/xtables.lock: Permission denied", "not-root", root],
    [
      "Address family not supported by protocol",
      "no-family",
      "the kernel has this address family switched off",
    ],
    [
      "Another app is currently holding the xtables lock",
      "locked",
      "another program holds iptables' lock (/run/xtables.lock)",
    ],
    ["Table does not exist (do you need to insmod?)", "module", backend],
    ["Failed to initialize nft: Invalid argument", "module", backend],
    ["Protocol not supported", "module", backend],
    [
      "Table `filter' is incompatible, use 'nft' tool.",
      "refused",
      "the nft tool changed table filter in a way that iptables cannot read",
    ],
    [
      "Parsing nftables rule failed",
      "refused",
      "the nft tool wrote a rule that iptables cannot read",
    ],
    ["line 2 failed", "refused", "iptables refused the change"],
    ["Permission denied", "refused", "iptables refused the change"],
  ];
  for (const [said, kind, message] of words) {
    for (const text of [said, `iptables v1.8.9: ${said}\nTry \`iptables -h'\n`]) {
      assertEquals(explain(text, "status 1"), { kind, message, raw: text.trim() });
    }
  }
  // The first of them that is said is the reason.
  const [first] = words[0]!;
  for (const [said] of words) {
    assertEquals(explain(`${said}\n${first}`, "").kind, "not-root", said);
  }
});
