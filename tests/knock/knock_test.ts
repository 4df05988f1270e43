// Real knockd, real knock, real packets: a server and a visitor in two namespaces joined by a cable.
import { assert, assertEquals } from "@std/assert";
import { type Backend, BACKENDS } from "../support/iptables_text.ts";
import { Namespace, PKTABLES } from "../support/namespace.ts";
import { killAll } from "../support/process.ts";
import { answers, serve, type Target } from "../support/traffic.ts";

const SERVER = { ipv4: "10.9.0.1", ipv6: "fd00:9::1" };
const VISITOR = { ipv4: "10.9.0.2", ipv6: "fd00:9::2" };

/** One service behind a knock. */
interface Service {
  readonly name: string;
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  /** Ports to knock at, as knockd and knock write them. */
  readonly knocks: readonly string[];
  /** How the door closes: by the kernel, or by knockd's stop_command. */
  readonly shuts: "for" | "stop_command";
}

const SERVICES: readonly Service[] = (["tcp", "udp"] as const).flatMap((protocol, row) =>
  (["for", "stop_command"] as const).map((shuts, column) => {
    const id = 2 * row + column;
    const suffix = protocol === "udp" ? ":udp" : ":tcp";
    const knocks = [7000, 8000, 9000].map((port) => `${port + id}${suffix}`);
    return { name: `${protocol}-${column}`, protocol, port: 2200 + id, knocks, shuts };
  })
);

/** Seconds that doors stay open: long enough to ask all of them while two cores are busy. */
const OPEN = 7;

const LOG = "/mnt/knockd.log";

/** The section of knockd.conf for a service, as a user writes it. */
function section({ name, knocks, shuts }: Service, backend: Backend): string {
  const pktables = (rest: string) => `${PKTABLES} ${rest} --service ${name} --backend ${backend}`;
  return [
    `[${name}]`,
    `  sequence = ${knocks.join(",")}`,
    "  seq_timeout = 10",
    ...(knocks.some((port) => port.endsWith(":tcp")) ? ["  tcpflags = syn"] : []),
    ...(shuts === "for" ? [`  command = ${pktables(`add %IP% --for ${OPEN}s`)}`] : [
      `  start_command = ${pktables("add %IP%")}`,
      `  cmd_timeout = ${OPEN}`,
      `  stop_command = ${pktables("delete %IP%")}`,
    ]),
    "",
  ].join("\n");
}

