/**
 * Replaces a function of `Deno` while something runs.
 *
 * @param name The function.
 * @param make Gets the real one; returns its replacement.
 * @param work Runs meanwhile.
 * @returns What `work` returned.
 */
export async function withDeno<Name extends keyof typeof Deno, T>(
  name: Name,
  make: (real: (typeof Deno)[Name]) => (typeof Deno)[Name],
  work: () => T | Promise<T>,
): Promise<T> {
  const real = Deno[name];
  const set = (value: unknown) => Object.defineProperty(Deno, name, { value, configurable: true });
  set(make(real));
  try {
    return await work();
  } finally {
    set(real);
  }
}
