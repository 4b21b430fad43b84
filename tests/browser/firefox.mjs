/* Opens pages of the book in Firefox and moves the first figure of each; says what went wrong where.
 *
 *     node firefox.mjs < {"firefox": path, "address": url, "pages": [name, ...]}  ->  [{page, complaints, moved}, ...]
 *
 * Firefox speaks WebDriver BiDi, which puppeteer does too; Playwright would want a Firefox of its own build.
 */
import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";

const PATIENCE = 5000; // milliseconds a figure may take to answer on a loaded machine

const { firefox, address, pages } = JSON.parse(readFileSync(0, "utf8"));
const browser = await puppeteer.launch({ browser: "firefox", executablePath: firefox, headless: true });
const host = new URL(address).origin;

/** Move the controls of the page's first figure by keys, until its picture changes; null where there is none. */
async function move(page) {
  const figure = await page.$("figure.nnlib-figure");
  const controls = figure ? await figure.$$(".nnlib-figure-controls :is(input[type=range], select)") : [];
  if (!controls.length) return null;
  const picture = () => figure.$eval(".nnlib-figure-picture", (element) => element.innerHTML);
  const before = await picture();
  for (const control of controls) { // the first may wait for another: no method differs after no step
    await control.focus();
    await page.keyboard.press("ArrowDown"); // a list of choices moves down, a slider to the left
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    for (const end = Date.now() + PATIENCE; Date.now() < end; await new Promise((go) => setTimeout(go, 50))) {
      if ((await picture()) !== before) return true;
    }
  }
  return false;
}

const results = [];
for (const name of pages) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("console", (m) => ["error", "warn"].includes(m.type()) && complaints.push(`console: ${m.text()}`));
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  page.on("request", (r) => /^https?:/.test(r.url()) && !r.url().startsWith(host) && complaints.push(`foreign: ${r.url()}`));
  page.on("response", (r) => r.status() >= 400 && complaints.push(`${r.status()}: ${r.url()}`));
  await page.goto(`${address}/${name}.html`, { waitUntil: "load" });
  const moved = await move(page);
  results.push({ page: name, complaints, moved });
  await page.close();
}
await browser.close();
process.stdout.write(JSON.stringify(results));
