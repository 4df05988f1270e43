// What load and diff say of a plan: each text whole, for one family and for both.
import { assert, assertEquals } from "@std/assert";
import {
  diffBlocks,
  drawDiff,
  drawLines,
  type FamilyFollow,
  isDifferent,
  noteRevived,
  noteWhatStays,
  overruling,
  summarize,
  toDiffLine,
  unmanagedOf,
} from "../../src/cli/report/follow.ts";
import type { Place } from "../../src/cli/report/place.ts";
import { Reporter } from "../../src/cli/report/reporter.ts";
import { parseAddress } from "../../src/firewall/address.ts";
import type { Door } from "../../src/firewall/service.ts";
import type { Edit } from "../../src/plan/edit.ts";
import type { FollowPlan, ServiceChange } from "../../src/plan/follow.ts";
import { memorySystem } from "../support/memory_system.ts";

const NOTHING: FollowPlan = { edits: [], changes: [], unmanaged: [], stays: [], swapped: null };

/** One family's plan. */
function follow(
  family: "ipv4" | "ipv6",
  plan: Partial<FollowPlan>,
  places: readonly [string, Place][] = [],
): FamilyFollow {
  return {
    family,
    plan: { ...NOTHING, ...plan },
    placement: { places: new Map(places), unknown: [] },
  };
}

/** What happens to a service that the file names at a place. */
function change(name: string, place: number, more: Partial<ServiceChange> = {}): ServiceChange {
  const state = more.drift === undefined ? "unchanged" : "changed";
  return { name, place, state, drift: [], doorsKept: 0, revived: [], edits: [], ...more };
}

/** What is said on standard error. */
function said(say: (report: Reporter) => void, quiet = false): string {
  const { system, err } = memorySystem({});
  say(new Reporter(system.console, { quiet, color: "never" }));
  return err();
}

Deno.test("services are listed in the order of the file, those behind that it does not name", () => {
  const ipv4 = [
    change("b", 1),
    change("gone", Infinity, { state: "removed" }),
    change("over", Infinity, { state: "removed" }),
  ];
  const plans = [
    follow("ipv4", { changes: ipv4 }),
    follow("ipv6", { changes: [change("a", 0), change("c", 2, { state: "created" })] }),
  ];
  assertEquals(summarize(plans), [
    "a     unchanged",
    "b     unchanged",
    "c     created",
    "gone  removed",
    "over  removed",
  ]);
  assertEquals(summarize([follow("ipv4", {})]), []);
});

Deno.test("what happens in one family alone is told with its name, what happens in both is not", () => {
  const [drop, log] = ["policy drop -> reject", "log added"];
  const cases: readonly [Partial<ServiceChange>, Partial<ServiceChange>, string][] = [
    [{}, {}, "unchanged"],
    [{ state: "created" }, { state: "created" }, "created"],
    [{ state: "created" }, {}, "created (IPv4)"],
    [{}, { state: "removed" }, "removed (IPv6)"],
    [{ drift: [drop] }, {}, "policy drop -> reject (IPv4)"],
    [{ drift: [drop] }, { drift: [drop] }, "policy drop -> reject"],
    [{ drift: [drop, log] }, { drift: [log] }, "policy drop -> reject (IPv4), log added"],
    [{ drift: [log] }, { state: "created" }, "log added (IPv4), created (IPv6)"],
  ];
  for (const [ipv4, ipv6, words] of cases) {
    const plans = [
      follow("ipv4", { changes: [change("ssh", 0, ipv4)] }),
      follow("ipv6", { changes: [change("ssh", 0, ipv6)] }),
    ];
    assertEquals(summarize(plans), [`ssh  ${words}`]);
  }
  const one = change("ssh", 0, { drift: [drop] });
  assertEquals(summarize([follow("ipv6", { changes: [one] })]), [`ssh  ${drop}`]);
});

