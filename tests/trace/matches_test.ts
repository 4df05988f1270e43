import type { Question } from "../support/trace.ts";
import { checkMatches as check } from "../support/matches.ts";

const UDP: Question = { protocol: "udp", port: 53 };
const V6: Question = { family: "ipv6" };
const STANDING: Question = { established: true, from: "203.0.113.9" };

check("protocols are distinguished by name and by number", [
  ["-p tcp", {}, true],
  ["-p 6", {}, true],
  ["-p udp", {}, false],
  ["! -p udp", {}, true],
  ["-p all", {}, true],
  ["! -p tcp", UDP, true],
  ["-p ipv6-icmp", V6, false],
  ["-p nobodyknows", {}, null],
]);

check("a source holds for the addresses it names, and for no outsider", [
  ["-s 203.0.113.9/32", { from: "203.0.113.9" }, true],
  ["-s 203.0.113.0/24", { from: "203.0.113.9" }, true],
  ["-s 203.0.113.0/24", { from: "203.0.114.9" }, false],
  ["! -s 203.0.113.0/24", { from: "203.0.114.9" }, true],
  ["-s 203.0.0.9/255.0.0.255", { from: "203.7.8.9" }, true],
  ["-s 203.0.113.0/24", {}, false],
  ["! -s 203.0.113.0/24", {}, true],
  ["-s 0.0.0.0/0", {}, true],
  ["-s 0.0.0.0/1", {}, null],
  ["-s 224.0.0.0/3", {}, false],
  ["-s office.example.org", {}, null],
  ["-s 2001:db8::/32", { ...V6, from: "2001:db8::9" }, true],
  ["-s 2001:db8::/32", V6, false],
  ["-s 2000::/3", V6, true],
  ["-s fe80::/10", V6, false],
  ["-s 2000::/4", V6, null],
]);

check("a destination that is not known is one of this machine's", [
  ["-d 198.51.100.1/32", { destination: "198.51.100.1" }, true],
  ["-d 198.51.100.1/32", { destination: "198.51.100.2" }, false],
  ["-d 198.51.100.1/32", {}, null],
  ["-d 127.0.0.0/8", {}, false],
  ["-d 224.0.0.0/4", {}, false],
  ["-d 0.0.0.0/0", {}, true],
  ["-d ::1/128", V6, false],
]);

check("an unknown interface leaves a match on one open, but no outsider comes by lo", [
  ["-i eth0", {}, true],
  ["-i eth+", {}, true],
  ["-i br-lan", {}, false],
  ["! -i lo", {}, true],
  ["-i eth0", { interface: null }, null],
  ["-i lo", { interface: null }, false],
  ["-i lo", { interface: null, from: "127.0.0.1" }, true],
  ["-i +", { interface: null }, true],
  ['-i et"h0', {}, null],
  ["-o eth0", {}, false],
  ["! -o eth0", {}, null],
  ["-f", {}, false],
  ["! -f", {}, true],
]);

check("ports are numbers, ranges and lists, with and without a match of their own", [
  ["-p tcp -m tcp --dport 22", {}, true],
  ["-p tcp --dport 22", {}, true],
  ["-m state --state NEW -p tcp --dport 23", {}, false],
  ["-p tcp -m tcp ! --dport 22", {}, false],
  ["-p tcp -m tcp ! --dport 1:1023", { port: 1024 }, true],
  ["-p tcp -m tcp --dport 20:", {}, true],
  ["-p tcp -m tcp --dport ssh", {}, null],
  ["-p tcp -m multiport --dports 80,20:25", {}, true],
  ["-p tcp -m multiport ! --dports 80,443", {}, true],
  ["-p tcp -m multiport --ports 22", {}, true],
  ["-p tcp -m tcp --sport 1024:65535", {}, true],
  ["-p tcp -m tcp --sport 1:1023", {}, false],
  ["-p tcp -m tcp --sport 40000", {}, null],
  ["-p tcp -m tcp --sport 40000", { sourcePort: 40000 }, true],
  ["-p udp -m udp --dport 53", UDP, true],
  ["-p sctp -m sctp --dport 22", {}, false],
]);

check("a SYN opens a connection, an ACK belongs to one", [
  ["-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN", {}, true],
  ["-p tcp --syn", {}, true],
  ["-p tcp ! --syn", {}, false],
  ["-p tcp ! --syn", STANDING, true],
  ["-p tcp -m tcp --tcp-flags ALL NONE", {}, false],
  ["-p tcp -m tcp --tcp-flags ALL ACK", STANDING, null],
  ["-p tcp -m tcp --tcp-flags ACK ACK", STANDING, true],
  ["-p tcp -m tcp --tcp-option 5", {}, null],
  ["-p tcp -m tcpmss --mss 0:500", {}, null],
  ["-p tcp -m tcpmss --mss 0:500", STANDING, false],
]);

check("an outsider's packet is NEW, and neither ESTABLISHED nor INVALID", [
  ["-m state --state NEW", {}, true],
  ["-m state --state RELATED,ESTABLISHED", {}, false],
  ["-m state ! --state RELATED,ESTABLISHED", {}, true],
  ["-m conntrack --ctstate INVALID", {}, false],
  ["-m conntrack --ctstate NEW,DNAT", {}, true],
  ["-m conntrack --ctstate DNAT", {}, false],
  ["-m conntrack --ctstate RELATED,ESTABLISHED", STANDING, true],
  ["-m conntrack --ctstate NEW", STANDING, false],
  ["-m conntrack --ctstate SNAT", STANDING, null],
  ["-m conntrack --ctproto 17", {}, false],
  ["-m conntrack --ctdir ORIGINAL", {}, true],
  ["-m conntrack --ctorigsrc 1.2.3.4", {}, null],
  ["-m conntrack --ctstate NEW --ctstatus ASSURED", {}, null],
]);

