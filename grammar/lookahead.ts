import { type ILookaheadStrategy, LLkLookaheadStrategy } from "chevrotain";

/** A function that is made when it is first called. */
function onDemand<A extends unknown[], R>(make: () => (...args: A) => R) {
  let made: ((...args: A) => R) | null = null;
  return function (this: unknown, ...args: A): R {
    made ??= make();
    return made.apply(this, args);
  };
}

/** Works out what may follow only where a file needs to know: few files use every option. */
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
 * Makes the strategy by which the parser looks ahead.
 *
 * @param maxLookahead how many tokens ahead tell what follows
 */
export function makeLookahead(maxLookahead: number): ILookaheadStrategy {
  return new LazyLookahead({ maxLookahead });
}
