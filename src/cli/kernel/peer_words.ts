// The words of the guard for connected clients.
import type { GuardedChange } from "./guard.ts";
import type { Affected } from "./peers.ts";

/** This many peers are named; the rest is counted. */
const MOST_NAMED = 4;

/** What a change does to peers: it may still be refused, or is about to be made. */
export type Mood = "would" | "will";

/** What happens to a peer's connection and to its next one. */
function describeLoss({ cut, out }: Affected, mood: Mood): string {
  const not = mood === "would" ? "could not" : "cannot";
  if (cut && out) return `${mood} be cut off and ${not} connect again`;
  if (cut) return `${mood} be cut off`;
  return `${mood} stay connected but ${not} connect again`;
}

function isLikely({ isSure }: Affected): string {
  return isSure ? "" : "probably ";
}

/**
 * Who loses what and by which rule, in one sentence without a full stop. Of several peers one is named.
 *
 * @param peers at least one
 */
export function describePeers(peers: readonly Affected[], mood: Mood): string {
  const [first, ...others] = peers;
  if (first === undefined) throw new TypeError("no peers");
  const { peer, port, words } = first;
  if (others.length === 0) {
    const loss = describeLoss(first, mood);
    return `${peer}, which is connected to port ${port}, ${isLikely(first)}${loss}: ${words}`;
  }
  const not = mood === "would" ? "could not" : "cannot";
  const more = others.length === 1 ? "1 other client" : `${others.length} other clients`;
  return `${peer} (connected to port ${port}) and ${more} ${mood} be cut off or ${not} connect ` +
    `again: ${words}`;
}

/** How many lose something, in one sentence without a full stop: {@link drawPeers} names them. */
export function countPeers(peers: readonly Affected[]): string {
  return `${peers.length} connected clients would be cut off or could not connect again`;
}

/** Several peers, a line each. */
export function drawPeers(peers: readonly Affected[]): string[] {
  const lines = peers.slice(0, MOST_NAMED).map((one) =>
    `${one.peer}, port ${one.port}: ${isLikely(one)}${describeLoss(one, "would")}: ${one.words}`
  );
  const more = peers.length - MOST_NAMED;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

/** What can be done instead, a line each. */
export function waysOut(peers: readonly Affected[], change: GuardedChange): string[] {
  const { verb, call } = change;
  const { backend } = call.global;
  const which = backend === "system" ? "" : ` --backend ${backend}`;
  const letIn = change.letIn ?? (({ isNew, add }) => isNew ? null : add);
  const first = peers.slice(0, MOST_NAMED).flatMap(({ peer, service, isNew }) => {
    if (service === null) return [];
    const add = `pktables add ${peer} --service ${service}${which}`;
    return letIn({ peer, service, isNew, add }) ?? [];
  });
  const canConfirm = verb.options.some(({ name }) => name === "confirm");
  return [
    ...[...new Set(first)].map((line) => `to let it in first: ${line}`),
    ...(canConfirm
      ? [
        "to try it: --confirm 60s, which the kernel takes back unless " +
        `\`pktables confirm${which}\` follows`,
      ]
      : []),
    "to do it anyway: --force",
  ];
}
