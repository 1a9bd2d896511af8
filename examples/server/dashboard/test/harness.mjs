// What the browser test stands on: a server as a child process, and a Chromium that reports what it says and asks for.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
];
const READY_MS = 60_000;

/** Starts the server and waits for the URLs that it prints. */
export async function startServer() {
  const binary = process.env.LOGISTICS_SERVER_BIN;
  if (!binary) throw new Error("LOGISTICS_SERVER_BIN names the server to test; it is not set");
  const data = await mkdtemp(path.join(tmpdir(), "logistics-dashboard-"));
  const child = spawn(binary, ["demo", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0", "--data", data], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await gone;
      clearTimeout(timer);
    }
    await rm(data, { recursive: true, force: true });
  };
  const urls = await new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${why}\n${output}\n${errors.slice(-2000)}`));
    const timer = setTimeout(() => fail("the server printed no URLs in time"), READY_MS);
    child.once("error", reject);
    child.once("exit", (code) => fail(`the server ended with ${code} before it was ready`));
    child.stderr.on("data", (chunk) => (errors = (errors + chunk).slice(-20_000)));
    child.stdout.on("data", (chunk) => {
      output = (output + chunk).slice(-20_000);
      const dashboard = /dashboard\s+(http:\S+)/.exec(output)?.[1];
      const tracking = /tracking\s+(http:\S+)/.exec(output)?.[1];
      if (!dashboard || !tracking) return;
      clearTimeout(timer);
      resolve({ dashboard, tracking });
    });
  }).catch(async (failure) => {
    await stop();
    throw failure;
  });
  return { ...urls, stop };
}

/** A browser with an empty profile; `open` gives pages whose console and requests are recorded. */
export async function startBrowser() {
  const profile = await mkdtemp(path.join(tmpdir(), "logistics-chromium-"));
  const artifacts = process.env.LOGISTICS_ARTIFACTS ?? (await mkdtemp(path.join(tmpdir(), "logistics-screens-")));
  await mkdir(artifacts, { recursive: true });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: [...FLAGS, `--crash-dumps-dir=${profile}`] });
  const open = async (url, { prepare, ...options } = {}) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light", ...options });
    const page = await context.newPage();
    const said = [];
    const asked = [];
    page.on("console", (message) => {
      // SwiftShader's own remark about slow read-back is about this machine, not about the page.
      if (["error", "warning"].includes(message.type()) && !/GPU stall due to ReadPixels/.test(message.text())) said.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => said.push(`uncaught: ${error.stack ?? error}`));
    page.on("request", (request) => asked.push(request.url()));
    page.on("websocket", (socket) => asked.push(socket.url()));
    await prepare?.(page);
    await page.goto(url, { waitUntil: "load" });
    const host = new URL(url).host;
    const elsewhere = () => asked.filter((each) => !["data:", "blob:"].includes(new URL(each).protocol) && new URL(each).host !== host);
    return { page, said, elsewhere, close: () => context.close() };
  };
  const stop = async () => {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  };
  return { open, stop, shot: (page, name) => page.screenshot({ path: path.join(artifacts, `${name}.png`) }), artifacts };
}
