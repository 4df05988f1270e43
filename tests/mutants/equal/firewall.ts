// Equivalent changes in src/firewall.
import type { Equivalent } from "../equal.ts";

/** All that are known there. */
export const FIREWALL: readonly Equivalent[] = [
  {
    file: "src/firewall/address.ts",
    from: "const [a = 0, b = 0, c = 0, d = 0] = bytes;",
    to: [
      "const [a = 1, b = 0, c = 0, d = 0] = bytes;",
      "const [a = 0, b = 1, c = 0, d = 0] = bytes;",
      "const [a = 0, b = 0, c = 1, d = 0] = bytes;",
      "const [a = 0, b = 0, c = 0, d = 1] = bytes;",
    ],
    because: "there are four bytes: the defaults are there for their type alone",
  },
  {
    file: "src/firewall/address.ts",
    from: "const host = slash < 0 ? text : text.slice(0, slash);",
    to: ["const host = slash <= 0 ? text : text.slice(0, slash);"],
    because: "a text that begins with the slash was refused ahead of this",
  },
  {
    file: "src/firewall/address.ts",
    from: "const digits = slash < 0 ? String(max) : text.slice(slash + 1);",
    to: ["const digits = slash <= 0 ? String(max) : text.slice(slash + 1);"],
    because: "a text that begins with the slash was refused ahead of this",
  },
  {
    file: "src/firewall/address.ts",
    from: "if (outer.prefix === inner.prefix) return outer.key === inner.key;",
    to: [";", "if (false) return outer.key === inner.key;"],
    because: "it only saves time: comparing byte by byte says the same of networks of one length",
  },
  {
    file: "src/firewall/chain_end.ts",
    from: "if (reach === undefined) reach = reachOf(chain, jumps);",
    to: ["if (true) reach = reachOf(chain, jumps);"],
    because: "it is the same each time: the condition only saves working it out again",
  },
  {
    file: "src/firewall/chain_reader.ts",
    from: "const COUNTED = / -c (\\d+) (\\d+)(?: |( -[jg] [^\\n]*))?\\n/y;",
    to: ["const COUNTED = / -c (\\d+) (\\d+)(?: |( -[jg] [^\\n]+))?\\n/y;"],
    because: "iptables prints no -j or -g without a target behind it",
  },
  {
    file: "src/firewall/chain_reader.ts",
    from:
      "/-s (\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\/32(?: -m time --datestop (\\S+))? -c (\\d+) (\\d+) -j ACCEPT\\n/y;",
    to: [
      "/-s (\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\/32(?: -m time --datestop (\\S*))? -c (\\d+) (\\d+) -j ACCEPT\\n/y;",
    ],
    because:
      "a date of no characters is none, and such a line is read the long way as without a match",
  },
  {
    file: "src/firewall/properties.ts",
    from: "rank: 20,",
    to: ["rank: 19,", "rank: 21,"],
    because: "only the order of the ranks counts, and none is between 10 and 25 but this one",
  },
  {
    file: "src/firewall/properties.ts",
    from: "rank: 25,",
    to: ["rank: 24,", "rank: 26,"],
    because: "only the order of the ranks counts, and none is between 20 and 30 but this one",
  },
  {
    file: "src/firewall/properties.ts",
    from: "rank: 30,",
    to: ["rank: 29,", "rank: 31,"],
    because: "only the order of the ranks counts, and none is between 25 and 40 but this one",
  },
  {
    file: "src/firewall/properties.ts",
    from: "rank: 40,",
    to: ["rank: 39,", "rank: 41,"],
    because: "only the order of the ranks counts, and none is above 30 but this one",
  },
  {
    file: "src/firewall/properties.ts",
    from: 'established: flag("established", 10),',
    to: ['established: flag("established", 9),', 'established: flag("established", 11),'],
    because: "only the order of the ranks counts, and none is below 20 but this one",
  },
  {
    file: "src/firewall/recent_list.ts",
    from: "if (now >= WRAP) return Math.abs(ticked / hz - seconds);",
    to: ["if (now > WRAP) return Math.abs(ticked / hz - seconds);"],
    because:
      "a counter of 2^32 ticks is that of a machine that has been up for 300 seconds, for which both ways work out the same",
  },
  {
    file: "src/firewall/save_reader.ts",
    from: 'this.#start = "";',
    to: ['this.#start = "x";'],
    because: "no rule starts with it either, so that the next one's chain is looked for",
  },
  {
    file: "src/firewall/save_reader.ts",
    from: "#isFilter = false;",
    to: ["#isFilter = true;"],
    because: "it is set by each head of a table, and not looked at ahead of the first",
  },
  {
    file: "src/firewall/save_reader.ts",
    from: 'if (isOfService(this.#start) && !words.startsWith("-s ")) this.#noteUnclear(words);',
    to: ['if (isOfService(this.#start) && !words.endsWith("-s ")) this.#noteUnclear(words);'],
    because: "it only saves time: mayTakeAll() passes over rules that name a source",
  },
  {
    file: "src/firewall/save_reader.ts",
    from: "const hasQuotes = printed.includes('\"');",
    to: ['const hasQuotes = printed.includes("");'],
    because:
      "it only saves time: where there is no quote, none is found open at the end of a line either",
  },
  {
    file: "src/firewall/service.ts",
    from: "const unit = (Object.keys(UNIT_SECONDS) as RateUnit[]).find((name) =>",
    to: ["const unit = (Object.keys(UNIT_SECONDS) as RateUnit[]).findLast((name) =>"],
    because: "no two units start with the same letter, so that one at the most is found",
  },
  {
    file: "src/firewall/service.ts",
    from: 'text.replace(/[\\ud800-\\udbff][\\udc00-\\udfff]/g, ""),',
    to: ['text.replace(/[\\ud800-\\udbff][\\udc00-\\udfff]/g, "x"),'],
    because: "pairs only have to be out of the way: an x is no more refused than nothing is",
  },
  {
    file: "src/firewall/unconfirmed.ts",
    from: "const JUMP = /^(.* |)(-[jg]) pk([-.])(\\S+)$/s;",
    to: ["const JUMP = /^(.* |)(-[jg]) pk([-.])(\\S*)$/s;"],
    because: "a name of no characters is none: isServiceName() refuses it",
  },
  {
    file: "src/firewall/unconfirmed.ts",
    from: "const STOP = /-m time --datestop (\\S+) $/;",
    to: ["const STOP = /-m time --datestop (\\S*) $/;"],
    because: "a date of no characters is none: parseDate() refuses it",
  },
  {
    file: "src/firewall/unconfirmed.ts",
    from: "const START = /-m time --datestart (\\S+)(?: --datestop (\\S+))? $/;",
    to: ["const START = /-m time --datestart (\\S*)(?: --datestop (\\S+))? $/;"],
    because: "a date of no characters is none: parseDate() refuses it",
  },
  {
    file: "src/firewall/unconfirmed.ts",
    from:
      'if (!text.startsWith("pk", text.lastIndexOf(" ") + 1)) return null; // asked of 65,000 doors',
    to: [
      "; // asked of 65,000 doors",
      "if (false) return null; // asked of 65,000 doors",
      'if (!text.startsWith("", text.lastIndexOf(" ") + 1)) return null; // asked of 65,000 doors',
    ],
    because: "it only saves time: the pattern behind it asks the same of the last word",
  },
  {
    file: "src/firewall/unconfirmed.ts",
    from: 'const seconds = date === null ? null : parseDate(date[1] ?? "");',
    to: ['const seconds = date === null ? null : parseDate(date[1] ?? "x");'],
    because: "the group is part of every match: the default is there for its type alone",
  },
];
