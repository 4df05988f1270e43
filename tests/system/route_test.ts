import { assertEquals } from "@std/assert";
import { findDefaultInterface } from "../../src/system/route.ts";

Deno.test("the interface of the default route is the one with the lowest metric", () => {
  assertEquals(findDefaultInterface("default via 198.51.100.254 dev eth0 proto dhcp\n"), "eth0");
  assertEquals(
    findDefaultInterface(
      "default via 10.0.0.1 dev wlan0 proto dhcp src 10.0.0.9 metric 600 \n" +
        "default via 10.0.1.1 dev enp3s0 proto dhcp metric 100 \n",
    ),
    "enp3s0",
  );
  assertEquals(
    findDefaultInterface("default dev ppp0 scope link\ndefault dev x metric 1\n"),
    "ppp0",
  );
  assertEquals(findDefaultInterface("default proto static metric 5\n\tnexthop dev eth1\n"), null);
  assertEquals(findDefaultInterface("unreachable default dev lo metric 4294967295\n"), null);
  assertEquals(findDefaultInterface(""), null);
});
