import { assert, assertEquals, assertMatch } from "@std/assert";
import { run } from "../../src/cli/run.ts";
import { isHost } from "../../src/knockd/client.ts";
import { memorySystem } from "../support/memory_system.ts";

const RULES = `service ssh tcp 22 syn drop
    knock 8022, 7001:udp, 9003 within 5s for 8h close 9003, 7001:udp
service vpn udp 500 ipv4 knock 8023, 7002, 9004 within 1s for 1h
service web tcp 80 knock once "/etc/web.once" for 1h
service mail tcp 25
`;

async function client(words: string, text = RULES) {
  const { system, out, err } = memorySystem({ "rules.pk": text });
  const status = await run(["client", ...words.split(" ")], system);
  return { status, out: out(), err: err() };
}

Deno.test("client prints the knock for knock(1), for bash and for ssh", async () => {
  const { status, out, err } = await client("rules.pk --service ssh --host gate.example.net");
  assertEquals([status, err], [0, ""]);
  assertEquals(
    out,
    `# A door opens for the address that knocked, and for no other: a knock over IPv4 opens
# nothing for IPv6. Keep this secret: whoever has it can knock.

# ssh, tcp 22: open for 8h
knock -4 -d 200 gate.example.net 8022 7001:udp 9003
knock -6 -d 200 gate.example.net 8022 7001:udp 9003
# the same with bash alone
bash -c '{ for s in tcp/gate.example.net/8022 udp/gate.example.net/7001 tcp/gate.example.net/9003; \
do (echo >/dev/$s) & sleep 0.2; kill $!; done; wait; } >/dev/null 2>&1'
# closes it
knock -4 -d 200 gate.example.net 9003 7001:udp
knock -6 -d 200 gate.example.net 9003 7001:udp
# in ~/.ssh/config
Host gate.example.net
    Port 22
    ProxyCommand bash -c '{ for s in tcp/gate.example.net/8022 udp/gate.example.net/7001 \
tcp/gate.example.net/9003; do (echo >/dev/$s) & sleep 0.2; kill $!; done; wait; } >/dev/null 2>&1; \
sleep 0.5; exec 3<>/dev/tcp/gate.example.net/%p 4<&0 && { cat <&4 >&3 & exec cat <&3; }'
`,
  );
});

Deno.test("a host of one family, and a service of one, are knocked by that family alone", async () => {
  const six = await client("rules.pk --service ssh --host 2001:db8::1");
  assertEquals(six.out.match(/knock -\d/g), ["knock -6", "knock -6"]);
  const vpn = await client("rules.pk --service vpn");
  assertEquals(vpn.out.match(/^knock -.*$/gm), ["knock -4 -d 166 HOST 8023 7002 9004"]);
  assert(!vpn.out.includes("Host "));
  const none = await client("rules.pk --service vpn --host 2001:db8::1");
  assertEquals([none.status, none.out], [1, ""]);
  assertMatch(none.err, /vpn has no door for the family/);
});

