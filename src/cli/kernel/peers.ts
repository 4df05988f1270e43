// Who is connected to a port whose rules change, and what they lose by the change.
import type { Family } from "../../firewall/address.ts";
import { chainOf } from "../../firewall/service.ts";
import type { Connection, Sockets } from "../../system/system.ts";
import { type Loss, lossBetween } from "../../trace/loss.ts";
import type { Stage } from "../../trace/stage.ts";
import { asksTracking, tracksConnections } from "../../trace/tracking.ts";
import type { Context, GlobalOptions } from "../command.ts";
import type { ListedHosts } from "./kernel_doors.ts";
import type { Later } from "./guard.ts";
import { withoutHosts } from "./known_lists.ts";
import { kindsOf, type Peer } from "./peer_kinds.ts";
import { changedPorts } from "./peer_ports.ts";
import type { Reporter } from "../report/reporter.ts";
import { type Around, enterKernel, readAround } from "./planned_stages.ts";
import * as tracer from "./load_tracer.ts";
import type { FamilyEdits } from "./transaction.ts";

/** A connected client, and what it loses. */
export interface Affected {
  /** Its address. */
  readonly peer: string;
  /** The port of this machine. */
  readonly port: number;
  /** Whether its connection is cut. */
  readonly cut: boolean;
  /** Whether it could not connect again. */
  readonly out: boolean;
  /** Whether the loss is certain or likely; otherwise it is only possible. */
  readonly isKnown: boolean;
  /** Whether it is certain. */
  readonly isSure: boolean;
  /** The rule that does it, in the words of `trace`. */
  readonly words: string;
  /** The service whose chain that rule is in; `null` for any other rule. */
  readonly service: string | null;
  /** Whether the change creates that service. */
  readonly isNew: boolean;
}

/**
 * Finds connected TCP clients that lose something by a change. Those that could not get in before do not
 * count. What cannot be determined is reported and does not stop the verb.
 *
 * @returns each peer once a port; those who are cut off come first
 */
export async function findAffected(
  context: Context,
  { global, plans, knocked = [], later = null }: {
    global: GlobalOptions;
    plans: readonly FamilyEdits[];
    knocked?: readonly ListedHosts[];
    later?: Later | null;
  },
): Promise<Affected[]> {
  const { system, report } = context;
  const patience = performance.now() + PATIENCE;
  const sockets = await readSockets(context);
  if (sockets === null) return [];
  const changing = plans.filter(({ family, edits }) =>
    edits.length + knocked.length > 0 && sockets.connections.some((one) => one.family === family)
  );
  if (changing.length === 0) return [];
  const families = changing.map(({ family }) => family);
  const around = await readAround(system, { families, global });
  if (!around.ok) {
    report.warn(`cannot check whether a connected client is cut off: ${around.problem.message}`);
    return [];
  }
  const affected: Affected[] = [];
  for (const one of around.value) {
    const edits = plans.find(({ family }) => family === one.family)?.edits ?? [];
    const given = { edits, sockets, knocked, later, patience };
    // No spread: that puts each of them on the stack.
    for (const found of await judgeFamily(context, { around: one, ...given })) {
      affected.push(found);
    }
  }
  affected.sort((a, b) => Number(b.isSure) - Number(a.isSure) || Number(b.cut) - Number(a.cut));
  const unlike = new Map<string, Affected>();
  for (const one of affected) {
    const key = `${one.peer} ${one.port}`;
    if (!unlike.has(key)) unlike.set(key, one);
  }
  return [...unlike.values()];
}

/** Reporters that have printed the note about a missing ss: a second plan does not repeat it. */
const noted = new WeakSet<Reporter>();

async function readSockets({ system, report }: Context): Promise<Sockets | null> {
  const read = await system.surroundings.sockets();
  if (!read.ok && read.problem.kind === "absent") {
    if (noted.has(report)) return null;
    noted.add(report);
    report.note(
      "note: there is no ss on this machine (package iproute2): connected clients are not checked",
    );
    return null;
  }
  if (!read.ok) {
    report.warn(`cannot check who is connected: ${read.problem.message}`);
    return null;
  }
  const { odd } = read.value;
  if (odd[0] !== undefined) {
    const count = odd.length === 1 ? "a line" : `${odd.length} lines`;
    report.note(`note: ss printed ${count} that cannot be read: ${odd[0]}`);
  }
  return read.value;
}

/** What one family's packets meet, as it is and as it will be. */
interface Change {
  readonly family: Family;
  readonly before: readonly Stage[];
  readonly after: readonly Stage[];
  readonly addresses: readonly string[] | null;
  readonly lists: Around["knocked"]["lists"];
  /** The same once the change has closed doors of kernel knocks. */
  readonly listsAfter: Around["knocked"]["lists"];
  readonly backends: boolean;
  readonly now: number;
  /** A second moment that counts; `null` if there is none. */
  readonly later: Later | null;
  /** Whether connections are tracked only from the change on. */
  readonly beginsTracking: boolean;
}

/** Milliseconds in total after which no further kind of peer is checked: hooks wait for the lock. */
const PATIENCE = 4000;

