// `pktables compile --output` into folders that others can write in.
import { assertEquals, assertMatch } from "@std/assert";

const BINARY = new URL("../../dist/pktables", import.meta.url).pathname;

/** Runs a script of sh(1) in a mount namespace of its own with an empty /mnt; `$1` is the program. */
async function runApart(script: string): Promise<string> {
  const setup = `set -e
    mount -t tmpfs -o mode=755 tmpfs /mnt
    : > /mnt/pktables
    mount --bind "$1" /mnt/pktables
    mkdir -m 1777 /mnt/tmp
    mount --bind /mnt/tmp /tmp
    mkdir -m 755 /mnt/etc
    echo "service ssh tcp 22" > /mnt/rules.pk
    as() { who="$1"; shift; setpriv --reuid="$who" --regid="$who" --clear-groups "$@"; }
    write() { /mnt/pktables compile /mnt/rules.pk --ipv4 --output "$@" 2>&1 || echo "status $?"; }
    cd /mnt\n`;
  const { stdout, stderr } = await new Deno.Command("unshare", {
    args: ["--mount", "sh", "-c", setup + script, "sh", BINARY],
  }).output();
  const text = new TextDecoder();
  return text.decode(stdout) + text.decode(stderr);
}

const asRoot = (name: string, fn: () => Promise<void>) =>
  // A user namespace has one user: no one else could plant anything there.
  Deno.test({ name, ignore: Deno.uid() !== 0, fn });

asRoot("a link that another user planted in a shared folder is not written through", async () => {
  const said = await runApart(`
    echo precious > etc/shadow
    as 65534 ln -s /mnt/etc/shadow tmp/rules.v4
    write /mnt/tmp
    as 65534 ln -s /mnt/etc tmp/out
    write /mnt/tmp/out
    as 1234 /mnt/pktables compile rules.pk --ipv4 --output tmp 2>&1 || echo "status $?"
    cat etc/shadow
    ls -A etc tmp | xargs`);
  const lines = said.trimEnd().split("\n");
  for (
    const [at, link] of [[0, "/mnt/tmp/rules.v4"], [2, "/mnt/tmp/out"], [
      4,
      "/mnt/tmp/rules.v4",
    ]] as const
  ) {
    assertMatch(lines[at] ?? "", /^pktables: error: cannot write `[^`]*rules\.v4`: /, said);
    assertEquals(
      lines[at]?.replace(/^.*`: /, ""),
      `${link} is a symbolic link owned by user 65534 and is not followed`,
    );
    assertEquals(lines[at + 1], "status 1");
  }
  assertEquals(lines.slice(6), ["precious", "etc: shadow tmp: out rules.v4"], said);
});

asRoot("root's link and one's own are followed and stay", async () => {
  const said = await runApart(`
    mkdir real
    chown 65534 real
    ln -s ../real/a etc/rules.v4
    as 65534 ln -s /mnt/real/b tmp/rules.v4
    write /mnt/etc
    as 65534 /mnt/pktables compile rules.pk --ipv4 --output tmp 2>&1
    head -qn 2 real/a real/b
    stat -c '%U %a %F' real/a real/b etc/rules.v4 tmp/rules.v4
    ls -A real etc tmp | xargs`);
  const lines = said.trimEnd().split("\n");
  assertEquals(lines.slice(0, 2), ["wrote `/mnt/etc/rules.v4`", "wrote `tmp/rules.v4`"], said);
  assertEquals([lines[3], lines[5]], ["*filter", "*filter"], said);
  assertEquals(lines.slice(6), [
    "root 644 regular file",
    "nobody 644 regular file",
    "root 777 symbolic link",
    "nobody 777 symbolic link",
    "etc: rules.v4 real: a b tmp: rules.v4",
  ], said);
});
