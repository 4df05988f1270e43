// Whether a rules file alone meets its expectations: what `check` reports about them.
import { CODES } from "../../diagnostics/codes.ts";
import { diagnose, type Diagnostic, type Label } from "../../diagnostics/diagnostic.ts";
import { FAMILIES } from "../../firewall/address.ts";
import { coversPort, type Service, serviceOf } from "../../firewall/service.ts";
import { type Compiled, withDiagnostics } from "../../semantic/compile.ts";
import { FAMILY_NAMES, joinWords } from "../../text/words.ts";
import type { Finding } from "../../trace/judge.ts";
import type { Dependence } from "../../trace/verdict.ts";
import type { Place } from "../../trace/way.ts";
import { type DescribedFinding, placeOf, reportFindings } from "../report/finding_words.ts";
import { enterFile } from "../kernel/planned_stages.ts";
import type { Tracer } from "../lazy.ts";

/**
 * Adds to a file's diagnostics which of its expectations are not met on a machine without any other
 * rules, and for which that cannot be determined.
 *
 * @param tracer the tracer, loaded
 * @param given the file; the time does not matter, because a file has no timed doors
 */
export function judgeFile(
  tracer: Tracer,
  { compiled, now }: { compiled: Compiled; now: number },
): Compiled {
  const { expectations, services } = compiled;
  if (expectations.length === 0) return compiled;
  const findings = FAMILIES.flatMap((family) => {
    const { stages, texts } = enterFile(tracer, { services, family });
    const borders = new tracer.Borders(texts, family);
    const input = {
      family,
      stages,
      borders,
      services,
      interface: null,
      machine: { lists: tracer.NOBODY_KNOCKED },
      now,
    };
    return tracer.judge(expectations, input);
  });
  const described = reportFindings(findings, {
    expectations,
    describe: (finding) => ({ words: describe(finding, compiled), way: servicesOn(finding) }),
  });
  return withDiagnostics(compiled, described.map((one) => toDiagnostic(one, compiled)));
}

function toDiagnostic(
  { expectation, state, sender, words, way }: DescribedFinding,
  { places }: Compiled,
): Diagnostic {
  const secondary = way.flatMap((name): Label[] => {
    const span = places.get(name);
    return span === undefined ? [] : [{ span, text: "the packet comes here" }];
  });
  const at = expectation.verdict;
  return state === "failed"
    ? diagnose(CODES.wrongExpectation, {
      message: `${sender === null ? "this packet" : `a packet from ${sender}`} is ${words}`,
      at,
      label: "expected",
      secondary,
    })
    : diagnose(CODES.unknownExpectation, {
      message: sender === null
        ? `cannot tell: this depends on ${words}`
        : `whether this is met from ${sender} depends on ${words}`,
      at,
      label: "not known",
      secondary,
      help: words.includes("`on ") ? "name the interface that is meant by `on`" : null,
    });
}

/** What a packet meets, in terms of the file. */
function describe(finding: Finding, compiled: Compiled): string {
  const { trace } = finding;
  if (trace === null) return "too many different addresses to test";
  if (finding.state === "unknown") {
    return joinWords(trace.depends.map((one) => describeDependence(one, compiled)));
  }
  const { verdict, by } = trace.end;
  const name = by === null ? null : serviceOf(by.chain);
  if (by === null || name === null) {
    return `${verdict} by the policy of INPUT: ${whyNobody(finding, compiled)}`;
  }
  return `${verdict} by ${describeRule(by)} of ${nameService(name, compiled)}`;
}

function nameService(name: string, { places, sources }: Compiled): string {
  const span = places.get(name);
  return `service \`${name}\`${span === undefined ? "" : ` (${placeOf(span, sources)})`}`;
}

/** Names a rule of a service's chain by what it was written from; see rule.ts. */
function describeRule({ text }: Place): string {
  const source = /^-s (\S+) /.exec(text)?.[1];
  if (source !== undefined) {
    // Without the length that says one host.
    const host = source.includes(":") ? /\/128/ : /\/32/;
    return `\`allow ${source.replace(host, "")}\``;
  }
  return text.includes("--ctstate") ? "`established`" : "the policy";
}

function describeDependence({ place, on }: Dependence, compiled: Compiled): string {
  const service = /(?:^| )-j pk-(\S+)$/.exec(place?.text ?? "")?.[1];
  const what = on.map((words) => words.replace(/^-i (.*)$/, "`on $1`")).join(", ");
  return service === undefined ? what : `${what} of ${nameService(service, compiled)}`;
}

/** Why no service takes a packet. */
function whyNobody({ expectation, family }: Finding, compiled: Compiled): string {
  const { protocol, port } = expectation;
  const near = compiled.services.filter((service) => coversPort(service, expectation));
  if (near.length === 0) return `no service covers ${protocol} ${port}`;
  const reasons = near.map((service) => {
    const name = nameService(service.name, compiled);
    return `${name} ${whyNot(service, { family, expectation })}`;
  });
  return joinWords(reasons);
}

function whyNot(
  service: Service,
  { family, expectation }: Pick<Finding, "family" | "expectation">,
): string {
  if (!service.families.includes(family)) return `leaves ${FAMILY_NAMES[family]} out`;
  if (service.syn && expectation.established) {
    return "takes only packets that open a connection (`syn`)";
  }
  return `takes only packets that come in on ${service.interface ?? "another interface"}`;
}

/** The services that a packet reaches, on its most likely way. */
function servicesOn({ trace }: Finding): string[] {
  const names = (trace?.end.path ?? []).map(({ chain }) => serviceOf(chain));
  return [...new Set(names.filter((name) => name !== null))];
}
