import { CODES } from "../diagnostics/codes.ts";
import { diagnose, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { clip } from "../text/clip.ts";
import { type AddressProblem, parseAddress } from "../firewall/address.ts";
import { err, ok, type Result } from "../result.ts";
import type { Span } from "../source/span.ts";
import type { AddressMeaning } from "./ast.ts";

/**
 * Reads a word in a list of addresses. Host bits are left to the semantic checks, which suggest both
 * readings.
 *
 * @param text the word
 * @param span its place in the source
 * @returns its meaning, or its syntax problem
 */
export function readAddress(text: string, span: Span): Result<AddressMeaning, Diagnostic> {
  const parsed = parseAddress(text);
  if (parsed.ok) return ok(parsed);
  return parsed.problem.kind === "host-bits"
    ? ok(err(parsed.problem))
    : err(explain(text, span, parsed.problem));
}

/** Describes the problem of a word that is not an address. */
function explain(
  text: string,
  span: Span,
  problem: AddressProblem & { readonly kind: "syntax" | "prefix" },
): Diagnostic {
  const word = clip(text);
  if (problem.kind === "prefix") {
    const { max } = problem;
    const digits = text.slice(text.indexOf("/") + 1);
    const label = Number(digits) <= max
      ? `\`${digits}\` has a leading zero`
      : `expected \`/0\` to \`/${max}\``;
    return diagnose(CODES.badPrefixLength, {
      message: `\`${word}\` has an invalid prefix length`,
      at: span,
      label,
    });
  }
  const { label, help } = explainAddress(text);
  return diagnose(CODES.badAddress, {
    message: `invalid address \`${word}\``,
    at: span,
    label,
    help,
  });
}

/** The label and the help. */
interface Explanation {
  readonly label: string;
  readonly help: string | null;
}

/** Describes why a text is not an address. */
function explainAddress(text: string): Explanation {
  const [host = "", length] = text.split("/");
  if (length === "") return { label: "the prefix length is missing", help: null };
  if (text.includes("%")) {
    return { label: "unexpected zone", help: "use `on` instead" };
  }
  if (/^[\d.]+-[\d.]+$/.test(text)) {
    return { label: "a range of addresses", help: "write a network, as `10.0.0.0/24`" };
  }
  const parts = host.split(".");
  if (/^[\d.]+$/.test(host)) return explainDotted(parts, length);
  if (/^[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*$/.test(host)) return explainColons(host);
  if (/[A-Za-z]/.test(host) && parts.length > 1 && !host.includes(":")) {
    return {
      label: "expected an address",
      help: "host names are not looked up: write the addresses themselves",
    };
  }
  return { label: "expected an address or the name of a `define`", help: null };
}

function explainDotted(parts: readonly string[], length: string | undefined): Explanation {
  const tooBig = parts.find((part) => Number(part) > 255);
  if (tooBig !== undefined) return { label: `\`${clip(tooBig)}\` is over 255`, help: null };
  if (parts.length !== 4 || parts.includes("")) {
    const label = "an IPv4 address has four parts";
    const isShort = parts.length < 4 && !parts.includes("") && length !== undefined;
    const full = [...parts, "0", "0", "0"].slice(0, 4).join(".");
    return { label, help: isShort ? meant(`${full}/${length}`) : null };
  }
  const octal = parts.find((part) => part.length > 1 && part.startsWith("0"));
  const plain = parts.map(Number).join(".") + (length === undefined ? "" : `/${length}`);
  return octal === undefined
    ? { label: "expected an address", help: null }
    : { label: `\`${octal}\` has a leading zero`, help: meant(plain) };
}

/** Suggests a text if it is a valid address. */
function meant(text: string): string | null {
  const parsed = parseAddress(text);
  const isAddress = parsed.ok || parsed.problem.kind === "host-bits";
  return isAddress ? `did you mean \`${text}\`?` : null;
}

function explainColons(host: string): Explanation {
  const range = /^(\d+):(\d+)$/.exec(host);
  if (range !== null) return { label: "expected an address or the name of a `define`", help: null };
  if (host.split("::").length > 2 || host.includes(":::")) {
    return { label: "`::` can occur only once", help: null };
  }
  const groups = host.split(":");
  const long = groups.find((group) => group.length > 4 && !group.includes("."));
  if (long !== undefined) {
    return { label: `\`${clip(long)}\` has more than four digits`, help: null };
  }
  const count = host.includes(".") ? groups.length + 1 : groups.length;
  if (!host.includes("::") && count !== 8) {
    return {
      label: "an IPv6 address has eight parts, or `::` for those that are zero",
      help: null,
    };
  }
  return { label: "expected an address", help: null };
}
