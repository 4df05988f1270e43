import { assert, assertEquals } from "@std/assert";
import { formatAddress } from "../../src/firewall/address.ts";
import { decodeSource, makeSource } from "../../src/source/source.ts";
import type { Service } from "../../src/syntax/ast.ts";
import { readSyntax } from "../../src/syntax/ast_reader.ts";
import { stepsOf } from "../support/steps.ts";
import { mistakes, tree, withoutPlaces } from "../support/read_syntax.ts";

Deno.test("an error does not make a keyword that is a name elsewhere a second one", () => {
  const text = "define service =\n service\nservice x tcp 1 allow\n service\nservice y tpc 2\n";
  assertEquals(mistakes(text), ["PK004 tpc"]);
});

Deno.test("what is ahead of an error is kept in the tree", () => {
  const read = (text: string): unknown =>
    withoutPlaces(readSyntax(makeSource("rules.pk", text)).file?.statements);
  assertEquals(read("define a = 10.0.0.1,, 10.0.0.2"), tree("define a = 10.0.0.1"));
  assertEquals(read("define a ="), [{ kind: "define", name: { value: "a" }, items: [] }]);
  assertEquals(read("service a tcp 1 drop nonsense"), tree("service a tcp 1 drop"));
  assertEquals(read("service a tcp 1 log prefix x drop"), tree("service a tcp 1 log"));
  assertEquals(read("service a tcp 1 allow 10.0.0.1, 22"), tree("service a tcp 1 allow 10.0.0.1"));
  assertEquals(read("service a tcp"), []);
});

Deno.test("a value that cannot be read is left out, what stands around it stays", () => {
  const { file } = readSyntax(
    makeSource("rules.pk", "service a tcp 1, 99999999999 drop allow 300.0.0.1, 10.0.0.1\n"),
  );
  const service = file?.statements[0] as Service;
  assertEquals(service.ports.map(({ from }) => from), [1]);
  assertEquals(service.options.length, 2);
});

Deno.test("host bits and ports out of range are left to the checks of meaning", () => {
  assertEquals(mistakes("service a tcp 0, 70000, 9-8 udp\n".replace(" udp", "")), []);
  assertEquals(mistakes("service a tcp 1 allow 10.0.0.5/24\n"), []);
});

Deno.test("bytes that are not text are reported before anything else is read", () => {
  const read = (...bytes: number[]) =>
    readSyntax(decodeSource("rules.pk", new Uint8Array(bytes))).diagnostics.map(({ code }) => code);
  assertEquals(read(0x23, 0xe9), ["PK001"]);
  assertEquals(read(0x23, 0), ["PK002"]);
  assertEquals(
    readSyntax(decodeSource("rules.pk", new Uint8Array(5 << 20))).diagnostics[0]?.code,
    "PK003",
  );
});

Deno.test("after 10,000 errors reading stops and says so", () => {
  for (const text of ["x\n", "service a tcp 1 allow 300.0.0.1\n"]) {
    const codes = mistakes(text.repeat(9999));
    assertEquals([codes.length, codes.at(-1)?.slice(0, 5)], [9999, codes[0]?.slice(0, 5)]);
    const more = mistakes(text.repeat(20_000));
    assertEquals([more.length, more.at(-1)], [10_001, "PK015 "]);
  }
});

Deno.test("reading a file takes as many steps as it is long, errors or not", () => {
  const steps = (line: string, count: number): number => {
    const source = makeSource("rules.pk", line.repeat(count));
    return stepsOf(() => readSyntax(source));
  };
  for (const line of ["service s tcp 22 drop allow 10.0.0.1\n", "service s tcp 22 sny\n", "x "]) {
    steps(line, 10); // what is made once for all files
    const [short, long] = [steps(line, 250), steps(line, 2500)];
    // What goes over everything once for each line takes a hundred times as many.
    assert(short > 250 && long < 12 * short, `${line}: ${short} steps, ${long} steps`);
  }
});

Deno.test("an address is read once, into what it means", () => {
  const { file } = readSyntax(
    makeSource("a.pk", "define a = 10.0.0.0/8, ::ffff:10.0.0.1, 10.0.0.1/8\n"),
  );
  const [define] = file?.statements ?? [];
  const items = define?.kind === "define" ? define.items : [];
  assertEquals(
    items.map((item) => {
      if (item.kind === "name") return item.name;
      if (item.meaning.ok) return formatAddress(item.meaning.value);
      const { host, network } = item.meaning.problem;
      return [formatAddress(host), formatAddress(network)];
    }),
    ["10.0.0.0/8", "10.0.0.1/32", ["10.0.0.1/32", "10.0.0.0/8"]],
  );
});

Deno.test("an expectation becomes the tree that it says, whatever it leaves out", () => {
  assertEquals(
    tree('expect tcp 22 from anyone to ::1 on "eth0.1" established reject\nexpect udp 53 drop\n'),
    [
      {
        kind: "expect",
        protocol: { value: "tcp" },
        port: { value: 22 },
        from: { kind: "anyone" },
        to: { kind: "address", text: "::1" },
        interface: { value: "eth0.1" },
        established: {},
        policy: { value: "reject" },
      },
      {
        kind: "expect",
        protocol: { value: "udp" },
        port: { value: 53 },
        from: null,
        to: null,
        interface: null,
        established: null,
        policy: { value: "drop" },
      },
    ],
  );
  assertEquals(tree("expect tcp 22 from office accept"), [{
    kind: "expect",
    protocol: { value: "tcp" },
    port: { value: 22 },
    from: { kind: "name", name: "office" },
    to: null,
    interface: null,
    established: null,
    policy: { value: "accept" },
  }]);
});

Deno.test("of a file of more than 10,000 errors the rest is not read, and one of 10,000 is read to its end", () => {
  const read = (count: number) =>
    readSyntax(makeSource("rules.pk", "service 1\n".repeat(count))).diagnostics;
  const most = read(10_000);
  assertEquals(most.length, 10_000);
  const [code] = new Set(most.map(({ code }) => code));
  assertEquals(new Set(most.map(({ code }) => code)).size, 1);
  for (const count of [10_001, 10_100]) {
    const more = read(count);
    assertEquals(more.length, 10_001);
    assertEquals(more.at(-2)?.code, code);
    const { message, help, primary: { span, text: label } } = more.at(-1)!;
    assertEquals([message, label, help], [
      "more than 10000 errors",
      "what follows was not read",
      "is this a `.pk` file?",
    ]);
    // It stands where the last error that is shown ends.
    const { end } = more.at(-2)!.primary.span;
    assertEquals([span.start, span.end], [end, end]);
  }
});

Deno.test("a list that is not written yet ends with its name", () => {
  const { file } = readSyntax(makeSource("rules.pk", "define office\nservice a tcp 1\n"));
  const [define, service] = file?.statements ?? [];
  assertEquals([define?.kind, define?.span.start, define?.span.end], ["define", 0, 13]);
  assertEquals(service?.kind, "service");
});
