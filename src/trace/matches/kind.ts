// Matches on the kind of packet: the type of its addresses, its delivery.
import { allOf, type Match, type Option, wordOf } from "../options.ts";
import { ANYONE } from "../packet.ts";
import { every, invert, some, type State, type Test, type Truth } from "../state.ts";

/** `-m comment`. */
export const comment: Match = { options: { "--comment": 1 }, build: () => () => true };

/** `-m pkttype`: the packet is sent to this machine alone. */
export const pkttype: Match = {
  options: { "--pkt-type": 1 },
  build: (options) =>
    allOf(options, (option) => {
      const type = wordOf(option).toLowerCase();
      return ["unicast", "host"].includes(type)
        ? () => true
        : ["broadcast", "multicast"].includes(type)
        ? () => false
        : null;
    }),
};

/** Whether an address of this machine (where the packet is going) is of a type. */
function localIs(type: string, family: "ipv4" | "ipv6"): Truth {
  if (type === "LOCAL") return true;
  // xt_addrtype.c looks up the routing table in IPv4; in IPv6 unicast is what is not multicast.
  if (type === "UNICAST") return family === "ipv6";
  return ["BROADCAST", "MULTICAST", "UNSPEC", "ANYCAST"].includes(type) ? false : null;
}

/** Whether an address that is not this machine's is of a type. */
function remoteIs(type: string): Truth {
  if (type === "UNICAST") return true;
  return ["LOCAL", "BROADCAST", "MULTICAST", "UNSPEC", "ANYCAST"].includes(type) ? false : null;
}

/** Types that match_type6() looks up: one of them is enough. All others have to match. */
const LOOKED_UP = ["LOCAL", "ANYCAST", "UNREACHABLE"];

/** In IPv4 one of the types is enough. */
function ofTypes(types: readonly string[], family: "ipv4" | "ipv6", is: (type: string) => Truth) {
  if (family === "ipv4") return some(types.map(is));
  const looked = types.filter((type) => LOOKED_UP.includes(type));
  const others = types.filter((type) => !LOOKED_UP.includes(type)).map(is);
  return every(looked.length === 0 ? others : [...others, some(looked.map(is))]);
}

function addrtypeTest(option: Option, byInterface: boolean): Test | null {
  const types = wordOf(option).toUpperCase().split(",");
  // Whether the address belongs to that interface is unknown.
  if (byInterface) return null;
  return (state: State) => {
    const { family, source } = state.packet;
    if (option.name === "--dst-type") {
      return ofTypes(types, family, (type) => localIs(type, family));
    }
    // Multicast and broadcast are never a source; 0.0.0.0 and this machine's own may be one.
    if (source !== ANYONE && (source[0] === 0 || source[0] === 127)) return null;
    return ofTypes(types, family, remoteIs);
  };
}

/** `-m addrtype`. */
export const addrtype: Match = {
  options: { "--src-type": 1, "--dst-type": 1, "--limit-iface-in": 0, "--limit-iface-out": 0 },
  build(options) {
    const types = options.filter(({ name }) => name.endsWith("-type"));
    return allOf(types, (option) => addrtypeTest(option, types.length < options.length));
  },
};

/** `-m policy`: packets that come through IPsec are not traced (xt_policy.c, match_policy_in()). */
export const policy: Match = {
  options: {
    ...{ "--dir": 1, "--pol": 1, "--strict": 0, "--reqid": 1, "--spi": 1, "--proto": 1 },
    ...{ "--mode": 1, "--tunnel-src": 1, "--tunnel-dst": 1, "--next": 0 },
  },
  build(options) {
    const dir = options.find(({ name }) => name === "--dir")?.values[0];
    const pol = options.find(({ name }) => name === "--pol");
    if (dir !== "in" || pol === undefined || pol.not) return null;
    const holds = pol.values[0] === "none";
    return () => holds;
  },
};

/** `-m rpfilter`: an answer would leave by the interface the packet came in on, unless it is forged. */
export const rpfilter: Match = {
  options: { "--loose": 0, "--validmark": 0, "--accept-local": 0, "--invert": 0 },
  build(options) {
    const inverted = options.some(({ name }) => name === "--invert");
    return ({ packet }) => {
      const stated = packet.source !== ANYONE && packet.interface !== null;
      return stated ? null : invert(true, inverted);
    };
  },
};

/** `-m physdev`: a packet to this machine leaves by no port of a bridge; whether it came by one is unknown. */
export const physdev: Match = {
  options: {
    ...{ "--physdev-in": 1, "--physdev-out": 1, "--physdev-is-in": 0 },
    ...{ "--physdev-is-out": 0, "--physdev-is-bridged": 0 },
  },
  build: (options) => {
    // xt_physdev.c as a whole does not match if the packet did not come by a bridge.
    if (options.some(({ not }) => not)) return null;
    return allOf(
      options,
      ({ name }) => /-(out|is-out|is-bridged)$/.test(name) ? () => false : null,
    );
  },
};

/** `-m rt`, `frag`, `hbh`, `dst`: the packet has no such header, so that nothing matches, `!` or not. */
export const extensionHeader: Match = {
  options: {
    ...{ "--rt-type": 1, "--rt-segsleft": 1, "--rt-len": 1, "--rt-0-res": 0, "--rt-0-addrs": 1 },
    ...{ "--rt-0-not-strict": 0, "--fragid": 1, "--fraglen": 1, "--fragres": 0, "--fragfirst": 0 },
    ...{ "--fragmore": 0, "--fraglast": 0, "--hbh-len": 1, "--hbh-opts": 1 },
    ...{ "--dst-len": 1, "--dst-opts": 1 },
  },
  build: () => () => false,
};
