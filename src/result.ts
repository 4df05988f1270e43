/** Either a value, or the reason why there is none. User errors are results, never exceptions. */
export type Result<T, P> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: P };

/** Wraps a value as a success. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** Wraps a reason as a failure. */
export function err<P>(problem: P): { readonly ok: false; readonly problem: P } {
  return { ok: false, problem };
}
