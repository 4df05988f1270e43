// Changes that `dist/mutants.ts --random` may draw although they change nothing that anybody could see.

/** A change that leaves the program as it is. */
export interface Equivalent {
  readonly file: string;
  /** The lines that change, without the blanks around them. */
  readonly from: string;
  /** What they become. */
  readonly to: string;
  readonly because: string;
}

/** All that are known. */
export const EQUIVALENTS: readonly Equivalent[] = [];
