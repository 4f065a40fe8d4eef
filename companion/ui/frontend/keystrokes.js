// Tells, at most every three seconds, that somebody is writing in the box below. What they write is not sent.
// It waits for a short pause and not past Enter: told in the same moment as a message is sent, Streamlit would drop the message.
export default function ({ setTriggerValue }) {
  const isComposer = (element) => element.matches?.('[data-testid="stChatInputTextArea"]');
  let last = 0;
  let waiting = 0;
  const note = (event) => {
    if (!isComposer(event.target) || waiting || Date.now() - last < 2500) return;
    const box = event.target;
    waiting = setTimeout(() => {
      waiting = 0;
      if (!box.value) return;
      last = Date.now();
      setTriggerValue("typing", last);
    }, 500);
  };
  const forget = () => {
    clearTimeout(waiting);
    waiting = 0;
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
