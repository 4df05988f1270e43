// An outsider at the other end of a cable.
import { Namespace } from "./namespace.ts";
import { answers, serve } from "./traffic.ts";

/**
 * A machine with a server on port 22 that a stranger may reach from 10.9.0.2 and 2001:db8:9::2. `isOpen` tries
 * both.
 */
export async function withStranger(
  body: (machine: { server: Namespace; isOpen: () => Promise<boolean[]> }) => Promise<void>,
): Promise<void> {
  await using server = await Namespace.create();
  await using stranger = await Namespace.create({ sibling: server });
  await server.connect(stranger, {
    here: ["10.9.0.1/24", "2001:db8:9::1/64"],
    there: ["10.9.0.2/24", "2001:db8:9::2/64"],
  });
  await serve(server, [22]);
  const isOpen = () =>
    Promise.all(
      ["10.9.0.1", "2001:db8:9::1"].map((address) =>
        answers(stranger, { protocol: "tcp", address, port: 22 })
      ),
    );
  await body({ server, isOpen });
}
