// What the verbs make of the kernel's lists of who has knocked: which are read, and what is told of them.
import { assertEquals } from "@std/assert";
import type { FakeSystem } from "../support/fake_system.ts";
import { loaded, RULES } from "../support/hearing_machine.ts";

/** A second knock of the same service. */
const TWO = `${RULES}    knock 5000, 6022:udp, 4003 within 9s for 1h by kernel\n`;

/** What was asked of the lists, and what was taken off them. */
const lists = ({ steps }: FakeSystem) => steps.filter((step) => /^(read|off)/.test(step));

/** The doors that knocks opened, as `list` shows them. */
async function doors(system: FakeSystem, line = "list --json"): Promise<string[]> {
  const { services } = JSON.parse((await system.run(line)).out) as {
    services: { name: string; doors: { address: string; kind: string }[] }[];
  };
  return services.flatMap(({ name, doors }) =>
    doors.filter(({ kind }) => kind === "kernel").map(({ address }) =>
      `${name} ${address.replace(/\/.*/, "")}`
    )
  );
}

/** The lists of those who have begun to knock, by the chains that are loaded. */
const begun = (system: FakeSystem) => [
  ...new Set(system.kernel.dump("ipv4").match(/pk-\S+\.s1(?= )/g) ?? []),
];

Deno.test("list reads the lists of the services that it shows, each with the knocks that began", async () => {
  const system = await loaded(
    `${TWO}service web tcp 80 drop\n    knock 1, 2, 3 for 1h by kernel\n`,
  );
  const of = (name: string) => begun(system).filter((list) => list.startsWith(`pk-${name}.`));
  const read = async (line: string) => {
    system.steps.length = 0;
    await system.run(line);
    // What the tracer asks comes behind.
    return lists(system)[0]?.split(" ").slice(2).sort();
  };
  const ssh = ["pk-ssh", "pk-ssh.2", ...of("ssh")];
  const web = ["pk-web", ...of("web")];
  assertEquals([of("ssh").length, of("web").length], [2, 1]);
  assertEquals(await read("list ssh --ipv4"), ssh.toSorted());
  assertEquals(await read("list web --ipv4"), web.toSorted());
  assertEquals(await read("list --ipv4"), [...ssh, ...web].sort());
});

Deno.test("a comment in a knock's chain names no list", async () => {
  const system = await loaded();
  const chain = system.kernel.dump("ipv4").match(/-A (\S+) .*\.s1 /)?.[1];
  for (const seconds of ["5", ""]) {
    const words = `--rcheck --seconds ${seconds} --name pk-x.s1 `;
    system.kernel.load("ipv4", `-A ${chain} -m comment --comment "${words}" -j RETURN`);
  }
  system.steps.length = 0;
  await system.run("list --ipv4");
  assertEquals(lists(system)[0]?.includes("pk-x"), false);
});

Deno.test("without a knock of the kernel no list is read", async () => {
  const system = await loaded("service ssh tcp 22 syn drop\n");
  for (const line of ["list", "list --json", "delete 10.1.1.1 --service ssh"]) {
    await system.run(line);
  }
  system.contents["rules.pk"] = "service ssh tcp 22 syn accept\n";
  await system.run("load rules.pk");
  assertEquals(lists(system), []);
  // Nor those of doors where a knock is new, or stays as it is.
  for (const rules of [RULES, `${RULES}service web tcp 80 drop\n`]) {
    system.contents["rules.pk"] = rules;
    await system.run("load rules.pk");
  }
  assertEquals(lists(system).filter((step) => /^read lists *(pk-ssh pk-ssh.v6)?$/.test(step)), []);
});

Deno.test("a service shows the doors of its own lists and of its families, and what is no address not", async () => {
  const rules = RULES.replace("syn drop", "syn drop ipv4");
  const system = await loaded(
    `${rules}service web tcp 80 drop\n    knock 1, 2, 3 for 1h by kernel\n`,
  );
  system.knocked["pk-ssh"] = { "10.9.2.2": 5, "10.9.2.1": 9, "fd00::7": 1, "nonsense": 1 };
  system.knocked["pk-ssh.v6"] = { "fd00::1": 1 };
  system.knocked["pk-web"] = { "10.9.3.1": 3600, "10.9.3.2": 3601 };
  system.knocked["pk-web.v6"] = { "fd00::2": 1, "10.9.3.3": 1 };
  assertEquals(await doors(system), [
    "ssh 10.9.2.1",
    "ssh 10.9.2.2",
    "web 10.9.3.1",
    "web fd00::2",
  ]);
  assertEquals(await doors(system, "list web --json"), ["web 10.9.3.1", "web fd00::2"]);
});

