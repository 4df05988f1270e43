import type { Code } from "./code.ts";

function warning(code: string, entry: Omit<Code, "code" | "severity">): Code {
  return { code, severity: "warning", ...entry };
}

/** What goes wrong with a knockd.conf in practice, told by `pktables knockd --check`: PK080 onwards. */
export const KNOCKD_CODES = {
  knockdRefuses: warning("PK080", {
    title: "knockd does not start with this line",
    text:
      "knockd 0.8 ends on the first line that it does not know. A service manager may restart it " +
      "again and again; no knock is heard meanwhile.",
    wrong: "[open ssh]\n    sequense = 7000,8000,9000",
    right: "[open ssh]\n    sequence = 7000,8000,9000",
  }),
  knockdPort: warning("PK081", {
    title: "a sequence has a port outside 1-65535",
    text:
      "No packet can be sent to such a port. knockd does not start with a larger number, and reads " +
      "what is no number as port 0, so that the knock can never be right.",
    wrong: "sequence = 7000,80000,9000",
    right: "sequence = 7000,8000,9000",
  }),
  knockdUnknownService: warning("PK082", {
    title: "a command names a service that the rules file does not have",
    text:
      "The command ends with status 4 and opens nothing. Most often the service was renamed in the " +
      "rules file but not in knockd.conf.",
    wrong: "command = /usr/local/bin/pktables add %IP% --service shs",
    right: "command = /usr/local/bin/pktables add %IP% --service ssh",
  }),
  knockdTimer: warning("PK083", {
    title: "the door is shut by a timer of knockd",
    text:
      "knockd sleeps cmd_timeout seconds in a child and then runs stop_command. If that child is " +
      "ended, as a stop of the service does, the door stays open for good; and a second knock does " +
      "not extend the first. With --for the kernel itself shuts the door.",
    wrong:
      "start_command = pktables add %IP% --service ssh\ncmd_timeout = 30\nstop_command = pktables delete %IP% --service ssh",
    right: "command = pktables add %IP% --service ssh --for 30s",
  }),
  knockdRawIptables: warning("PK084", {
    title: "a command calls iptables itself",
    text:
      "Such a rule is written twice by two knocks and removed once, stands ahead of or behind the " +
      "others by chance, and has no end of its own. pktables cannot take care of what it did not make.",
    wrong: "command = /sbin/iptables -I INPUT -s %IP% -p tcp --dport 22 -j ACCEPT",
    right: "command = /usr/local/bin/pktables add %IP% --service ssh --for 30s",
  }),
  knockdNoProgram: warning("PK085", {
    title: "there is no program at this path",
    text:
      "knockd runs the command by a shell, which finds nothing there: the knock is right and the " +
      "door stays shut. A name without a path is looked for in the PATH that knockd was started with.",
    wrong: "command = /opt/pktables add %IP% --service ssh",
    right: "command = /usr/local/bin/pktables add %IP% --service ssh",
  }),
  knockdSameSequence: warning("PK086", {
    title: "two sections have the same sequence",
    text:
      "Whoever knocks one knocks the other: both commands run, at the same time and in no order.",
    wrong: "[open ssh]\n    sequence = 7000,8000,9000\n[close ssh]\n    sequence = 7000,8000,9000",
    right: "[open ssh]\n    sequence = 7000,8000,9000\n[close ssh]\n    sequence = 9000,8000,7000",
  }),
  knockdPrefix: warning("PK087", {
    title: "a sequence is the start of another",
    text: "Whoever knocks the longer one has knocked the shorter on the way: both commands run.",
    wrong: "[open ssh]\n    sequence = 7000,8000\n[open vpn]\n    sequence = 7000,8000,9000",
    right: "[open ssh]\n    sequence = 7000,8000,9100\n[open vpn]\n    sequence = 7000,8000,9000",
  }),
  knockdNoAddress: warning("PK088", {
    title: "a command has no %IP%",
    text:
      "knockd puts the visitor's address in place of %IP%, in capitals; any other spelling stays " +
      "as it is. Without it the same address is let in, whoever knocks, or none.",
    wrong: "command = /usr/local/bin/pktables add %ip% --service ssh",
    right: "command = /usr/local/bin/pktables add %IP% --service ssh",
  }),
} as const satisfies Record<string, Code>;
