// One module of the dashboard with all that it imports, as a URL to import it from.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const src = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "src");

export async function bundle(name) {
  const { outputFiles } = await build({ entryPoints: [path.join(src, name)], bundle: true, write: false, format: "esm" });
  return `data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`;
}
