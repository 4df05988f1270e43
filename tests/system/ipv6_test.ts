import { assertEquals } from "@std/assert";
import { findAddress, findRoute } from "../../src/system/ipv6.ts";

const LOOPBACK =
  "1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever\n";

Deno.test("::1 does not count, every other address is reported with its interface", () => {
  for (const nothing of ["", "\n", LOOPBACK, "1: lo    inet 127.0.0.1/8 scope host lo\n"]) {
    assertEquals(findAddress(nothing), null);
  }
  for (
    const odd of ["x2: eth0    inet6 fe80::1/64", "eth0    inet6 fe80::1/64", "2: eth0    inet6 "]
  ) {
    assertEquals(findAddress(odd), null, odd);
  }
  const link = "2: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever\n";
  assertEquals(findAddress(LOOPBACK + link), "address fe80::1/64 on eth0");
  const peer = "7: tun0    inet6 2001:db8::1 peer 2001:db8::2/128 scope global \\ \n";
  assertEquals(findAddress(LOOPBACK + peer), "address 2001:db8::1 on tun0");
  const anycast = "1: lo    inet6 2001:db8::53/128 scope global \\ \n";
  assertEquals(findAddress(LOOPBACK + anycast), "address 2001:db8::53/128 on lo");
  const veth = "12: veth0@if3    inet6 ::10/64 scope global tentative \\ \n";
  assertEquals(findAddress(veth), "address ::10/64 on veth0@if3");
});

Deno.test("routes that let no packet through do not count", () => {
  const none = [
    "",
    "::1 dev lo proto kernel metric 256 pref medium\n",
    "local ::1 dev lo table local proto kernel metric 0 pref medium\n",
    "unreachable default dev lo metric 4294967295 error -101 pref medium\n",
    "blackhole 2001:db8::/32 dev lo metric 1024\n",
    "prohibit 2001:db8::/32 dev lo metric 1024\n",
    "throw 2001:db8::/32 dev lo metric 1024\n",
  ];
  for (const printed of [...none, none.join("")]) assertEquals(findRoute(printed), null);
  const some = [
    ["2001:db8::/64 dev eth0 proto kernel metric 256 pref medium", "route 2001:db8::/64"],
    ["default via fe80::1 dev eth0 proto ra metric 100", "route default"],
    ["local 2001:db8:5::/64 dev lo table local metric 1024", "route local 2001:db8:5::/64"],
    ["multicast ff00::/8 dev eth0 table local proto kernel", "route multicast ff00::/8"],
  ] as const;
  for (const [line, told] of some) assertEquals(findRoute(`${none.join("")}${line}\n`), told);
});
