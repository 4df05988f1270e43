// What is shown of the doors and foreign rules of a service, in the table and for programs.
import { assert, assertEquals } from "@std/assert";
import { readFilterTable } from "../support/read_table.ts";
import { drawTable } from "../../src/cli/report/service_table.ts";
import {
  type DoorView,
  secondsLeft,
  secondsToConfirm,
  type ServiceView,
  toJson,
  unconfirmedToJson,
  viewService,
  viewServices,
  viewUnconfirmed,
} from "../../src/cli/report/view.ts";
import { parseAddress } from "../../src/firewall/address.ts";
import type { Standing } from "../../src/plan/standing.ts";

const NOW = Date.parse("2026-05-06T07:08:09Z") / 1000;

const IPV4 = `*filter
:INPUT ACCEPT [0:0]
:pk-web - [0:0]
:pk-ssh - [0:0]
[7:420] -A INPUT -i eth0 -p tcp -m tcp --dport 22 -j pk-ssh
[2:120] -A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 2222 -j pk-ssh
[3:180] -A INPUT -p tcp -m tcp --dport 80 -j pk-web
[4:240] -A pk-ssh -s 203.0.113.9/32 -m time --datestop 2026-05-06T07:08:10 -j ACCEPT
[5:300] -A pk-ssh -s 203.0.113.8/32 -m time --datestop 2026-05-06T07:08:08 -j ACCEPT
[6:360] -A pk-ssh -s 192.0.2.0/24 -m comment --comment pk-allow -j ACCEPT
[8:480] -A pk-ssh -s 198.51.100.7/32 -j ACCEPT
[9:540] -A pk-ssh -p icmp -j ACCEPT
[1:60] -A pk-ssh -m mark --mark 0x1 -j DROP
[0:0] -A pk-ssh -j DROP
[10:600] -A pk-ssh -s 198.51.100.6/32 -j ACCEPT
[0:0] -A pk-web -j ACCEPT
COMMIT
`;

const table = readFilterTable(IPV4, "ipv4");

Deno.test("doors are shown in the order of their addresses, each with its end and its packets", () => {
  assertEquals(drawTable(viewServices([table]), NOW).split("\n"), [
    "SERVICE  PORTS                POLICY  DOOR              TIME LEFT        PACKETS",
    "ssh      tcp 22 on eth0 ipv4  drop    192.0.2.0/24      allowed by file        6",
    "                                      198.51.100.6/32   dead                  10",
    "                                      198.51.100.7/32   no end                 8",
    "                                      203.0.113.8/32    expired                5",
    "                                      203.0.113.9/32    2s                     4",
    "                                      +2 foreign rules                        10",
    "web      tcp 80 ipv4          accept  -                                        3",
  ]);
});

Deno.test("for programs a door, a foreign rule and a restricted jump have all that is known of them", () => {
  const json = JSON.parse(JSON.stringify(toJson(viewService([table], "ssh"), NOW)));
  const door = (address: string, more: object) => ({
    ...{ address, family: "ipv4", kind: "door", dead: false, expires: null, secondsLeft: null },
    ...more,
  });
  assertEquals(json, {
    version: 1,
    services: [{
      name: "ssh",
      families: ["ipv4"],
      protocol: "tcp",
      ports: ["22"],
      syn: false,
      interface: "eth0",
      policy: "drop",
      established: false,
      log: null,
      doors: [
        door("192.0.2.0/24", { kind: "allow", packets: 6, bytes: 360 }),
        door("198.51.100.6/32", { dead: true, packets: 10, bytes: 600 }),
        door("198.51.100.7/32", { packets: 8, bytes: 480 }),
        door("203.0.113.8/32", {
          ...{ expires: "2026-05-06T07:08:08Z", secondsLeft: 0, packets: 5, bytes: 300 },
        }),
        door("203.0.113.9/32", {
          ...{ expires: "2026-05-06T07:08:10Z", secondsLeft: 2, packets: 4, bytes: 240 },
        }),
      ],
      others: [
        { family: "ipv4", rule: "-p icmp -j ACCEPT", packets: 9, bytes: 540 },
        { family: "ipv4", rule: "-m mark --mark 0x1 -j DROP", packets: 1, bytes: 60 },
      ],
      restrictedJumps: [{
        family: "ipv4",
        rule: "-s 10.0.0.0/8 -p tcp -m tcp --dport 2222 -j pk-ssh",
        packets: 2,
        bytes: 120,
      }],
      packets: 9,
      bytes: 540,
    }],
  });
  assertEquals(viewService([table], "dns"), []);
});

