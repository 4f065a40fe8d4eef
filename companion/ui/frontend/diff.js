// Two texts compared: what is gone struck through, what is new underlined. Everything is drawn as text.
export default function ({ data, parentElement }) {
  const tags = { gone: "del", new: "ins", same: "span" };
  parentElement.replaceChildren(h("div", { class: "diff" }, ...data.stretches.map((s) => h(tags[s.kind] || "span", {}, s.text))));
}
