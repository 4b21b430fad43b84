/* Runs a figure and a line of code live in Firefox.
 *
 *     node firefox-live.mjs < {"firefox": path, "address": url, "page": name}  ->  {complaints, note, result}
 */
import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";

const PATIENCE = 180000; // milliseconds that a loaded machine may take to start Python

const { firefox, address, page: name } = JSON.parse(readFileSync(0, "utf8"));
const browser = await puppeteer.launch({ browser: "firefox", executablePath: firefox, headless: true, protocolTimeout: PATIENCE });
const page = await browser.newPage(), complaints = [], host = new URL(address).origin;
page.on("console", (m) => ["error", "warn"].includes(m.type()) && complaints.push(`console: ${m.text()}`));
page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
page.on("request", (r) => /^https?:/.test(r.url()) && !r.url().startsWith(host) && complaints.push(`foreign: ${r.url()}`));
await page.goto(`${address}/${name}.html`, { waitUntil: "load" });
await page.click(".nnlib-figure-live button");
await page.waitForSelector("figure[data-live]", { timeout: PATIENCE });
const result = await page.evaluate(() => window.nnlibLive.run("print('said')\nsum(range(5))"));
const note = await page.$eval("figure[data-live] .nnlib-live-note", (element) => element.textContent);
await browser.close();
process.stdout.write(JSON.stringify({ complaints, note, result }));
