// Ties the shell's header to this chat: which one to erase on leaving, and whom to tell when a button is pressed.
export default function ({ data, setTriggerValue, parentElement }) {
  const shell = window.companion;
  if (!shell) return undefined;
  const act = (what, value) => setTriggerValue("act", { what, value });
  shell.connect(data.token, act);
  const seen = parentElement.seen || (parentElement.seen = {});
  if (data.announce && data.announce_id !== seen.announced) {
    seen.announced = data.announce_id;
    shell.announce(data.announce);
  }
  if (data.scroll && data.scroll !== seen.scrolled) {
    seen.scrolled = data.scroll;
    const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
    requestAnimationFrame(() => {
      const turn = [...document.querySelectorAll("article.turn")].at(-1);
      const behavior = reduced ? "auto" : "smooth";
      if (data.scroll_to === "turn" && turn) turn.scrollIntoView({ block: "start", behavior });
      else document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
    });
  }
  return () => shell.disconnect(act);
}
