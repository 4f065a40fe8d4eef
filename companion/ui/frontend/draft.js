// Sends what stands in the box below to this server after a pause in writing, so that a hint can be given before it goes to anybody.
// Mounted only where the deployer switched hints on and the other side was told. Like keystrokes.js it waits for a pause and not past
// Enter or a tap: told in the same moment as a message is sent, Streamlit would drop the message.
export default function ({ setTriggerValue }) {
  const isComposer = (element) => element.matches?.('[data-testid="stChatInputTextArea"]');
  let waiting = 0;
  let told = "";
  const forget = () => {
    clearTimeout(waiting);
    waiting = 0;
  };
  const note = (event) => {
    if (!isComposer(event.target)) return;
    forget();
    const box = event.target;
    waiting = setTimeout(() => {
      waiting = 0;
      if (box.value === told) return;
      told = box.value;
      setTriggerValue("draft", { text: told });
    }, 900);
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
