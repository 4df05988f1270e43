/** Any JSON value, as JSON.parse gives it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  /** Its members. */
  readonly [key: string]: Json | undefined;
}

/** A value that is an object; an empty one for anything else. */
export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** A value that is a list; an empty one for anything else. */
export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** A value that is a text; an empty one for anything else. */
export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first key of an object and its value: nft's JSON tags everything like that. */
export function tagged(value: Json | undefined): readonly [tag: string, content: Json] | null {
  if (!isObject(value)) return null;
  const [first] = Object.entries(value);
  return first === undefined ? null : [first[0], first[1] ?? null];
}

/** The same; an empty tag for what has none. */
export function partsOf(value: Json | undefined): readonly [tag: string, content: Json] {
  return tagged(value) ?? ["", null];
}
