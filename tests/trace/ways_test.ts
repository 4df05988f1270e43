// How many ways are followed, how deep jumps may go, and where each of them ends.
import { assertEquals } from "@std/assert";
import { outsider } from "../../src/trace/packet.ts";
import { stagesOf } from "../../src/trace/stage.ts";
import { readTables } from "../../src/trace/tables.ts";
import { traceStages } from "../../src/trace/verdict.ts";
import { ask, filter, NOW, told } from "../support/trace.ts";

const lines = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join("\n");

Deno.test("64 ways are followed to their ends, one more is too many", () => {
  const rules = (count: number) =>
    filter(`:a - [0:0]
${lines(count, (at) => `-A INPUT -m owner --uid-owner ${at} -j a`)}
-A INPUT -j DROP
-A a -j DROP`);
  assertEquals(ask(rules(63)).verdict, "dropped");
  const trace = ask(rules(64));
  assertEquals(trace.verdict, "unknown");
  const reasons = trace.outcomes.flatMap(({ reason, by }) =>
    reason === null ? [] : [`${by?.chain} ${by?.number}: ${reason}`]
  );
  assertEquals(reasons, ["INPUT 64: more than 64 ways to follow"]);
  // What ends at once is no way that leads on.
  const ends = filter(
    `${lines(200, (at) => `-A INPUT -m owner --uid-owner ${at} -j DROP`)}\n-A INPUT -j DROP`,
  );
  assertEquals(ask(ends).verdict, "dropped");
});

Deno.test("jumps may lie 200 deep within each other, gotos as deep as they like", () => {
  const rules = (count: number, option: string) =>
    filter(
      `${lines(count, (at) => `:c${at} - [0:0]`)}
-A INPUT ${option} c0
${lines(count - 1, (at) => `-A c${at} ${option} c${at + 1}`)}
-A c${count - 1} -j DROP`,
    );
  assertEquals(ask(rules(200, "-j")).verdict, "dropped");
  assertEquals(
    told(rules(201, "-j")),
    "unknown: depends on rule 1 of c198 (the jump to c200 cannot be followed)",
  );
  assertEquals(ask(rules(300, "-g")).verdict, "dropped");
});

Deno.test("a chain that is taken for open lets in whoever comes to it, and nobody else", () => {
  const stages = stagesOf(readTables(
    filter(`:a - [0:0]\n:b - [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j a
-A INPUT -p tcp -m tcp --dport 23 -g a
-A INPUT -p tcp -m tcp --dport 24 -j b
-A a -j DROP
-A b -j DROP`),
    { family: "ipv4" },
  ));
  const verdict = (port: number, open?: string) => {
    const packet = outsider({ family: "ipv4", protocol: "tcp", port }, { now: NOW });
    const { verdict, end } = traceStages(stages, packet, open === undefined ? {} : { open });
    return `${verdict} ${end.by?.chain} ${end.by?.number}`;
  };
  assertEquals([22, 23, 24].map((port) => verdict(port)), [
    "dropped a 1",
    "dropped a 1",
    "dropped b 1",
  ]);
  assertEquals([22, 23, 24].map((port) => verdict(port, "a")), [
    ...["accepted INPUT 1", "accepted INPUT 2", "dropped b 1"],
  ]);
  assertEquals(verdict(25, "a"), "accepted INPUT 0");
});

Deno.test("a jump to a chain that is not there may be anything", () => {
  assertEquals(
    told(filter("-A INPUT -j LOG\n-A INPUT -p tcp -j gone")),
    "unknown: depends on rule 2 of INPUT (-p tcp -j gone)",
  );
  assertEquals(
    told(filter("-A INPUT -p tcp -g gone\n-A INPUT -j DROP")),
    "unknown: depends on rule 1 of INPUT (-p tcp -g gone)",
  );
});

Deno.test("the end is that of the way on which nothing holds of which that is not known", () => {
  const maybe = (id: number, target: string) => `-m owner --uid-owner ${id} -j ${target}`;
  const end = (...rules: readonly string[]) => {
    const { end, outcomes, sure } = ask(
      filter(`:a - [0:0]\n${rules.map((rule) => `-A ${rule}`).join("\n")}`, "DROP"),
    );
    const held = outcomes.map((one) => `${one.verdict} ${one.held}`).toSorted();
    return [`${end.by?.chain} ${end.by?.number}`, sure, ...held];
  };
  assertEquals(end("INPUT -j ACCEPT"), ["INPUT 1", true, "accepted 0"]);
  assertEquals(end(`INPUT ${maybe(1, "ACCEPT")}`), ["INPUT 0", false, "accepted 1", "dropped 0"]);
  assertEquals(
    end(`INPUT ${maybe(1, "a")}`, `a ${maybe(2, "REJECT")}`, "a -j ACCEPT"),
    ["INPUT 0", false, "accepted 1", "dropped 0", "rejected 2"],
  );
  assertEquals(
    end(`INPUT ${maybe(1, "REJECT")}`, `INPUT ${maybe(2, "ACCEPT")}`, "INPUT -j DROP"),
    ["INPUT 3", false, "accepted 1", "dropped 0", "rejected 1"],
  );
  // What makes no difference was unknown all the same.
  assertEquals(end(`INPUT ${maybe(1, "DROP")}`), ["INPUT 0", false, "dropped 0", "dropped 1"]);
  assertEquals(end(`INPUT ${maybe(1, "LOG")}`), ["INPUT 0", true, "dropped 0"]);
});

Deno.test("each end names the rule of INPUT through which the packet came to it", () => {
  const tops = (tables: string) =>
    ask(tables).outcomes.map(({ verdict, top }) => `${verdict} ${top}`).toSorted();
  const own = `:a - [0:0]
:b - [0:0]
-A INPUT -p udp -j DROP
-A INPUT -m owner --uid-owner 1 -j a
-A INPUT -m owner --uid-owner 2 -g b
-A INPUT -m owner --uid-owner 3 -j RETURN
-A a -j b
-A b -m owner --uid-owner 4 -j REJECT
-A b -m owner --uid-owner 5 -j ACCEPT`;
  // At the end of a chain the policy counts as the rule behind the last; RETURN as itself.
  assertEquals(tops(filter(own, "DROP")), [
    ...["accepted 2", "accepted 3", "dropped 4", "dropped 5", "rejected 2", "rejected 3"],
  ]);
  assertEquals(tops(filter("", "DROP")), ["dropped 1"]);
  assertEquals(tops(filter("")), ["accepted 1"]);
  const security = "*security\n:INPUT DROP [0:0]\nCOMMIT\n";
  assertEquals(tops(filter("-A INPUT -j ACCEPT") + security), ["dropped null"]);
  assertEquals(tops(security.replace("DROP", "ACCEPT")), ["accepted null"]);
  const raw = "*raw\n:PREROUTING DROP [0:0]\nCOMMIT\n";
  assertEquals(tops(raw + filter("-A INPUT -j ACCEPT")), ["dropped null"]);
});
