// Sends what stands in the box below to this server after a pause in writing, so that a hint can be given before it goes to anybody.
// Mounted only where the deployer switched hints on and the other side was told.
export default function ({ setTriggerValue }) {
  let told = "";
  return afterPauseInBox(900, true, (text) => {
    if (text === told) return;
    told = text;
    setTriggerValue("draft", { text });
  });
}
