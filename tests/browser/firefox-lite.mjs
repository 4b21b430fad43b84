/* Runs a notebook in JupyterLite to its end in Firefox.
 *
 *     node firefox-lite.mjs < {"firefox": path, "address": url, "name": file}  ->  {foreign, notices, outputs, errors}
 */
import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";

const PATIENCE = 300000; // milliseconds that a chapter may take on a loaded machine

const { firefox, address, name } = JSON.parse(readFileSync(0, "utf8"));
const browser = await puppeteer.launch({ browser: "firefox", executablePath: firefox, headless: true, protocolTimeout: PATIENCE });
const page = await browser.newPage(), foreign = [], host = new URL(address).origin;
page.on("request", (r) => /^https?:/.test(r.url()) && !r.url().startsWith(host) && foreign.push(r.url()));
await page.goto(`${address}/lite/notebooks/index.html?path=${name}`, { waitUntil: "load" });
const told = await page.evaluate(async () => {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
  while (!window.jupyterapp) await pause();
  const app = window.jupyterapp;
  await app.restored;
  await app.shell.currentWidget.sessionContext.ready;
  app.commands.execute("notebook:run-all-cells");
  const { model } = app.shell.currentWidget.content;
  const wrong = (cell) => (cell.outputs || []).filter((output) => output.output_type === "error");
  let code;
  do {
    await pause();
    code = model.toJSON().cells.filter((cell) => cell.cell_type === "code" && cell.source.length);
  } while (!code.some((cell) => wrong(cell).length) && !code.every((cell) => cell.execution_count));
  return {
    notices: [...document.querySelectorAll("#book-bar p")].map((line) => line.textContent),
    outputs: code.filter((cell) => cell.outputs.length).length,
    errors: code.flatMap(wrong).map((error) => `${error.ename}: ${error.evalue}`),
  };
});
await browser.close();
process.stdout.write(JSON.stringify({ foreign, ...told }));
