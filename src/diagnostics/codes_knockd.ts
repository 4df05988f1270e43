import type { Code } from "./code.ts";

function warning(code: string, entry: Omit<Code, "code" | "severity">): Code {
  return { code, severity: "warning", ...entry };
}

function error(code: string, entry: Omit<Code, "code" | "severity">): Code {
  return { code, severity: "error", ...entry };
}

/** Practical problems of a knockd.conf, reported by `pktables knockd --check`: PK080 onwards. */
export const KNOCKD_CODES = {
  knockdRefuses: warning("PK080", {
    title: "knockd does not start with this line",
    text:
      "knockd 0.8 exits on the first line that it does not know. A service manager may restart it " +
      "again and again; no knock is heard meanwhile.",
    wrong: "[open ssh]\n    sequense = 7000,8000,9000",
    right: "[open ssh]\n    sequence = 7000,8000,9000",
  }),
  knockdPort: warning("PK081", {
    title: "invalid port in a sequence",
    text:
      "No packet can be sent to such a port. knockd does not start with a larger number, and reads " +
      "anything else as port 0, so that the knock can never succeed.",
    wrong: "sequence = 7000,80000,9000",
    right: "sequence = 7000,8000,9000",
  }),
  knockdUnknownService: warning("PK082", {
    title: "a command names a service that the rules file does not have",
    text:
      "The command exits with status 4 and opens nothing. Most often the service was renamed in the " +
      "rules file but not in knockd.conf.",
    wrong: "command = /usr/local/bin/pktables add %IP% --service shs",
    right: "command = /usr/local/bin/pktables add %IP% --service ssh",
  }),
  knockdTimer: warning("PK083", {
    title: "the door is closed by a timer of knockd",
    text:
      "knockd sleeps cmd_timeout seconds in a child and then runs stop_command. If that child is " +
      "killed, as stopping the service does, the door stays open forever; and a second knock does " +
      "not extend the first. With --for the kernel itself closes the door.",
    wrong:
      "start_command = /usr/local/bin/pktables add %IP% --service ssh\ncmd_timeout = 30\nstop_command = /usr/local/bin/pktables delete %IP% --service ssh",
    right: "command = /usr/local/bin/pktables add %IP% --service ssh --for 30s",
  }),
  knockdRawIptables: warning("PK084", {
    title: "a command calls iptables or another firewall",
    text: "Such a rule is written twice by two knocks and removed once, is before or after the " +
      "others by chance, and does not expire. pktables cannot manage what it did not " +
      "create: `pktables add` opens the door for as long as --for says, `pktables delete` closes it. " +
      "`pktables import` writes the rules file for a knockd.conf of such commands.",
    wrong: "command = /sbin/iptables -I INPUT -s %IP% -p tcp --dport 22 -j ACCEPT",
    right: "command = /usr/local/bin/pktables add %IP% --service ssh --for 30s",
  }),
  knockdNoProgram: warning("PK085", {
    title: "no program at this path",
    text:
      "knockd runs the command by a shell, which finds nothing there: the knock succeeds and the " +
      "door stays closed. A name without a path is looked up in the PATH that knockd was started with.",
    wrong: "command = /opt/pktables add %IP% --service ssh",
    right: "command = /usr/local/bin/pktables add %IP% --service ssh",
  }),
  knockdSameSequence: warning("PK086", {
    title: "two sections have the same sequence",
    text:
      "A knock of one is a knock of the other: both commands run, at the same time and in no order.",
    wrong: "[open ssh]\n    sequence = 7000,8000,9000\n[close ssh]\n    sequence = 7000,8000,9000",
    right: "[open ssh]\n    sequence = 7000,8000,9000\n[close ssh]\n    sequence = 9000,8000,7000",
  }),
  knockdPrefix: warning("PK087", {
    title: "a sequence is the start of another",
    text: "The longer one includes the shorter: both commands run.",
    wrong: "[open ssh]\n    sequence = 7000,8000\n[open vpn]\n    sequence = 7000,8000,9000",
    right: "[open ssh]\n    sequence = 7000,8000,9100\n[open vpn]\n    sequence = 7000,8000,9000",
  }),
  knockdNoAddress: warning("PK088", {
    title: "a command has no %IP%",
    text:
      "knockd puts the visitor's address in place of %IP%, in capitals; any other spelling stays " +
      "as it is. Without it the same address is let in for every knock, or none.",
    wrong: "command = /usr/local/bin/pktables add %ip% --service ssh",
    right: "command = /usr/local/bin/pktables add %IP% --service ssh",
  }),
  knockdBadCommand: error("PK089", {
    title: "pktables refuses this command",
    text:
      "The words were read as pktables reads its command line when knockd calls it, with an address " +
      "in place of %IP%. It would exit with status 2 and open nothing, and knockd would not show why.",
    wrong: "command = /usr/local/bin/pktables add %IP% --service ssh --for 8hours",
    right: "command = /usr/local/bin/pktables add %IP% --service ssh --for 8h",
  }),
  knockdOpensEverybody: warning("PK090", {
    title: "a command opens a port to everyone",
    text:
      "Without %IP% the rule is not about the visitor: after one right knock the port is open to " +
      "everyone until the rule is removed.",
    wrong: "command = /sbin/iptables -I INPUT -p tcp --dport 22 -j ACCEPT",
    right: "command = /usr/local/bin/pktables add %IP% --service ssh --for 30s",
  }),
  knockdByNumber: warning("PK091", {
    title: "a command deletes a rule by its number",
    text:
      "Numbers change with every rule that is added or removed ahead of it. By the time the command " +
      "runs, the number may be that of another visitor's door, or of the rule that blocks everyone.",
    wrong: "command = /sbin/iptables -D INPUT 1",
    right: "command = /usr/local/bin/pktables delete %IP% --service ssh",
  }),
  knockdFlags: warning("PK092", {
    title: "a knock does not have these TCP flags",
    text:
      "knockd takes a packet only if it has all the flags that tcpflags names. The packets that open " +
      "a connection, which is what knock(1) and every other client send, have SYN and no other.",
    wrong: "tcpflags = syn,ack",
    right: "tcpflags = syn",
  }),
  knockdRising: warning("PK093", {
    title: "a port scan opens the door",
    text:
      "knockd hears only the ports of its sequences, so a scan that counts upwards knocks rising " +
      "ports in the right order, whatever it tries in between. Let the ports go up and down, and " +
      "mix tcp and udp.",
    wrong: "sequence = 7001,8022,9003",
    right: "sequence = 8022:udp,7001,9003",
  }),
  knockdFamous: warning("PK094", {
    title: "the sequence is a published example",
    text: "The sequences of knockd's manual and of its packaged configuration are the first that " +
      "anyone tries.",
    wrong: "sequence = 7000,8000,9000",
    right: "sequence = 8143:udp,7311,9127",
  }),
  knockdTime: warning("PK095", {
    title: "too little time for a knock",
    text: "knockd counts whole seconds and gives up a knock after seq_timeout of them: with 1 a " +
      "knock fails whenever the clock reaches the next second meanwhile, with 0 always.",
    wrong: "seq_timeout = 1",
    right: "seq_timeout = 5",
  }),
  knockdReadable: warning("PK096", {
    title: "the knocks are readable by everyone",
    text:
      "Whoever reads the file knows the knock. Packages install knockd.conf with mode 644; knockd runs " +
      "as root and needs no more than 600.",
    wrong: "-rw-r--r-- 1 root root /etc/knockd.conf",
    right: "-rw------- 1 root root /etc/knockd.conf      (chmod 600 /etc/knockd.conf)",
  }),
  knockdUnsaid: warning("PK097", {
    title: "a rules file cannot express this",
    text: "A rules file says which service opens to a knock. It cannot express other programs, " +
      "ports opened to everyone, chains other than INPUT, or commands that were not understood. " +
      "`pktables import` leaves these out; a section of knockd.conf can still do them.",
    wrong: "command = /root/open.sh %IP%",
    right: "command = /sbin/iptables -I INPUT -s %IP% -p tcp --dport 22 -j ACCEPT",
  }),
} as const satisfies Record<string, Code>;
