// Crisis lines in the page itself, for the times when they must stay on the screen.
// data.short: one row of buttons where a letter must stay in sight; without a country the choice of one.
export default function ({ data, parentElement, setTriggerValue }) {
  const words = data.words;
  const countries = window.companion?.countries || [];
  const act = (what, value) => setTriggerValue("act", { what, value });
  if (data.short && data.country) {
    parentElement.replaceChildren(shortLines(data.country, words));
    return;
  }
  parentElement.replaceChildren(h("div", { class: "crisis" },
    h("h3", {}, words.title),
    data.country || countries.length ? countryLines(data.country, words) : h("p", {}, words.fallback),
    countries.length ? countryChoice(countries, data.country?.code, words, (code) => act("country", code === "--" ? "" : code)) : null,
    data.country || !countries.length ? directory(words) : null));
}
