import { hasControl } from "../../text/printable.ts";
import type { Protocol } from "../../firewall/service.ts";
import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import { easyForKernel, easyKnock } from "../../firewall/knock.ts";
import type { Knock, KnockPort, Service } from "../../syntax/ast.ts";
import type { Accept, Check } from "../context.ts";
import type { Program } from "../../program/program.ts";
import { optionsOf, policyOf } from "../options.ts";
import { PortClaims } from "../../firewall/port_claims.ts";
import { isPort } from "../../firewall/port.ts";
import { isByKernel } from "./kernel_knocks.ts";
import { isSoundPort } from "./ports.ts";

/** A port scan hits two ports in order easily; three are hard to hit. */
const ENOUGH_PORTS = 3;

/** Knocks that were read completely. Those on an open service are reported elsewhere. */
function knocksOf(service: Service, program: Program): Knock[] {
  const isPassedOver = program.halfRead.has(service) || policyOf(service) === "accept";
  return isPassedOver ? [] : optionsOf(service, "knock");
}

/** A knock that is too short, or has the same step twice in a row. */
export const checkKnockPorts: Check = ({ program }, accept) => {
  for (const knock of program.services.flatMap((service) => knocksOf(service, program))) {
    const [first] = knock.ports;
    const last = knock.ports.at(-1);
    if (first !== undefined && last !== undefined && knock.ports.length < ENOUGH_PORTS) {
      accept(diagnose(CODES.shortKnock, {
        message: knock.ports.length === 1
          ? "a knock of one port is easily guessed"
          : "a knock of two ports is easily guessed",
        at: { ...first.span, end: last.span.end },
        help: "name three ports or more",
      }));
    }
    knock.ports.forEach((step, index) => {
      const before = knock.ports[index - 1];
      if (before === undefined || !isPort(step.port) || !sameStep(before, step)) return;
      accept(diagnose(CODES.repeatedKnockPort, {
        message: `the knock has port ${step.port} twice in a row`,
        at: step.span,
        secondary: [{ span: before.span, text: "the step before" }],
        help: "put another port between the two",
      }));
    });
  }
};

function sameStep(a: KnockPort, b: KnockPort): boolean {
  return a.port === b.port && protocolOf(a) === protocolOf(b);
}

/** A step without a protocol is TCP. */
function protocolOf(step: KnockPort): Protocol {
  return step.protocol ?? "tcp";
}

/** A knock that strangers find: a published example, or one that a port scan knocks. */
export const checkEasyKnocks: Check = ({ program }, accept) => {
  for (const knock of program.services.flatMap((service) => knocksOf(service, program))) {
    const [first] = knock.ports;
    const last = knock.ports.at(-1);
    const steps = knock.ports.map((step) => ({ port: step.port, protocol: protocolOf(step) }));
    const easy = isByKernel(knock) ? easyForKernel(steps) : easyKnock(steps);
    // A shorter one is reported anyway.
    if (easy === null || first === undefined || last === undefined || steps.length < ENOUGH_PORTS) {
      continue;
    }
    accept(diagnose(easy === "famous" ? CODES.famousKnock : CODES.risingKnock, {
      message: easy === "famous"
        ? "this knock is an example from knockd's manual or package"
        : isByKernel(knock)
        ? "the ports are neighbours: a port scan knocks them in this order"
        : "rising ports: an upward port scan knocks them in this order",
      at: { ...first.span, end: last.span.end },
      help: "use your own ports, in mixed order: pktables sequences 1",
    }));
  }
};

/** A knock in a file that everyone may read: the first of each file is reported. */
export const checkReadableKnocks: Check = ({ program, isPublic }, accept) => {
  const files = new Set<string>();
  for (const knock of program.services.flatMap((service) => optionsOf(service, "knock"))) {
    const { file } = knock.span;
    if (files.has(file)) continue;
    files.add(file);
    if (!isPublic(file)) continue;
    accept(diagnose(CODES.readableKnock, {
      message: `every user of this machine can read the knock in ${file}`,
      at: knock.span,
      help: `chmod 600 ${file}`,
    }));
  }
};