check("marks are 0 when a packet comes in", [
  ["-m mark --mark 0x0", {}, true],
  ["-m mark ! --mark 0x1/0xff", {}, true],
  ["-m mark --mark 0x1", {}, false],
  ["-m connmark --mark 0x0", {}, true],
  ["-m connmark --mark 0x0", STANDING, null],
]);

check("matches on a source by other means do not hold for an outsider", [
  ["-m set --match-set bans src", {}, false],
  ["-m set ! --match-set friends src", {}, true],
  ["-m set --match-set ports dst", {}, null],
  ["-m set --match-set bans src", { from: "203.0.113.9" }, null],
  ["-m set --match-set bans src --return-nomatch", {}, null],
  ["-m iprange --src-range 203.0.113.1-203.0.113.9", {}, false],
  ["-m iprange --src-range 203.0.113.1-203.0.113.9", { from: "203.0.113.9" }, true],
  ["-m iprange ! --src-range 203.0.113.1-203.0.113.9", { from: "203.0.113.10" }, true],
  ["-m iprange --dst-range 198.51.100.1-198.51.100.9", { destination: "198.51.100.3" }, true],
  ["-m mac --mac-source 00:11:22:33:44:55", {}, false],
  ["-m mac ! --mac-source 00:11:22:33:44:55", { from: "203.0.113.9" }, null],
  ["-m geoip --source-country XX", {}, false],
  ["-m recent --rcheck --seconds 60 --name x --rsource", {}, false],
  ["-m recent --rcheck --seconds 60 --name x --rsource", { from: "203.0.113.9" }, null],
  ["-m recent --set --name x --rsource", {}, true],
]);

check("what depends on the traffic before, or on bytes, is not known", [
  ["-m limit --limit 5/min", {}, null],
  ["-m hashlimit --hashlimit-upto 5/min --hashlimit-mode srcip --hashlimit-name x", {}, null],
  ["-m statistic --mode random --probability 0.5", {}, null],
  ["-m connlimit --connlimit-above 5 --connlimit-mask 32 --connlimit-saddr", {}, null],
  ['-m string --string "a b" --algo bm', {}, null],
  ['-m u32 --u32 "0x0=0x1"', {}, null],
  ["-m length --length 0:100", {}, null],
  ["-m ttl --ttl-lt 5", {}, null],
  ["-m nobodyknows --this that", {}, null],
  ["--whatever", {}, null],
]);

check("matches on the kind of packet", [
  ["-m addrtype --dst-type LOCAL", {}, true],
  ["-m addrtype --dst-type UNICAST", {}, false],
  ["-m addrtype --dst-type UNICAST", V6, true],
  ["-m addrtype ! --dst-type LOCAL --limit-iface-in", {}, null],
  ["-m addrtype --dst-type MULTICAST,BROADCAST", {}, false],
  ["-m addrtype --src-type LOCAL", {}, false],
  ["-m pkttype --pkt-type unicast", {}, true],
  ["-m pkttype ! --pkt-type multicast", {}, true],
  ["-m policy --dir in --pol ipsec", {}, false],
  ["-m policy --dir in --pol none", {}, true],
  ["-m rpfilter --invert", {}, false],
  ["-m rpfilter --invert", { from: "203.0.113.9" }, null],
  ["-m physdev --physdev-is-bridged", {}, false],
  ["-m physdev --physdev-in eth1", {}, null],
  ["-m rt --rt-type 0", V6, false],
  ["-m rt ! --rt-type 0", V6, false],
]);

check("a comment matches everything, whatever is in it", [
  ['-m comment --comment "-j DROP"', {}, true],
  ["-m comment --comment -p", {}, true],
  ['-m comment --comment "a \\"b\\" c"', {}, true],
]);

// NOW is Friday, 2027-01-15 08:00:00 UTC.
check("time is compared with the packet's clock, in UTC, to the second", [
  ["-m time --datestop 2027-01-15T08:00:00", {}, true],
  ["-m time --datestop 2027-01-15T07:59:59", {}, false],
  ["-m time --datestart 2027-01-15T08:00:01 --datestop 2038-01-19T03:14:07", {}, false],
  ["-m time --timestart 08:00:00 --timestop 09:00:00", {}, true],
  ["-m time --timestart 22:00:00 --timestop 07:00:00", {}, false],
  ["-m time --timestart 22:00:00 --timestop 09:00:00", {}, true],
  ["-m time --timestart 22:00:00 --timestop 09:00:00 --weekdays Thu", {}, false],
  ["-m time --timestart 22:00:00 --timestop 09:00:00 --weekdays Thu --contiguous", {}, true],
  ["-m time --weekdays Mon,Fri", {}, true],
  ["-m time ! --weekdays Fri", {}, false],
  ["-m time --monthdays 1,15", {}, true],
  ["-m time ! --monthdays 15", {}, false],
  ["-m time --weekdays Fri --kerneltz", {}, null],
]);

check("options of a rule written by hand may be behind its target, and `!` behind its option", [
  ["-s ! 203.0.113.0/24", { from: "203.0.113.9" }, false],
  ["--source 203.0.113.9 --protocol tcp --destination-port 22", { from: "203.0.113.9" }, true],
  ["-s 203.0.113.1,203.0.113.9", { from: "203.0.113.9" }, true],
]);
