// The edges of the matches: the last second, the last address, each name of a table.
import { NOBODY_KNOCKED } from "../../src/trace/lists.ts";
import { NOW, type Question } from "../support/trace.ts";
import { type Case, checkMatches as check, KNOWN } from "../support/matches.ts";

const STANDING: Question = { ...KNOWN, established: true };

/** 2027-01-15 is a Friday; the time is 08:00:00 UTC. */
check("a time holds from its first second to its last", [
  ["-m time --datestart 2027-01-15T08:00:00", {}, true],
  ["-m time --datestart 2027-01-15T08:00:01", {}, false],
  ["-m time --datestop 2027-01-15T08:00:00", {}, true],
  ["-m time --datestop 2027-01-15", {}, false],
  ["-m time --datestart 2027-01-15", {}, true],
  ["-m time --datestart 2027-01", {}, true],
  ["-m time --datestart 2028", {}, false],
  ["-m time --datestop 2027-01-15T08", {}, true],
  ["-m time --datestop 2027-01-15T07:59", {}, false],
  ["-m time --datestop soon", {}, null],
  ["-m time --timestart 08:00", {}, true],
  ["-m time --timestart 08:00:01", {}, false],
  ["-m time --timestop 08:00:00", {}, true],
  ["-m time --timestop 07:59:59", {}, false],
  ["-m time --timestart 22:00 --timestop 08:00", {}, true],
  ["-m time --timestart 08:00 --timestop 07:00", {}, true],
  ["-m time --timestart 08:00:01 --timestop 07:59:59", {}, false],
  ["-m time --timestart noon", {}, null],
  ["-m time --timestart 22:00 --timestop 08:00 --contiguous --weekdays Thu", {}, true],
  ["-m time --timestart 22:00 --timestop 08:00 --contiguous --weekdays Fri", {}, false],
  ["-m time --timestart 22:00 --timestop 07:00 --contiguous --weekdays Fri", {}, false],
  ["-m time --utc", {}, true],
  // The clock of xt_time ends with a signed 32-bit number of seconds.
  ["-m time --utc", { now: 0x7fffffff }, true],
  ["-m time --utc", { now: 0x80000000 }, false],
  ["-m time --utc", { now: 0 }, true],
  ["-m time --datestop 2027-01-15T08:00:00", { now: NOW + 0.9 }, true],
  ["-m time --datestart 2027-01-15T08:00:01", { now: NOW + 0.9 }, false],
  // Between two times of day both count, also where midnight lies between them.
  ["-m time --timestart 00:00 --timestop 23:59:59", {}, true],
  ["-m time --timestart 08:00:00 --timestop 08:00:00", {}, true],
  ["-m time --timestart 22:00 --timestop 07:00", { now: NOW - 3600 }, true],
  ["-m time --timestart 22:00 --timestop 07:00", { now: NOW - 3599 }, false],
  ["-m time --timestart 22:00 --timestop 07:00", { now: NOW + 14 * 3600 }, true],
  ["-m time --timestart 22:00 --timestop 07:00", { now: NOW + 14 * 3600 - 1 }, false],
  ["-m time --timestart 22:00 --timestop 07:00 --weekdays Fri", { now: NOW - 3600 }, true],
  [
    "-m time --timestart 22:00 --timestop 07:00 --contiguous --weekdays Thu",
    { now: NOW - 3600 },
    true,
  ],
  [
    "-m time --timestart 22:00 --timestop 07:00 --contiguous --weekdays Fri",
    { now: NOW + 15 * 3600 },
    true,
  ],
  ["-m time --timestart 07:00 --timestop 09:00 --contiguous --weekdays Fri", {}, true],
  ["-m time --timestart 08:00", { now: NOW + 16 * 3600 - 1 }, true],
  ["-m time --timestart 08:00", { now: NOW + 16 * 3600 }, false],
  ["-m time --timestop 08:00", { now: NOW - 8 * 3600 }, true],
  // From a second to itself is the whole day (xt_time.c).
  ["-m time --timestart 08:00:01 --timestop 08:00:01", {}, true],
  // What a date leaves out is the beginning of it.
  ...["", "-01", "-01-01", "-01-01T00", "-01-01T00:00", "-01-01T00:00:00"].flatMap(
    (rest): Case[] => {
      const start = Date.UTC(2027, 0, 1) / 1000;
      return [
        [`-m time --datestart 2027${rest}`, { now: start }, true],
        [`-m time --datestart 2027${rest}`, { now: start - 1 }, false],
        [`-m time --datestop 2027${rest}`, { now: start }, true],
        [`-m time --datestop 2027${rest}`, { now: start + 1 }, false],
      ];
    },
  ),
  [
    "-m time --datestop 2027-02-28T23:59:58",
    { now: Date.UTC(2027, 1, 28, 23, 59, 58) / 1000 },
    true,
  ],
  [
    "-m time --datestop 2027-02-28T23:59:58",
    { now: Date.UTC(2027, 1, 28, 23, 59, 59) / 1000 },
    false,
  ],
  // What is no date and no time of day is not guessed.
  ...[
    ...["datestart x2027", "datestart 12027", "datestart 2027x", "datestart 2027-011"],
    ...["datestart 2027-01-015", "datestart 2027-01-15T008", "datestart 2027-01-15T08:000"],
    ...["datestart 2027-01-15T08:00:000", "datestop 2027-", "datestop 2027-01-15T"],
    ...["timestart 008:00", "timestart 08:000", "timestart 08:00:000", "timestart 8", "timestop x"],
  ].map((words): Case => [`-m time --${words}`, {}, null]),
  ["-m time --datestart 2027-1-5T8:0:0", {}, true],
  ["-m time --timestart 8:0 --timestop 8:0:0", {}, true],
]);

