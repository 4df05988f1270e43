/** Whether to write what tests expect instead of comparing with it: `PKTABLES_UPDATE_GOLDENS=1`, never set in CI. */
export const isUpdate: boolean = Deno.env.get("PKTABLES_UPDATE_GOLDENS") === "1";
