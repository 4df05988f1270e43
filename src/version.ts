import config from "../deno.json" with { type: "json" };

/** Version of this program; it is only in deno.json. */
export const VERSION: string = config.version;
