// Small pieces shared by the shell and the components. Text always enters as text nodes, never as HTML.

const SAFE_LINK = /^(https:|tel:|sms:|\/(?!\/)|#)/;

export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "href" && !SAFE_LINK.test(String(value))) continue;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function fill(template, values) {
  return String(template || "").replace(/\{(\w+)\}/g, (gap, name) => (name in values ? String(values[name]) : gap));
}

// Scrolls an element above the composer, which stays fixed over the bottom of the scrolled part.
export function showAboveComposer(element) {
  requestAnimationFrame(() => {
    const composer = document.querySelector('[data-testid="stBottom"]');
    element.style.scrollMarginBottom = `${(composer?.offsetHeight || 0) + 12}px`;
    element.scrollIntoView({ block: "nearest" });
  });
}

function lineContact(line, words) {
  const isCalled = line.tel_uri.startsWith("tel:");
  return [
    isCalled ? h("a", { class: "line-call", href: line.tel_uri }, fill(words.call, { dial: line.dial })) : null,
    line.text && line.text_uri ? h("a", { class: "line-call line-text", href: line.text_uri }, line.text_alone) : null,
    line.text && !line.text_uri ? h("span", { class: "line-text" }, line.text_alone) : null,
  ];
}

function lineItem(line, words) {
  return h(
    "li", { class: "line" },
    h("span", { class: "line-name" }, line.name),
    h("span", { class: "line-contact" }, lineContact(line, words)),
    h("span", { class: "line-more" }, line.more),
    h("span", { class: line.confirmed ? "line-confirmed" : "line-unconfirmed" }, line.confirmed || words.unconfirmed),
  );
}

// Without a country: what helps anywhere. The choice of a country stands below it.
export function countryLines(country, words) {
  if (!country) return h("p", { class: "lines-unknown" }, `${words.unknown_country} ${words.worldwide}: `, directoryLink(words));
  return h(
    "div", { class: "lines" },
    h("p", { class: "lines-emergency" },
      h("span", {}, `${country.country}. ${words.emergency}: `),
      h("a", { class: "line-call", href: emergencyUri(country) },
        fill(words.emergency_call, { number: country.emergency }))),
    country.lines.length
      ? h("ul", { class: "line-list" }, country.lines.map((line) => lineItem(line, words)))
      : h("p", {}, words.no_lines),
  );
}

// The emergency number and the first line that can be called, in one row.
export function shortLines(country, words) {
  const first = country.lines.find((line) => line.tel_uri.startsWith("tel:"));
  return h(
    "div", { class: "crisis crisis-short", role: "group", "aria-label": words.title },
    h("span", { class: "short-line" }, h("span", {}, words.emergency),
      h("a", { class: "line-call", href: emergencyUri(country) }, fill(words.emergency_call, { number: country.emergency }))),
    first ? h("span", { class: "short-line" }, h("span", {}, first.name),
      h("a", { class: "line-call", href: first.tel_uri }, fill(words.call, { dial: first.dial })),
      first.confirmed ? null : h("span", { class: "line-unconfirmed" }, words.unconfirmed)) : null,
  );
}

function emergencyUri(country) {
  return `tel:${country.emergency.replace(/[^0-9+*#]/g, "")}`;
}

export function directory(words) {
  return h("p", { class: "lines-directory" }, `${words.directory}: `, directoryLink(words));
}

function directoryLink(words) {
  return h("a", { href: "https://findahelpline.com", target: "_blank", rel: "noopener noreferrer" }, words.directory_name);
}

const MOST_LIKELY = 3;

// Where the browser's clock stands, then the countries of its languages. A guess: it puts names of countries within a tap, never a number.
function likelyCountries(countries) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const byClock = countries.filter((country) => zonesOf(country.code).includes(zone));
  const byLanguage = (navigator.languages || []).map(regionOf).map((code) => countries.find((country) => country.code === code));
  return [...new Set([...byClock, ...byLanguage])].filter(Boolean).slice(0, MOST_LIKELY);
}

function zonesOf(code) {
  try {
    const locale = new Intl.Locale("und", { region: code });
    return (locale.getTimeZones ? locale.getTimeZones() : locale.timeZones) || [];
  } catch {
    return [];
  }
}

function regionOf(language) {
  try {
    return new Intl.Locale(language).region;
  } catch {
    return undefined;
  }
}

export function countryChoice(countries, chosen, words, onchoose) {
  const likely = chosen ? [] : likelyCountries(countries);
  const select = h("select", { class: "country-choice", "aria-label": likely.length ? words.choose_country : null,
    onchange: (event) => onchoose(event.target.value) },
    h("option", { value: "" }, likely.length ? words.choose_other : words.choose),
    countries.map((country) => h("option", { value: country.code, selected: country.code === chosen }, country.country)),
    h("option", { value: "--" }, words.elsewhere));
  if (!likely.length) return h("label", { class: "country-label" }, h("span", {}, words.choose_country), select);
  return h("div", { class: "country-label", role: "group", "aria-label": words.choose_country },
    h("span", { class: "country-asked" }, words.choose_country),
    likely.map((country) => h("button", { type: "button", class: "choice country-likely", onclick: () => onchoose(country.code) }, country.country)),
    select);
}

// Calls act(text) with what stands in the box below after a pause in writing, and never past Enter or a tap: told in the same moment as a
// message is sent, Streamlit would drop the message. restarts: whether each further key begins the pause anew. Returns what ends it.
export function afterPauseInBox(pauseMs, restarts, act) {
  const isComposer = (element) => element.matches?.('[data-testid="stChatInputTextArea"]');
  let waiting = 0;
  const forget = () => {
    clearTimeout(waiting);
    waiting = 0;
  };
  const note = (event) => {
    if (!isComposer(event.target) || (waiting && !restarts)) return;
    forget();
    const box = event.target;
    waiting = setTimeout(() => {
      waiting = 0;
      act(box.value);
    }, pauseMs);
  };
  const onKey = (event) => { if (event.key === "Enter" && isComposer(event.target)) forget(); };
  document.addEventListener("input", note);
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("pointerdown", forget, true);
  return () => {
    forget();
    document.removeEventListener("input", note);
    document.removeEventListener("keydown", onKey, true);
    document.removeEventListener("pointerdown", forget, true);
  };
}