check("each day of the week has a name and a number, each of the month a number", [
  ...["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].flatMap((day, at): Case[] => [
    [`-m time --weekdays ${day}`, {}, day === "Fri"],
    [`-m time --weekdays ${at + 1}`, {}, day === "Fri"],
    [`-m time ! --weekdays ${day}`, {}, day !== "Fri"],
    [`-m time --weekdays ${day}`, { now: NOW + (at - 4) * 86_400 }, true],
    [`-m time --weekdays ${at + 1}`, { now: NOW + (at - 4) * 86_400 }, true],
  ]),
  ["-m time --weekdays friday", {}, true],
  ["-m time --weekdays 0", {}, null],
  ["-m time --weekdays 8", {}, null],
  ["-m time --weekdays 15", {}, null],
  ["-m time --weekdays 51", {}, null],
  ["-m time --weekdays Mon,xyz", {}, null],
  ["-m time --monthdays 1,015", {}, null],
  ["-m time --monthdays x15", {}, null],
  ["-m time --monthdays 15,xyz", {}, null],
  ["-m time --monthdays 1,31", {}, false],
  ["-m time --monthdays 14,15,16", {}, true],
  ["-m time ! --monthdays 14,15", {}, false],
  ["-m time --monthdays 14,16", {}, false],
  ["-m time ! --monthdays 14", {}, true],
  ["-m time --monthdays 1", { now: Date.UTC(2027, 0, 1) / 1000 }, true],
  ["-m time --monthdays 31", { now: Date.UTC(2027, 0, 31) / 1000 }, true],
  ["-m time ! --monthdays 31", { now: Date.UTC(2027, 0, 31) / 1000 }, false],
  ["-m time ! --monthdays 14", { now: Date.UTC(2027, 0, 1) / 1000 }, true],
  ["-m time --monthdays 0", {}, null],
  ["-m time --monthdays 32", {}, null],
]);

check("a range holds its first and its last address", [
  ["-m iprange --src-range 203.0.113.9-203.0.113.9", KNOWN, true],
  ["-m iprange --src-range 203.0.113.1-203.0.113.8", KNOWN, false],
  ["-m iprange --src-range 203.0.113.10-203.0.113.20", KNOWN, false],
  ["-m iprange --src-range 203.0.113.9", KNOWN, true],
  ["-m iprange ! --src-range 203.0.113.1-203.0.113.9", KNOWN, false],
  ["-m iprange --dst-range 198.51.100.1-198.51.100.2", KNOWN, true],
  ["-m iprange --dst-range 198.51.100.2-198.51.100.3", KNOWN, false],
  ["-m iprange --dst-range 198.51.100.1-198.51.100.2", {}, null],
  ["-m iprange --src-range here-there", KNOWN, null],
  ["-m iprange --src-range here-203.0.113.9", KNOWN, null],
  ["-m iprange --src-range 203.0.113.9-there", KNOWN, null],
  ["-m iprange --src-range 203.0.113.9-", KNOWN, null],
  ["-m iprange --dst-range -198.51.100.1", KNOWN, null],
  ["-m iprange --src-range 10.0.0.0-10.0.0.9", {}, false],
  ["-m iprange --src-range 0.0.0.0-31.0.0.0", {}, true],
  ["-m iprange --src-range 0.0.0.0-30.255.255.255", {}, false],
]);

