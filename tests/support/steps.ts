// Counts what a function does instead of timing it: a clock measures other load too.

/** Methods that call a function once for each place they look at. */
const CALLING = [
  ..."map filter forEach flatMap reduce some every find findLast findIndex findLastIndex".split(
    " ",
  ),
  ..."sort toSorted".split(" "),
];

/** Methods that make a copy, which costs as much as it is long. */
const COPYING = ["slice", "concat", "splice", "toSpliced", "toReversed", "with", "join", "padEnd"];

/** Methods that look for something, from the start up to where it is. */
const SEEKING = ["indexOf", "includes", "lastIndexOf"];

/** Methods that go through the whole text. */
const WHOLE = ["split", "replace", "replaceAll", "trim", "trimStart", "trimEnd", "toLowerCase"];

type Method = (this: { length: number }, ...args: unknown[]) => unknown;
type Methods = Record<string | symbol, Method>;

/** Replaces the methods meanwhile. `count` receives the cost of each call. */
function counting(name: string, real: Method, count: (cost: number) => void): Method {
  // A replacement must not use anything that is replaced.
  const [isSeeking, isCopying] = [SEEKING.includes(name), COPYING.includes(name)];
  const isWhole = WHOLE.includes(name);
  if (CALLING.includes(name)) {
    return function (...args) {
      const call = args[0];
      const self = args[1];
      if (typeof call === "function") {
        args[0] = (...given: unknown[]): unknown => {
          count(1);
          return Reflect.apply(call, self, given);
        };
      }
      return Reflect.apply(real, this, args);
    };
  }
  return function (...args) {
    const result = Reflect.apply(real, this, args);
    if (isSeeking) {
      const found = typeof result === "number" && result >= 0;
      count(found ? result : result === true ? 1 : this.length);
    } else if (isCopying) count((result as { length: number }).length);
    else count(isWhole ? this.length : 1);
    return result;
  };
}

/**
 * Counts the steps that work takes: calls of array and text methods, each place that they look at or
 * copy, each entry that a loop or a spread takes, each match of a pattern. It misses plain loops over
 * numbers; what is compared with all others, or copied again and again, shows.
 *
 * @param work What is counted; it must not be asynchronous.
 * @returns The same number whenever the same is done.
 */
export function stepsOf(work: () => unknown): number {
  let steps = 0;
  const count = (cost: number) => void (steps += cost);
  const undo: (() => void)[] = [];
  const set = (methods: Methods, name: string | symbol, value: Method) => {
    const real = methods[name]!;
    Object.defineProperty(methods, name, { value, configurable: true, writable: true });
    undo.push(() =>
      Object.defineProperty(methods, name, { value: real, configurable: true, writable: true })
    );
  };
  const arrays = Array.prototype as unknown as Methods;
  const texts = String.prototype as unknown as Methods;
  for (const methods of [arrays, texts]) {
    const names = [...CALLING, ...COPYING, ...SEEKING, ...WHOLE, "push", "at"];
    for (const name of names) {
      const real = methods[name];
      if (real !== undefined) set(methods, name, counting(name, real, count));
    }
  }
  const iterate = arrays[Symbol.iterator]!;
  set(arrays, Symbol.iterator, function () {
    const iterator = iterate.call(this) as ArrayIterator<unknown>;
    const next = iterator.next;
    iterator.next = () => {
      count(1);
      return next.call(iterator);
    };
    return iterator;
  });
  const patterns = RegExp.prototype as unknown as Record<string, (text: string) => unknown>;
  const exec = patterns["exec"]!;
  set(patterns as unknown as Methods, "exec", function (...args) {
    const pattern = this as unknown as RegExp;
    const from = pattern.lastIndex;
    const match = exec.call(pattern, args[0] as string) as RegExpExecArray | null;
    const text = args[0] as string;
    if (pattern.sticky) count(1 + (match?.[0].length ?? 0));
    else count(1 + (match === null ? text.length : match.index + match[0].length) - from);
    return match;
  });
  try {
    work();
  } finally {
    for (const back of undo.toReversed()) back();
  }
  return steps;
}
