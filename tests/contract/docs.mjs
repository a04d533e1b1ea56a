// Opens PAGE in headless Chromium; prints its visible text once it has READY, and whom it asked, as one JSON object.
import { chromium } from "playwright-core";

const flags = [
  "--no-sandbox", // containers often run as root
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-proxy-server",
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, headless: true, args: flags });
try {
  const page = await browser.newPage(); // a profile of its own
  const home = new URL(process.env.PAGE).origin;
  const outside = [];
  const errors = [];
  let inside = 0;
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin === home) inside += 1;
    else if (!["data:", "blob:", "about:"].includes(url.protocol)) outside.push(request.url());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(process.env.PAGE, { waitUntil: "load" });
  const isShown = (text) => document.body.innerText.includes(text);
  await page.waitForFunction(isShown, process.env.READY, { timeout: 30_000 });
  await page.waitForLoadState("networkidle");
  const text = await page.evaluate(() => document.body.innerText);
  console.log(JSON.stringify({ text, inside, outside, errors }));
} finally {
  await browser.close();
}
