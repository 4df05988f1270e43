/** Command lines that make two services and three doors: what completions are tried on. */
export const TWO_SERVICES: readonly string[] = [
  "init ssh --port 22 --syn",
  "init vpn --port 500 --udp",
  "add 203.0.113.9 --service ssh",
  "add 2001:db8:10::/48 --service ssh",
  "add 198.51.100.7 --service vpn",
];
