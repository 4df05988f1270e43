import { type ILookaheadStrategy, LLkLookaheadStrategy } from "chevrotain";

/** A function that is built on its first call. */
function onDemand<A extends unknown[], R>(make: () => (...args: A) => R) {
  let made: ((...args: A) => R) | null = null;
  return function (this: unknown, ...args: A): R {
    made ??= make();
    return made.apply(this, args);
  };
}

/** Computes what may follow only where a file needs it: few files use every option. */
class LazyLookahead extends LLkLookaheadStrategy {
  override buildLookaheadForAlternation(
    options: Parameters<ILookaheadStrategy["buildLookaheadForAlternation"]>[0],
  ) {
    return onDemand(() => super.buildLookaheadForAlternation(options));
  }

  override buildLookaheadForOptional(
    options: Parameters<ILookaheadStrategy["buildLookaheadForOptional"]>[0],
  ) {
    return onDemand(() => super.buildLookaheadForOptional(options));
  }
}

/**
 * Makes the lookahead strategy of the parser.
 *
 * @param maxLookahead how many tokens of lookahead the grammar needs
 */
export function makeLookahead(maxLookahead: number): ILookaheadStrategy {
  return new LazyLookahead({ maxLookahead });
}