Deno.test("list names each list that holds no more, once it is full of what still counts", async () => {
  const more = "(more: the module's option ip_list_tot, in /etc/modprobe.d)";
  const open =
    "pktables: warning: ssh: 2 doors are open by knocks, and the kernel's list pk-ssh holds no more: " +
    `the next knock closes the oldest ${more}\n`;
  const full = (list: string) =>
    `pktables: warning: ssh: 2 addresses knock at once, and the kernel's list ${list} holds no ` +
    `more: knocks get lost ${more}\n`;
  for (
    const [capacity, now, knocking, said] of [
      [2, 2, 2, "both"],
      [2, 2, 1, "doors"],
      [2, 1, 2, "knocks"],
      [2, 1, 1, ""],
      [3, 2, 2, ""],
      [1, 0, 0, ""],
      [null, 2, 2, ""],
    ] as const
  ) {
    const system = await loaded();
    system.kernelKnocks.capacity = capacity;
    const [list = ""] = begun(system);
    // A chain of others that asks the same list says nothing of whose it is.
    system.kernel.load(
      "ipv4",
      `:zone - [0:0]\n-A zone -m recent --rcheck --seconds 9 --name ${list} ` +
        "--mask 255.255.255.255 --rsource -j RETURN",
    );
    const hosts = ["10.9.2.1", "10.9.2.2"];
    const of = (count: number, ago: number) =>
      Object.fromEntries(hosts.slice(0, count).map((host) => [host, ago]));
    system.knocked["pk-ssh"] = of(now, 28_800);
    system.knocked[list] = of(knocking, 5);
    assertEquals(
      (await system.run("list")).err,
      (said === "both" || said === "doors" ? open : "") +
        (said === "both" || said === "knocks" ? full(list) : ""),
    );
  }
});

Deno.test("delete takes an address off all lists of the service, and asks of no other", async () => {
  const system = await loaded(TWO);
  system.knocked["pk-ssh"] = { "10.9.2.1": 60, "10.9.2.2": 60 };
  system.knocked["pk-ssh.2"] = { "10.9.2.1": 60 };
  Object.assign(system.console, { errIsTerminal: true, noColor: true });
  system.asked.length = 0;
  const none = await system.run("delete 10.9.2.9 --service ssh");
  assertEquals([none.out, system.asked], ["ssh: 10.9.2.9/32 not open: nothing to do\n", []]);
  system.steps.length = 0;
  const dry = await system.run("delete 10.9.2.0/30 --service ssh --dry-run");
  assertEquals(
    dry.out,
    "ssh: 2 doors that knocks opened would be closed\n" +
      "ssh: the door that a knock opened would be closed\n",
  );
  assertEquals(
    (await system.run("delete 10.9.2.1 --service ssh")).out,
    "ssh: 10.9.2.1/32 closed\n",
  );
  assertEquals(lists(system).filter((step) => step.startsWith("off")), [
    "off pk-ssh 10.9.2.1",
    "off pk-ssh.2 10.9.2.1",
  ]);
});

Deno.test("of one list alone the doors are shown, closed, and kept from opening again", async () => {
  const system = await loaded(RULES.replace("syn drop", "syn drop ipv4"));
  system.knocked["pk-ssh"] = { "10.9.2.1": 60, "10.9.2.2": 28_801, "10.9.2.3": 28_800 };
  assertEquals(await doors(system), ["ssh 10.9.2.1", "ssh 10.9.2.3"]);
  system.steps.length = 0;
  system.contents["rules.pk"] = RULES.replace("8h", "9h").replace("syn drop", "syn drop ipv4");
  assertEquals((await system.run("load rules.pk")).status, 0);
  assertEquals(lists(system).slice(0, 2), ["read lists pk-ssh", "off pk-ssh 10.9.2.2"]);
});

const UNKNOWN =
  "pktables: warning: ssh: a door that a knock opened and the kernel has closed may " +
  "open again: its time gets longer, and the kernel does not show since when it was open\n";

const GONE =
  "pktables: warning: ssh: a knock is gone, and the next one takes its place: its doors " +
  "are closed, and those of other knocks may be\n";

for (
  const [what, rules, hosts, prepare, said] of [
    ["nobody has knocked", RULES.replace("8h", "9h"), [], {}, ""],
    ["the kernel shows its clock", RULES.replace("8h", "9h"), ["10.9.2.1"], {}, ""],
    [
      "it does not show its clock",
      RULES.replace("8h", "9h"),
      ["10.9.2.1"],
      { clock: false },
      UNKNOWN,
    ],
    ["nobody is on a list without a clock", RULES.replace("8h", "9h"), [], { clock: false }, ""],
    ["the list is not shown", RULES.replace("8h", "9h"), ["10.9.2.1"], { shown: false }, UNKNOWN],
    ["a knock goes that nobody used", TWO.replace(/ +knock 7.*\n/, ""), [], {}, ""],
    ["a knock goes", TWO.replace(/ +knock 7.*\n/, ""), ["10.9.2.1"], {}, GONE],
    [
      "a knock goes, and no clock",
      TWO.replace(/ +knock 7.*\n/, ""),
      ["10.9.2.1"],
      { clock: false },
      GONE,
    ],
  ] as const satisfies readonly (readonly [
    string,
    string,
    readonly string[],
    { readonly clock?: boolean; readonly shown?: boolean },
    string,
  ])[]
) {
  Deno.test(`load says whether a door may open again: ${what}`, async () => {
    const given: { readonly clock?: boolean; readonly shown?: boolean } = prepare;
    const system = await loaded(rules.includes("7000") ? RULES : TWO);
    system.knocked["pk-ssh"] = Object.fromEntries(hosts.map((host) => [host, 60]));
    system.kernelKnocks.isClockShown = given.clock ?? true;
    system.areListsShown = given.shown ?? true;
    system.contents["rules.pk"] = rules;
    const { status, err } = await system.run("load rules.pk");
    assertEquals([status, err], [0, said]);
  });
}
