import { type KnockStep, type SharedKnock, shareKnocks } from "../../src/firewall/knock.ts";
import { assert, assertEquals } from "@std/assert";
import { parseDuration, printDuration } from "../../src/firewall/duration.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { readHookLine } from "../../src/cli/input/hook_line.ts";
import { KnownServices } from "../../src/knockd/advice.ts";
import { checkKnockdConf } from "../../src/knockd/check_conf.ts";
import { readKnockdConf } from "../../src/knockd/read_conf.ts";
import { type ConfOptions, isPalindrome, writeKnockdConf } from "../../src/knockd/write_conf.ts";
import { makeSource } from "../../src/source/source.ts";

const OPTIONS: ConfOptions = { binary: "/bin/pktables", words: [], heading: [], options: null };

function knock(text: string, given: Partial<SharedKnock> = {}): SharedKnock {
  const steps = text.split(",").map((step): KnockStep => {
    const [port, protocol] = step.split(":");
    return { port: Number(port), protocol: protocol === "udp" ? "udp" : "tcp" };
  });
  return { services: ["ssh"], steps, once: null, within: 15, for: 30, close: null, ...given };
}

Deno.test("a knock with an end makes one section, which needs no stop_command", () => {
  assertEquals(
    writeKnockdConf([knock("7001:udp,9002", { for: 28_800 })], OPTIONS),
    `[open ssh]
    sequence    = 7001:udp,9002:tcp
    seq_timeout = 15
    tcpflags    = syn
    command     = /bin/pktables add %IP% --service ssh --for 8h
`,
  );
});

Deno.test("a knock without an end is closed by the same ports backwards", () => {
  assertEquals(
    writeKnockdConf([knock("1:udp,2:udp", { for: null, within: 2 })], OPTIONS),
    `[open ssh]
    sequence    = 1:udp,2:udp
    seq_timeout = 2
    command     = /bin/pktables add %IP% --service ssh

[close ssh]
    sequence    = 2:udp,1:udp
    seq_timeout = 2
    command     = /bin/pktables delete %IP% --service ssh
`,
  );
});

Deno.test("a closing knock of one's own is written, with an end of the door and without", () => {
  const close = [{ port: 3, protocol: "tcp" }, { port: 9, protocol: "udp" }] as const;
  const closing = `
[close ssh]
    sequence    = 3:tcp,9:udp
    seq_timeout = 15
    tcpflags    = syn
    command     = /bin/pktables delete %IP% --service ssh
`;
  for (const end of [null, 60]) {
    const text = writeKnockdConf([knock("1:udp,2:udp", { for: end, close })], OPTIONS);
    assert(text.endsWith(closing), text);
    assertEquals(text.split("[").length, 3);
  }
});

Deno.test("one-time sequences stay in their file, and no knock backwards closes them", () => {
  const once = "/etc/knockd/ssh.once";
  const text = writeKnockdConf([knock("1", { steps: [], once, for: null })], OPTIONS);
  assertEquals(
    text,
    `[open ssh]
    one_time_sequences = /etc/knockd/ssh.once
    seq_timeout = 15
    tcpflags    = syn
    command     = /bin/pktables add %IP% --service ssh
`,
  );
});

Deno.test("a knock that reads the same backwards is not closed by itself", () => {
  const same = knock("1,2:udp,1", { for: null });
  assert(isPalindrome(same));
  assert(!isPalindrome(knock("1,2,1:udp")));
  assert(!writeKnockdConf([same], OPTIONS).includes("close"));
});

Deno.test("sections of services with like names have names of their own", () => {
  const text = writeKnockdConf(
    [knock("1,2"), knock("3,4"), knock("5,6", { services: ["ssh-2"] })],
    OPTIONS,
  );
  const names = readKnockdConf(makeSource("k", text)).sections.map(({ name }) => name);
  assertEquals(names, ["open ssh", "open ssh 2", "open ssh-2"]);
});

Deno.test("one knock of several services makes one section, whose command opens all of them", () => {
  const steps = [{ port: 3, protocol: "tcp" }, { port: 1, protocol: "udp" }] as const;
  const one = { steps, once: null, within: 15, for: null, close: null };
  const knocks = ["ssh", "dns", "ssh", "web", "six"].map((service) => ({ ...one, service }));
  const services = ["ssh", "dns", "web", "six"].map((name) => ({
    name,
    families: name === "six" ? ["ipv6"] as const : ["ipv4", "ipv6"] as const,
  }));
  const shared = shareKnocks([...knocks, { ...one, service: "web", for: 60 }], services);
  // A command fails where a service is not there: one of IPv6 alone has a section of its own.
  assertEquals(shared.map(({ services }) => services), [["ssh", "dns", "web"], ["six"], ["web"]]);
  assertEquals(
    writeKnockdConf(shared.slice(0, 1), OPTIONS),
    `[open ssh dns web]
    sequence    = 3:tcp,1:udp
    seq_timeout = 15
    tcpflags    = syn
    command     = /bin/pktables add %IP% --service ssh --service dns --service web

[close ssh dns web]
    sequence    = 1:udp,3:tcp
    seq_timeout = 15
    tcpflags    = syn
    command     = /bin/pktables delete %IP% --service ssh --service dns --service web
`,
  );
});

Deno.test("--options makes a whole file, and what is written passes --check", () => {
  const options = { ...OPTIONS, heading: ["Hello"], options: { interface: "eth1", logFile: null } };
  const text = writeKnockdConf([knock("3,1,2", { for: null })], options);
  assert(
    text.startsWith("# Hello\n\n[options]\n    UseSyslog\n    Interface = eth1\n\n[open ssh]"),
  );
  const ssh = { name: "ssh", protocol: "tcp", ports: [{ from: 22, to: 22 }] } as const;
  const found = checkKnockdConf(makeSource("k", text), {
    services: new KnownServices([ssh]),
    readHook: (words) => readHookLine(words, { commands: COMMANDS, now: 1_735_689_600 }),
    isProgram: (path) => path === "/bin/pktables",
    readSequences: () => null,
    hasMark: false,
    isPublic: false,
  });
  assertEquals(found, []);
});

Deno.test("a duration is printed so that it reads back exactly", () => {
  for (const seconds of [1, 59, 60, 90, 3600, 5400, 86_400, 90_061]) {
    assertEquals(parseDuration(printDuration(seconds)), seconds);
  }
  assertEquals([printDuration(90), printDuration(28_800)], ["90s", "8h"]);
});
