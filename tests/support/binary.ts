const ROOT = `${import.meta.dirname}/../../`;

let found: Promise<string> | undefined;

/**
 * The built program: the file that `PKTABLES_BINARY` names, or `dist/pktables`, which is built where
 * it is missing.
 *
 * @returns An absolute path.
 * @throws {Error} If it cannot be built; the message holds what the build printed.
 */
export function binary(): Promise<string> {
  return found ??= find();
}

async function find(): Promise<string> {
  const named = Deno.env.get("PKTABLES_BINARY");
  if (named !== undefined && named !== "") return await Deno.realPath(named);
  const path = await Deno.realPath(`${ROOT}dist`) + "/pktables";
  // Test files run at once, each as a module graph of its own: one builds, the others wait for it.
  await Deno.mkdir(`${ROOT}dist/out`, { recursive: true });
  using lock = await Deno.open(`${ROOT}dist/out/.build.lock`, { create: true, write: true });
  await lock.lock(true);
  if (!await exists(path)) await build();
  return path;
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

async function build(): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "dist/build.ts"],
    cwd: ROOT,
  }).output();
  if (success) return;
  const text = new TextDecoder();
  throw new Error(
    `dist/pktables could not be built:\n${text.decode(stdout)}${text.decode(stderr)}`,
  );
}