check("a set names its members: no outsider is among them by its source", [
  ["-m set --match-set a src", {}, false],
  ["-m set --match-set a src,dst", {}, false],
  ["-m set --match-set a dst", {}, null],
  ["-m set ! --match-set a src", {}, true],
  ["-m set --match-set a src", KNOWN, null],
  ["-m set --match-set a src --return-nomatch", {}, null],
  ["-m mac --mac-source 00:11:22:33:44:55", {}, false],
  ["-m mac --mac-source 00:11:22:33:44:55", KNOWN, null],
  ["-m geoip --source-country DE", {}, false],
  ["-m geoip --src-cc DE", {}, false],
  ["-m geoip --dst-cc DE", {}, null],
  ["-m geoip --destination-country DE", {}, null],
]);

check("a list of recent addresses counts what the rules put there", [
  ["-m recent --set --name a", {}, true],
  ["-m recent ! --set --name a", {}, false],
  ["-m recent --rcheck --name a", {}, false],
  ["-m recent ! --rcheck --name a", {}, true],
  ["-m recent --rcheck --name a", KNOWN, null],
  ["-m recent --rcheck --rdest --name a", {}, null],
  ["-m recent --set --name a -m recent --rcheck --name a", {}, true],
  ["-m recent --set --name a -m recent --rcheck --name b", {}, false],
  ["-m recent --set -m recent --rcheck --name DEFAULT", {}, true],
  ["-m recent --set --name a -m recent --rcheck --hitcount 2 --name a", {}, false],
  [
    "-m recent --set --name a -m recent --set --name a -m recent --rcheck --hitcount 2 --name a",
    {},
    true,
  ],
  ["-m recent --set --name a -m recent --remove --name a", {}, true],
  [
    "-m recent --set --name a -m recent --remove --name a -m recent ! --rcheck --name a",
    {},
    true,
  ],
  ["-m recent --update --name a", {}, false],
  // Lists of kernel knocks belong to this tool; the owner of others is unknown.
  ["-m recent --rcheck --name pk-a", { ...KNOWN, lists: NOBODY_KNOCKED }, false],
  ["-m recent --rcheck --name a", { ...KNOWN, lists: NOBODY_KNOCKED }, null],
  [
    "-m recent --set --name a -m recent --update --name a -m recent --rcheck --hitcount 2 --name a",
    {},
    true,
  ],
  ["-m recent --rcheck --hitcount x --name a", {}, null],
  ["-m recent --rcheck --set --name a", {}, null],
]);

check("the state of a connection, and what only a tracked one has", [
  ["-m conntrack --ctstate NEW", {}, true],
  ["-m conntrack --ctstate NEW", STANDING, false],
  ["-m conntrack --ctstate ESTABLISHED", STANDING, true],
  ["-m conntrack --ctstate RELATED", STANDING, false],
  ["-m conntrack --ctstate INVALID", {}, false],
  ["-m conntrack --ctstate UNTRACKED", {}, false],
  ["-m conntrack --ctstate DNAT", {}, false],
  ["-m conntrack --ctstate SNAT", {}, false],
  ["-m conntrack --ctstate SNAT", STANDING, null],
  ["-m conntrack --ctstate XYZZY", {}, null],
  ["-m conntrack --ctproto tcp", {}, true],
  ["-m conntrack --ctproto 17", {}, false],
  ["-m conntrack ! --ctproto 17", {}, true],
  ["-m conntrack --ctproto xyzzy", {}, null],
  ["-m conntrack --ctdir ORIGINAL", {}, true],
  ["-m conntrack --ctdir REPLY", {}, false],
  ["-m conntrack --ctdir ORIGINAL", STANDING, null],
  ["-m conntrack --ctdir SIDEWAYS", {}, null],
  ["-m conntrack --ctstatus ASSURED", {}, null],
  // What is not known of a connection has one value each: the words behind it are matches of their own.
  ...[
    "ctstatus ASSURED",
    "ctexpire 100",
    "ctorigsrc 192.0.2.1",
    "ctorigdst 192.0.2.1",
    "ctreplsrc 192.0.2.1",
    "ctrepldst 192.0.2.1",
    "ctorigsrcport 22",
    "ctorigdstport 22",
    "ctreplsrcport 22",
    "ctrepldstport 22",
  ].flatMap((words): Case[] => [
    [`-m conntrack --${words}`, {}, null],
    [`-m conntrack --${words} -m mark --mark 1`, {}, false],
  ]),
  ["-m mark --mark 0", {}, true],
  ["-m mark --mark 0x1", {}, false],
  ["-m mark --mark 0x0/0xff", {}, true],
  ["-m mark ! --mark 1", {}, true],
  ["-m mark --mark x", {}, null],
  ["-m mark --mark 1/2/3", {}, null],
  ["-m connmark --mark 0", {}, true],
  ["-m connmark --mark 1", {}, false],
  ["-m connmark ! --mark 1", {}, true],
]);
