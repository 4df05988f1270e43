// Commands of other firewall programs, as ufw(8) and iptables(8) read them.
import { assertEquals } from "@std/assert";
import { formatPort } from "../../src/firewall/port.ts";
import { readForeign } from "../../src/knockd/read_foreign.ts";
import { splitCommands } from "../../src/knockd/shell.ts";

/** What a command does: whether it opens, for which source, which ports, and what is lost. */
function read(line: string): string {
  const [program, ...args] = splitCommands(line)[0] ?? [];
  if (program === undefined) throw new TypeError(line);
  const setting = {
    key: "command",
    value: line,
    span: { file: "k", start: 0, end: line.length },
    keySpan: { file: "k", start: 0, end: 0 },
  };
  const call = readForeign({ setting, program, args, base: 0 });
  if (call === null) return "no firewall program";
  const ports = call.ports?.map((range) => formatPort(range)).join(",") ?? "all";
  return [
    call.byNumber === null ? call.does ?? "?" : `deletes number ${call.byNumber.text}`,
    call.source ?? "everybody",
    `${call.protocol ?? "both"} ${ports}${call.syn ? " syn" : ""}`,
    ...(call.interface === null ? [] : [`on ${call.interface}`]),
    ...(call.families.length === 2 ? [] : [...call.families]),
    ...call.unsaid.map(({ word, why }) => `\`${word.text}\` ${why}`),
  ].join("; ");
}

const UFW: readonly (readonly [line: string, does: string])[] = [
  ["allow from %IP% to any port 22 proto tcp", "opens; %IP%; tcp 22"],
  ["allow proto udp from %IP% to any port 1194", "opens; %IP%; udp 1194"],
  ["limit from %IP% to any port ssh", "opens; %IP%; both 22"],
  ["allow 22/tcp", "opens; everybody; tcp 22"],
  ["allow 53/udp", "opens; everybody; udp 53"],
  ["allow 6000:6007/tcp", "opens; everybody; tcp 6000-6007"],
  ["allow ssh", "opens; everybody; both 22"],
  ["--force delete allow from %IP% to any port 22", "closes; %IP%; both 22"],
  ["delete deny from %IP%", "opens; %IP%; both all"],
  ["deny from %IP% to any port 22", "closes; %IP%; both 22"],
  ["reject 22", "closes; everybody; both 22"],
  ["insert 1 allow from %IP% to any port 22", "opens; %IP%; both 22"],
  ["prepend allow from any to any port 22", "opens; everybody; both 22"],
  ["rule allow in on eth1 from %IP% to any port 22", "opens; %IP%; both 22; on eth1"],
  ["allow from %IP% comment 'a knock'", "opens; %IP%; both all"],
  ["--force delete 3", "deletes number 3; everybody; both all"],
  [
    "allow from %IP% port 999 to any port 22",
    "opens; %IP%; both 22; `port` is the visitor's own port",
  ],
  ["allow from %IP% to 10.0.0.1 port 22", "opens; %IP%; both 22; `10.0.0.1` is a destination"],
  ["allow proto esp from %IP%", "opens; %IP%; both all; `proto` names neither tcp nor udp"],
  ["allow proto any from %IP%", "opens; %IP%; both all"],
  ["allow OpenSSH", "opens; everybody; both all; `OpenSSH` is not a known port"],
  ["allow from %IP% away", "opens; %IP%; both all; `away` is not understood"],
  ["reload", "?; everybody; both all; `reload` is not understood"],
];

Deno.test("commands of ufw mean what ufw(8) does", () => {
  for (const [line, does] of UFW) assertEquals(read(`/usr/sbin/ufw ${line}`), does, line);
});

const IPTABLES: readonly (readonly [line: string, does: string])[] = [
  ["-A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT", "opens; %IP%; tcp 22"],
  ["-I INPUT 1 --src %IP% -p TCP --dport ssh --syn -j ACCEPT", "opens; %IP%; tcp 22 syn"],
  ["--insert INPUT --source %IP% -m multiport --dports 22,80 -j ACCEPT", "opens; %IP%; both 22,80"],
  ["-w 5 -v -n --wait -A INPUT -s %IP% -p all -j ACCEPT", "opens; %IP%; both all"],
  ["-A INPUT -s %IP% -m state --state NEW,ESTABLISHED -j ACCEPT", "opens; %IP%; both all"],
  ["-A INPUT -s %IP% -m comment --comment x -i eth0 -j DROP", "closes; %IP%; both all; on eth0"],
  ["-D INPUT -s %IP% -j ACCEPT", "closes; %IP%; both all"],
  ["-D INPUT -s %IP% -j REJECT", "opens; %IP%; both all"],
  ["--delete INPUT 3", "deletes number 3; everybody; both all"],
  ["-D INPUT '' -j ACCEPT", "closes; everybody; both all; `` is not understood"],
  ["-F", "opens; everybody; both all"],
  ["--flush doors", "opens; everybody; both all"],
  ["-P INPUT ACCEPT", "opens; everybody; both all"],
  ["--policy INPUT DROP", "closes; everybody; both all"],
  [
    "-t nat -A PREROUTING -j ACCEPT",
    "opens; everybody; both all; `nat` is a table other than filter; " +
    "`PREROUTING` is a chain other than INPUT",
  ],
  ["-A INPUT -p gre -j ACCEPT", "opens; everybody; both all; `gre` is neither tcp nor udp"],
  [
    "-A INPUT -p tcp --dport nowhere -j ACCEPT",
    "opens; everybody; tcp all; `nowhere` is not a known port",
  ],
  [
    "-A INPUT -m limit -j ACCEPT",
    "opens; everybody; both all; `limit` is a match that a rules file " +
    "cannot express",
  ],
  [
    "-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT",
    "opens; everybody; both all; " +
    "`ESTABLISHED` accepts no new connections",
  ],
  ["-A INPUT -s %IP% -j LOG", "?; %IP%; both all"],
  ["-A INPUT --frob -j ACCEPT", "opens; everybody; both all; `--frob` is not understood"],
  ["-L", "?; everybody; both all; `-L` is not understood"],
];

Deno.test("commands of iptables mean what iptables(8) does, in its own family alone", () => {
  for (const [line, does] of IPTABLES) {
    const [head, ...rest] = does.split("; `");
    const said = (family: string) => [`${head}; ${family}`, ...rest].join("; `");
    assertEquals(read(`iptables ${line}`), said("ipv4"), line);
    assertEquals(read(`/sbin/ip6tables-nft ${line}`), said("ipv6"), line);
  }
});

Deno.test("other firewall programs are named, and what they do is not guessed", () => {
  const unknown = (source: string, name: string) =>
    `?; ${source}; both all; \`${name}\` is not understood`;
  assertEquals(read("nft add element inet t s { %IP% }"), unknown("%IP%", "nft"));
  assertEquals(read("firewall-cmd --reload"), unknown("everybody", "firewall-cmd"));
  assertEquals(read("iptables-restore /etc/x"), unknown("everybody", "iptables-restore"));
  assertEquals(read("logger hello"), "no firewall program");
});
