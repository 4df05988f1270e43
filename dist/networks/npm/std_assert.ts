// The part of `@std/assert` that this project uses, on top of `node:assert/strict`, for networks that do not
// reach JSR. The names and meanings are those of `@std/assert`; a contract test holds both to them.
import nodeAssert from "node:assert/strict";

/** Fails unless `condition` is truthy. */
export function assert(condition: unknown, message?: string): asserts condition {
  nodeAssert.ok(condition, message);
}

/** Fails unless both values are deeply and strictly equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  described(() => nodeAssert.deepStrictEqual(actual, expected), message);
}

/** Puts `message` before the difference, which Node leaves out if it is given a message. */
function described(compare: () => void, message: string | undefined): void {
  try {
    compare();
  } catch (error) {
    if (message === undefined || !(error instanceof nodeAssert.AssertionError)) throw error;
    throw new nodeAssert.AssertionError({ ...error, message: `${message}\n${error.message}` });
  }
}

/** Fails if both values are deeply and strictly equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.notDeepStrictEqual(actual, expected, message);
}

/** Fails unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  nodeAssert.ok(
    actual.includes(expected),
    message ?? `Expected ${JSON.stringify(actual)} to include ${JSON.stringify(expected)}`,
  );
}

/** Fails unless `actual` matches `expected`. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  nodeAssert.match(actual, expected, message);
}

/** Fails unless `fn` throws; returns what it threw. */
export function assertThrows(fn: () => unknown, message?: string): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  nodeAssert.fail(message ?? "Expected function to throw");
}
