// A list of facts: what it is, and how much of it there is.
export default function ({ data, parentElement }) {
  const list = h("dl", { class: "facts" }, data.rows.map((row) => h("div", {}, h("dt", {}, row.name), h("dd", { dir: "auto" }, row.value))));
  parentElement.replaceChildren(list);
}
