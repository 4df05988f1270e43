import type { Context } from "../command.ts";

/** Where the jump of a service goes, if not to the end of INPUT. */
export interface Place {
  /** Index of the rule of INPUT that it goes ahead of. */
  readonly at: number;
  /** That rule, as iptables-save prints it. */
  readonly text: string;
  /** Whether packets of established connections would meet the service ahead of the rule that accepts them. */
  readonly cuts: boolean;
  /** The rules behind it that let in some sources or an interface and no longer do. */
  readonly overruled: readonly { readonly at: number; readonly text: string }[];
}

/** Where jumps go. */
export interface Placement {
  /** By name, those services whose jump goes ahead of another rule. */
  readonly places: ReadonlyMap<string, Place>;
  /** Rules that may or may not decide ahead of a jump: they are not overtaken. */
  readonly unknown: readonly {
    readonly name: string;
    readonly at: number;
    readonly text: string;
  }[];
}

/** Names the rules that a service's jumps are ahead of; once if both families have the same. */
export function describePlaces(placed: readonly Placement[], name: string): string {
  const words = placed.flatMap(({ places }) => {
    const place = places.get(name);
    return place === undefined ? [] : [describePlace(place)];
  });
  return [...new Set(words)].join(", and ");
}

/** Describes where a jump went: `ahead of rule 3 of INPUT: -p tcp -m tcp --dport 22 -j ACCEPT`. */
function describePlace({ at, text }: Place): string {
  return `ahead of rule ${at + 1} of INPUT: ${text}`;
}

/** Describes the consequences of a place; `family` in words. */
export function warnOfPlaces(
  { report }: Context,
  { family, placement }: { family: string; placement: Placement },
): void {
  for (const [name, { cuts, overruled }] of placement.places) {
    if (cuts) {
      report.warn(
        `${family}: ${name} is ahead of the rule of INPUT that accepts established connections and cuts ` +
          "them: use `established` or `syn` (--syn)",
      );
    }
    for (const { at, text } of overruled) {
      report.warn(
        `${family}: ${name} is ahead of rule ${at + 1} of INPUT (${text}): ` +
          "what it accepts needs a door now",
      );
    }
  }
  for (const { name, at, text } of placement.unknown) {
    report.warn(
      `${family}: whether ${name} sees a packet depends on rule ${at + 1} of INPUT (${text})`,
    );
  }
}
