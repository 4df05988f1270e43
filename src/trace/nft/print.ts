import { type Json, listOf, objectOf, partsOf, tagged, textOf } from "./json.ts";

/** The left side of a match, as nft writes it: `ip saddr`, `meta l4proto`, `ct state`. */
export function printField(left: Json | undefined): string {
  const found = tagged(left);
  if (found === null) return typeof left === "string" || typeof left === "number" ? `${left}` : "?";
  const [tag, content] = found;
  const { protocol, field, key, result, flags } = objectOf(content);
  switch (tag) {
    case "payload":
      return protocol === undefined ? "@payload" : `${protocol} ${field}`;
    case "meta":
    case "ct":
    case "rt":
    case "socket":
      return `${tag} ${key}`;
    case "fib":
      return `fib ${listOf(flags).join(" . ")} ${result}`;
    case "&":
      return `${printField(listOf(content)[0])} & ${printValue(listOf(content)[1])}`;
    case "concat":
      return listOf(content).map(printField).join(" . ");
    default:
      return tag;
  }
}

/** The right side: `22`, `10.0.0.0/8`, `{ 80, 443 }`, `@bans`. */
function printValue(right: Json | undefined): string {
  if (Array.isArray(right)) return right.map(printValue).join(",");
  const found = tagged(right);
  if (found === null) return `${right}`;
  const [tag, content] = found;
  switch (tag) {
    case "set":
      return `{ ${listOf(content).map(printValue).join(", ")} }`;
    case "range":
      return listOf(content).map(printValue).join("-");
    case "prefix":
      return `${objectOf(content)["addr"]}/${objectOf(content)["len"]}`;
    case "elem":
      return printValue(objectOf(content)["val"]);
    case "concat":
      return listOf(content).map(printValue).join(" . ");
    default:
      return tag;
  }
}

/** A match in words. */
export function printMatch({ op, left, right }: { op: string; left: Json; right: Json }): string {
  const shown = ["==", "in"].includes(op) ? "" : `${op} `;
  return `${printField(left)} ${shown}${printValue(right)}`;
}

/** One part of a rule in words; long ones are only named. */
export function printStatement(statement: Json): string {
  const [tag, content] = partsOf(statement);
  if (tag === "") return "?";
  const inside = objectOf(content);
  if (tag === "match") {
    const { op, left = null, right = null } = inside;
    return printMatch({ op: textOf(op), left, right });
  }
  if (tag === "jump" || tag === "goto") return `${tag} ${textOf(inside["target"])}`;
  if (tag === "xt") return `xt ${textOf(inside["type"])} ${textOf(inside["name"])}`;
  if (tag === "limit") return `limit rate ${inside["rate"]}/${textOf(inside["per"])}`;
  if (tag === "vmap") return `${printField(inside["key"])} vmap`;
  return tag;
}

/** A rule in words, for people; `nft list ruleset` shows more. */
export function printRule(statements: readonly Json[]): string {
  return statements.map(printStatement).filter((words) => words !== "counter").join(" ");
}
