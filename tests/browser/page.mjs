// Opens reports in a headless Chromium; see run.sh. Prints a line for each fault, then how many
// checks passed and failed.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [360, 768, 1440];
let passed = 0, failed = 0;

const check = (report, what, faults) => {
  if (faults.length === 0) { passed += 1; return; }
  failed += 1;
  for (const it of faults.slice(0, 10)) console.log(`${report}: ${what}: ${it}`);
  if (faults.length > 10) console.log(`${report}: ${what}: ${faults.length - 10} more`);
};

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"],
});

// A page without network that keeps what went wrong.
const open = async (file, { script = true } = {}) => {
  const page = await browser.newPage();
  const faults = [];
  page.on("console", (it) => { if (it.type() === "error") faults.push(it.text()); });
  page.on("pageerror", (it) => faults.push(String(it)));
  await page.setRequestInterception(true);
  page.on("request", (it) => {
    if (it.url().startsWith("file:") || it.url().startsWith("data:")) { it.continue(); return; }
    faults.push(`asks the network for ${it.url()}`);
    it.abort();
  });
  await page.setOfflineMode(true);
  await page.setJavaScriptEnabled(script);
  await page.goto(pathToFileURL(resolve(file)).href);
  return [page, faults];
};

// What sticks out of the window, of its box, or of its picture, and texts that lie on each other.
const misfits = () => {
  const faults = [], edge = document.documentElement.clientWidth + 1;
  const name = (it) => `${it.tagName.toLowerCase()} "${it.textContent.trim().slice(0, 40)}"`;
  if (document.documentElement.scrollWidth > edge) {
    faults.push(`the page is ${document.documentElement.scrollWidth} wide, the window ${edge - 1}`);
  }
  for (const it of document.querySelectorAll("body *")) {
    if (it.closest(".scroll, dialog, .skip, svg")) continue;
    const box = it.getBoundingClientRect();
    if (box.width > 0 && box.right > edge) faults.push(`${name(it)} ends at ${Math.round(box.right)}`);
  }
  for (const svg of document.querySelectorAll("svg")) {
    if (svg.getBoundingClientRect().width === 0) continue;
    const whole = svg.getBoundingClientRect(), title = svg.querySelector("text")?.textContent;
    const texts = [...svg.querySelectorAll("text")].map((it) => [it, it.getBoundingClientRect()]);
    for (const [it, box] of texts) {
      if (box.left < whole.left - 1 || box.right > whole.right + 1 || box.top < whole.top - 1 ||
        box.bottom > whole.bottom + 1) faults.push(`"${title}": ${name(it)} is clipped`);
    }
    texts.forEach(([it, one], place) => {
      for (const [that, other] of texts.slice(place + 1)) {
        const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
        // Boxes are as high as the font; lines of text may touch.
        if (across > 1 && down > .35 * Math.min(one.height, other.height)) {
          faults.push(`"${title}": ${name(it)} lies on ${name(that)}`);
        }
      }
    });
  }
  return faults;
};

const keyboard = async (page) => {
  const faults = [];
  const text = (selector) => page.$eval(selector, (it) => it.textContent);
  const expect = (what, holds) => { if (!holds) faults.push(what); };
  if (await page.$("#replay")) {
    const before = await text("#replay-clock");
    await page.focus("#replay-time");
    for (let step = 0; step < 9; step += 1) await page.keyboard.press("PageUp");
    const after = await text("#replay-clock");
    expect(`the slider does not move the clock from ${before}`, before !== after);
    await page.focus("#replay-play");
    await page.keyboard.press("Enter");
    expect("Enter does not play", await text("#replay-play") === "Pause");
    await page.keyboard.press("Space");
    expect("Space does not stop", await text("#replay-play") === "Play");
    await page.focus("#replay-cells");
    await page.keyboard.press("ArrowRight");
    expect("arrows choose no site", /: /.test(await text("#replay-cell")));
    await page.keyboard.press("Enter");
    expect("Enter tells no story", await page.$eval("#why", (it) => it.open));
    await page.keyboard.press("Escape");
    expect("Escape does not close the story", !await page.$eval("#why", (it) => it.open));
  }
  const head = await page.$("#tables-all th button");
  await head.focus();
  await page.keyboard.press("Enter");
  expect("Enter does not sort", await head.evaluate((it) => it.parentElement.ariaSort !== null));
  const search = await page.$("#tables-all input[type=search]");
  await search.focus();
  await page.keyboard.type("no such thing");
  expect("a search for nothing finds something",
    await search.evaluate((it) => it.closest("div").parentElement.querySelectorAll("tbody tr").length) === 0);
  return faults;
};

// On paper: every picture whole on one page.
const printed = async (page) => {
  await page.emulateMediaType("print");
  await page.setViewport({ width: 700, height: 1000 });
  await page.evaluate(() => document.querySelector("#unfold").click());
  const faults = await page.evaluate(() => [...document.querySelectorAll("figure.plot")].flatMap((it) => {
    const box = it.getBoundingClientRect();
    const cut = box.height > 990 || box.width > 701 || box.height < 50;
    return cut ? [`${it.id} is ${Math.round(box.width)} by ${Math.round(box.height)}`] : [];
  }));
  const pdf = await page.pdf({ format: "A4", printBackground: true });
  if (pdf.length < 10_000) faults.push(`the PDF has ${pdf.length} bytes`);
  return faults;
};

const accessible = async (page) => {
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const serious = found.violations.filter((it) => ["serious", "critical"].includes(it.impact));
  return serious.map((it) => `${it.id} (${it.impact}): ${it.nodes.length} of ${it.nodes[0].target}`);
};

for (const file of process.argv.slice(2)) {
  const report = basename(dirname(resolve(file)));
  for (const width of WIDTHS) {
    const [page, faults] = await open(file);
    await page.setViewport({ width, height: 900 });
    await page.evaluate(() => {
      document.querySelectorAll("details").forEach((it) => { it.open = true; });
    });
    check(report, `${width} wide`, await page.evaluate(misfits));
    check(report, `${width} wide, errors`, faults);
    await page.close();
  }
  for (const theme of ["light", "dark"]) {
    const [page] = await open(file);
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
    check(report, `accessibility, ${theme}`, await accessible(page));
    await page.close();
  }
  const [page, faults] = await open(file);
  await page.setViewport({ width: 1440, height: 900 });
  check(report, "keyboard", await keyboard(page));
  check(report, "print", await printed(page));
  check(report, "errors", faults);
  await page.close();
  const [still] = await open(file, { script: false });
  const seen = await still.$$eval("figure.plot svg", (all) =>
    all.filter((it) => it.getBoundingClientRect().width > 0).length);
  check(report, "without script", seen > 0 ? [] : ["there is no picture"]);
  await still.close();
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
