// What lines of iptables and ufw in a knockd.conf say, word by word.
import { assertEquals } from "@std/assert";
import type { ForeignRule } from "../../src/knockd/foreign_call.ts";
import { readIptables } from "../../src/knockd/foreign_iptables.ts";
import { nameOfPort, readForeignPorts } from "../../src/knockd/foreign_ports.ts";
import { readUfw } from "../../src/knockd/foreign_ufw.ts";
import type { ShellWord } from "../../src/knockd/shell.ts";

function words(line: string): ShellWord[] {
  return [...line.matchAll(/\S+/g)].map(({ 0: text, index }) => ({
    text,
    start: index,
    end: index + text.length,
    expands: false,
  }));
}

/** A rule in few words. */
function brief(rule: ForeignRule): string {
  const { does, byNumber, source, protocol, ports, syn, unsaid } = rule;
  return [
    does ?? "nothing",
    ...(byNumber === null ? [] : [`#${byNumber.text}`]),
    ...(source === null ? [] : [`from ${source}`]),
    ...(rule.interface === null ? [] : [`on ${rule.interface}`]),
    ...(protocol === null ? [] : [protocol]),
    ...(ports === null ? [] : [ports.map(({ from, to }) => from === to ? from : `${from}-${to}`)]),
    ...(syn ? ["syn"] : []),
    ...unsaid.map(({ word, why }) => `(${word.text} ${why})`),
  ].join(" ");
}

const iptables = (line: string) => brief(readIptables(words(line), "iptables"));
const ufw = (line: string) => brief(readUfw(words(line)));

Deno.test("iptables: each option of a rule by each of its names", () => {
  const rest = "-s %IP% -p tcp --dport 22 -j ACCEPT";
  const opens = "opens from %IP% tcp 22";
  const same = [
    ...["-A INPUT", "--append INPUT", "-I INPUT", "--insert INPUT", "-I INPUT 3"].map((start) =>
      `${start} ${rest}`
    ),
    ..."-v,--verbose,-n,-4,-6,-w,--wait,-w 5,--wait 5".split(",").map((manner) =>
      `${manner} -A INPUT ${rest}`
    ),
    ..."tcp,udp,multiport,state,conntrack,comment".split(",").map((match) =>
      `-A INPUT -m ${match} ${rest}`
    ),
    `-A INPUT --match tcp ${rest}`,
    `-t filter -A INPUT ${rest}`,
    `--table filter -A INPUT ${rest}`,
    "-A INPUT --source %IP% --protocol TCP --destination-port 22 --jump ACCEPT",
    "-A INPUT --src %IP% -p tcp --dports ssh -j ACCEPT",
    "-A INPUT -s %IP% -p tcp --destination-ports 22 -j ACCEPT",
    `-A INPUT -m state --state NEW,ESTABLISHED ${rest}`,
    `-A INPUT -m conntrack --ctstate NEW ${rest}`,
    `-A INPUT -m comment --comment knock ${rest}`,
  ];
  for (const line of same) assertEquals(iptables(line), opens, line);
  assertEquals(iptables(`-A INPUT -i eth0 --syn ${rest}`), "opens from %IP% on eth0 tcp 22 syn");
  assertEquals(iptables(`-A INPUT --in-interface eth0 ${rest}`), "opens from %IP% on eth0 tcp 22");
});

Deno.test("iptables: deleting, flushing or a policy opens or closes the other way round", () => {
  const cases: readonly (readonly [line: string, says: string])[] = [
    ["-D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT", "closes from %IP% tcp 22"],
    ["--delete INPUT -s %IP% -j DROP", "opens from %IP%"],
    ["-A INPUT -s %IP% -j DROP", "closes from %IP%"],
    ["-A INPUT -s %IP% -j REJECT", "closes from %IP%"],
    ["-A INPUT -s %IP% -j LOG", "nothing from %IP%"],
    ["-A INPUT -s %IP%", "nothing from %IP%"],
    ["-s %IP% -j ACCEPT", "nothing from %IP%"],
    ["-D INPUT 3", "nothing #3"],
    ["-D INPUT 3 -j ACCEPT", "closes #3"],
    ["-F", "opens"],
    ["-F INPUT", "opens"],
    ["--flush other", "opens"],
    ["-P INPUT ACCEPT", "opens"],
    ["--policy INPUT DROP", "closes"],
    ["-L", "nothing (-L is not understood)"],
    // An option stands behind -F, which needs no chain.
    ["-F -w 5", "opens"],
    ["-F -t nat", "opens (nat is a table other than filter)"],
    ["-F INPUT OUTPUT", "opens (OUTPUT is not understood)"],
    ["-P FORWARD ACCEPT", "opens (FORWARD is a chain other than INPUT)"],
    ["-P INPUT", "nothing"],
    ["-P INPUT ACCEPT -w 5", "opens"],
    ["-P INPUT ACCEPT 5", "opens (5 is not understood)"],
  ];
  for (const [line, says] of cases) assertEquals(iptables(line), says, line);
});

