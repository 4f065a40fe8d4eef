// The part of the page that works before, beside and without the server: the header, the lines, and leaving.
import { countryChoice, countryLines, directory, h } from "./dom.js";

const known = JSON.parse(document.getElementById("shell-known").textContent);
const words = known.words;
const state = { token: null, act: null, country: known.country, isCountryUntold: false };
const dialog = document.getElementById("lines");

function tell(path) {
  if (state.token) navigator.sendBeacon(path, state.token);
}

function leave() {
  tell("/session/erase");
  sessionStorage.clear();
  document.title = known.leave_title;
  document.body.replaceChildren();
  location.replace("/leave");
}

function chooseCountry(code) {
  state.country = code === "--" || !code ? null : code;
  drawLines();
  tellCountry();
  document.dispatchEvent(new CustomEvent("companion-country", { detail: state.country }));
  dialog.querySelector("select").focus();
}

function tellCountry() {
  state.isCountryUntold = !state.act;
  if (state.act) state.act("country", state.country || "");
}

// The chat and the header share one choice, in memory only. A choice made here before the chat was there goes to the chat.
function shareCountry(code) {
  if (state.isCountryUntold) return tellCountry();
  if ((code || null) === state.country) return undefined;
  state.country = code || null;
  if (dialog.open) drawLines();
  return undefined;
}

function drawLines() {
  const country = known.countries.find((entry) => entry.code === state.country);
  dialog.querySelector(".lines-here").replaceChildren(
    country || !known.countries.length ? "" : countryLines(country, words),
    known.countries.length
      ? countryChoice(known.countries, state.country, words, chooseCountry)
      : h("p", {}, words.fallback),
    country ? countryLines(country, words) : "",
    country || !known.countries.length ? directory(words) : "",
  );
}

function openLines(event) {
  if (event) event.preventDefault();
  drawLines();
  if (!dialog.open) dialog.showModal();
}

function askForPerson() {
  if (state.act) state.act("person", Date.now());
  else openLines();
}

let escapes = [];
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const now = performance.now();
  escapes = [...escapes.filter((time) => now - time < 2000), now];
  if (escapes.length >= 3) leave();
}, true);

document.getElementById("act-leave").addEventListener("click", leave);
document.getElementById("act-lines").addEventListener("click", openLines);
document.getElementById("act-person").addEventListener("click", askForPerson);
document.getElementById("lines-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
window.addEventListener("pagehide", () => tell("/session/erase"));
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

const lost = document.getElementById("lost");
document.getElementById("lost-again").addEventListener("click", () => location.reload());

const announcer = document.getElementById("announce");
window.companion = {
  countries: known.countries,
  country: () => state.country,
  chooseCountry,
  leave,
  openLines,
  connect(token, act, country) {
    state.token = token;
    state.act = act;
    lost.hidden = true;
    shareCountry(country);
  },
  disconnect(act) { if (state.act === act) state.act = null; },
  announce(text) {
    announcer.textContent = "";
    requestAnimationFrame(() => { announcer.textContent = text; });
  },
};

// Streamlit tells a lost connection by a dialog that makes the rest of the page, with the crisis lines, unusable. Ours only says so.
function takeOverDialogs() {
  const dialogs = document.querySelectorAll("body > .stDialog");
  for (const theirs of dialogs) {
    theirs.querySelector("button")?.click();
    lost.hidden = false;
  }
  for (const ours of document.querySelectorAll("body > [inert]:not(#root)")) ours.removeAttribute("inert");
}
new MutationObserver(takeOverDialogs).observe(document.body, { childList: true, attributes: true, attributeFilter: ["inert"], subtree: true });

// Streamlit draws its main part without a landmark name.
new MutationObserver(() => {
  const main = document.querySelector('[data-testid="stMain"]');
  if (main && main.id !== "main") {
    main.id = "main";
    main.setAttribute("role", "main");
    main.setAttribute("tabindex", "-1");
    main.setAttribute("aria-label", words.main);
    document.getElementById("first-words").remove();
  }
}).observe(document.getElementById("root"), { childList: true, subtree: true });
