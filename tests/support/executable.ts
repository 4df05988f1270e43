import { start } from "./process.ts";

/**
 * Writes a program that can be started at once.
 *
 * A file that any process holds open for writing cannot be executed: "Text file busy" (ETXTBSY,
 * execve(2)). A file that this process writes is open in every child that it forks meanwhile, for
 * another test for example, until that child has executed its own program (close-on-exec closes it no
 * earlier). So this process never opens the file: a shell writes it, and is gone before this returns.
 *
 * @param path Where; it is replaced.
 * @param text The whole script, beginning with `#!`.
 * @throws {Error} If it cannot be written, with what the shell said.
 */
export async function writeExecutable(path: string, text: string): Promise<void> {
  await done(start(["sh", "-c", 'cat > "$1" && chmod 755 "$1"', "sh", path], { stdin: text }));
}

/**
 * Copies a program so that the copy can be started at once; see {@link writeExecutable}.
 *
 * @param from An executable file.
 * @param to Where the copy is to stand.
 * @throws {Error} If it cannot be copied, with what install(1) said.
 */
export async function copyExecutable(from: string, to: string): Promise<void> {
  await done(start(["install", "-m", "755", "--", from, to]));
}

async function done({ outcome }: ReturnType<typeof start>): Promise<void> {
  const { code, stderr } = await outcome;
  if (code !== 0) throw new Error(`no executable could be written: ${stderr.trim()}`);
}
