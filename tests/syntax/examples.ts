/** The `.pk` files of a folder and of those below it, by path relative to it. */
export function examplesIn(folder: URL): Map<string, string> {
  const found = new Map<string, string>();
  const entries = [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  for (const entry of entries) {
    const url = new URL(entry.isDirectory ? `${entry.name}/` : entry.name, folder);
    if (entry.isDirectory) {
      for (const [path, text] of examplesIn(url)) found.set(`${entry.name}/${path}`, text);
    } else if (entry.name.endsWith(".pk")) {
      found.set(entry.name, Deno.readTextFileSync(url));
    }
  }
  return found;
}

/** Where the examples of the language stand. */
export const EXAMPLES: URL = new URL("../../grammar/examples/", import.meta.url);
