import { assert, assertEquals } from "@std/assert";
import { formatAddress } from "../../src/firewall/address.ts";
import { compileFile } from "../../src/semantic/compile.ts";
import { memoryReader } from "../support/memory_reader.ts";
import { stepsOf } from "../support/steps.ts";

const NOW = 1_735_689_600;

function compile(text: string, now = NOW) {
  return compileFile("a.pk", { reader: memoryReader({ "a.pk": text }), now });
}

function codes(text: string, now = NOW): string[] {
  return compile(text, now).diagnostics.map(({ code }) => code);
}

/** Ten times the input takes about ten times the steps. */
function expectLinear(textOf: (count: number) => string, count: number): void {
  const steps = (many: number) => {
    const text = textOf(many);
    return stepsOf(() => compile(text));
  };
  const [few, many] = [steps(count), steps(10 * count)];
  assert(few > count && many < 13 * few, `${few} steps, ${many} steps`);
}

Deno.test("a file with an error has no services, so that no half of it is used", () => {
  const { ok, services, knocks } = compile(
    "service a tcp 1 knock 7001, 8001, 9001 for 1h\nservice b tcp 0",
  );
  assertEquals([ok, services, knocks], [false, [], []]);
});

Deno.test("warnings alone leave a file good", () => {
  const { ok, services, diagnostics } = compile("define a = 10.0.0.1\nservice b tcp 1");
  assertEquals([ok, services.length, diagnostics[0]?.code], [true, 1, "PK061"]);
});

Deno.test("a knock is data of its own, with its defaults", () => {
  const { knocks } = compile(
    "service a tcp 1 knock 7001:udp, 8001, 9001 within 2m for 8h\n knock 1111, 2222, 3333",
  );
  assertEquals(knocks, [
    {
      service: "a",
      steps: [
        { port: 7001, protocol: "udp" },
        { port: 8001, protocol: "tcp" },
        { port: 9001, protocol: "tcp" },
      ],
      once: null,
      within: 120,
      for: 28_800,
      close: null,
    },
    {
      service: "a",
      steps: [
        { port: 1111, protocol: "tcp" },
        { port: 2222, protocol: "tcp" },
        { port: 3333, protocol: "tcp" },
      ],
      once: null,
      within: 15,
      for: null,
      close: null,
    },
  ]);
});

Deno.test("a door may end in the last second of the kernel's clock, and no later", () => {
  const last = 2 ** 31 - 2;
  const text = "service a tcp 1 knock 8001, 7001, 9001 within 1s for 10s";
  assertEquals(codes(text, last - 10), []);
  assertEquals(codes(text, last - 9), ["PK039"]);
});

Deno.test("addresses are in address order, each once", () => {
  const { services } = compile(
    "define x = 10.0.0.9, 2001:db8::a\nservice a tcp 1 allow 10.0.0.10, x, ::ffff:10.0.0.9, 9.0.0.0/8",
  );
  assertEquals(services[0]?.allow?.map(formatAddress), [
    "9.0.0.0/8",
    "10.0.0.9/32",
    "10.0.0.10/32",
    "2001:db8::a/128",
  ]);
});

Deno.test("65,536 addresses are taken and one more is an error", () => {
  const line = (name: string, count: number) =>
    `define ${name} = ` +
    Array.from({ length: count }, (_, at) => `10.${at >> 16}.${at >> 8 & 255}.${at & 255}`).join(
      ",",
    );
  const text = `${line("a", 65_536)}\nservice s tcp 1 allow a`;
  assertEquals(codes(text), []);
  assertEquals(compile(text).services[0]?.allow?.length, 65_536);
  assertEquals(codes(`${line("a", 65_537)}\nservice s tcp 1 allow a`), ["PK027"]);
  assertEquals(codes(`${text}\nservice t tcp 2 allow 10.9.9.9`), ["PK027"]);
});

Deno.test("lists that double each other a thousand times are one error and no wait", () => {
  const textOf = (count: number) => {
    const lines = ["define d0 = 10.0.0.1, 10.0.0.2"];
    for (let at = 1; at <= count; at++) lines.push(`define d${at} = d${at - 1}, d${at - 1}`);
    return `${lines.join("\n")}\nservice s tcp 1 allow d${count}, d${count - 1}, d3`;
  };
  assertEquals(codes(textOf(1000)).filter((code) => code === "PK027").length, 1);
  expectLinear(textOf, 100);
});

Deno.test("a chain of 20,000 lists is neither a wait nor the end of the stack", () => {
  const textOf = (count: number) => {
    const lines = ["define d0 = 10.0.0.1"];
    for (let at = 1; at <= count; at++) lines.push(`define d${at} = d${at - 1}`);
    const users = Array.from(
      { length: 100 },
      (_, at) => `service s${at} tcp ${at + 1} allow d${count}`,
    );
    return [...lines, ...users].join("\n");
  };
  assertEquals(codes(textOf(20_000)), []);
  expectLinear(textOf, 200);
});

Deno.test("a cycle of 20,000 lists is one error of a readable length", () => {
  const lines = Array.from({ length: 20_000 }, (_, at) => `define d${at} = d${(at + 1) % 20_000}`);
  const { diagnostics } = compile(lines.join("\n"));
  assertEquals(diagnostics.map(({ code }) => code), ["PK022"]);
  assert((diagnostics[0]?.message.length ?? 0) < 200);
  assert((diagnostics[0]?.secondary.length ?? 0) < 10);
});

Deno.test("services that all want one port are reported with the first, in one pass", () => {
  const textOf = (count: number) =>
    Array.from({ length: count }, (_, at) => `service s${at} tcp 22`).join("\n");
  const { diagnostics } = compile(textOf(10_000));
  assertEquals(diagnostics.length, 9999);
  assert(diagnostics.every(({ message }) => message.startsWith("`s0` and")));
  expectLinear(textOf, 200);
});

Deno.test("diagnostics come in file order, errors and warnings mixed", () => {
  const { diagnostics } = compile(
    "define unused = 10.0.0.1\nservice a tcp 0\nservice b tcp 1 accept allow 10.0.0.5/8\nservice a udp 1 syn",
  );
  const places = diagnostics.map(({ primary }) => primary.span.start);
  assertEquals(places, places.toSorted((x, y) => x - y));
  assertEquals(diagnostics.map(({ code }) => code), [
    "PK061",
    "PK028",
    "PK064",
    "PK032",
    "PK020",
    "PK030",
  ]);
});

Deno.test("a burst that was not given is one that the kernel can keep", () => {
  const { services } = compile("service a tcp 1 log limit 1/day\nservice b tcp 2 log limit 2/hour");
  assertEquals(services.map(({ log }) => log?.burst), [1, 5]);
});

Deno.test("of several services that match the same packets the first is reported, whatever it is on", () => {
  const { diagnostics } = compile(
    "service a tcp 80 on eth0\nservice b tcp 80\nservice c tcp 80 on eth0",
  );
  assertEquals(diagnostics.map(({ message }) => message), [
    "`a` and `b` match the same packets",
    "`a` and `c` match the same packets",
  ]);
});

Deno.test("two errors at one place are both reported, before later ones", () => {
  const name = "a".repeat(26);
  const { diagnostics } = compile(`service ${name} tcp 1\nservice ${name} tcp 0`);
  const told = diagnostics.map(({ code, primary }) => [code, primary.span.start]);
  assertEquals(told, [["PK034", 8], ["PK020", 49], ["PK034", 49], ["PK028", 80]]);
});
