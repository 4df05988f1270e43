import type { Block } from "./page.ts";

/** What `pktables help security` and the manual say. */
export const SECURITY: readonly Block[] = [
  {
    text: "pktables runs as root, often from knockd. It is one binary without a shell that loads " +
      "no code from the disk. Its rights are fixed when it is built (deno compile): no network, no " +
      "foreign functions, no prompts, no code cache, and no program other than those that " +
      "`pktables help files` lists.",
  },
  { heading: "Programs" },
  {
    text: "Programs are started by absolute path; PATH is never used. They get a cleared " +
      "environment, and are killed after a time limit.",
  },
  {
    text: "It may read files, because a rules file can be anywhere, and write them for `fmt` and " +
      "`compile`. Every verb that needs none gives up that right before it starts a program.",
  },
  { heading: "Locks" },
  {
    text:
      "A command that changes something holds an exclusive flock(2) on /run/pktables.lock, mode " +
      "0600, from reading the kernel to writing it, so that concurrent commands lose " +
      "nothing. A script can take part with flock(1). Where /run cannot be written (a user " +
      "namespace) the lock is in the private folder XDG_RUNTIME_DIR, never in a shared one.",
  },
  {
    text: "Every iptables-restore holds that lock too. SIGTERM, SIGINT and SIGHUP end it before " +
      "pktables ends. After SIGKILL of pktables the next command waits for it, so it never writes " +
      "behind another command. SIGKILL does not undo what iptables-restore was given, and one that " +
      "hangs forever keeps the lock until it is killed.",
  },
  { heading: "Input" },
  {
    text:
      "An address is read to its bytes and printed from them. Names, ports and log prefixes are " +
      "checked. A refused command changes nothing. Foreign text in rules and files is " +
      "printed without control characters.",
  },
  { heading: "IPv6" },
  {
    text:
      "If there is no ip6tables but the kernel has an IPv6 address or route other than ::1, a " +
      "command about both families is an error, because the port would stay open on IPv6; --ipv4 " +
      "leaves IPv6 alone. A machine without IPv6 is served with IPv4 and a note, unless --ipv6 asks " +
      "for it. At boot, before an interface is up, it is a note.",
  },
  { heading: "Boot" },
  {
    text: "The unit of `pktables unit systemd` keeps no capability but CAP_NET_ADMIN and " +
      "CAP_NET_RAW. `systemd-analyze security` rates its exposure at no more than 2 of 10.",
  },
  { heading: "What it cannot do" },
  {
    text: "A door lets in an address, and with it everyone behind the same NAT. A knock can be " +
      "overheard and repeated; it hides a service and does not replace passwords and keys. One-time " +
      "sequences (`pktables help sequences`) cannot be repeated.",
  },
  {
    text: "Anyone who is root, or may write the rules file or knockd.conf, can open any door.",
  },
  {
    text: "A rule ahead of the jump that takes a packet decides first; init, load, list and diff " +
      "say what an outsider meets. A service placed ahead of a rule for all interfaces closes its " +
      "port to the inner network too: write `on eth0`, or accept that network ahead of it.",
  },
  {
    text:
      "Open connections outlive their door with `syn` or `established`. A timed door depends on " +
      "the kernel's clock.",
  },
];