async function judgeFamily(
  context: Context,
  { around, edits, sockets, knocked, later, patience }: {
    around: Around;
    edits: FamilyEdits["edits"];
    sockets: Sockets;
    knocked: readonly ListedHosts[];
    later: Later | null;
    /** The deadline, by performance.now(). */
    patience: number;
  },
): Promise<Affected[]> {
  const { family, own } = around;
  const before = enterKernel(tracer, { around, edits: [] });
  const after = enterKernel(tracer, { around, edits });
  const filter = before?.stages.find(({ backend, table, hook }) =>
    backend === own && table.name === "filter" && hook === "input"
  );
  if (before === null || after === null || filter === undefined || filter.table.problem !== null) {
    const why = filter?.table.problem ?? "the tables changed while they were read";
    context.report.warn(`cannot check whether a connected client is cut off: ${why}`);
    return [];
  }
  const ports = changedPorts(edits, [before.stages, after.stages], {
    also: knocked.map(({ service }) => chainOf(service)),
  });
  const concerned = sockets.connections.filter((one) =>
    one.family === family &&
    (ports === null || ports.some(({ from, to }) => one.port >= from && one.port <= to))
  );
  const peers = await findPeers(context, { family, connections: concerned });
  const { addresses, knocked: { lists } } = around;
  const kindOf = kindsOf(peers, {
    ...{ family, texts: after.texts, own: addresses ?? [] },
  });
  const change: Change = {
    family,
    before: readable(before.stages),
    after: readable(after.stages),
    addresses,
    lists,
    listsAfter: withoutHosts(lists, knocked),
    backends: after.backends,
    now: context.system.now(),
    later,
    beginsTracking: edits.some((edit) => edit.op === "insert" && asksTracking(edit.text)) &&
      !tracksConnections(before.stages),
  };
  const judged = new Map<string, ReturnType<typeof judgePeer>>();
  const affected: Affected[] = [];
  for (const [at, peer] of peers.entries()) {
    const { connection: { port, local } } = peer;
    const key = `${port} ${local} ${peer.interface} ${kindOf(peer)}`;
    const listens = sockets.listening?.has(port) ?? true;
    let found = judged.get(key);
    if (found === undefined) {
      if (performance.now() > patience) {
        const rest = `${peers.length - at} of ${peers.length} connected clients were not checked`;
        context.report.warn(`${rest}: it would take too long, and hooks wait meanwhile`);
        break;
      }
      judged.set(key, found = judgePeer(peer, { change, listens }));
    }
    if (found !== null) affected.push(describe(peer, { ...found, change, filter }));
  }
  return affected;
}

/** A table that cannot be shown lets connected clients through, or they would not be connected. */
function readable(stages: readonly Stage[]): Stage[] {
  return stages.filter(({ table }) => table.problem === null);
}

/** Each peer of each port once, with its interface. */
async function findPeers(
  { system }: Context,
  { family, connections }: { family: Family; connections: readonly Connection[] },
): Promise<Peer[]> {
  const unlike = [
    ...new Map(
      connections.map((one) => [`${one.peer} ${one.port} ${one.local} ${one.interface}`, one]),
    ).values(),
  ];
  const asked = unlike.filter((one) => one.peer !== one.local && one.interface === null);
  const routes = asked.length === 0 ? [] : await system.surroundings.interfaces(family, asked);
  const found = new Map(asked.map((one, at) => [one, routes[at] ?? null]));
  return unlike.map((connection) => ({
    connection,
    // The machine connects to itself by lo, whatever address it uses.
    interface: connection.peer === connection.local
      ? "lo"
      : connection.interface ?? found.get(connection) ?? null,
  }));
}

/** What a peer loses: its connection, and the next one if it can connect now. */
function judgePeer(
  { connection: { peer, port, local }, interface: name }: Peer,
  { change, listens }: { change: Change; listens: boolean },
): { cut: Loss | null; out: Loss | null; at: number } | null {
  const { family, before, after, addresses, lists, listsAfter, beginsTracking } = change;
  const machine = addresses === null ? {} : { addresses };
  const ask = (now: number, established: boolean, known = true): Loss | null => {
    const options = { now, interface: name, destination: local, established };
    const packet = tracer.packetFrom({ family, protocol: "tcp", port }, peer, options);
    if (packet === null) return null;
    const was = tracer.traceStages(before, packet, { ...machine, lists });
    const is = { ...machine, lists: listsAfter };
    return lossBetween(was, tracer.traceStages(after, { ...packet, known }, is));
  };
  const { later } = change;
  for (const at of later === null ? [change.now] : [change.now, later.at]) {
    const cut = ask(at, true) ?? (beginsTracking ? unlessAnswered(ask(at, true, false)) : null);
    const out = listens ? ask(at, false) : null;
    if (cut !== null || out !== null) return { cut, out, at };
  }
  return null;
}

/** Connection tracking picks up a connection once this machine sends a packet of it. */
function unlessAnswered(loss: Loss | null): Loss | null {
  return loss?.certainty === "sure" ? { ...loss, certainty: "likely" } : loss;
}

function describe(
  { connection: { peer, port } }: Peer,
  { cut, out, at, change, filter }: {
    cut: Loss | null;
    out: Loss | null;
    at: number;
    change: Change;
    filter: Stage;
  },
): Affected {
  const isKnown = (loss: Loss | null) => loss !== null && loss.certainty !== "possible";
  const losses = [cut, out].filter((loss) => loss !== null);
  const worst = losses.find(isKnown) ?? losses[0];
  if (worst === undefined) throw new TypeError("nothing is lost");
  const service = /^pk[-.](.+)$/.exec(worst.end.by?.chain ?? "")?.[1] ?? null;
  const { now, backends } = change;
  const when = at === now ? "" : change.later?.when ?? "";
  return {
    peer,
    port,
    cut: isKnown(cut),
    out: isKnown(out),
    isKnown: isKnown(worst),
    isSure: worst.certainty === "sure",
    words: when + tracer.describeOutcome(worst.end, { now: at, backends }),
    service,
    isNew: service !== null && !filter.table.chains.has(chainOf(service)),
  };
}
