// Does JOB on PAGE in headless Chromium: `tester` tries every tab of Optora's page, `get`, `button` and `auto` follow a link of
// that mode. Prints one JSON object: whom it asked, errors, and its cases as PASS and FAIL lines. Pictures go to SHOTS.
import { chromium } from "playwright-core";

const { JOB, PAGE, EMAIL, MAIL, STATUS, SHOTS, CHROMIUM } = process.env;
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
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };
const cases = [];
const outside = [];
const errors = [];
let inside = 0;

async function check(name, body) {
  try {
    await body();
    cases.push(`PASS ${name}`);
  } catch (error) {
    cases.push(`FAIL ${name}: ${String(error.message ?? error).replaceAll("\n", " ")}`);
  }
}

function equal(found, expected) {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  if (left !== right) throw new Error(`found ${left}, expected ${right}`);
}

async function open(browser, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin === new URL(PAGE).origin) inside += 1;
    else if (!["data:", "blob:", "about:"].includes(url.protocol)) outside.push(request.url());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  // What the API refuses is part of the plan; what the page's policy forbids is not.
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) errors.push(message.text());
  });
  return page;
}

const answer = (page) => page.evaluate(() => ({
  status: document.querySelector("[data-status]").textContent,
  body: document.querySelector("[data-body]").textContent,
}));

/** Sends the form of the open tab and waits for the answer. */
async function send(page, expected) {
  await page.locator("form.panel:not([hidden]) .go").click();
  await page.waitForFunction(() => !document.querySelector("form.panel:not([hidden]) .go").disabled);
  const { status, body } = await answer(page);
  if (!status.startsWith(String(expected))) throw new Error(`${status}: ${body}`);
  return JSON.parse(body);
}

async function tabs(page) {
  const tab = (name) => page.getByRole("tab", { name }).click();
  const field = (name) => page.locator(`form.panel:not([hidden]) [name=${name}]`);
  let sent;
  await check("Send Code sends", async () => {
    await field("email").fill(EMAIL);
    await field("organization").fill("Acme");
    sent = await send(page, 200);
    equal([sent.mode, sent.success], ["code", true]);
  });
  await check("Verify Code knows the address, refuses a wrong code and takes the right one", async () => {
    await tab("Verify Code");
    equal(await field("email").inputValue(), EMAIL);
    await field("otp").fill("not it");
    equal(await send(page, 400), { error: "Invalid OTP" });
    const mail = await (await fetch(MAIL)).json();
    await field("otp").fill(mail.text.match(/^\d{6}$/m)[0]);
    equal((await send(page, 200)).verified, true);
  });
  await check("Check Status knows the id and shows that it is verified", async () => {
    await tab("Check Status");
    equal(await field("requestId").inputValue(), sent.requestId);
    const status = await send(page, 200);
    equal([status.found, status.verified, status.email], [true, true, EMAIL]);
    await page.locator("#playground").screenshot({ path: `${SHOTS}/tester-status.png` });
  });
  await check("Send Link sends", async () => {
    await tab("Send Link");
    await field("email").fill("link-reader@example.com");
    equal((await send(page, 200)).mode, "link");
  });
  await check("Rate Limit fires six requests, of which the last are refused", async () => {
    await tab("Rate Limit");
    await field("email").fill("limited@example.com");
    await send(page, 429);
    const shots = await page.locator(".shots li").evaluateAll((all) => all.map((shot) => shot.firstChild.textContent));
    // Two sends of this client were counted before.
    equal(shots, ["200", "200", "200", "429", "429", "429"]);
    await page.locator("#playground").screenshot({ path: `${SHOTS}/tester-limit.png` });
  });
}

async function look(page, name) {
  await check(`${name}: nothing is wider than the window`, async () => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    equal(wide, 0);
  });
  await check(`${name}: every control is large enough, and has a name`, async () => {
    const small = await page.evaluate(() => [...document.querySelectorAll("main button, main input, main select")]
      .filter((control) => control.offsetParent !== null)
      .filter((control) => control.getBoundingClientRect().height < 27 || !(control.labels?.length || control.textContent.trim()))
      .map((control) => control.outerHTML.slice(0, 80)));
    equal(small, []);
  });
  await check(`${name}: text is told apart from what is behind it`, async () => equal(await page.evaluate(faint), []));
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

