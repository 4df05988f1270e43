import { assertEquals } from "@std/assert";
import { readAddresses, readDefaultInterface } from "../../src/system/surroundings.ts";

Deno.test("the default route with the smallest metric names the interface", () => {
  assertEquals(
    readDefaultInterface("default via 192.0.2.1 dev eth0 proto dhcp metric 100 \n"),
    "eth0",
  );
  assertEquals(readDefaultInterface("default dev ppp0 scope link \n"), "ppp0");
  assertEquals(
    readDefaultInterface(
      "default via 192.0.2.1 dev wlan0 metric 600 \ndefault via 198.51.100.1 dev eth0 metric 100 \n",
    ),
    "eth0",
  );
  assertEquals(
    readDefaultInterface(
      "default via fe80::1 dev eth1 proto ra metric 1024 expires 1743sec pref medium\n",
    ),
    "eth1",
  );
});

Deno.test("an interface may be called like a word of ip", () => {
  assertEquals(
    readDefaultInterface(
      "default via 192.0.2.1 dev metric metric 100 \ndefault via 198.51.100.1 dev eth0 metric 50 \n",
    ),
    "eth0",
  );
});

Deno.test("without a default route, or with two of one right, no interface is named", () => {
  assertEquals(readDefaultInterface(""), null);
  assertEquals(
    readDefaultInterface("default dev eth0 metric 5\ndefault dev eth1 metric 5\n"),
    null,
  );
});

Deno.test("the machine's addresses are read without their lengths", () => {
  const shown =
    "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n" +
    "2: eth0    inet6 2001:db8::5/64 scope global \\       valid_lft forever preferred_lft forever\n";
  assertEquals(readAddresses(shown), ["127.0.0.1", "2001:db8::5"]);
  assertEquals(readAddresses("2: eth0    inet peer-less \\ \n3: eth1    link/ether 0\n"), []);
});