Deno.test("iptables: what a rules file cannot express is reported with its word", () => {
  const cases: readonly (readonly [line: string, says: string])[] = [
    ["-A FORWARD -j ACCEPT", "opens (FORWARD is a chain other than INPUT)"],
    ["-t nat -A INPUT -j ACCEPT", "opens (nat is a table other than filter)"],
    ["-A INPUT -p icmp -j ACCEPT", "opens (icmp is neither tcp nor udp)"],
    ["-A INPUT -p all -j ACCEPT", "opens"],
    ["-A INPUT -p udp -j ACCEPT", "opens udp"],
    ["-A INPUT --dport xyzzy -j ACCEPT", "opens (xyzzy is not a known port)"],
    ["-A INPUT -m limit -j ACCEPT", "opens (limit is a match that a rules file cannot express)"],
    ["-A INPUT --state ESTABLISHED -j ACCEPT", "opens (ESTABLISHED accepts no new connections)"],
    ["-A INPUT ! -s %IP% -j ACCEPT", "opens from %IP% (! is not understood)"],
    ["-A", "nothing"],
    ["-A INPUT -s", "nothing"],
    ["-A INPUT -p", "nothing (-p is neither tcp nor udp)"],
    ["-A INPUT --dport", "nothing (--dport is not a known port)"],
    ["-A INPUT -m", "nothing (-m is a match that a rules file cannot express)"],
    ["-A INPUT -t", "nothing (-t is a table other than filter)"],
    ["-A INPUT --state", "nothing (--state accepts no new connections)"],
  ];
  for (const [line, says] of cases) assertEquals(iptables(line), says, line);
  assertEquals(readIptables([], "iptables").families, ["ipv4"]);
  assertEquals(readIptables([], "iptables-legacy").families, ["ipv4"]);
  assertEquals(readIptables([], "ip6tables").families, ["ipv6"]);
});

Deno.test("iptables: an option takes the words that belong to it, and none of the next", () => {
  // What no option takes is not understood; -w alone has a number that may be missing.
  for (const manner of ["-v", "--verbose", "-n", "-4", "-6", "--syn"]) {
    assertEquals(iptables(`${manner} 5`).includes("(5 is not understood)"), true, manner);
  }
  for (const wait of ["-w", "--wait"]) {
    assertEquals(iptables(`${wait} 5`), "nothing", wait);
    assertEquals(iptables(`${wait} 12 5`), "nothing (5 is not understood)", wait);
    assertEquals(iptables(`${wait} 5x`), "nothing (5x is not understood)", wait);
    assertEquals(iptables(`${wait} x5`), "nothing (x5 is not understood)", wait);
  }
  const one = "-A,--append,-I,--insert,-D,--delete,-F,--flush,-t,--table,-s,--source,--src,-p," +
    "--protocol,--dport,--dports,--destination-port,--destination-ports,-i,--in-interface,-m," +
    "--match,--state,--ctstate,--comment,-j,--jump";
  for (const option of one.split(",")) {
    const next = iptables(`${option} x y --syn`);
    assertEquals(next.includes("(y is not understood)"), true, option);
    assertEquals(next.includes("(x is not understood)"), false, option);
    assertEquals(/ syn\b/.test(next), true, option);
  }
  for (const insert of ["-A", "--append", "-I", "--insert"]) {
    assertEquals(iptables(`${insert} INPUT 12 -j ACCEPT`), "opens", insert);
    assertEquals(iptables(`${insert} INPUT 1x -j ACCEPT`), "opens (1x is not understood)", insert);
  }
  for (const del of ["-D", "--delete"]) {
    assertEquals(iptables(`${del} INPUT 12`), "nothing #12", del);
    assertEquals(iptables(`${del} INPUT x1`), "nothing (x1 is not understood)", del);
    assertEquals(iptables(`${del} INPUT 1x`), "nothing (1x is not understood)", del);
  }
  assertEquals(iptables("-A INPUT -m state --state RELATED,NEW -j ACCEPT"), "opens");
  assertEquals(
    iptables("-A INPUT -m state --state NEWER,RELATED -j ACCEPT"),
    "opens (NEWER,RELATED accepts no new connections)",
  );
});

