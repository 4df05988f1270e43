import { assertEquals } from "@std/assert";
import { FAMILIES, type Family } from "../../src/firewall/address.ts";
import { knockChainsOf, plainKnockRule } from "../../src/firewall/kernel_knock.ts";
import { chainRulesOf } from "../../src/firewall/properties.ts";
import { jumpsOf, ruleKey } from "../../src/firewall/rule.ts";
import { chainOf, type Service } from "../../src/firewall/service.ts";
import { readFilterTable } from "../support/read_table.ts";
import { compileGolden, examples, goldens, payloadOf } from "../support/golden.ts";
import { type Backend, BACKENDS, EMPTY_FILTER } from "../support/iptables_text.ts";
import { Namespace, program } from "../support/namespace.ts";

/** A payload with the services that it is to make. */
interface Loaded {
  readonly name: string;
  readonly services: readonly Service[];
  payload(family: Family): string;
}

function everything(): Loaded[] {
  const fromGoldens = goldens().map(({ name, input, expected }): Loaded => ({
    name: `golden ${name}`,
    services: compileGolden(input).services,
    payload: (family) => expected(family).text,
  }));
  const fromExamples = examples().map((input): Loaded => {
    const compiled = compileGolden(input);
    return {
      name: `example ${input.replace(/^.*\//, "")}`,
      services: compiled.services,
      payload: (family) => payloadOf(compiled, family),
    };
  });
  return [...fromGoldens, ...fromExamples];
}

for (const backend of BACKENDS) {
  Deno.test(`every golden and example is, in a kernel with ${backend}, what the model says`, async () => {
    await using namespace = await Namespace.create({ binary: "/bin/true" });
    for (const one of everything()) {
      for (const family of FAMILIES) await loadAndCompare(one, { namespace, backend, family });
    }
  });
}

async function loadAndCompare(
  one: Loaded,
  { namespace, backend, family }: { namespace: Namespace; backend: Backend; family: Family },
): Promise<void> {
  await namespace.load(backend, family, EMPTY_FILTER);
  const wait = backend === "legacy" ? ["-w", "10"] : [];
  const restore = [`${program(backend, family)}-restore`, ...wait, "--noflush"];
  const { code, stderr } = await namespace.run(restore, { stdin: one.payload(family) });
  assertEquals([one.name, code, stderr.replace(/^#.*\n/gm, "")], [one.name, 0, ""]);
  const table = readFilterTable(await namespace.save(backend, family), family);
  const services = one.services.filter(({ families }) => families.includes(family));
  const knocks = services.flatMap((service) => knockChainsOf(service, family));
  const expected = {
    name: one.name,
    services: services.map(({ name }) => name).sort(),
    jumps: [...knocks.flatMap(({ jumps }) => jumps), ...services.flatMap(jumpsOf)].map(ruleKey),
    chains: services.map((service) => chainRulesOf(service, family).map(ruleKey)),
    knocks: knocks.map(({ rules }) => rules),
  };
  assertEquals({
    name: one.name,
    services: table.serviceNames,
    jumps: table.rules("INPUT").map(({ key }) => key),
    chains: services.map(({ name }) => table.rules(chainOf(name)).map(({ key }) => key)),
    knocks: knocks.map(({ chain }) => table.rules(chain).map(({ text }) => plainKnockRule(text))),
  }, expected);
}