/** Texts whose contrast is less than 4.5 to 1 (WCAG 1.4.3), or 3 to 1 if they are large. */
function faint() {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = ([red, green, blue]) => [red, green, blue]
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const [red, green, blue, alpha = 1] = channels(getComputedStyle(at).backgroundColor);
      layers.unshift([red, green, blue, alpha]);
    }
    return layers.reduce((under, [red, green, blue, alpha]) =>
      [red, green, blue].map((part, place) => part * alpha + under[place] * (1 - alpha)), [255, 255, 255]);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const style = getComputedStyle(element);
    if (!walker.currentNode.data.trim() || element.offsetParent === null || element.closest("script, .skip, .said")) continue;
    const [one, two] = [light(channels(style.color)), light(behind(element))];
    const contrast = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast < (isLarge ? 3 : 4.5)) found.add(`${element.textContent.trim().slice(0, 40)} (${contrast.toFixed(2)})`);
  }
  return [...found];
}

async function tester(browser) {
  const page = await open(browser, { viewport: WIDE, colorScheme: "light", reducedMotion: "reduce" });
  await page.goto(PAGE, { waitUntil: "load" });
  await check("the page shows its own address", async () => {
    const shown = await page.locator("#base [data-base]").textContent();
    equal(shown, new URL(PAGE).origin);
  });
  await look(page, "page-1280-light");
  await tabs(page);
  await check("tabs are changed with the keyboard", async () => {
    await page.getByRole("tab", { name: "Send Code" }).click();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    equal(await page.evaluate(() => document.activeElement.textContent), "Verify Code");
    await page.keyboard.press("End");
    equal(await page.locator("form.panel:not([hidden])").getAttribute("id"), "panel-limit");
    await page.keyboard.press("Home");
    equal(await page.locator("form.panel:not([hidden])").getAttribute("id"), "panel-code");
  });
  await check("a button changes the colours", async () => {
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    await page.getByRole("button", { name: "Dark colours" }).click();
    if (await paper() === light) throw new Error("they are the same");
  });
  for (const [name, viewport, colorScheme] of [
    ["page-1280-dark", WIDE, "dark"],
    ["page-390-light", NARROW, "light"],
    ["page-390-dark", NARROW, "dark"],
  ]) {
    const other = await open(browser, { viewport, colorScheme, reducedMotion: "reduce" });
    await other.goto(PAGE, { waitUntil: "load" });
    await look(other, name);
  }
}

const verified = async () => (await (await fetch(STATUS)).json()).verified;
const heading = (page) => page.locator("h1").textContent();

async function link(browser) {
  if (JOB === "button") await scanner(browser);
  const page = await open(browser, { viewport: WIDE, colorScheme: "light", reducedMotion: "reduce" });
  await page.goto(PAGE, { waitUntil: "load" });
  if (JOB === "button") {
    await check("a person sees a button", async () => equal(await heading(page), "Confirm your email."));
    await page.screenshot({ path: `${SHOTS}/link-ask-1280.png` });
    await check("the token is out of the address bar", async () => equal(new URL(page.url()).search, ""));
    await page.getByRole("button", { name: "Confirm email" }).click();
  }
  await check("the link confirms", async () => {
    await page.getByRole("heading", { name: "Email verified." }).waitFor({ timeout: 20_000 });
    equal(await verified(), true);
    equal(new URL(page.url()).search, "");
  });
  await page.screenshot({ path: `${SHOTS}/link-${JOB}-1280.png` });
  await check("text is told apart from what is behind it", async () => equal(await page.evaluate(faint), []));
  const again = await open(browser, { viewport: NARROW, colorScheme: "dark", reducedMotion: "reduce" });
  await again.goto(PAGE, { waitUntil: "load" });
  await check("a second time it does not", async () => equal(await heading(again), "Verification unavailable."));
  await check("in the dark text is told apart, too", async () => equal(await again.evaluate(faint), []));
  await check("nothing is wider than a narrow window", async () => {
    equal(await again.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
  });
  await again.screenshot({ path: `${SHOTS}/link-over-390.png` });
}

/** Opens links and runs scripts, but clicks nothing; and a browser that runs none, whose button is there all the same. */
async function scanner(browser) {
  const page = await open(browser, { viewport: WIDE });
  await check("a browser that runs scripts and does not click leaves the link alive", async () => {
    await page.goto(PAGE, { waitUntil: "networkidle" });
    equal([await heading(page), await verified()], ["Confirm your email.", false]);
  });
  const plain = await open(browser, { viewport: NARROW, javaScriptEnabled: false });
  await plain.goto(PAGE, { waitUntil: "load" });
  await check("without JavaScript the button is there", async () => {
    equal(await plain.getByRole("button", { name: "Confirm email" }).isVisible(), true);
  });
  await plain.screenshot({ path: `${SHOTS}/link-ask-390.png` });
}

const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: flags });
try {
  await (JOB === "tester" ? tester(browser) : link(browser));
  console.log(JSON.stringify({ inside, outside, errors, cases: cases.join("\n") }));
} finally {
  await browser.close();
}
