// Runs on the visitor's machine of the soak: sends UDP packets without a pause, from addresses that are
// always allowed and from strangers, and keeps count. Arguments: the file for the counts, then the
// server's and the visitor's addresses, `SERVER=ALLOWED,STRANGER`, one argument a family.
import { createSocket } from "node:dgram";
import { Buffer } from "node:buffer";

/** What has been seen since the start. */
export interface Counts {
  /** Packets sent from allowed addresses, and those of them that got no answer in time. */
  allowed: number;
  unanswered: number;
  /** Packets sent from strangers, and those of them that got an answer. */
  strangers: number;
  answered: number;
}

/** Milliseconds between two packets of one address. */
const INTERVAL = 100;

/** Milliseconds after which an answer counts as lost: the machine may be busy, but not that busy. */
const PATIENCE = 5000;

/** The service that is asked. */
export const PORT = 500;

function probe(
  { server, own }: { server: string; own: string },
  sent: () => (answered: boolean) => void,
): void {
  const socket = createSocket(server.includes(":") ? "udp6" : "udp4");
  const waiting: { at: number; done: (answered: boolean) => void }[] = [];
  // Answers come in the order of the questions: there is one path and one server.
  socket.on("message", () => waiting.shift()?.done(true));
  socket.on("error", () => {});
  socket.bind({ port: 0, address: own }, () => {
    setInterval(() => {
      while ((waiting[0]?.at ?? Infinity) < Date.now() - PATIENCE) waiting.shift()?.done(false);
      waiting.push({ at: Date.now(), done: sent() });
      socket.send(Buffer.from("ask\n"), PORT, server);
    }, INTERVAL);
  });
}

if (import.meta.main) {
  const [file = "", ...pairs] = Deno.args;
  const counts: Counts = { allowed: 0, unanswered: 0, strangers: 0, answered: 0 };
  for (const pair of pairs) {
    const [server = "", addresses = ""] = pair.split("=");
    const [allowed = "", stranger = ""] = addresses.split(",");
    probe({ server, own: allowed }, () => {
      counts.allowed++;
      return (answered) => {
        if (!answered) counts.unanswered++;
      };
    });
    probe({ server, own: stranger }, () => {
      counts.strangers++;
      return (answered) => {
        if (answered) counts.answered++;
      };
    });
  }
  setInterval(() => {
    Deno.writeTextFileSync(`${file}.new`, JSON.stringify(counts));
    Deno.renameSync(`${file}.new`, file);
  }, 500);
}
