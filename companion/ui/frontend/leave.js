// A plain month, and nothing else.
const today = new Date();
document.getElementById("month").textContent = today.toLocaleDateString("en", { month: "long", year: "numeric" });
const first = (new Date(today.getFullYear(), today.getMonth(), 1).getDay() + 6) % 7;
const count = new Date(today.getFullYear(), today.getMonth() + 1, 0).getDate();
const body = document.getElementById("days");
for (let cell = 0, row; cell < Math.ceil((first + count) / 7) * 7; cell += 1) {
  if (cell % 7 === 0) row = body.insertRow();
  const day = cell - first + 1;
  const box = row.insertCell();
  if (day < 1 || day > count) continue;
  box.textContent = String(day);
  if (day === today.getDate()) box.className = "today";
}
