// Puts words that were chosen beside a talk into the one box below it, after what is being written there, once for each mark.
export default function ({ data }) {
  const shell = window.companion;
  if (!shell || !data.mark || shell.inserted === data.mark) return;
  shell.inserted = data.mark;
  insert(data.text, 40);
}

function insert(text, triesLeft) {
  const box = document.querySelector('[data-testid="stChatInputTextArea"]');
  if (!box) {
    if (triesLeft) setTimeout(() => insert(text, triesLeft - 1), 50);
    return;
  }
  const before = box.value.trim();
  // React listens to the event and reads the value that was set behind its back.
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, before ? `${before}\n\n${text}` : text);
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus({ preventScroll: true });
  box.setSelectionRange(box.value.length, box.value.length);
}
