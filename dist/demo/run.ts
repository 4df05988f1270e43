// The demo itself; dist/demo.ts starts it in a network and mount namespace of its own. This namespace
// is the server; a second one, joined to it by a virtual cable (veth), is the client.
import { TOP } from "../build/network.ts";
import { cleanUpOnSignal, main, must, run } from "../script.ts";

const PKTABLES = `${TOP}/dist/pktables`;

/** The rules file that the demo is about. */
const RULES = "grammar/examples/knock.pk";

const SERVER = "10.9.0.1";
const KNOCKS = ["8022", "7001:udp", "9003"];
const CONFIG = "/run/knockd.conf";
const LOG = "/run/knockd.log";

/**
 * Ends knockd when this process has ended, for any reason: then its standard input ends too. A closed
 * terminal sends SIGHUP, on which the shell would end without its EXIT, and knockd rereads its file.
 */
const KEEP_KNOCKD =
  'knockd -i pk0 -c "$1" & trap "kill $!" EXIT; trap "exit 130" HUP INT TERM; cat';

/** Seconds after which a port is closed; one that is open is given time on a busy machine. */
const PATIENCE = { open: "3", closed: "1" } as const;

/** Reads what the server greets with. */
const PROBE = ["bash", "-c", `head -n 1 < /dev/tcp/${SERVER}/22`];
const IN_CLIENT = ["nsenter", "--net=/run/netns/client", "--"];

const bold = (text: string) =>
  Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR") ? `\x1b[1m${text}\x1b[0m` : text;

let step = 0;

function say(text: string): void {
  console.log(`\n${bold(`${++step}. ${text}`)}`);
}

function indent(text: string): string {
  return text.trimEnd().split("\n").map((line) => `   ${line}`.trimEnd()).join("\n");
}

/** Runs a command of the setup, which is not shown. */
function prepare(...command: string[]): Promise<string> {
  return must(command, { timeLimit: 20_000 });
}

