/* Runs a figure, a line of code and a cell to change live in Firefox.
 *
 *     node firefox-live.mjs < {"firefox": path, "address": url, "page": name}
 *         ->  {complaints, note, result, cell, printed, start}    (start: milliseconds from the click to the first answer)
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
const start = await page.evaluate(() => new Promise((done) => {
  const button = document.querySelector(".nnlib-figure-live button"), began = performance.now();
  new MutationObserver(() => done(performance.now() - began)).observe(button.closest("figure"), { attributeFilter: ["data-live"] });
  button.click();
}));
const result = await page.evaluate(() => window.nnlibLive.run("print('said')\nsum(range(5))"));
const note = await page.$eval("figure[data-live] .nnlib-live-note", (element) => element.textContent);
const [cell, printed] = await page.evaluate(async () => {
  const element = document.querySelector(".nnlib-live-cell");
  element.querySelector("button").click();
  const runner = element.querySelector("[data-do=run]");
  runner.click();
  await new Promise((done) => new MutationObserver(() => runner.ariaDisabled === "false" && done())
    .observe(runner, { attributeFilter: ["aria-disabled"] }));
  const text = (selector) => [...element.closest(".cell").querySelectorAll(selector)].map((pre) => pre.textContent).join("");
  return [text(".nnlib-live-output pre"), text(".cell_output pre")];
});
await browser.close();
process.stdout.write(JSON.stringify({ complaints, note, result, cell, printed, start }));
