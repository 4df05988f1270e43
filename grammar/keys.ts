import type { IParserErrorMessageProvider } from "chevrotain";

/** Messages are only keys here, `rule` or `rule/token`; expectations.ts has the words for them. */
export const KEYS: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ ruleName, expected }) => `${ruleName}/${expected.name}`,
  buildNotAllInputParsedMessage: () => "end",
  buildNoViableAltMessage: ({ ruleName }) => ruleName,
  buildEarlyExitMessage: ({ ruleName }) => ruleName,
};
