"use strict";

const base = (document.body.dataset.api || location.origin).replace(/\/+$/, "");
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const one = (selector, within = document) => within.querySelector(selector);

for (const place of all("[data-base]")) place.textContent = base;

// Colours: as the system has them, until somebody presses the button.
const theme = one(".theme");
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (systemIsDark.matches ? "dark" : "light")) === "dark";
const showTheme = () => theme.setAttribute("aria-pressed", isDark());
theme.addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  showTheme();
});
systemIsDark.addEventListener("change", showTheme);
showTheme();

// The list of sections is open beside the text, and folded above it.
const sections = one(".side details");
const isNarrow = matchMedia("(max-width: 900px)");
const fold = () => { sections.open = !isNarrow.matches; };
isNarrow.addEventListener("change", fold);
fold();
sections.addEventListener("click", (event) => {
  if (event.target.closest("a") && isNarrow.matches) sections.open = false;
});
const links = new Map(all(".side a").map((link) => [link.hash.slice(1), link]));
const watch = new IntersectionObserver((entries) => {
  const seen = entries.find((entry) => entry.isIntersecting);
  if (!seen) return;
  for (const [id, link] of links) {
    if (id === seen.target.id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}, { rootMargin: "-15% 0px -75% 0px" });
for (const section of all("main section")) watch.observe(section);

// JSON with its kinds told apart. Text is set as text: what a server answers is never markup.
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?/g;
function paint(place, json) {
  place.replaceChildren();
  let end = 0;
  for (const token of json.matchAll(TOKEN)) {
    const part = document.createElement("span");
    part.className = token[2] ? "key" : token[1] ? "text" : "word";
    part.textContent = token[1] ?? token[0];
    place.append(json.slice(end, token.index), part, token[2] ?? "");
    end = token.index + token[0].length;
  }
  place.append(json.slice(end));
}
for (const place of all("[data-json]")) paint(place, place.textContent);

// Copying needs a page that browsers trust: https, or this machine.
for (const button of all(".copy")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const sample = button.closest("figure");
    await navigator.clipboard.writeText(sample ? one("code", sample).textContent : base);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}

const tabs = all("[role=tab]");
const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
function choose(chosen) {
  for (const tab of tabs) {
    tab.setAttribute("aria-selected", tab === chosen);
    tab.tabIndex = tab === chosen ? 0 : -1;
    panelOf(tab).hidden = tab !== chosen;
  }
}
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };
for (const [place, tab] of tabs.entries()) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const to = event.key === "Home" ? 0 : event.key === "End" ? tabs.length - 1 : place + (STEPS[event.key] ?? NaN);
    if (Number.isNaN(to)) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    choose(next);
    next.focus();
  });
}

const chip = one("[data-status]");
const took = one("[data-took]");
const body = one("[data-body]");
function show(answer) {
  chip.textContent = answer.status ? `${answer.status} ${answer.words}`.trim() : "no answer";
  chip.className = `chip ${answer.status >= 200 && answer.status < 300 ? "good" : "bad"}`;
  took.textContent = answer.status ? `${answer.took} ms` : "";
  paint(body, answer.text);
}

async function ask(method, path, fields) {
  const begun = performance.now();
  const request = { method };
  if (method === "POST") {
    request.headers = { "Content-Type": "application/json" };
    request.body = JSON.stringify(fields);
  }
  try {
    const response = await fetch(base + path, request);
    const text = await response.text();
    let json = null;
    try { json = JSON.parse(text); } catch { /* shown as it is */ }
    const took = Math.round(performance.now() - begun);
    const shown = json === null ? text : JSON.stringify(json, null, 2);
    return { status: response.status, words: response.statusText, took, json, text: shown };
  } catch {
    return { status: 0, words: "", took: 0, json: null, text: `${base} could not be reached from this page.` };
  }
}

function shoot(list, answer) {
  const shot = document.createElement("li");
  shot.className = answer.status === 200 ? "good" : "bad";
  shot.textContent = answer.status || "–";
  const words = document.createElement("small");
  words.textContent = { 200: "sent", 400: "refused", 429: "limited" }[answer.status] ?? "failed";
  shot.append(words);
  list.append(shot);
}

/** What a send has told is what the other tabs ask for. */
function pass(form, answer) {
  if (!answer.json?.mode) return;
  one("#panel-status [name=requestId]").value = answer.json.requestId;
  one("#panel-verify [name=email]").value = form.elements.email.value;
}

async function run(form) {
  const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
  const isGet = form.dataset.method === "GET";
  const path = form.dataset.path + (isGet ? encodeURIComponent(fields.requestId ?? "") : "");
  const shots = one(".shots", form);
  shots?.replaceChildren();
  for (let left = Number(form.dataset.times ?? 1); left > 0; left -= 1) {
    const answer = await ask(form.dataset.method, path, fields);
    show(answer);
    pass(form, answer);
    if (shots) shoot(shots, answer);
  }
}

for (const form of all("form.panel")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = one(".go", form);
    button.disabled = true;
    chip.textContent = "asking …";
    chip.className = "chip";
    await run(form);
    button.disabled = false;
  });
}
