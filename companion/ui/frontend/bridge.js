// Ties the shell's header to this chat: which one to erase on leaving, and whom to tell when a button is pressed.
export default function ({ data, setTriggerValue, parentElement }) {
  const shell = window.companion;
  if (!shell) return undefined;
  const act = (what, value) => setTriggerValue("act", { what, value });
  shell.connect(data.token, act, data.country);
  const seen = parentElement.seen || (parentElement.seen = {});
  if (data.announce && data.announce_id !== seen.announced) {
    seen.announced = data.announce_id;
    shell.announce(data.announce);
  }
  keepPlace(data, seen, act);
  if (data.scroll && data.scroll !== seen.scrolled) {
    seen.scrolled = data.scroll;
    const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
    requestAnimationFrame(() => {
      if (data.scroll_to === "turn") bringUp(reduced ? "auto" : "smooth");
      else document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
    });
  }
  if (data.focus && shell.focused !== data.focus) {
    shell.focused = data.focus;
    focusComposer(40);
  }
  return () => shell.disconnect(act);
}

// A reload must not lose the request to a person: this tab, and only this tab, remembers its token until it is closed or left.
function keepPlace(data, seen, act) {
  const name = "companion-place";
  if (data.place) sessionStorage.setItem(name, data.place);
  else if (data.forget_place) sessionStorage.removeItem(name);
  else if (data.ready && !seen.asked && sessionStorage.getItem(name)) {
    seen.asked = true;
    act("place", sessionStorage.getItem(name));
  }
}

// While a reply is short there is nothing below to scroll by, and its beginning would stay at the bottom of a phone: brought up again as it grows,
// until it is done or the reader scrolls.
function bringUp(behavior) {
  let isLed = true;
  const letGo = () => (isLed = false);
  for (const way of ["wheel", "touchmove"]) document.addEventListener(way, letGo, { once: true, passive: true });
  const look = (triesLeft, looksWhenDone) => {
    const turn = [...document.querySelectorAll("article.turn")].at(-1);
    if (!isLed || !turn) return;
    turn.scrollIntoView({ block: "start", behavior });
    const left = turn.dataset.state === "done" ? looksWhenDone - 1 : looksWhenDone;
    if (triesLeft && left) setTimeout(() => look(triesLeft - 1, left), 400);
  };
  look(150, 4);
}

function focusComposer(triesLeft) {
  const composer = document.querySelector('[data-testid="stChatInputTextArea"]');
  if (composer) composer.focus({ preventScroll: true });
  else if (triesLeft) setTimeout(() => focusComposer(triesLeft - 1), 50);
}
