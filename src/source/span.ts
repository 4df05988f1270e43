/** A half-open stretch of one source file, in UTF-16 code units from its start. */
export interface Span {
  /** Name of the file as diagnostics show it. */
  readonly file: string;
  /** Where it starts. */
  readonly start: number;
  /** At least `start`; equal to it for a place between two characters. */
  readonly end: number;
}
