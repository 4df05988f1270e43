import { assertEquals, assertStringIncludes } from "@std/assert";
import { readFilterTable } from "../support/read_table.ts";
import { drawTable } from "../../src/cli/report/service_table.ts";
import { toJson, viewService } from "../../src/cli/report/view.ts";

const closed = `*filter
:INPUT ACCEPT [0:0]
:pk-ssh - [0:0]
[7:420] -A INPUT -p tcp -m tcp --dport 22 -j pk-ssh
[0:0] -A pk-ssh -j DROP
COMMIT
`;

Deno.test("a service that both families have alike is one line", () => {
  const tables = [readFilterTable(closed, "ipv4"), readFilterTable(closed, "ipv6")];
  assertEquals(
    drawTable(viewService(tables, "ssh"), 0),
    [
      "SERVICE  PORTS   POLICY  DOOR  TIME LEFT  PACKETS",
      "ssh      tcp 22  drop    -                     14",
    ].join("\n"),
  );
});

Deno.test("on a narrow terminal the door and its time remain", () => {
  const door = "[0:0] -A pk-ssh -s 203.0.113.9/32 -j ACCEPT\n[0:0] -A pk-ssh -j DROP";
  const tables = [readFilterTable(closed.replace("[0:0] -A pk-ssh -j DROP", door), "ipv4")];
  const heads = [64, 63, 55, 20].map((width) =>
    drawTable(viewService(tables, "ssh"), 0, { width }).split("\n")[0]?.replaceAll(/ +/g, " ")
  );
  assertEquals(heads, [
    "SERVICE PORTS POLICY DOOR TIME LEFT PACKETS",
    "SERVICE PORTS DOOR TIME LEFT PACKETS",
    "SERVICE DOOR TIME LEFT PACKETS",
    "SERVICE DOOR TIME LEFT PACKETS",
  ]);
});

Deno.test("a port that is closed on IPv4 and open on IPv6 is not shown as closed", () => {
  const open = closed.replace("-j DROP", "-j ACCEPT");
  const tables = [readFilterTable(closed, "ipv4"), readFilterTable(open, "ipv6")];
  const views = viewService(tables, "ssh");
  assertEquals(views.map(({ families, observed }) => [families, observed.policy]), [
    [["ipv4"], "drop"],
    [["ipv6"], "accept"],
  ]);
  assertEquals(
    drawTable(views, 0).split("\n").slice(1),
    [
      "ssh      tcp 22 ipv4  drop    -                      7",
      "ssh      tcp 22 ipv6  accept  -                      7",
    ],
  );
});

Deno.test("a jump that is missing in one family is reported for that family", () => {
  const cut = closed.replace(/^.*INPUT -p.*\n/m, "");
  const tables = [readFilterTable(cut, "ipv4"), readFilterTable(closed, "ipv6")];
  const lines = drawTable(viewService(tables, "ssh"), 0).split("\n").slice(1);
  assertEquals(lines.map((line) => line.slice(9, 30).trim()), [
    "no jump in INPUT ipv4",
    "tcp 22 ipv6",
  ]);
});

Deno.test("a service on one interface says so, in the table and for programs", () => {
  const table = readFilterTable(closed.replace("INPUT -p", "INPUT -i eth0 -p"), "ipv4");
  const views = viewService([table], "ssh");
  assertStringIncludes(drawTable(views, 0), "tcp 22 on eth0 ipv4");
  assertEquals(views[0]?.observed.interface, "eth0");
});

Deno.test("a log without a limit has no rate and no burst for programs", () => {
  const log = "[0:0] -A pk-ssh -j LOG\n[0:0] -A pk-ssh -j DROP";
  const table = readFilterTable(closed.replace("[0:0] -A pk-ssh -j DROP", log), "ipv4");
  const json = JSON.stringify(toJson(viewService([table], "ssh"), 0));
  assertStringIncludes(json, '"log":{"prefix":null,"level":4,"limit":null,"burst":null}');
});
