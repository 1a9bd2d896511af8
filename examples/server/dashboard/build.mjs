// Bundles both pages into one folder: `node build.mjs --outdir=DIR` (or env OUT; default dist/).
// Scripts and styles carry a content hash in their names, so the server may tell browsers
// to keep them for ever; the two HTML files name them and are never cached.
import { build } from "esbuild";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const option = process.argv.find((argument) => argument.startsWith("--outdir="));
const outdir = path.resolve(option?.slice("--outdir=".length) ?? process.env.OUT ?? path.join(here, "dist"));
const assets = path.join(outdir, "assets");

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome110", "firefox115", "safari16.4"],
  outdir: assets,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
};

/** The file that an entry point was written to, as a URL of the server. */
function urlOf(result, entry, extension) {
  for (const [file, output] of Object.entries(result.metafile.outputs)) {
    if (output.entryPoint === entry && file.endsWith(extension)) return `/assets/${path.basename(file)}`;
    if (output.entryPoint === entry && extension === ".css" && output.cssBundle) {
      return `/assets/${path.basename(output.cssBundle)}`;
    }
  }
  throw new Error(`no ${extension} was built from ${entry}`);
}

await rm(outdir, { recursive: true, force: true });
await mkdir(assets, { recursive: true });

// MapLibre 6 is ESM only and starts its worker from a URL that it must be told (map.ts does).
const workerSource = "node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs";
const worker = await build({ ...common, entryPoints: [workerSource] });

const pages = await build({
  ...common,
  entryPoints: ["src/app.ts", "src/track.ts"],
  splitting: true,
  define: { MAPLIBRE_WORKER_URL: JSON.stringify(urlOf(worker, workerSource, ".js")) },
});

for (const [page, entry] of [["index.html", "src/app.ts"], ["track.html", "src/track.ts"]]) {
  const template = await readFile(path.join(here, "src", page), "utf8");
  const html = template
    .replace("{{script}}", urlOf(pages, entry, ".js"))
    .replace("{{style}}", urlOf(pages, entry, ".css"));
  await writeFile(path.join(outdir, page), html);
}
await copyFile(path.join(here, "src/icon.svg"), path.join(assets, "icon.svg"));
