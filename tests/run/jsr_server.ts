// Answers as JSR does, on this machine, with the real sources of @std out of a git checkout: so the
// commands of the README can be tried as on the open internet where JSR cannot be reached.
//
//   deno run -A tests/run/jsr_server.ts CHECKOUT [COMMAND…]
//
// CHECKOUT is a clone of github.com/denoland/std with its history. COMMAND runs with `JSR_URL` set to
// this server, and its exit status is the script's; without it the server runs until it is ended.
// The protocol is that of https://jsr.io/docs/api#jsr-registry-api. Nothing of @std is stored here.
import config from "../../deno.json" with { type: "json" };
import { sha256 } from "../../dist/build/denort.ts";
import { main, must, show } from "../../dist/script.ts";

/** A released version of a package, and the commit that it was released from. */
interface Release {
  readonly name: string;
  readonly version: string;
  readonly commit: string;
  readonly exports: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  ts: "application/typescript",
  json: "application/json",
  md: "text/markdown",
};

function git(checkout: string, ...args: string[]): Promise<string> {
  return must(["git", "-C", checkout, ...args], { name: `git ${args[0]}` });
}

/** The commit that set a package's version; the newest version by default. */
async function findRelease(checkout: string, name: string, version?: string): Promise<Release> {
  const file = `${name}/deno.json`;
  const wanted = version ?? JSON.parse(await git(checkout, "show", `HEAD:${file}`)).version;
  const log = await git(checkout, "log", "--format=%H", `-S"version": "${wanted}"`, "--", file);
  for (const commit of log.trim().split("\n").filter((line) => line !== "")) {
    const { version: found, exports } = JSON.parse(
      await git(checkout, "show", `${commit}:${file}`),
    );
    if (found === wanted) return { name, version: wanted, commit, exports };
  }
  throw new Error(`the checkout has no release of @std/${name}@${wanted}`);
}

/** The server: what the project's deno.json pins, and the newest of whatever that imports. */
class Registry {
  readonly #checkout: string;
  readonly #releases = new Map<string, Promise<Release>>();
  readonly #files = new Map<string, Promise<ReadonlyMap<string, string>>>();

  constructor(checkout: string) {
    this.#checkout = checkout;
  }

  #release(name: string): Promise<Release> {
    const pinned = Object.values(config.imports).find((from) =>
      from.startsWith(`jsr:@std/${name}@`)
    );
    const found = this.#releases.get(name) ??
      findRelease(this.#checkout, name, pinned?.split("@").at(-1));
    this.#releases.set(name, found);
    return found;
  }

  /** Every file of a release by its path, with the imports as JSR rewrites them on publishing. */
  #filesOf(name: string): Promise<ReadonlyMap<string, string>> {
    const files = this.#files.get(name) ?? this.#read(name);
    this.#files.set(name, files);
    return files;
  }

  async #read(name: string): Promise<ReadonlyMap<string, string>> {
    const { commit } = await this.#release(name);
    const list = await git(this.#checkout, "ls-tree", "-r", "--name-only", commit, `${name}/`);
    const files = new Map<string, string>();
    for (const path of list.trim().split("\n")) {
      if (/_test\.ts$|testdata|\/_tools\//.test(path) || !/\.(ts|json|md)$/.test(path)) continue;
      const text = await git(this.#checkout, "show", `${commit}:${path}`);
      files.set(path.slice(name.length), await this.#rewrite(text));
    }
    return files;
  }

  async #rewrite(text: string): Promise<string> {
    const specifier = /(^|[^*\n]*)\bfrom "@std\/([\w-]+)((?:\/[\w-]+)*)"/gm;
    const lines: string[] = [];
    for (const line of text.split("\n")) {
      const [, , other = "", path = ""] = line.startsWith(" *")
        ? []
        : [...line.matchAll(specifier)][0] ?? [];
      if (other === "") lines.push(line);
      else {
        const { version } = await this.#release(other);
        lines.push(
          line.replace(`"@std/${other}${path}"`, `"jsr:@std/${other}@^${version}${path}"`),
        );
      }
    }
    return lines.join("\n");
  }

  async #text(path: string): Promise<string | undefined> {
    const meta = /^\/@std\/([\w-]+)\/meta\.json$/.exec(path);
    if (meta) {
      const { name, version } = await this.#release(meta[1]!);
      return JSON.stringify({ scope: "std", name, latest: version, versions: { [version]: {} } });
    }
    const [, name = "", version = "", rest = ""] =
      /^\/@std\/([\w-]+)\/([\d.]+)(_meta\.json|\/.*)$/.exec(path) ?? [];
    if (name === "") return undefined;
    const release = await this.#release(name);
    if (version !== release.version) return undefined;
    const files = await this.#filesOf(name);
    if (rest !== "_meta.json") return files.get(rest);
    const manifest = [...files].map(([path, text]) => {
      const bytes = new TextEncoder().encode(text);
      return [path, { size: bytes.length, checksum: `sha256-${sha256(bytes)}` }];
    });
    return JSON.stringify({ manifest: Object.fromEntries(manifest), exports: release.exports });
  }

  /** Answers one request. */
  readonly answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    const text = await this.#text(pathname).catch((error) => {
      console.error(`jsr: ${pathname}: ${error instanceof Error ? error.message : error}`);
      return undefined;
    });
    if (text === undefined) return new Response("not found\n", { status: 404 });
    const type = TYPES[pathname.slice(pathname.lastIndexOf(".") + 1)] ?? "text/plain";
    return new Response(text, { headers: { "content-type": type } });
  };
}

async function serve(args: readonly string[]): Promise<number> {
  const [checkout, ...command] = args;
  if (checkout === undefined) {
    console.error("jsr: expected the path of a clone of github.com/denoland/std");
    return 2;
  }
  const registry = new Registry(checkout);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    registry.answer,
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  console.error(`jsr: JSR_URL=${url}`);
  if (command.length > 0) {
    const code = await show(command, { env: { JSR_URL: url } });
    await server.shutdown();
    return code;
  }
  await server.finished;
  return 0;
}

if (import.meta.main) await main("jsr", () => serve(Deno.args));
