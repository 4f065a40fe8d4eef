// The messages between an employee and a peer, for either side.
export default function ({ data, parentElement }) {
  const list = parentElement.querySelector(":scope > .talk") || parentElement.appendChild(h("div", { class: "talk" }));
  const known = list.known || (list.known = new Map());
  const log = list.querySelector("ol") || list.appendChild(h("ol", { role: "log", "aria-live": "polite", "aria-label": data.label }));
  let isNew = false;
  for (const message of data.messages) {
    let item = known.get(message.seq);
    if (!item) {
      item = h("li", { class: message.mine ? "said-by-me" : "said-by-other" },
        h("span", { class: "said-name" }, message.name, " ", h("time", {}, message.time)),
        h("p", { dir: "auto" }, message.text),
        h("span", { class: "said-tick" }));
      known.set(message.seq, item);
      log.append(item);
      isNew = true;
    }
    item.querySelector(".said-tick").textContent = message.tick || "";
  }
  const typing = list.querySelector(".talk-typing") || list.appendChild(h("p", { class: "talk-typing" }));
  typing.textContent = data.typing || "";
  if (isNew) showAboveComposer(typing);
}
