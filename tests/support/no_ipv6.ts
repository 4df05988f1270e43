import { failure } from "../../src/system/failure.ts";

/** What reading the tables of IPv6 says on machines without it: no program for it, or no family. */
export const NO_IPV6 = [
  failure("absent", "there is no ip6tables-save on this machine"),
  failure(
    "no-family",
    "the kernel has this address family switched off",
    "Address family not supported by protocol",
  ),
];
