// Tells, at most every three seconds, that somebody is writing in the box below. What they write is not sent.
export default function ({ setTriggerValue }) {
  let last = 0;
  const note = (event) => {
    const now = Date.now();
    if (!event.target.matches?.('[data-testid="stChatInputTextArea"]') || !event.target.value || now - last < 2500) return;
    last = now;
    setTriggerValue("typing", now);
  };
  document.addEventListener("input", note);
  return () => document.removeEventListener("input", note);
}