Deno.test("doors that stay open are counted over both families", () => {
  for (
    const [ipv4, ipv6, words] of [
      [0, 0, "log added"],
      [1, 0, "log added, 1 door kept"],
      [1, 1, "log added, 2 doors kept"],
      [2, 3, "log added, 5 doors kept"],
    ] as const
  ) {
    const plans = [
      follow("ipv4", { changes: [change("ssh", 0, { drift: ["log added"], doorsKept: ipv4 })] }),
      follow("ipv6", { changes: [change("ssh", 0, { drift: ["log added"], doorsKept: ipv6 })] }),
    ];
    assertEquals(summarize(plans), [`ssh  ${words}`]);
  }
});

Deno.test("where the jump of a new service goes is told once where both families agree", () => {
  const place = (at: number): [string, Place] => [
    "ssh",
    { at, text: `-s 192.0.2.${at} -j ACCEPT`, cuts: false, overruled: [] },
  ];
  const created = { changes: [change("ssh", 0, { state: "created" })] };
  const first = "ahead of rule 1 of INPUT: -s 192.0.2.0 -j ACCEPT";
  const third = "ahead of rule 3 of INPUT: -s 192.0.2.2 -j ACCEPT";
  const both = (ipv4: number, ipv6: number) =>
    summarize([follow("ipv4", created, [place(ipv4)]), follow("ipv6", created, [place(ipv6)])]);
  assertEquals(both(0, 0), [`ssh  created, ${first}`]);
  assertEquals(both(0, 2), [`ssh  created, ${first}, and ${third}`]);
  const unchanged = follow("ipv6", { changes: [change("ssh", 0)] }, [place(2)]);
  assertEquals(summarize([follow("ipv4", created), unchanged]), [
    `ssh  created (IPv4), ${third}`,
  ]);
  assertEquals(summarize([unchanged]), ["ssh  unchanged"]);
});

const OVERRULE = { name: "ssh", at: 2, text: "-p tcp -j ACCEPT", verdict: "accept" } as const;
const JUMP = { at: 3, text: "-s 10.0.0.0/8 -j pk-web" };

Deno.test("what load leaves as it is, is told as warnings, services that stay in passing", () => {
  const plans = [
    follow("ipv4", {
      stays: [
        { kind: "overrule", overrule: OVERRULE, wanted: "drop" },
        { kind: "jump", name: "web", jump: JUMP },
      ],
      unmanaged: ["old", "mail"],
    }),
    follow("ipv6", { swapped: { first: "web", second: "ssh" }, unmanaged: ["old", "dns"] }),
  ];
  const warnings =
    `pktables: warning: IPv4: ssh is open to everyone: rule 2 of pk-ssh (-p tcp -j ACCEPT) accepts every packet (wanted: drop)
pktables: warning: IPv4: rule 3 of INPUT (-s 10.0.0.0/8 -j pk-web) sends only some packets to web: left alone, --replace puts the file's jump in its place
pktables: warning: IPv6: in INPUT the jump to web comes before that to ssh, unlike in the file; jumps keep their places
`;
  assertEquals(
    said((report) => noteWhatStays(plans, report)),
    `${warnings}note: not in the file, left alone: dns, mail, old\n`,
  );
  assertEquals(said((report) => noteWhatStays(plans, report), true), warnings);
  assertEquals(said((report) => noteWhatStays([follow("ipv4", {})], report)), "");
  assertEquals(unmanagedOf(plans), ["dns", "mail", "old"]);
  assertEquals([...overruling(plans)], ["-p tcp -j ACCEPT"]);
});

Deno.test("what would be written and what stays although it should not is a difference", () => {
  const edit: Edit = { op: "create-chain", chain: "pk-ssh" };
  for (
    const plan of [
      { edits: [edit] },
      { stays: [{ kind: "jump", name: "web", jump: JUMP }] },
      { swapped: { first: "web", second: "ssh" } },
    ] satisfies Partial<FollowPlan>[]
  ) assertEquals(isDifferent(follow("ipv4", plan)), true);
  assertEquals(isDifferent(follow("ipv4", { unmanaged: ["old"] })), false);
});

/** Doors of as many addresses. */
function doors(family: "ipv4" | "ipv6", count: number): Door[] {
  return Array.from({ length: count }, (_, at) => {
    const read = parseAddress(family === "ipv4" ? `192.0.2.${at + 1}` : `2001:db8::${at + 1}`);
    assert(read.ok);
    return { address: read.value, until: null };
  });
}

