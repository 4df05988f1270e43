import config from "../deno.json" with { type: "json" };

/** Version of this program; deno.json is the only place that says it. */
export const VERSION: string = config.version;
