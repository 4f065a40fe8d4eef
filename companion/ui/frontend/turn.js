// One turn of the conversation: what I wrote, what was hidden in it, and the reply. Everything is a text node; nothing is parsed as HTML.

const memories = new WeakMap();

function memoryOf(parent) {
  if (!memories.has(parent)) memories.set(parent, { open: null, pill: null, hiding: false, left: false, comment: "", sent: false, shown: 0 });
  return memories.get(parent);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const memory = memoryOf(parentElement);
  const focused = parentElement.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  const act = (what, value) => setTriggerValue("act", { what, value });

  let counted = 0; // sentences drawn so far, so that only new ones fade in

  function draw(focus) {
    counted = 0;
    const keep = focus || (parentElement.contains(document.activeElement) ? document.activeElement.dataset.focus : null);
    const typed = parentElement.querySelector("textarea");
    if (typed) memory.comment = typed.value;
    const article = h("article", { class: "turn", "data-state": data.state }, mine(), reply());
    const old = parentElement.querySelector(":scope > .turn");
    if (old) old.replaceWith(article);
    else parentElement.append(article);
    memory.shown = data.paragraphs.flat().length;
    const comment = article.querySelector(".feedback-comment");
    if (comment && !old?.querySelector(".feedback-comment")) showAboveComposer(comment);
    if (keep) parentElement.querySelector(`[data-focus="${CSS.escape(keep)}"]`)?.focus({ preventScroll: true });
  }

  // --- what I wrote -----------------------------------------------------------------------------------------------

  function mine() {
    const words = data.words.hidden;
    return h("div", { class: "mine", role: "group", "aria-label": data.words.chat.you },
      h("p", { class: "mine-text", dir: "auto" }, memory.hiding ? wordButtons() : data.mine.map(segment)),
      data.read ? h("div", { class: "hidden-row" },
        h("span", { class: "hidden-title" }, data.hidden.length ? words.title : words.none),
        data.hidden.length ? h("ul", { class: "pills" }, data.hidden.map(pill)) : null,
        data.can_hide ? h("button", { type: "button", class: "quiet", "data-focus": "hide-more", "aria-pressed": String(memory.hiding),
          onclick: () => { memory.hiding = !memory.hiding; draw("hide-more"); } },
        memory.hiding ? words.done : words.more) : null,
        data.left ? h("button", { type: "button", class: "quiet", "data-focus": "left", "aria-expanded": String(memory.left),
          onclick: () => { memory.left = !memory.left; draw("left"); } },
        memory.left ? data.left.close : data.left.label) : null,
        memory.hiding ? h("p", { class: "hint" }, words.more_help) : null) : null,
      data.left && memory.left ? left(data.left) : null);
  }

  function left(shown) {
    return h("aside", { class: "left", "aria-label": shown.label },
      h("p", {}, shown.from_browser), h("p", {}, shown.from_server),
      [shown.read, ...shown.sent].filter(Boolean).map((part) => [h("p", { class: "left-label" }, part.label),
        h("pre", { tabindex: "0", dir: "auto" }, part.text)]));
  }

  function segment(part) {
    if (!part.kind) return part.text;
    return h("mark", { class: part.kept ? "word-kept" : "word-hidden", title: part.kept ? null : fill(data.words.hidden.seen_as, part) }, part.text);
  }

  function wordButtons() {
    const whole = data.mine.map((part) => part.text).join("");
    return whole.split(/(\s+)/).map((word, index) => {
      const bare = word.replace(/^[^\p{L}\p{N}@#]+|[^\p{L}\p{N}]+$/gu, "");
      if (!bare) return word;
      return h("button", { type: "button", class: "word", "data-focus": `word-${index}`, onclick: () => act("hide", bare) }, word);
    });
  }

  function pill(detail, index) {
    const words = data.words.hidden;
    const isOpen = memory.pill === index;
    return h("li", {},
      h("button", { type: "button", class: detail.kept ? "pill pill-kept" : "pill", "aria-expanded": String(isOpen), "data-focus": `pill-${index}`,
        onclick: () => { memory.pill = isOpen ? null : index; draw(`pill-${index}`); } },
      fill(detail.kept ? words.pill_kept : words.pill, { kind: detail.kind_words })),
      isOpen ? h("span", { class: "pill-detail" },
        h("span", { dir: "auto" }, detail.word, detail.kept ? "" : `, ${fill(words.seen_as, detail)}`), " ",
        h("button", { type: "button", class: "quiet", "data-focus": `undo-${index}`,
          onclick: () => { memory.pill = null; act(detail.kept ? "hide" : "keep", detail.word); } },
        detail.kept ? words.rehide : words.undo)) : null);
  }

  // --- the reply --------------------------------------------------------------------------------------------------

  function reply() {
    const words = data.words.chat;
    return h("div", { class: "reply", role: "group", "aria-label": words.reply, "aria-busy": String(data.state === "thinking" || data.state === "streaming") },
      data.paragraphs.length === 0 && data.state === "thinking" ? thinking(words.thinking) : null,
      data.notice ? h("p", { class: "notice-line" }, data.notice) : null,
      data.problem ? problem() : null,
      // In a crisis the lines stand right after the first words, so that they are on a phone's screen without scrolling.
      data.paragraphs.slice(0, data.crisis ? 1 : undefined).map(paragraph),
      data.crisis ? crisis() : null,
      data.crisis ? data.paragraphs.slice(1).map(paragraph) : null,
      data.crisis && data.crisis.doors.length ? doors() : null,
      data.crisis && isShort() && data.person_button ? personButton(true) : null,
      data.nearby ? nearby() : null,
      data.go_on_button ? goOn() : null,
      data.state === "streaming" ? thinking(words.streaming) : null,
      data.groups.length ? groups() : null,
      data.groups_door ? groupsDoor() : null,
      data.none_fits ? noneFits() : null,
      data.person_button && !data.crisis ? personButton(false) : null,
      data.lines_button && !data.crisis ? h("p", {}, h("button", { type: "button", class: "quiet", "data-focus": "lines",
        onclick: () => window.companion?.openLines() }, data.words.header.lines)) : null,
      data.state === "done" && !data.crisis && !data.problem ? feedback() : null);
  }

  function thinking(text) {
    return h("p", { class: "thinking" }, text, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")));
  }

  function problem() {
    return h("div", { class: "problem" }, h("p", { class: "problem-title" }, data.problem.title), h("p", {}, data.problem.text),
      h("p", {}, h("button", { type: "button", class: "quiet", onclick: () => window.companion?.openLines() }, data.words.crisis.title)));
  }

  function paragraph(sentences) {
    const opened = [];
    const line = h("p", { class: "said", dir: "auto" }, sentences.map((sentence) => {
      const isNew = counted >= memory.shown && !data.crisis; // nobody in danger waits for words to fade in
      const delay = isNew ? (counted - memory.shown) * 140 : 0;
      counted += 1;
      for (const number of sentence.citations) if (memory.open === number) opened.push(number);
      return [h("span", { class: isNew ? "sentence is-new" : "sentence", style: isNew ? `animation-delay:${delay}ms` : null },
        marked(sentence)), " "];
    }));
    return [line, opened.slice(0, 1).map(passage)];
  }

  function marked(sentence) {
    const chips = sentence.citations.map(chip);
    const last = chips.length && !sentence.text.includes("**") ? sentence.text.lastIndexOf(" ") + 1 : 0;
    if (!last) return [emphasised(sentence.text), chips];
    return [emphasised(sentence.text.slice(0, last)), h("span", { class: "with-chips" }, emphasised(sentence.text.slice(last)), chips)];
  }

  function emphasised(text) {
    return text.split(/(\*\*[^*]+\*\*)/).map((part) => (part.startsWith("**") && part.length > 4
      ? h("strong", {}, textWithPlaceholders(part.slice(2, -2))) : textWithPlaceholders(part)));
  }

  function textWithPlaceholders(text) {
    return text.split(/(\[[^\[\]]{2,40}\])/).map((part) => (Object.hasOwn(data.placeholders, part)
      ? h("span", { class: "placeholder", dir: "auto", title: fill(data.words.hidden.seen_as, { placeholder: part.slice(1, -1) }) },
        data.placeholders[part]) : part));
  }

  function chip(number) {
    const citation = data.citations.find((entry) => entry.number === number);
    if (!citation) return null;
    const isOpen = memory.open === number;
    return h("button", { type: "button", class: "chip", "aria-expanded": String(isOpen), "data-focus": `chip-${number}`,
      "aria-label": fill(data.words.citation.open, citation),
      onclick: () => { memory.open = isOpen ? null : number; draw(`chip-${number}`); } }, String(number));
  }

  function passage(number) {
    const words = data.words.citation;
    const citation = data.citations.find((entry) => entry.number === number);
    return h("aside", { class: "passage", "aria-label": fill(words.open, citation) },
      h("p", { class: "passage-from" }, `${words.from}. ${citation.title}`),
      citation.section ? h("p", { class: "passage-section" }, citation.section) : null,
      h("blockquote", { dir: "auto" }, citation.text.split(/\n{2,}/).map((block) => h("p", {}, block))),
      h("dl", {},
        citation.evidence ? [h("dt", {}, words.evidence), h("dd", {}, citation.evidence)] : null,
        citation.sources.length ? [h("dt", {}, words.sources), h("dd", {}, h("ul", {}, citation.sources.map(source)))] : null),
      citation.reviewed ? h("p", { class: "passage-reviewed" }, citation.reviewed) : null,
      h("button", { type: "button", class: "quiet", onclick: () => { memory.open = null; draw(`chip-${number}`); } }, fill(words.close, { number })));
  }

  function source(entry) {
    const label = `${entry.title}. ${entry.publisher}, ${entry.year}.`;
    return h("li", {}, entry.url ? h("a", { href: entry.url, target: "_blank", rel: "noopener noreferrer" }, label) : label);
  }

  // --- around the reply -------------------------------------------------------------------------------------------

  function crisis() {
    const words = data.words.crisis;
    const countries = window.companion?.countries || [];
    if (isShort()) return shortLines(data.crisis.country, words);
    const person = data.person_button ? personButton(true) : null;
    const choice = countries.length
      ? countryChoice(countries, data.crisis.country?.code, words, (code) => act("country", code === "--" ? "" : code)) : null;
    return h("div", { class: "crisis" },
      h("h3", {}, words.title),
      data.crisis.country || countries.length ? countryLines(data.crisis.country, words) : h("p", {}, words.fallback),
      // Without a country the way to its numbers comes first: on a phone what stands below the button is out of sight.
      data.crisis.country ? [person, choice] : [choice, person],
      data.crisis.country || !countries.length ? directory(words) : null);
  }

  // Whoever goes on talking has the whole box above; one row of numbers leaves room for the words that answer.
  function isShort() {
    return data.crisis.goes_on && Boolean(data.crisis.country);
  }

  function doors() {
    return h("div", { class: "doors" }, h("h3", {}, data.words.crisis.doors), data.crisis.doors.map(door));
  }

  function door(entry) {
    const words = data.words.crisis;
    return h("details", {}, h("summary", {}, entry.name), h("dl", {},
      h("dt", {}, words.door_can), h("dd", {}, entry.can), h("dt", {}, words.door_secret), h("dd", {}, entry.secret),
      h("dt", {}, words.door_report), h("dd", {}, entry.report), h("dt", {}, words.door_how), h("dd", {}, entry.how)));
  }

  function nearby() {
    const words = data.words.crisis;
    return h("div", { class: "nearby", role: "group", "aria-label": words.nearby },
      h("p", {}, words.nearby),
      words.nearby_answers.map((answer, index) => h("button", { type: "button", class: "choice", "data-focus": `nearby-${index}`,
        onclick: () => act("nearby", answer) }, answer)));
  }

  function goOn() {
    const words = data.words.crisis;
    return h("p", { class: "go-on" }, h("button", { type: "button", class: "choice", "data-focus": "go-on", onclick: () => act("go_on", "") }, words.go_on));
  }

  function personButton(isUrgent) {
    const words = data.words.crisis;
    return h("div", { class: isUrgent ? "person urgent" : "person" },
      h("button", { type: "button", class: "primary", "data-focus": "person", onclick: () => act("person", isUrgent ? "urgent" : "offered") },
        isUrgent ? words.person : data.words.header.person),
      isUrgent ? h("p", { class: "hint" }, words.person_help) : null);
  }

  function groups() {
    const words = data.words.groups;
    return h("div", { class: "groups" },
      h("h3", {}, data.groups.length > 1 ? words.title_many : words.title),
      data.groups.map((group) => h("div", { class: "group" },
        h("h4", {}, group.name),
        group.sample ? h("p", { class: "group-sample" }, group.sample) : null,
        h("p", {}, group.description),
        h("dl", {},
          h("dt", {}, words.when), h("dd", {}, group.when),
          h("dt", {}, words.how), h("dd", {}, group.how),
          h("dt", {}, words.size), h("dd", {}, group.size),
          h("dt", {}, words.why), h("dd", {}, group.why)),
        h("p", { class: "group-acts" }, h("button", { type: "button", class: "choice", "data-focus": `group-${group.key}`,
          "aria-label": `${group.see}: ${group.name}`, onclick: () => act("group", group.key) }, group.see),
        h("button", { type: "button", class: "quiet", "data-focus": `not-${group.key}`,
          "aria-label": `${data.words.card.not_this}: ${group.name}`, onclick: () => act("not_group", group.key) }, data.words.card.not_this)))),
      intake());
  }

  function intake() {
    return h("p", {}, h("button", { type: "button", class: "quiet", "data-focus": "intake", onclick: () => act("intake", "") }, data.words.card.intake));
  }

  function groupsDoor() {
    return h("div", { class: "groups" },
      h("p", {}, h("button", { type: "button", class: "choice", "data-focus": "groups", onclick: () => act("groups", "") }, data.words.card.all)),
      data.groups.length || data.none_fits ? null : intake());
  }

  function noneFits() {
    const words = data.words.card;
    return h("div", { class: "groups" }, h("p", {}, data.none_fits),
      data.wished ? h("p", { class: "hint" }, words.wished)
        : [h("button", { type: "button", class: "choice", "data-focus": "wish", onclick: () => act("wish", "") }, words.wish),
          h("p", { class: "hint" }, words.wish_help)],
      intake());
  }

  function feedback() {
    const words = data.words.feedback;
    if (data.feedback.done) return h("p", { class: "feedback-done" }, data.feedback.done);
    if (!data.feedback.enabled) return null;
    const thumb = (name) => h("button", { type: "button", class: "quiet", "data-focus": name, "aria-pressed": String(data.feedback.given === name),
      onclick: () => act("thumb", name) }, words[name]);
    return h("div", { class: "feedback" }, h("span", { class: "feedback-question" }, words.question), thumb("up"), thumb("down"),
      data.feedback.given ? h("div", { class: "feedback-comment" },
        h("label", {}, h("span", {}, words.comment), h("textarea", { rows: "2", maxlength: "1000", "data-focus": "comment" }, memory.comment)),
        h("p", { class: "hint" }, words.comment_help),
        h("button", { type: "button", class: "primary", "data-focus": "comment-send",
          onclick: () => act("comment", parentElement.querySelector("textarea").value) }, words.send)) : null);
  }

  draw(focused);
}