/** A server with closed services and knockd, and a visitor's machine. */
class TestBed implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;

  private constructor(
    readonly server: Namespace,
    readonly visitor: Namespace,
    stack: AsyncDisposableStack,
  ) {
    this.#stack = stack;
  }

  static async create(backend: Backend): Promise<TestBed> {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await Namespace.create());
    const visitor = stack.use(await Namespace.create({ sibling: server }));
    await server.connect(visitor, {
      here: [`${SERVER.ipv4}/24`, `${SERVER.ipv6}/64`],
      there: [`${VISITOR.ipv4}/24`, `${VISITOR.ipv6}/64`],
    });
    for (const { name, protocol, port } of SERVICES) {
      const flag = protocol === "udp" ? "--udp" : "--syn";
      await server.must([
        PKTABLES,
        "init",
        name,
        "--port",
        String(port),
        flag,
        "--backend",
        backend,
      ]);
    }
    await serve(server, SERVICES.map(({ port }) => port));
    const config = [
      `[options]\n  logfile = ${LOG}\n`,
      ...SERVICES.map((service) => section(service, backend)),
    ].join(
      "\n",
    );
    await Deno.writeTextFile(server.path("/mnt/knockd.conf"), config);
    const testBed = new TestBed(server, visitor, stack.move());
    await testBed.#startKnockd();
    return testBed;
  }

  /** Starts knockd and waits until it says that it listens: knocks before that are lost. */
  async #startKnockd(): Promise<void> {
    const knockd = this.server.spawn(["knockd", "-i", "pk0", "-c", "/mnt/knockd.conf"]);
    for (let tries = 0; tries < 100; tries++) {
      const log = await Deno.readTextFile(this.server.path(LOG)).catch(() => "");
      if (log.includes("listening on pk0")) return;
      await pause(0.05);
    }
    knockd.kill("SIGKILL");
    throw new Error(`knockd does not listen: ${(await knockd.outcome).stderr}`);
  }

  async knock(service: Service, family: "ipv4" | "ipv6"): Promise<void> {
    const flags = [family === "ipv6" ? "-6" : "-4", "-d", "30"];
    await this.visitor.must(["knock", ...flags, SERVER[family], ...service.knocks]);
  }

  /** Which of the services answer the visitor: `tcp-0 ipv4` and so on. */
  async open(services: readonly Service[] = SERVICES): Promise<string[]> {
    const asked = services.flatMap((service) =>
      (["ipv4", "ipv6"] as const).map((family) => ({ service, family }))
    );
    const answered = await Promise.all(asked.map(({ service: { protocol, port }, family }) => {
      const target: Target = { protocol, port, address: SERVER[family] };
      return answers(this.visitor, target, 700);
    }));
    return asked.filter((_, index) => answered[index])
      .map(({ service, family }) => `${service.name} ${family}`);
  }

  /** Waits until `wanted` is what is open, at most `seconds`. */
  async until(
    wanted: readonly string[],
    { seconds, services = SERVICES }: { seconds: number; services?: readonly Service[] },
  ): Promise<void> {
    const end = Date.now() + seconds * 1000;
    let open = await this.open(services);
    while (open.join() !== wanted.join() && Date.now() < end) open = await this.open(services);
    assertEquals(open, wanted);
  }

  /** Ends knockd and the children that wait to run a stop_command, as stopping the service does. */
  async killKnockd(): Promise<number> {
    const pids = await this.server.processes();
    const names = await Promise.all(pids.map((pid) => Deno.readTextFile(`/proc/${pid}/comm`)));
    const doomed = pids.filter((_, index) => names[index]?.trim() === "knockd");
    killAll(doomed);
    return doomed.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

const ALL = SERVICES.flatMap(({ name }) => [`${name} ipv4`, `${name} ipv6`]);

/** Runs a test on both backends at once: nearly all of its time is waiting. */
function forBothBackends(name: string, body: (backend: Backend) => Promise<void>): void {
  Deno.test(`${name} (nft and legacy)`, async () => {
    await Promise.all(BACKENDS.map(body));
  });
}

forBothBackends(
  "a knock opens, time closes: TCP and UDP, IPv4 and IPv6, --for and stop_command",
  async (backend) => {
    await using testBed = await TestBed.create(backend);
    assertEquals(await testBed.open(), [], "closed before the knock");
    for (const service of SERVICES) {
      await testBed.knock(service, "ipv4");
      await testBed.knock(service, "ipv6");
    }
    await testBed.until(ALL, { seconds: OPEN - 1 });
    await testBed.until([], { seconds: 3 * OPEN });
  },
);

forBothBackends("a wrong knock opens nothing, nor does half of one", async (backend) => {
  await using testBed = await TestBed.create(backend);
  const [service] = SERVICES;
  assert(service !== undefined);
  await testBed.knock({ ...service, knocks: service.knocks.slice(0, 2) }, "ipv4");
  await testBed.knock({ ...service, knocks: [...service.knocks].reverse() }, "ipv6");
  await pause(1);
  assertEquals(await testBed.open([service]), []);
});

forBothBackends(
  "promise 6, closed means closed: knockd is killed and the timed door shuts",
  async (backend) => {
    await using testBed = await TestBed.create(backend);
    const timed = SERVICES.filter(({ shuts }) => shuts === "for");
    for (const service of timed) {
      await testBed.knock(service, "ipv4");
      await testBed.knock(service, "ipv6");
    }
    const open = timed.flatMap(({ name }) => [`${name} ipv4`, `${name} ipv6`]);
    await testBed.until(open, { seconds: OPEN - 1, services: timed });
    assert(await testBed.killKnockd() > 0, "knockd ran");
    await testBed.until([], { seconds: 3 * OPEN, services: timed });
  },
);

forBothBackends("a second knock holds a timed door open for longer", async (backend) => {
  await using testBed = await TestBed.create(backend);
  const [service] = SERVICES;
  assert(service?.shuts === "for");
  await testBed.knock(service, "ipv4");
  await testBed.until([`${service.name} ipv4`], { seconds: OPEN - 1, services: [service] });
  await pause(OPEN / 2);
  await testBed.knock(service, "ipv4");
  await pause(OPEN / 2 + 1.5);
  assertEquals(await testBed.open([service]), [`${service.name} ipv4`]);
  await testBed.until([], { seconds: 2 * OPEN, services: [service] });
});
