// The output of `diff` and `load`: drift in words, one line for each service, notes, JSON.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeSystem, NOW } from "../support/fake_system.ts";
import { type FileCase, FILES, stateLines, STATES } from "../support/follow_cases.ts";
import { REFUSED } from "../support/fake_kernel.ts";

const FILE = `service ssh tcp 22 syn drop
    allow 198.51.100.1
    log prefix "ssh "
`;
const JUMP = "-A INPUT -p tcp -m tcp --dport 22 --syn -j pk-ssh";
const ALLOW = "-A pk-ssh -s 198.51.100.1 -m comment --comment pk-allow -j ACCEPT";
const LOG = '-A pk-ssh -j LOG --log-prefix "ssh "';
const DROP = "-A pk-ssh -j DROP";
const DOOR = "-A pk-ssh -s 203.0.113.3 -j ACCEPT";

/** A machine whose IPv4 follows the file but for these lines. */
function machine(...ipv4: string[]): FakeSystem {
  const own = (lines: string[]) => [":pk-ssh - [0:0]", ...lines].join("\n");
  const ipv6 = [JUMP, LOG, DROP];
  const system = new FakeSystem({ ipv4: own(ipv4), ipv6: own(ipv6) });
  system.contents["rules.pk"] = FILE;
  return system;
}

/** What `diff` says of IPv4: its heading, without service and family. */
async function reasons(...ipv4: string[]): Promise<string> {
  const { out, status } = await machine(...ipv4).run("diff rules.pk");
  assertEquals(status, out === "" ? 0 : 1);
  return /^ssh: (.*) \(IPv4\)$/m.exec(out)?.[1] ?? "";
}

const past = new Date((NOW - 60) * 1000).toISOString().slice(0, 19);

const DRIFT: readonly {
  readonly what: string;
  lines: readonly string[];
  readonly words: string;
}[] = [
  { what: "as it should be", lines: [JUMP, ALLOW, DOOR, LOG, DROP], words: "" },
  { what: "flushed", lines: [JUMP], words: "its chain was flushed" },
  { what: "without jump", lines: [ALLOW, LOG, DROP], words: "the jump in INPUT is missing" },
  {
    what: "doubled jump",
    lines: [JUMP, JUMP, ALLOW, LOG, DROP],
    words: "duplicate jump in INPUT",
  },
  {
    what: "other port",
    lines: [JUMP.replace("22", "2222"), ALLOW, LOG, DROP],
    words: "ports 2222 -> 22",
  },
  {
    what: "other policy",
    lines: [JUMP, ALLOW, LOG, "-A pk-ssh -j ACCEPT"],
    words: "policy accept -> drop",
  },
  { what: "no policy", lines: [JUMP, ALLOW, LOG], words: "the policy at its end is missing" },
  { what: "doubled policy", lines: [JUMP, ALLOW, LOG, DROP, DROP], words: "duplicate policy" },
  { what: "no log", lines: [JUMP, ALLOW, DROP], words: 'log none -> prefix "ssh " level warning' },
  { what: "doubled log", lines: [JUMP, ALLOW, LOG, LOG, DROP], words: "duplicate log" },
  { what: "allow gone", lines: [JUMP, LOG, DROP], words: "allow + 198.51.100.1/32" },
  {
    what: "allow too many",
    lines: [JUMP, ALLOW, ALLOW.replace(".1 ", ".9 "), LOG, DROP],
    words: "allow - 198.51.100.9/32",
  },
  {
    what: "more too many than a line holds",
    lines: [JUMP, ALLOW, ...[5, 6, 7, 8].map((end) => ALLOW.replace(".1 ", `.${end} `)), LOG, DROP],
    words: "allow - 198.51.100.5/32, 198.51.100.6/32, 198.51.100.7/32 and 1 more",
  },
  {
    what: "doubled allow",
    lines: [JUMP, ALLOW, ALLOW, LOG, DROP],
    words: "duplicate allow 198.51.100.1/32",
  },
  {
    what: "established",
    lines: [
      JUMP,
      "-A pk-ssh -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      ALLOW,
      LOG,
      DROP,
    ],
    words: "established yes -> no",
  },
  {
    what: "moved door",
    lines: [JUMP, DOOR, ALLOW, LOG, DROP],
    words: "its rules are out of order",
  },
  {
    what: "a log behind the policy",
    lines: [JUMP, DROP, ALLOW, LOG],
    words: 'log none -> prefix "ssh " level warning',
  },
  { what: "moved log", lines: [JUMP, LOG, ALLOW, DROP], words: "its rules are out of order" },
  { what: "doubled door", lines: [JUMP, ALLOW, DOOR, DOOR, LOG, DROP], words: "1 duplicate door" },
  {
    what: "a door behind the end",
    lines: [JUMP, ALLOW, LOG, DROP, DOOR],
    words: "1 door is behind the end",
  },
  {
    what: "expired doors, besides another difference",
    lines: [JUMP, DOOR.replace("-j", `-m time --datestop ${past} -j`), LOG, DROP],
    words: "allow + 198.51.100.1/32, 1 door expired",
  },
  {
    what: "two things",
    lines: [ALLOW, LOG, "-A pk-ssh -j REJECT"],
    words: "policy reject -> drop, the jump in INPUT is missing",
  },
];

