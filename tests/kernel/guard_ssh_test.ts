// The guard typed over a real SSH connection, to the sshd of a machine of its own.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Box, forEachBackend } from "../support/box.ts";
import { FAMILIES, type Family } from "../support/iptables_text.ts";
import { Namespace } from "../support/namespace.ts";
import type { Outcome } from "../support/process.ts";

const SERVER: Readonly<Record<Family, string>> = { ipv4: "10.9.0.1", ipv6: "2001:db8:9::1" };
const CLIENT: Readonly<Record<Family, string>> = { ipv4: "10.9.0.2", ipv6: "2001:db8:9::2" };

const SETTINGS = [
  "HostKey /mnt/host",
  "AuthorizedKeysFile /mnt/keys",
  "StrictModes no",
  "UsePAM no",
  "PermitRootLogin yes",
  "PidFile none",
  "SetEnv PATH=/mnt/bin:/usr/sbin:/usr/bin:/sbin:/bin NO_COLOR=1",
];

/** A machine with an sshd, and a visitor who may log in. */
async function makeServer(box: Box): Promise<Namespace> {
  const visitor = await Namespace.create({ sibling: box.ns });
  await box.ns.connect(visitor, {
    here: ["10.9.0.1/24", "2001:db8:9::1/64"],
    there: ["10.9.0.2/24", "2001:db8:9::2/64"],
  });
  await visitor.must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/mnt/key"]);
  await box.ns.must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/mnt/host"]);
  const key = await Deno.readTextFile(visitor.path("/mnt/key.pub"));
  await Deno.writeTextFile(box.ns.path("/mnt/keys"), key);
  await Deno.writeTextFile(box.ns.path("/mnt/sshd_config"), `${SETTINGS.join("\n")}\n`);
  await box.ns.must(["mkdir", "-p", "/run/sshd"]);
  box.ns.spawn(["/usr/sbin/sshd", "-D", "-e", "-f", "/mnt/sshd_config"], { timeout: 120_000 });
  for (let tries = 0; tries < 100; tries++) {
    if ((await box.ns.run(["sh", "-c", "ss -Htln | grep -q ':22 '"])).code === 0) return visitor;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("sshd does not listen");
}

/** Types a line into a login shell on a terminal, as `ssh -t` opens one; `tty: false` as `ssh` without it. */
async function type(
  visitor: Namespace,
  { family, line, tty = true }: { family: Family; line: string; tty?: boolean },
): Promise<Outcome> {
  const options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"];
  const ended = await visitor.run([
    ...["ssh", tty ? "-tt" : "-T", "-i", "/mnt/key", ...options.flatMap((one) => ["-o", one])],
    ...["-o", "ConnectTimeout=2", `root@${SERVER[family]}`, line],
  ], { timeout: 30_000 });
  return { ...ended, stdout: ended.stdout.replaceAll("\r\n", "\n") };
}

forEachBackend(
  "promise 9, no lockout: over SSH a service that would lock out is refused, and its ways out keep the session",
  async (box) => {
    await using visitor = await makeServer(box);
    const before = await box.saveAll();
    for (const family of FAMILIES) {
      const init = `pktables init ssh --port 22 --backend ${box.backend}`;
      const refused = await type(visitor, { family, line: `${init}; echo status=$?` });
      assertStringIncludes(refused.stdout, "status=1", refused.stderr);
      assertStringIncludes(
        refused.stdout,
        `${
          CLIENT[family]
        }, which is connected to port 22, would be cut off and could not connect again`,
      );
      assertEquals(await box.saveAll(), before);
      const [, way = ""] = /to let it in first: (.*); then this command/.exec(refused.stdout) ?? [];
      const line = [...way.split("; "), `${init} --replace`, "sleep 0.5", "echo alive"].join(
        " && ",
      );
      const { stdout } = await type(visitor, { family, line });
      assertMatch(stdout, /ssh: replaced \(IPv4 and IPv6\)\n(.*\n)*alive\n$/);
      // The next login comes in as well; only now it is reported that its own door stays open.
      const del = `pktables delete ${CLIENT[family]} --service ssh --backend ${box.backend}`;
      const last = await type(visitor, { family, line: `${del}; echo status=$?` });
      assertStringIncludes(last.stdout, "status=1", last.stderr);
      await box.must("remove", "ssh");
    }
  },
);

forEachBackend(
  "over SSH without a terminal, as a script runs it, the guard warns and continues",
  async (box) => {
    await using visitor = await makeServer(box);
    const line = `pktables init ssh --port 22 --syn --backend ${box.backend}; echo status=$?`;
    const { stdout, stderr } = await type(visitor, { family: "ipv6", line, tty: false });
    assertStringIncludes(stdout, "status=0");
    assertStringIncludes(stderr, "will stay connected but cannot connect again");
    // The message was right: the next login is not let in.
    assertEquals((await type(visitor, { family: "ipv6", line: "true" })).code, 255);
  },
);

forEachBackend(
  "behind sudo, which clears the environment, and in tmux over SSH the guard still works",
  async (box) => {
    await using visitor = await makeServer(box);
    const init = `/mnt/bin/pktables init ssh --port 22 --backend ${box.backend}`;
    const has = await box.ns.run(["sh", "-c", "command -v sudo"]);
    const bare = ["env -i", "setsid -w script -qec", ...(has.code === 0 ? ["sudo -n"] : [])];
    for (const wrap of bare) {
      const command = wrap.endsWith("-qec") ? `${wrap} '${init}' /dev/null` : `${wrap} ${init}`;
      const { stdout } = await type(visitor, {
        family: "ipv4",
        line: `${command}; echo status=$?`,
      });
      assertStringIncludes(stdout, "status=1", wrap);
      assertStringIncludes(stdout, `${CLIENT.ipv4}, which is connected to port 22`, wrap);
    }
    const tmux = "tmux -S /mnt/guard-tmux -f /dev/null";
    const pane = `${init} 2>/mnt/said; echo status=\\$? >>/mnt/said`;
    const line = `${tmux} new-session -d "${pane}"; sleep 1; cat /mnt/said`;
    const { stdout } = await type(visitor, { family: "ipv4", line });
    assertStringIncludes(stdout, "status=1");
    assertStringIncludes(stdout, `${CLIENT.ipv4}, which is connected to port 22`);
  },
);
