// Established connections: a server that echoes, and clients that keep talking to it, so that it can be
// seen whether their packets still come through.
import type { Namespace } from "./namespace.ts";
import type { Running } from "./process.ts";

const SERVER = `
import socket, sys, threading
def echo(one):
    try:
        while data := one.recv(64):
            one.sendall(data)
    except OSError:
        pass
def serve(door):
    while True:
        threading.Thread(target=echo, args=(door.accept()[0],), daemon=True).start()
for port in sys.argv[1:]:
    door = socket.socket(socket.AF_INET6)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    door.bind(("::", int(port)))
    door.listen(2000)
    threading.Thread(target=serve, args=(door,)).start()
open("/mnt/standing", "w").close()
`;

/** Echoes are counted in a file. */
const CLIENT = `
import socket, sys, time
count = 0
one = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
one.settimeout(None)
while True:
    one.sendall(b"x")
    one.recv(64)
    count += 1
    with open(sys.argv[3], "w") as file:
        file.write(str(count))
    time.sleep(0.05)
`;

const ASKER = `
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 0.4)
except OSError:
    sys.exit(1)
`;

/** Many connections at once, each from an address of its own where there are so many. */
const CROWD = `
import resource, socket, sys, time
address, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_NOFILE, (count + 64, count + 64))
held = [
    socket.create_connection((address, port), 5, ("10.9.%d.%d" % (1 + n // 200, 1 + n % 200), 0))
    for n in range(count)
]
open("/mnt/crowd", "w").close()
time.sleep(600)
`;

const PATIENCE = 600_000;

async function waitFor(ns: Namespace, { file, running }: { file: string; running: Running }) {
  for (let tries = 0; (await ns.run(["test", "-e", file])).code !== 0; tries++) {
    if (tries > 200) {
      running.kill("SIGKILL");
      throw new Error(`${file} did not come: ${(await running.outcome).stderr}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Starts a server on TCP ports, IPv4 and IPv6, which ends with the namespace. */
export async function serveStanding(ns: Namespace, ports: readonly number[]): Promise<void> {
  const running = ns.spawn(["python3", "-c", SERVER, ...ports.map(String)], { timeout: PATIENCE });
  await waitFor(ns, { file: "/mnt/standing", running });
}

/** A client that sends continuously. */
export interface Standing extends AsyncDisposable {
  /** Whether an answer comes within 0.3 seconds, now. */
  isAlive(): Promise<boolean>;
}

let made = 0;

/** Opens a connection that lasts until it is disposed of. */
export async function connectStanding(
  ns: Namespace,
  { address, port }: { readonly address: string; readonly port: number },
): Promise<Standing> {
  const file = `/mnt/echoes-${made++}`;
  const running = ns.spawn(["python3", "-c", CLIENT, address, String(port), file], {
    timeout: PATIENCE,
  });
  await waitFor(ns, { file, running });
  const count = async () => await Deno.readTextFile(ns.path(file));
  return {
    async isAlive() {
      // Packets that were under way when the rules changed have arrived by then.
      await new Promise((resolve) => setTimeout(resolve, 150));
      const before = await count();
      await new Promise((resolve) => setTimeout(resolve, 300));
      return await count() !== before;
    },
    async [Symbol.asyncDispose]() {
      running.kill("SIGKILL");
      await running.outcome;
    },
  };
}

/** Whether a new connection is accepted within 0.4 seconds; the network is one cable long. */
export async function canConnect(
  ns: Namespace,
  { address, port }: { readonly address: string; readonly port: number },
): Promise<boolean> {
  return (await ns.run(["python3", "-c", ASKER, address, String(port)])).code === 0;
}

/** Holds many connections from 10.9.1.1, 10.9.1.2 … until the namespace ends. */
export async function crowd(
  ns: Namespace,
  { address, port, count }: { address: string; port: number; count: number },
): Promise<void> {
  const words = [address, String(port), String(count)];
  const running = ns.spawn(["python3", "-c", CROWD, ...words], { timeout: PATIENCE });
  await waitFor(ns, { file: "/mnt/crowd", running });
}

/**
 * Runs a line of sh on a terminal of its own (script(1)), with an environment that does not show a
 * session, as sudo leaves it.
 *
 * @returns what came to the terminal, and the exit status
 */
export async function onTerminal(
  ns: Namespace,
  line: string,
): Promise<{ text: string; code: number }> {
  const { stdout, stderr, code } = await ns.run(["script", "-qec", line, "/dev/null"], {
    env: { PATH: "/mnt/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", NO_COLOR: "1" },
  });
  return { text: (stdout + stderr).replaceAll("\r\n", "\n"), code };
}
