import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import {
  countKnockChains,
  longestKnockedName,
  MAX_KERNEL_FOR,
} from "../../firewall/kernel_knock.ts";
import { isServiceName } from "../../firewall/service.ts";
import type { Duration, Knock, Service, Spanned } from "../../syntax/ast.ts";
import type { Accept, Check } from "../context.ts";
import { secondsOf } from "../limits.ts";
import { optionsOf } from "../options.ts";

/** A knock that the kernel hears. */
export type KernelKnock = Knock & { readonly by: Spanned<"kernel"> };

/** Whether the kernel hears a knock. */
export function isByKernel(knock: Knock): knock is KernelKnock {
  return knock.by?.value === "kernel";
}

function kernelKnocks(service: Service): KernelKnock[] {
  return optionsOf(service, "knock").filter(isByKernel);
}

/** Limits of the kernel's rules for knocks. */
export const checkKernelKnocks: Check = ({ program }, accept) => {
  for (const knock of program.services.flatMap(kernelKnocks)) {
    if (knock.once !== null) {
      accept(diagnose(CODES.onceByKernel, {
        message: "the kernel cannot hear one-time sequences",
        at: knock.by.span,
        secondary: [{ span: knock.once.span, text: "a file of sequences" }],
        help: "leave `by kernel` out: knockd reads such a file",
      }));
    }
    if (knock.for === null) {
      accept(diagnose(CODES.kernelKnockWithoutEnd, {
        message: "a knock `by kernel` needs `for`",
        at: knock.span,
        label: "how long does the door stay open?",
        help: "write `for 8h` ahead of `by kernel`",
      }));
    }
    checkLength(knock.within, { word: "within", accept });
    checkLength(knock.for, { word: "for", accept });
  }
};

function checkLength(
  duration: Spanned<Duration> | null,
  { word, accept }: { readonly word: string; readonly accept: Accept },
): void {
  if (duration === null || secondsOf(duration.value) <= MAX_KERNEL_FOR) return;
  const { count, unit } = duration.value;
  accept(diagnose(CODES.durationOutOfRange, {
    message: `\`${word} ${count}${unit}\` is longer than the kernel can count for a knock`,
    at: duration.span,
    label: `at most ${MAX_KERNEL_FOR / 86_400} days`,
    help: "another knock extends: write a shorter time, or leave `by kernel` to knockd",
  }));
}

/** A service whose name is too long for the chains of its knocks. */
export const checkKernelKnockNames: Check = ({ program }, accept) => {
  for (const service of program.services) {
    const { value, span } = service.name;
    const chains = countKnockChains(kernelKnocks(service));
    if (!isServiceName(value) || chains === 0) continue;
    const most = longestKnockedName(chains);
    if (value.length <= most) continue;
    accept(diagnose(CODES.badName, {
      message: `the name has ${value.length} characters, at most ${most} are allowed with knocks ` +
        "`by kernel`",
      at: span,
      label: "too long",
      help: `the kernel takes 28 characters for the chain \`pk-NAME.${chains}\``,
    }));
  }
};