Deno.test("ufw: rules with and without from, in any order of their parts", () => {
  const cases: readonly (readonly [line: string, says: string])[] = [
    ["allow from %IP% to any port 22 proto tcp", "opens from %IP% tcp 22"],
    ["allow proto udp from %IP% to any port 1194", "opens from %IP% udp 1194"],
    ["allow from %IP% to any port 22", "opens from %IP% 22"],
    [
      "allow from %IP% port 5 to any port 22",
      "opens from %IP% 22 (port is the visitor's own port)",
    ],
    ["allow from %IP%", "opens from %IP%"],
    ["allow from any to any port 22", "opens 22"],
    ["allow from %IP% to 192.0.2.1 port 22", "opens from %IP% 22 (192.0.2.1 is a destination)"],
    ["allow 22/tcp", "opens tcp 22"],
    ["allow 53/udp", "opens udp 53"],
    ["allow 53", "opens 53"],
    ["allow 80,443/tcp", "opens tcp 80,443"],
    ["allow ssh", "opens 22"],
    ["allow xyzzy", "opens (xyzzy is not a known port)"],
    ["allow 22/tcp 23/tcp", "opens tcp 22 (23/tcp is not understood)"],
    ["limit 22/tcp", "opens tcp 22"],
    ["deny from %IP%", "closes from %IP%"],
    ["reject from %IP%", "closes from %IP%"],
    ["delete allow from %IP% to any port 22", "closes from %IP% 22"],
    ["delete deny from %IP%", "opens from %IP%"],
    ["delete 4", "nothing #4"],
    ["insert 1 allow from %IP%", "opens from %IP%"],
    ["prepend allow from %IP%", "opens from %IP%"],
    ["--force rule allow in on eth0 from %IP%", "opens from %IP% on eth0"],
    ["allow from %IP% comment knocked", "opens from %IP%"],
    ["allow proto any from %IP%", "opens from %IP%"],
    ["allow proto esp from %IP%", "opens from %IP% (proto names neither tcp nor udp)"],
    [
      "allow from %IP% app OpenSSH",
      "opens from %IP% (app is not understood) (OpenSSH is not understood)",
    ],
    ["reset", "nothing (reset is not understood)"],
    ["status 22", "nothing (status is not understood) (22 is not understood)"],
    ["", "nothing"],
    ["allow from", "opens"],
    ["allow to", "opens"],
    ["allow port", "opens"],
    ["allow on", "opens"],
    ["allow proto", "opens (proto names neither tcp nor udp)"],
    ["allow in comment", "opens"],
    ["allow in 22/tcp", "opens tcp 22"],
    ["insert 3", "nothing"],
    ["insert 3 4", "nothing (4 is not understood)"],
    ["delete 4 5", "nothing #4 (5 is not understood)"],
    ["delete 4x", "nothing (4x is not understood)"],
    ["delete x4", "nothing (x4 is not understood)"],
    ["delete limit 22", "closes 22"],
    ["delete reject 22/udp", "opens udp 22"],
    ["allow from %IP% comment a b", "opens from %IP% (b is not understood)"],
    ["allow on eth0 eth1", "opens on eth0 (eth1 is not a known port)"],
    [
      "allow from %IP% port 5 6",
      "opens from %IP% (port is the visitor's own port) (6 is not understood)",
    ],
    ["allow from %IP% port", "opens from %IP% (port is the visitor's own port)"],
    ["allow to any port 22", "opens 22"],
    ["allow proto tcp to any port 22", "opens tcp 22"],
    ["allow proto udp proto any port 22", "opens udp 22"],
    ["allow from %IP% to any port ssh/udp", "opens from %IP% udp 22"],
    ["allow 22/esp", "opens (22/esp is not a known port)"],
    ["allow 22/tcp/udp", "opens udp (22/tcp/udp is not a known port)"],
    ["allow 22 --force", "opens 22"],
    ["allow from 10.0.0.1 22", "opens from 10.0.0.1 (22 is not understood)"],
    ["22 allow", "opens (22 is not understood)"],
  ];
  for (const [line, says] of cases) assertEquals(ufw(line), says, line);
  assertEquals(readUfw(words("allow 22")).families, ["ipv4", "ipv6"]);
});

Deno.test("names of ports are those of IANA, and the first one is returned", () => {
  const iana: Readonly<Record<string, number>> = {
    ...{ ftp: 21, ssh: 22, telnet: 23, smtp: 25, domain: 53, http: 80, pop3: 110, imap: 143 },
    ...{ ldap: 389, https: 443, submission: 587, imaps: 993, pop3s: 995, openvpn: 1194 },
    ...{ mysql: 3306, postgresql: 5432 },
  };
  for (const [name, port] of Object.entries(iana)) {
    assertEquals(readForeignPorts(name), [{ from: port, to: port }], name);
    assertEquals(nameOfPort(port), name);
  }
  assertEquals(readForeignPorts("www"), [{ from: 80, to: 80 }]);
  assertEquals(readForeignPorts("imap2"), [{ from: 143, to: 143 }]);
  assertEquals(nameOfPort(81), null);
  assertEquals(readForeignPorts("ssh,8000:8010"), [{ from: 22, to: 22 }, { from: 8000, to: 8010 }]);
  for (const text of ["constructor", "", "0", "ssh:http"]) {
    assertEquals(readForeignPorts(text), null, text);
  }
});