/** A path of one-time sequences that knockd.conf cannot hold. */
export const checkOnceFiles: Check = ({ program }, accept) => {
  for (const knock of program.services.flatMap((service) => optionsOf(service, "knock"))) {
    if (knock.once === null) continue;
    const { value, span } = knock.once;
    if (value.startsWith("/") && value.trim() === value && !hasControl(value)) continue;
    const relative = /^[^/\s]/.test(value);
    accept(diagnose(CODES.badOnceFile, {
      message: relative
        ? "the path of the one-time sequences is not absolute"
        : "knockd.conf cannot hold this path",
      at: span,
      help: relative
        ? "write a path that starts with `/`"
        : "use a path without blanks at its ends",
    }));
  }
};

/** A closing knock that is the opening one, the start of it, or starts with it. */
export const checkClosingKnocks: Check = ({ program }, accept) => {
  for (const knock of program.services.flatMap((service) => knocksOf(service, program))) {
    const [first, last] = [knock.close?.[0], knock.close?.at(-1)];
    const end = knock.ports.at(-1);
    if (knock.close === null || first === undefined || last === undefined || end === undefined) {
      continue;
    }
    const short = Math.min(knock.close.length, knock.ports.length);
    const clashes = knock.close.slice(0, short).every((step, at) => {
      const open = knock.ports[at];
      return open !== undefined && sameStep(open, step);
    });
    if (!clashes) continue;
    accept(diagnose(CODES.closingKnock, {
      message: "the closing knock starts as the opening one does, so it does both",
      at: { ...first.span, end: last.span.end },
      secondary: [{ span: { ...knock.span, end: end.span.end }, text: "the opening knock" }],
      help: "make them differ in their first ports",
    }));
  }
};

/** A knock whose door has no end. */
export const checkEndlessKnocks: Check = ({ program }, accept) => {
  for (const service of program.services) {
    for (const knock of knocksOf(service, program)) {
      if (knock.for !== null || knock.close !== null || isByKernel(knock)) continue;
      accept(diagnose(CODES.knockWithoutEnd, {
        message: `this knock opens \`${service.name.value}\` until someone closes it`,
        at: knock.span,
        label: whatCloses(knock),
        help: "say how long the door stays open, as in `for 8h`",
      }));
    }
  }
};

/** How a door without an end is closed, as in the output of `pktables knockd`. */
function whatCloses({ ports, once }: Knock): string {
  const isPalindrome = ports.every((step, at) => {
    const mirrored = ports[ports.length - 1 - at];
    return mirrored !== undefined && sameStep(step, mirrored);
  });
  return once !== null || isPalindrome
    ? "no `for`, and no knock closes it"
    : "no `for`: the same ports backwards close it";
}

/** A knock on a port where a service of the same file answers: a scanner notices, and its traffic counts. */
export const checkKnocksOnServices: Check = ({ program }, accept) => {
  const answering = answeringPorts(program.services);
  for (const knock of program.services.flatMap((service) => knocksOf(service, program))) {
    const reported = new Set<Service>();
    for (const step of knock.ports) {
      const claim = answering[protocolOf(step)].find({ from: step.port, to: step.port });
      if (claim === null || reported.has(claim.owner)) continue;
      reported.add(claim.owner);
      reportAnswer(step, { service: claim.owner, accept });
    }
  }
};

function reportAnswer(
  step: KnockPort,
  { service, accept }: { readonly service: Service; readonly accept: Accept },
): void {
  accept(diagnose(CODES.knockOnService, {
    message: `the knock uses port ${step.port}, on which \`${service.name.value}\` answers`,
    at: step.span,
    secondary: [{
      span: service.name.span,
      text: policyOf(service) === "accept" ? "lets everyone in" : "answers with a rejection",
    }],
    help: "use a port on which nothing answers",
  }));
}

/** The first service that answers on each port. */
function answeringPorts(
  services: readonly Service[],
): Record<Protocol, PortClaims<Service>> {
  const ports = { tcp: new PortClaims<Service>(), udp: new PortClaims<Service>() };
  for (const service of services) {
    if (policyOf(service) === "drop") continue;
    for (const item of service.ports.filter(isSoundPort)) {
      ports[service.protocol.value].add(item, service);
    }
  }
  return ports;
}
