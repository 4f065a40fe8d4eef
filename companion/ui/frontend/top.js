// Begins at the top of the page whenever something else is shown on it; Streamlit would stay where the reader was.
export default function ({ data, parentElement }) {
  const mark = parentElement.querySelector("span") || parentElement.appendChild(h("span", { hidden: true }));
  const before = mark.dataset.place;
  mark.dataset.place = data.place;
  if (before === undefined || before === data.place) return;
  requestAnimationFrame(() => document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0));
}
