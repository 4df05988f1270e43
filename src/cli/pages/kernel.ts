import type { Block } from "./page.ts";

/** What `pktables help kernel` and the manual say about chains, rules and timed doors. */
export const KERNEL: readonly Block[] = [
  {
    text: "A service is a chain pk-NAME in table filter and a jump to it in INPUT, for IPv4 and " +
      "IPv6 alike. Nothing survives a reboot: load the rules file at boot (`pktables unit`).",
  },
  { heading: "Rules" },
  {
    code: [
      "# the jump: one port or range",
      "-A INPUT -p tcp -m tcp --dport 22 --syn -j pk-ssh",
      "# several ports; `on eth0` in the file",
      "-A INPUT -i eth0 -p udp -m multiport --dports 500,4500 -j pk-vpn",
      "# established",
      "-A pk-vpn -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "# an address that a rules file allows",
      "-A pk-vpn -s 203.0.113.0/24 -m comment --comment pk-allow -j ACCEPT",
      "# a door",
      "-A pk-ssh -s 203.0.113.9/32 -j ACCEPT",
      "# a timed door",
      "-A pk-ssh -s 198.51.100.7/32 -m time --datestop 2030-01-02T03:04:05 -j ACCEPT",
      "# the log, with a limit",
      "-A pk-vpn -m limit --limit 10/minute --limit-burst 5 -j LOG --log-level 4",
      "# the policy",
      "-A pk-ssh -j DROP",
    ],
  },
  {
    text:
      "`iptables -S` prints some of this in other words (--syn as --tcp-flags, defaults not at " +
      "all); pktables compares rules by their meaning. A multiport rule holds 15 ports, a range " +
      "counts twice; a service with more ports has several jumps.",
  },
  {
    text: "Order in a chain: established, then allowed addresses and doors by address, then the " +
      "log, then the policy. So the log records what was not let in.",
  },
  { heading: "The place of the jump" },
  {
    text: "A new jump goes to the end of INPUT, or directly ahead of the first rule there that " +
      "would decide the packet of an outsider, an address that no rule names; the command names " +
      "that rule. Typical ones are the ACCEPT of port 22 that the knock replaces, and the REJECT " +
      "at the end of the rules of Debian and RHEL.",
  },
  {
    text: "Rules for some sources or another interface stay ahead of it, so bans and trusted " +
      "networks keep working. Those that end up behind it are named, because the addresses that " +
      "they accept now need a door. If it is unknown whether a rule decides, the jump goes behind " +
      "it, and the rule is named.",
  },
  {
    text:
      "--append puts the jump at the end in any case. A jump that exists keeps its place, even " +
      "if its ports change; `load --move` and `init --replace --move` move it too. Duplicate jumps " +
      "become one. Jumps that are not in the order of the file are left that way, and load and diff report " +
      "it. A jump with further matches (a source, a limit, -g) stays as it is unless " +
      "--replace is given, because the plain jump would match more packets.",
  },
  {
    text: "Afterwards init, load and list look at what an outsider's packet meets in all tables, " +
      "and warn if a door would open or close nothing.",
  },
  { heading: "How it is changed" },
  {
    text:
      "One command is one iptables-restore transaction per family: the kernel takes all of it " +
      "or nothing. If both families change, both are tested before the first is written (`load` " +
      "leaves out the test, to keep the boot short), and if the second is refused after all, the " +
      "first is put back.",
  },
  {
    text: "Only what differs is written. A chain is never emptied to be filled again, rules are " +
      "deleted by their text and never by number, and rules that stay keep their counters. A " +
      "rule that has to move keeps them too, except with ip6tables-nft 1.8.9, which cannot " +
      "set them.",
  },
  {
    text:
      "An address that a rules file allows has the comment pk-allow, which only `load` writes. " +
      "Every other ACCEPT of one address in the chain is a door, whoever made it; `load` keeps " +
      "doors until they expire. A door for everyone has the comment pk-door.",
  },
  { heading: "Rules of other programs" },
  {
    text: "Everything outside of pk- chains and the jumps to them stays as it is, byte for byte. " +
      "If ufw or a script flushes INPUT, run `pktables load` or `pktables init` after it: both put " +
      "back the jump, and the policy if it is gone. Doors stay unless their chain was flushed.",
  },
  {
    text:
      "A chain pk-NAME with `-s ADDRESS -j ACCEPT` rules and a DROP at its end, and a jump to " +
      "it in INPUT, is a service, whoever made it. To move a chain of another name, make the " +
      "service, add its addresses, then delete the old jump and chain.",
  },
  {
    text:
      "In a pk- chain, rules that pktables does not understand keep their place and are never " +
      "rewritten. If one of them decides every packet differently from the policy (-p tcp -j ACCEPT " +
      "at the top, a bare RETURN), `load` warns and `diff` counts it as a difference. Doors behind " +
      "a rule that takes every packet are dead: `load`, and `add` of the same address, move them " +
      "ahead of it and say so.",
  },
  {
    text: "iptables may show only the verdict of a rule that nft added to such a chain. pktables " +
      "then asks nft, and refuses if nft is missing or the table holds what iptables cannot show.",
  },
  { heading: "Knocks that the kernel hears" },
  {
    text:
      "A knock `by kernel` is a chain pk-NAME.N and jumps to it for the ports of the knock and 16 " +
      "on either side of each. Its rules keep addresses on lists of xt_recent: one for each step, and " +
      "one of those who have knocked, by which a rule of pk-NAME (-m recent --rcheck --seconds) lets them in.",
  },
  {
    text:
      "Packets of a knock continue to the rules that follow. `list` shows such doors, `delete` removes an " +
      "address from the list. A list holds 100 addresses (ip_list_tot of the module xt_recent); with " +
      "more, or a flood of forged first knocks, the oldest are forgotten. To raise the limit: `options " +
      "xt_recent ip_list_tot=1000` in /etc/modprobe.d/xt_recent.conf, before the module is loaded.",
  },
  { heading: "Unconfirmed rules" },
  {
    text:
      "With --confirm the new rules of a service are in a chain pk.NAME, and a jump that expires " +
      "(-m time --datestop) goes ahead of the old one; the last rule of pk-NAME, which no packet " +
      "reaches, names that time as well. After it the kernel takes the old jump. `confirm` writes " +
      "the new rules into pk-NAME; the next command of any kind removes what was not confirmed.",
  },
  { heading: "How a timed door ends" },
  {
    text:
      "The kernel compares each packet with the end in the rule (xt_time, in UTC). The door is " +
      "open until the end of the second that `list --json` shows, and then closed, whether or not " +
      "knockd, pktables or anything else is still running. The rule stays, shown as expired, until the " +
      "next command that changes the service, or `pktables sweep`.",
  },
  {
    text: "The kernel's clock decides: set back, it keeps a door open longer; set forward, it " +
      "closes it earlier. If the clock was never set (before 2020) --for is refused. The latest " +
      "end is 2038-01-19T03:14:06Z, the limit of xt_time.",
  },
  {
    text: "A closed door stops new packets. Open connections continue with `syn` (--syn) or " +
      "`established`; without either, they are cut.",
  },
  { heading: "Knocks that the kernel hears: nft and restarts" },
  {
    text:
      "A knock `by kernel` is rules with `-m recent` in a chain pk-NAME.1, and a list of addresses in " +
      "/proc/net/xt_recent for each step and for the door. nft can show such rules, but not read them: " +
      "what `nft list ruleset` prints of them is refused as a whole by `nft -f`. So keep the rules " +
      "file and `pktables load` at boot, or iptables-save, not a copy of the ruleset in nftables.conf.",
  },
  {
    text:
      "The lists live in memory: a restart closes all such doors. They belong to the place of a knock " +
      "in its service. If a knock ahead of another one is removed, `load` closes its doors, and those " +
      "who came in by the other may have to knock again.",
  },
];
