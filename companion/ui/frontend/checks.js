// Crisis lines that somebody should check, each with its official page, which opens in a tab of its own and learns nothing of this one.
export default function ({ data, parentElement }) {
  parentElement.replaceChildren(h("ul", { class: "checks" }, data.lines.map((line) =>
    h("li", {},
      h("strong", {}, line.title),
      line.why ? h("span", {}, line.why) : null,
      line.url ? h("a", { href: line.url, target: "_blank", rel: "noopener noreferrer" }, line.site) : h("span", {}, data.no_site)))));
}