Deno.test("of several knocks those are left out, and named, that open nothing for the host's family", async () => {
  const six = await client("rules.pk --host 2001:db8::1");
  assertEquals([six.status, six.out.match(/^# \w+, (tcp|udp)/gm)], [0, [
    "# ssh, tcp",
    "# web, tcp",
  ]]);
  assertEquals(
    six.err,
    "pktables: warning: vpn has no door for the family of `2001:db8::1`\n",
  );
  const four = await client("rules.pk --host 192.0.2.1");
  assertEquals(
    [four.status, four.err, four.out.match(/^# \w+, (tcp|udp)/gm)],
    [0, "", ["# ssh, tcp", "# vpn, udp", "# web, tcp"]],
  );
  assertEquals(four.out.match(/^# A door opens/gm)?.length, 1);
});

Deno.test("one-time sequences are on the visitor's own list, not in the file", async () => {
  const { status, out } = await client("rules.pk --service web");
  assertEquals(status, 0);
  assertMatch(out, /# one-time sequences: knock the next line/);
  assertEquals(out.match(/^[^#\n].*$/gm), null);
});

Deno.test("without a service all are printed; one that has no knock, or is none, is reported", async () => {
  assertEquals((await client("rules.pk")).out.match(/^# \w+, (tcp|udp)/gm)?.length, 3);
  const mail = await client("rules.pk --service mail");
  assertEquals([mail.status, mail.out], [1, ""]);
  assertMatch(mail.err, /mail has no knock/);
  const wrong = await client("rules.pk --service shs");
  assertEquals([wrong.status, wrong.out], [4, ""]);
  assertEquals(
    wrong.err,
    "pktables: error: the rules file has no service `shs` (did you mean `ssh`?)\n",
  );
  const far = await client("rules.pk --service nothing");
  assertEquals(
    [far.status, far.err],
    [4, "pktables: error: the rules file has no service `nothing`\n"],
  );
  const none = await client("rules.pk", "service mail tcp 25\n");
  assertEquals([none.status, none.out, none.err], [
    ...[1, "", "pktables: error: no service has a knock\n"],
  ]);
});

Deno.test("a host that a shell or ssh would read otherwise is refused", async () => {
  for (
    const host of [
      "a;b",
      "a$(id)",
      "`id`",
      "a'b",
      'a"b',
      "-oProxyCommand=x",
      "a b",
      "a%h",
      "a/b",
      "a\\b",
      "*",
      "!a",
      "",
      "a\nb",
      "ä",
      ".a",
      "a-",
      "[::1]",
      "fe80::1%eth0",
      "a".repeat(254),
      "x:$(id)",
    ]
  ) {
    assertEquals(isHost(host), false, host);
    const { system, out, err } = memorySystem({ "rules.pk": RULES });
    assertEquals(await run(["client", "rules.pk", `--host=${host}`], system), 2, host);
    assertMatch(
      err(),
      /^pktables: error: invalid host `.*` \(write a name or an address, such as /,
    );
    assertEquals(out(), "");
  }
  for (
    const host of ["a", "HOST", "gate.example.net", "10.0.0.1", "2001:db8::1", "::1", "x_1-2.y"]
  ) {
    assertEquals(isHost(host), true, host);
  }
});

Deno.test("a knock that opens several services is printed once, for each of them as well", async () => {
  const knock = "knock 8022, 7001:udp, 9003 within 5s for 8h";
  const rules = `service web tcp 80 drop ${knock}\nservice ssh tcp 22 drop ipv4 ${knock}\n` +
    `service imap tcp 993 drop ${knock}\n`;
  const all = await client("rules.pk", rules);
  assertEquals(all.out.match(/^# (web|ssh|imap).*/gm), [
    "# web, tcp 80, and imap, tcp 993: open for 8h",
    "# ssh, tcp 22: open for 8h",
  ]);
  const one = await client("rules.pk --service imap", rules);
  assertEquals(one.out.match(/^# (web|ssh|imap).*/gm), [
    "# web, tcp 80, and imap, tcp 993: open for 8h",
  ]);
});

/** The host's block for ssh, without the program that knocks. */
async function sshLines(rules: string): Promise<string[]> {
  const { out } = await client("rules.pk", rules);
  return out.match(/^(?:Host|\s+Port) .*/gm) ?? [];
}

Deno.test("ssh is what has port 22 of tcp, or what is called so, and is asked for that port", async () => {
  const knock = "knock 8022, 7001:udp, 9003 within 5s for 8h";
  for (
    const [service, port] of [
      ["door tcp 22", 22],
      ["door tcp 21-22", 22],
      ["door tcp 22-23", 22],
      ["door tcp 21-23", 22],
      ["door tcp 8, 22, 2222", 22],
      ["OpenSSH tcp 2222", 2222],
      ["my-ssh2 tcp 2222-2224, 3000", 2222],
      ["ssh tcp 443, 8-9", 8],
      ["door tcp 21", null],
      ["door tcp 23", null],
      ["door tcp 1-21, 23-65535", null],
      ["ssh udp 22", null],
      ["sh tcp 2222", null],
    ] as const
  ) {
    const lines = await sshLines(`service ${service} drop ${knock}\n`);
    assertEquals(lines, port === null ? [] : ["Host HOST", `    Port ${port}`], service);
  }
  // Of several that one knock opens, the first of the file is what ssh asks for.
  const both = (one: string, other: string) =>
    sshLines(
      `service a tcp 80 drop ${knock}\n` +
        `service ssh1 tcp ${one} drop ${knock}\nservice ssh2 tcp ${other} drop ${knock}\n`,
    );
  assertEquals(await both("2201", "2202"), ["Host HOST", "    Port 2201"]);
  assertEquals(await both("2202", "22"), ["Host HOST", "    Port 2202"]);
});

Deno.test("steps are a fifth of a second apart, or nearer where the knock has to be fast", async () => {
  for (
    const [knock, pause] of [
      ["3, 1, 2 within 2s", 200],
      ["3, 1, 2 within 1s", 166],
      ["3, 1 within 1s", 200],
      ["5, 3, 1, 2 within 1s", 125],
      ["9, 3, 1, 2, 6, 4 within 2s", 166],
      ["9, 3, 1, 2, 6, 4 within 3s", 200],
    ] as const
  ) {
    const { out } = await client("rules.pk", `service a udp 80 drop ipv6 knock ${knock} for 8h\n`);
    assertEquals(out.match(/-d \d+/g), [`-d ${pause}`], knock);
    assertEquals(out.match(/sleep [\d.]+/g), [`sleep ${pause / 1000}`], knock);
  }
});

Deno.test("one-time sequences are told of in whole, for each family of the host", async () => {
  const { out } = await client("rules.pk --service web");
  assertEquals(
    out.split("\n").slice(3),
    [
      "# web, tcp 80: open for 1h",
      "# one-time sequences: knock the next line of your list, and cross it out",
      "# knock -4 -d 200 HOST NEXT LINE",
      "# knock -6 -d 200 HOST NEXT LINE",
      "",
    ],
  );
  const open = await client("rules.pk", "service a udp 9, 80-82 knock 3, 1, 2\n");
  assertEquals(open.out.split("\n")[3], "# a, udp 9,80-82: open until it is closed");
});