for (const { what, lines, words } of DRIFT) {
  Deno.test(`diff describes drift in words: ${what}`, async () => {
    assertEquals(await reasons(...lines), words);
  });
}

Deno.test("every change that diff shows has a reason, from any state to any file", async () => {
  for (const state of STATES) {
    for (const file of FILES) {
      const system = machineOf(state.name, file);
      const { out } = await system.run("diff -");
      for (const [line, why] of out.matchAll(/^\S+: (.*) \(IPv[46]\)$/gm)) {
        assertEquals(
          why === "" || why === "changed",
          false,
          `${state.name}, ${file.name}: ${line}`,
        );
      }
    }
  }
});

function machineOf(name: string, file: FileCase): FakeSystem {
  const state = STATES.find((one) => one.name === name)!;
  const system = new FakeSystem({
    ipv4: stateLines(state, "ipv4"),
    ipv6: stateLines(state, "ipv6"),
  });
  system.contents["-"] = file.text;
  return system;
}

Deno.test("load prints a line for each service, and names those that are not in the file", async () => {
  const system = machine(JUMP, ALLOW, DOOR, LOG, "-A pk-ssh -j ACCEPT");
  await system.run("init old --port 9");
  system.contents["rules.pk"] = `${FILE}service web tcp 80 accept ipv6\n`;
  assertEquals(await system.run("load rules.pk"), {
    status: 0,
    out: "ssh  policy accept -> drop (IPv4), 1 door kept\nweb  created\n",
    err: "note: not in the file, left alone: old\n",
  });
  assertEquals(await system.run("load rules.pk --prune"), {
    status: 0,
    out: "ssh  unchanged\nweb  unchanged\nold  removed\n",
    err: "",
  });
});

Deno.test("with nothing to do, diff prints nothing but a note, and load says so of each service", async () => {
  const system = machine(JUMP, ALLOW, DOOR, LOG, DROP);
  assertEquals(await system.run("diff rules.pk"), {
    status: 0,
    out: "",
    err: "the kernel matches the file: nothing to do\n",
  });
  assertEquals((await system.run("diff rules.pk --quiet")).err, "");
  assertEquals((await system.run("load rules.pk")).out, "ssh  unchanged\n");
  assertEquals(system.kernel.writes, []);
});

Deno.test("load --dry-run is diff: same lines, same status, no lock, no write", async () => {
  const system = machine(JUMP);
  const diff = await system.run("diff rules.pk --prune");
  system.steps.length = 0;
  assertEquals(await system.run("load rules.pk --dry-run --prune"), diff);
  assertEquals(diff.status, 1);
  assertEquals([system.steps, system.kernel.writes], [["drop"], []]);
});

Deno.test("diff shows payload lines with signs, grouped by service and family", async () => {
  const system = machine(JUMP, DOOR, LOG, "-A pk-ssh -j ACCEPT");
  system.contents["rules.pk"] += "service web tcp 80 accept ipv4\n";
  const { out } = await system.run("diff rules.pk");
  assertEquals(
    out,
    `ssh: policy accept -> drop, allow + 198.51.100.1/32 (IPv4)
- -D pk-ssh -j ACCEPT
+ -I pk-ssh 1 -s 198.51.100.1/32 -m comment --comment pk-allow -j ACCEPT
+ -A pk-ssh -j DROP

web: created (IPv4)
+ -N pk-web
+ -A pk-web -j ACCEPT
+ -A INPUT -p tcp -m tcp --dport 80 -j pk-web
`,
  );
});

