/** The part of minimist 1.2.8 that the profile uses. */
export default function minimist(
  args: string[],
  options: {
    boolean?: string[];
    string?: string[];
    alias?: Record<string, string>;
    unknown?: (arg: string) => boolean;
  },
): Record<string, unknown> & { _: string[] };