/** A service with these doors and nothing else. */
function withDoors(doors: readonly DoorView[], more: Partial<ServiceView> = {}): ServiceView {
  const [web] = viewService([table], "web");
  assert(web !== undefined);
  return { ...web, doors, ...more };
}

/** A door, by default of the kernel. */
function door(more: Partial<DoorView>): DoorView {
  const address = parseAddress("192.0.2.1/32");
  assert(address.ok);
  return {
    ...{ address: address.value, kind: "kernel", until: null, isDead: false },
    ...{ packets: null, bytes: null },
    ...more,
  };
}

/** What the table says of doors: the time left, and the packets. */
function times(doors: readonly DoorView[]): string[] {
  const lines = drawTable([withDoors(doors)], NOW).split("\n").slice(1);
  return lines.map((line) => line.slice(line.indexOf("/32") + 3).trim().replaceAll(/ +/g, " "));
}

Deno.test("a door says when it ends and who opened it; of the kernel's no packets are known", () => {
  const cases: readonly [Partial<DoorView>, string][] = [
    [{}, "not known, by kernel -"],
    [{ until: NOW + 59 }, "1m by kernel -"],
    [{ until: NOW - 1 }, "expired by kernel -"],
    [{ kind: "door" }, "no end -"],
    [{ kind: "door", until: NOW, packets: 0 }, "1s 0"],
    [{ kind: "door", until: NOW - 1, packets: 0 }, "expired 0"],
    [{ kind: "allow", packets: 12 }, "allowed by file 12"],
    [{ kind: "allow", isDead: true, packets: 1 }, "dead 1"],
  ];
  assertEquals(times(cases.map(([one]) => door(one))), cases.map(([, words]) => words));
  const json = JSON.parse(JSON.stringify(toJson([withDoors([door({})])], NOW)));
  assertEquals(json.services[0].doors, [{
    ...{ address: "192.0.2.1/32", family: "ipv4", kind: "kernel", dead: false },
    ...{ expires: null, secondsLeft: null, packets: null, bytes: null },
  }]);
});

Deno.test("foreign rules are counted, and their packets", () => {
  const rule = { family: "ipv4", text: "-j LOG", packets: 3, bytes: 1 } as const;
  for (
    const [count, words] of [[1, "+1 foreign rule 3"], [2, "+2 foreign rules 6"], [
      3,
      "+3 foreign rules 9",
    ]] as const
  ) {
    const others = Array.from({ length: count }, () => rule);
    const lines = drawTable([withDoors([], { others })], NOW).split("\n");
    assertEquals(lines.length, 3);
    assertEquals(lines[2]!.trim().replaceAll(/ +/g, " "), words);
  }
});

Deno.test("a service that one family alone has is shown as that family's", () => {
  const without = readFilterTable("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", "ipv4");
  const ipv6 = readFilterTable(IPV4.replaceAll(/^.*pk-ssh.*\n/gm, ""), "ipv6");
  for (const tables of [[without, ipv6], [ipv6, without]]) {
    assertEquals(viewServices(tables).map(({ name, families }) => [name, families]), [
      ["web", ["ipv6"]],
    ]);
  }
});

Deno.test("a service that one family hears knocks for is one that is knocked", () => {
  const list = "-m recent --rcheck --seconds 60 --name pk-web --mask 255.255.255.255 --rsource";
  const knocked = IPV4.replace("-A pk-web", `-A pk-web ${list} -j ACCEPT\n[0:0] -A pk-web`);
  const [without, withKnock] = [IPV4, knocked].map((save) => readFilterTable(save, "ipv4"));
  assertEquals(viewService([without!], "web").map((one) => one.isKnocked), [false]);
  assertEquals(viewService([without!, withKnock!], "web").map((one) => one.isKnocked), [true]);
});

Deno.test("a foreign rule that decides in place of the policy is known by its family", () => {
  const save = IPV4.replace("-A pk-web", "-A pk-web -p tcp -j ACCEPT\n[0:0] -A pk-web");
  const views = viewService([readFilterTable(save, "ipv4"), readFilterTable(save, "ipv6")], "web");
  const overrule = { at: 1, text: "-p tcp -j ACCEPT", name: "web", verdict: "accept" } as const;
  assertEquals(views.map(({ overruled }) => overruled), [[
    { family: "ipv4", overrule },
    { family: "ipv6", overrule },
  ]]);
  assertEquals(viewService([table], "ssh")[0]?.overruled, []);
});

