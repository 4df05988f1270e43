import type { Code } from "./code.ts";

function error(code: string, entry: Omit<Code, "code" | "severity">): Code {
  return { code, severity: "error", ...entry };
}

/** Errors in the meaning of a file whose syntax is valid: PK020 to PK059. */
export const SEMANTIC_CODES = {
  duplicateName: error("PK020", {
    title: "duplicate name",
    text:
      "Each service makes the chain `pk-NAME`, and each `define` a list: one name, one thing. " +
      "A service and a `define` may share a name. Files that are included count as one.",
    wrong: "service ssh tcp 22\nservice ssh tcp 2222",
    right: "service ssh tcp 22\nservice ssh-alt tcp 2222",
  }),
  undefinedName: error("PK021", {
    title: "unknown list",
    text:
      "A name in a list of addresses refers to a `define` in this file, in one that includes it " +
      "or in one that is included. It may be defined further down.",
    wrong: "define office = 203.0.113.0/24\nservice ssh tcp 22 allow offcie",
    right: "define office = 203.0.113.0/24\nservice ssh tcp 22 allow office",
  }),
  circularDefine: error("PK022", {
    title: "a `define` contains itself",
    text: "Lists may contain lists, but none may contain itself, directly or through others.",
    wrong: "define a = b\ndefine b = a\nservice ssh tcp 22 allow a",
    right: "define a = b\ndefine b = 10.0.0.1\nservice ssh tcp 22 allow a",
  }),
  includeMissing: error("PK023", {
    title: "no such file to include",
    text:
      "A path is taken from the folder of the file that includes it. A path without `*`, `?` or " +
      "`[` must exist; a glob may match nothing.",
    wrong: 'include "servcies/ssh.pk"',
    right: 'include "services/ssh.pk"',
  }),
  includeCircular: error("PK024", {
    title: "a file includes itself",
    text: "A file may not include itself, directly or through others.",
    wrong: 'include "rules.pk"    # in rules.pk itself',
    right: 'include "services/*.pk"',
  }),
  unreadable: error("PK025", {
    title: "a file cannot be read",
    text: "The file does not exist, is not a regular file, or may not be " +
      "read by this user.",
    wrong: 'include "services"',
    right: 'include "services/*.pk"',
  }),
  includeTooDeep: error("PK026", {
    title: "includes are nested more than 16 deep",
    text: "Files that include files may be nested at most 16 deep.",
    wrong: 'include "level-17.pk"    # in level-16.pk',
    right: 'include "all/*.pk"       # in rules.pk',
  }),
  tooManyAddresses: error("PK027", {
    title: "more than 65,536 addresses",
    text:
      "After all names are expanded, a rules file may hold at most 65,536 addresses over all its " +
      "services. Use an ipset for longer lists, not a chain that each packet traverses.",
    wrong: "(a service that allows 70,000 single addresses)",
    right: "service ssh tcp 22 allow 10.0.0.0/8",
  }),
  portOutOfRange: error("PK028", {
    title: "invalid port",
    text: "Ports are numbers from 1 to 65535; 0 is reserved and no packet can be sent to it.",
    wrong: "service web tcp 80, 70000",
    right: "service web tcp 80, 7000",
  }),
  portRangeBackwards: error("PK029", {
    title: "reversed port range",
    text: "A range starts with its smaller port; both ends belong to it.",
    wrong: "service web tcp 8010-8000",
    right: "service web tcp 8000-8010",
  }),
  synOnUdp: error("PK030", {
    title: "`syn` on udp",
    text: "SYN is a flag of TCP; UDP has no connections that a packet could open.",
    wrong: "service vpn udp 500 syn",
    right: "service vpn udp 500",
  }),
  repeatedOption: error("PK031", {
    title: "duplicate option",
    text:
      "Only `allow` and `knock` may repeat. There is one policy, and one family narrows a service.",
    wrong: "service ssh tcp 22 drop on eth0 on eth1",
    right: "service ssh tcp 22 drop on eth0",
  }),
  hostBits: error("PK032", {
    title: "an address has host bits set",
    text:
      "In a network's address all bits after the prefix are zero. Either the host is meant, or the " +
      "network; the kernel would silently take the network.",
    wrong: "service ssh tcp 22 allow 10.0.0.5/24",
    right: "service ssh tcp 22 allow 10.0.0.0/24",
  }),
  familyExcluded: error("PK033", {
    title: "an address of a family that the service leaves out",
    text: "A service narrowed by `ipv4` or `ipv6` has no chain in the other family in which the " +
      "address could be.",
    wrong: "service ssh tcp 22 ipv4 allow 2001:db8::1",
    right: "service ssh tcp 22 allow 2001:db8::1",
  }),
  badName: error("PK034", {
    title: "invalid name",
    text: "A name is a letter, then letters, digits, `-` and `_`. A service name " +
      "has at most 25 characters, because the kernel takes 28 for the chain `pk-NAME`.",
    wrong: "service web.1 tcp 80",
    right: "service web-1 tcp 80",
  }),
  badInterface: error("PK035", {
    title: "invalid interface name",
    text:
      "The kernel takes 1 to 15 printable characters without spaces, slashes, colons or `!`. A `+` at the " +
      "end matches any further characters.",
    wrong: "service ssh tcp 22 on enterprise-uplink0",
    right: "service ssh tcp 22 on enterprise+",
  }),
  badLogPrefix: error("PK036", {
    title: "invalid log prefix",
    text: "The kernel silently cuts a log prefix after 29 bytes, and a control character in it " +
      "could forge lines in a log. An empty one has no effect: leave `prefix` out.",
    wrong: 'service ssh tcp 22 log prefix "everything that knocked on ssh"',
    right: 'service ssh tcp 22 log prefix "ssh refused "',
  }),
  zeroCount: error("PK037", {
    title: "invalid `burst` or `limit`",
    text: "A limit is at least 1 in its unit and at most 10000/second; a burst is 1 to 10000.",
    wrong: "service ssh tcp 22 log limit 0/minute",
    right: "service ssh tcp 22 log limit 1/minute",
  }),
  badLogLevel: error("PK038", {
    title: "unknown log level",
    text:
      "The levels are those of syslog: emerg, alert, crit, error, warning, notice, info, debug.",
    wrong: "service ssh tcp 22 log level verbose",
    right: "service ssh tcp 22 log level debug",
  }),
  durationOutOfRange: error("PK039", {
    title: "duration out of range",
    text:
      "A duration is at least one second, and a timed door must end before 2038-01-19T03:14:07 " +
      "UTC, the last second that the kernel's time match can hold. With `by kernel` it is at most " +
      "24 days: xt_recent counts ticks of the kernel's clock, and not every machine's counter holds " +
      "more.",
    wrong: "service vpn udp 500 knock 8001, 7001, 9001 for 0s",
    right: "service vpn udp 500 knock 8001, 7001, 9001 for 8h",
  }),
  badOnceFile: error("PK045", {
    title: "invalid path of one-time sequences",
    text: "The path must be absolute: it starts with `/`. knockd.conf " +
      "holds it on one line and cannot quote it: no blanks at its ends and no control characters. " +
      "`pktables sequences 50 --output FILE` writes such a file.",
    wrong: 'service ssh tcp 22 knock once "ssh.once" for 8h',
    right: 'service ssh tcp 22 knock once "/etc/knockd/ssh.once" for 8h',
  }),
  wrongExpectation: error("PK046", {
    title: "an expectation that the file does not meet",
    text:
      "The packet was sent through the rules of the file as `compile` writes them, on a machine " +
      "that has no other rules and accepts what reaches the end of INPUT. `load` and `diff` use " +
      "the rules of the machine instead, as they will be.",
    wrong: "service ssh tcp 22 drop\nexpect tcp 22 from 192.0.2.1 accept",
    right: "service ssh tcp 22 drop\n    allow 192.0.2.1\nexpect tcp 22 from 192.0.2.1 accept",
  }),
  noPacket: error("PK047", {
    title: "an impossible expectation",
    text:
      "`expect` is about one packet from each address of `from`: it is sent to one address of the " +
      "same family, and comes in on one interface.",
    wrong: "expect tcp 22 from 192.0.2.1 to 2001:db8::1 accept",
    right: "expect tcp 22 from 192.0.2.1 to 198.51.100.1 accept",
  }),
  kernelKnockWithoutEnd: error("PK055", {
    title: "a knock `by kernel` without `for`",
    text:
      "The kernel keeps a list of who has knocked, with the time of the last knock, and checks how " +
      "long ago that was. Without `for` there is nothing to compare it with.",
    wrong: "service ssh tcp 22 knock 7003, 8022:udp, 7001 by kernel",
    right: "service ssh tcp 22 knock 7003, 8022:udp, 7001 for 8h by kernel",
  }),
  onceByKernel: error("PK056", {
    title: "one-time sequences `by kernel`",
    text:
      "The kernel hears a knock by rules that name its ports. A file of one-time sequences is read, " +
      "and marked line by line, by knockd alone.",
    wrong: 'service ssh tcp 22 knock once "/etc/knockd/ssh.once" for 8h by kernel',
    right: 'service ssh tcp 22 knock once "/etc/knockd/ssh.once" for 8h by knockd',
  }),
} as const satisfies Record<string, Code>;