Deno.test("doors that open again are named, three of them, and counted", () => {
  const head = "pktables: warning: ssh: doors behind the end of the chain open again: ";
  const [one, two, three] = ["192.0.2.1/32", "192.0.2.2/32", "192.0.2.3/32"];
  for (
    const [ipv4, ipv6, words] of [
      [1, 0, one],
      [2, 0, `${one}, ${two}`],
      [3, 0, `${one}, ${two}, ${three}`],
      [4, 0, `${one}, ${two}, ${three} and 1 more`],
      [2, 3, `${one}, ${two}, 2001:db8::1/128 and 2 more`],
    ] as const
  ) {
    const plans = [
      follow("ipv4", {
        changes: [change("web", 0), change("ssh", 1, { revived: doors("ipv4", ipv4) })],
      }),
      follow("ipv6", { changes: [change("ssh", 1, { revived: doors("ipv6", ipv6) })] }),
    ];
    assertEquals(said((report) => noteRevived(plans, report)), `${head}${words}\n`);
  }
  assertEquals(
    said((report) => noteRevived([follow("ipv4", { changes: [change("web", 0)] })], report)),
    "",
  );
});

const RULE = { chain: "pk-ssh", index: 1, last: true, text: "-j DROP", packets: 0, bytes: 0 };
const INSERT: Edit = { op: "insert", ...RULE };
const DELETE: Edit = { op: "delete", ...RULE, text: "-j REJECT" };

Deno.test("a difference has `+` ahead of what comes, `-` ahead of what goes", () => {
  const edits: readonly Edit[] = [
    { op: "create-chain", chain: "pk-ssh" },
    INSERT,
    DELETE,
    { op: "flush-chain", chain: "pk-ssh", rules: [] },
    { op: "delete-chain", chain: "pk-ssh" },
  ];
  assertEquals(edits.map(toDiffLine).map(({ sign, line }) => `${sign} ${line}`), [
    "+ -N pk-ssh",
    "+ -A pk-ssh -j DROP",
    "- -D pk-ssh -j REJECT",
    "- -F pk-ssh",
    "- -X pk-ssh",
  ]);
});

Deno.test("a difference is drawn service by service and family by family, what does not differ is not", () => {
  const drift = ["policy reject -> drop", "log added"];
  const ssh = change("ssh", 1, { drift, edits: [INSERT, DELETE] });
  const plans = [
    follow("ipv4", { changes: [change("web", 0), ssh] }),
    follow("ipv6", {
      changes: [
        change("web", 0, { state: "created", edits: [INSERT] }),
        ssh,
        change("old", Infinity),
      ],
    }),
  ];
  const plain = `web: created (IPv6)
+ -A pk-ssh -j DROP

ssh: policy reject -> drop, log added (IPv4)
+ -A pk-ssh -j DROP
- -D pk-ssh -j REJECT

ssh: policy reject -> drop, log added (IPv6)
+ -A pk-ssh -j DROP
- -D pk-ssh -j REJECT`;
  assertEquals(drawDiff(diffBlocks(plans), false), plain);
  assertEquals(
    drawDiff(diffBlocks(plans.slice(0, 1)), true),
    "\x1b[1mssh: policy reject -> drop, log added (IPv4)\x1b[0m\n" +
      "\x1b[32m+ -A pk-ssh -j DROP\x1b[0m\n\x1b[31m- -D pk-ssh -j REJECT\x1b[0m",
  );
  assertEquals(diffBlocks(plans.slice(0, 1)).map(({ state, reasons }) => [state, reasons]), [
    ["changed", drift],
  ]);
  assertEquals(drawDiff([], true), "");
});

Deno.test("the lines of a difference are safe on a terminal, in colour too", () => {
  const line = { sign: "+", line: '-m comment --comment "\x1b[2J"' } as const;
  for (
    const [color, drawn] of [[false, "h␛\n+ "], [true, "\x1b[1mh␛\x1b[0m\n\x1b[32m+ "]] as const
  ) {
    const end = color ? "\x1b[0m" : "";
    assertEquals(
      drawLines([line], { heading: "h\x1b", color }),
      `${drawn}-m comment --comment "␛[2J"${end}`,
    );
  }
});
