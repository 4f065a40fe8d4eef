// Tells, at most every three seconds, that somebody is writing in the box below. What they write is not sent.
export default function ({ setTriggerValue }) {
  let last = 0;
  return afterPauseInBox(500, false, (text) => {
    if (!text || Date.now() - last < 3000) return;
    last = Date.now();
    setTriggerValue("typing", last);
  });
}