/** Shows a command and all that it printed; returns its standard output, without its warnings. */
async function shown(where: "server" | "client", command: readonly string[]): Promise<string> {
  console.log(bold(`   ${where}$ ${command.map(shellWord).join(" ")}`));
  const [program = "", ...args] = command;
  const real = [program === "pktables" ? PKTABLES : program, ...args];
  const shell = where === "client" ? IN_CLIENT : [];
  const { code, stdout, output } = await run([...shell, ...real], { timeLimit: 20_000 });
  if (output !== "") console.log(indent(output));
  // timeout(1) exits with 124 when the time has expired.
  if (code !== 0 && code !== 124) throw new Error(`the last command failed (${code})`);
  return stdout;
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`;
}

/** Lets the client connect; the demo fails if the port is not as it has to be. */
async function connect(expected: "open" | "closed"): Promise<void> {
  const output = await shown("client", ["timeout", PATIENCE[expected], ...PROBE]);
  const answer = output.startsWith("SSH-") ? "open" : "closed";
  console.log(answer === "open" ? "   => open: the server answers" : "   => closed: no answer");
  if (answer !== expected) throw new Error(`port 22 is ${answer}, and must be ${expected}`);
}

/** Two namespaces and a cable between them. /run is made private: locks and names are there. */
async function buildScenery(): Promise<void> {
  await prepare("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run");
  await prepare("ip", "netns", "add", "client");
  await prepare("ip", "link", "set", "lo", "up");
  const peer = ["peer", "name", "pk0", "netns", "client"];
  await prepare("ip", "link", "add", "pk0", "type", "veth", ...peer);
  await prepare("ip", "address", "add", `${SERVER}/24`, "dev", "pk0");
  await prepare("ip", "link", "set", "pk0", "up");
  await prepare(...IN_CLIENT, "ip", "address", "add", "10.9.0.2/24", "dev", "pk0");
  await prepare(...IN_CLIENT, "ip", "link", "set", "pk0", "up");
  await Deno.symlink(PKTABLES, "/run/pktables");
}

/** The server on port 22: it greets like an SSH server, and hangs up. */
async function serve(listener: Deno.Listener): Promise<void> {
  for await (const connection of listener) {
    await connection.write(new TextEncoder().encode("SSH-2.0-demo\r\n")).catch(() => 0);
    connection.close();
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Polls every 50 ms, for five seconds, until there is an answer. */
async function waitFor<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await pause(50);
  }
  const log = await Deno.readTextFile(LOG).catch(() => "nothing");
  throw new Error(`${what} took more than five seconds; knockd says:\n${log}`);
}

async function startKnockd(): Promise<Deno.ChildProcess> {
  const knockd = new Deno.Command("sh", {
    args: ["-c", KEEP_KNOCKD, "sh", CONFIG],
    stdin: "piped",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  // Its packet socket is there earlier, but libpcap discards what arrives before its filter is set.
  await waitFor("knockd's start", async () => {
    const log = await Deno.readTextFile(LOG).catch(() => "");
    return log.includes("listening on pk0") ? true : undefined;
  });
  return knockd;
}

interface Listing {
  readonly services: readonly { readonly doors: readonly { readonly expires: string }[] }[];
}

/** When the kernel closes the door, in milliseconds since 1970: at the end of the second in the rule. */
async function readEnd(): Promise<number | undefined> {
  const listing: Listing = JSON.parse(await prepare(PKTABLES, "list", "ssh", "--json"));
  const end = listing.services[0]?.doors[0]?.expires;
  return end === undefined ? undefined : Date.parse(end) + 1000;
}

async function play(): Promise<void> {
  say("A server answers everyone on port 22.");
  await connect("open");

  say(
    "A rules file says who gets in. pktables loads it: a chain that ends with DROP, and a jump to it.",
  );
  await shown("server", ["cat", RULES]);
  await shown("server", ["pktables", "load", RULES]);
  await shown("server", ["iptables", "-S"]);
  await shown("server", ["ip6tables", "-S"]);
  await connect("closed");

  say(
    "knockd's configuration is made from the same file. knockd listens for the knock and calls pktables.",
  );
  // By this short name, because the real one is as long as the path to this repository.
  const binary = ["--binary", "/run/pktables"];
  const sections = await shown("server", ["pktables", "knockd", RULES, ...binary]);
  await Deno.writeTextFile(CONFIG, `[options]\n    logfile = ${LOG}\n${sections}`);
  const knockd = await startKnockd();
  await shown("client", ["knock", SERVER, ...KNOCKS]);
  const end = await waitFor("the door", readEnd);
  await shown("server", ["cat", LOG]);

  say("The door is open for this one address.");
  await connect("open");
  await shown("server", ["pktables", "list"]);
  await shown("server", ["iptables", "-S", "pk-ssh"]);

  say("knockd is killed. The kernel itself closes the door when it expires.");
  await knockd.stdin.close();
  await knockd.status;
  const clock = new Date(end).toISOString().slice(11, 19);
  console.log(`   it closes at ${clock} UTC, in ${((end - Date.now()) / 1000).toFixed(1)} s ...`);
  await pause(Math.max(0, end - Date.now()));
  await connect("closed");
  await shown("server", ["pktables", "list"]);

  say("pktables leaves nothing behind.");
  await shown("server", ["pktables", "remove", "ssh"]);
  await shown("server", ["iptables", "-S"]);
  await connect("open");
}

async function demo(): Promise<void> {
  // The namespaces end with their last process, and knockd ends with its standard input.
  cleanUpOnSignal();
  const start = performance.now();
  await buildScenery();
  void serve(Deno.listen({ hostname: SERVER, port: 22 }));
  await play();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`\n${bold("Every step went as expected.")} (${seconds} s)`);
}

// The newline separates an error from the step that it ends.
if (import.meta.main) await main("\ndemo", demo);