Deno.test("diff --json holds the same lines, and what is not in the file", async () => {
  const system = machine(JUMP, ALLOW, LOG);
  await system.run("init old --port 9");
  const { out, err, status } = await system.run("diff rules.pk --json");
  assertEquals([status, err], [1, ""]);
  assertEquals(JSON.parse(out), {
    version: 1,
    changes: [{
      service: "ssh",
      family: "ipv4",
      state: "changed",
      reasons: ["the policy at its end is missing"],
      lines: ["+ -A pk-ssh -j DROP"],
    }],
    stays: [],
    order: [],
    effects: [],
    notInFile: ["old"],
    expectations: [],
  });
});

Deno.test("diff is coloured where asked, green for what comes and red for what goes", async () => {
  const system = machine(JUMP, ALLOW, LOG, "-A pk-ssh -j ACCEPT");
  const { out } = await system.run("diff rules.pk --color always");
  assertStringIncludes(out, "\\x1b[31m- -D pk-ssh -j ACCEPT\\x1b[0m".replaceAll("\\x1b", "\x1b"));
  assertStringIncludes(out, "\x1b[32m+ -A pk-ssh -j DROP\x1b[0m");
});

Deno.test("a file with errors ends load and diff before anything is read, with exit status 3", async () => {
  for (const line of ["load -", "load - --dry-run", "diff -", "load missing.pk"]) {
    const system = new FakeSystem();
    system.contents["-"] = "service ssh tcp 22 sny drop";
    const { status, out } = await system.run(line);
    assertEquals([status, out, system.kernel.calls, system.steps], [3, "", [], []], line);
  }
});

Deno.test("if the second family refuses a load, the first is back as it was, from any state", async () => {
  let undone = 0;
  for (const state of STATES) {
    for (const file of FILES) {
      const system = machineOf(state.name, file);
      const before = system.dump();
      system.kernel.faults = { write: { number: 2, problem: REFUSED } };
      const { status, err } = await system.run("load - --prune");
      if (system.kernel.writes.length < 2) continue;
      undone++;
      assertEquals(status, 1);
      assertStringIncludes(err, "IPv6: iptables refused");
      assertEquals(system.dump(), before, `${state.name}, ${file.name}`);
    }
  }
  assertEquals(undone > 200, true, `only ${undone} loads changed both families`);
});

Deno.test("a jump behind a rule that takes every packet is reported by load and diff", async () => {
  const system = machine("-A INPUT -j REJECT", JUMP, ALLOW, LOG, DROP);
  for (const line of ["load rules.pk", "diff rules.pk"]) {
    assertStringIncludes(
      (await system.run(line)).err,
      "IPv4: port 22 is closed ahead of ssh, and its doors open nothing: rejected by rule 1 of " +
        "INPUT: -j REJECT --reject-with icmp-port-unreachable",
    );
  }
  assertEquals((await system.run("diff rules.pk")).status, 1);
  const [effect] = JSON.parse((await system.run("diff rules.pk --json")).out).effects;
  assertEquals(effect.service, "ssh");
  await system.run("load rules.pk --move");
  assertEquals((await system.run("diff rules.pk")).status, 0);
});

Deno.test("a jump that was moved ahead of another is reported by load and diff, and keeps its place", async () => {
  const system = machine(JUMP, ALLOW, LOG, DROP);
  system.contents["rules.pk"] = `service web tcp 80 accept\n${FILE}`;
  for (
    const line of ["diff rules.pk", "load rules.pk", "load rules.pk", "diff rules.pk --quiet"]
  ) {
    const { err, status } = await system.run(line);
    assertStringIncludes(
      err,
      "IPv4: in INPUT the jump to ssh comes before that to web, unlike in the file; jumps keep " +
        "their places",
    );
    assertEquals(status, line.startsWith("diff") ? 1 : 0);
  }
});
