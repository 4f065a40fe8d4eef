// Tells, at most every three seconds, that somebody is writing in the box below. What they write is not sent.
export default function ({ setTriggerValue, parentElement }) {
  parentElement.style.display = "none";
  const box = document.querySelector('[data-testid="stChatInputTextArea"]');
  if (!box) return undefined;
  let last = 0;
  const note = () => {
    const now = Date.now();
    if (now - last < 3000 || !box.value) return;
    last = now;
    setTriggerValue("typing", now);
  };
  box.addEventListener("input", note);
  return () => box.removeEventListener("input", note);
}