Deno.test("the policy is how the chain ends, whoever says so", () => {
  const [web] = viewService([table], "web");
  assert(web !== undefined);
  const policy = (observed: Partial<ServiceView["observed"]>) =>
    drawTable([{ ...web, observed: { ...web.observed, ...observed } }], NOW)
      .split("\n")[1]!.split(/ {2,}/)[2];
  assertEquals(policy({}), "accept");
  assertEquals(policy({ policy: null }), "accept");
  assertEquals(policy({ policy: null, end: null }), "none");
});

Deno.test("ports are not named where the jump is gone, or is not of this tool", () => {
  const ports = (save: string) =>
    drawTable(viewService([readFilterTable(save, "ipv4")], "web"), NOW).split("\n")[1]!
      .split(/ {2,}/)[1];
  assertEquals(ports(IPV4), "tcp 80 ipv4");
  assertEquals(ports(IPV4.replace(/^.*-j pk-web\n/m, "")), "no jump in INPUT ipv4");
  assertEquals(
    ports(IPV4.replace("-p tcp -m tcp --dport 80", "-s 10.0.0.1/32")),
    "foreign jump ipv4",
  );
});

Deno.test("columns are left out from the width on at which they do not fit", () => {
  const services = viewServices([table]);
  const head = (width: number) => drawTable(services, NOW, { width }).split("\n")[0]!;
  const names = (width: number) => head(width).split(/ {2,}/).join();
  const [all, fewer, few] = [
    "SERVICE,PORTS,POLICY,DOOR,TIME LEFT,PACKETS",
    "SERVICE,PORTS,DOOR,TIME LEFT,PACKETS",
    "SERVICE,DOOR,TIME LEFT,PACKETS",
  ];
  const whole = head(Infinity).length;
  assertEquals([Infinity, whole + 1, whole, whole - 1].map(names), [all, all, all, fewer]);
  const narrow = head(whole - 1).length;
  assertEquals([narrow, narrow - 1, 48, 1].map(names), [fewer, few, few, few]);
});

Deno.test("a door counts the second that it names, and every part of one as a whole", () => {
  const cases = [[-2, 0], [-1, 0], [-0.5, 1], [0, 1], [0.5, 2], [1, 2], [9, 10]] as const;
  for (const [ahead, left] of cases) assertEquals(secondsLeft(NOW + ahead, NOW), left);
});

Deno.test("rules can be confirmed up to the end of their last second", () => {
  for (
    const [now, left] of [[-9, 9], [-1.5, 2], [-1, 1], [0, 1], [0.9, 1], [1, 0], [2, 0]] as const
  ) assertEquals(secondsToConfirm(NOW, NOW + now), left, `${now}`);
});

/** What is unconfirmed of a family until a second, with these services. */
function standing(
  family: "ipv4" | "ipv6",
  { until, names, isOver = false }: { until: number; names: string[]; isOver?: boolean },
): Standing {
  const of = readFilterTable(IPV4, family);
  return { table: of, edits: [], isOver, found: { until, names } as unknown as Standing["found"] };
}

Deno.test("what is unconfirmed is told over both families, up to the end that comes first", () => {
  const nothing = { table, edits: [], found: null, isOver: false };
  const ipv4 = standing("ipv4", { until: NOW + 60, names: ["web", "ssh"] });
  const ipv6 = standing("ipv6", { until: NOW + 50, names: ["web", "dns"] });
  const over = standing("ipv6", { until: NOW - 9, names: ["old"], isOver: true });
  const both = viewUnconfirmed([ipv4, ipv6], NOW);
  assertEquals(both, {
    until: NOW + 50,
    secondsLeft: 50,
    names: ["dns", "ssh", "web"],
    families: ["ipv4", "ipv6"],
  });
  assertEquals(viewUnconfirmed([nothing, ipv6], NOW)?.families, ["ipv6"]);
  assertEquals(viewUnconfirmed([ipv4, over], NOW)?.names, ["ssh", "web"]);
  assertEquals(viewUnconfirmed([nothing, over], NOW), null);
  assertEquals(unconfirmedToJson(null), {});
  assertEquals(unconfirmedToJson(both), {
    unconfirmed: {
      expires: "2026-05-06T07:08:59Z",
      secondsLeft: 50,
      services: ["dns", "ssh", "web"],
      families: ["ipv4", "ipv6"],
    },
  });
});
