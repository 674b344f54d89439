// What every page has: the list of keys, and whether single letters work as keys.
const dialog = document.getElementById("keys");
const opener = document.getElementById("show-keys");
const letters = document.getElementById("letters");

letters.checked = localStorage.getItem("letters") !== "off";
letters.addEventListener("change", () => localStorage.setItem("letters", letters.checked ? "on" : "off"));
opener.hidden = false;
opener.addEventListener("click", () => dialog.showModal());

const inField = (event) => event.target.closest("input, textarea, select, [contenteditable]") !== null;

/** Do what `table` has for a key: `F8`, `Shift+F2`, `j`, ` `. Letters and marks never inside a field, nor when they are off. */
export function keys(table) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const name = (event.shiftKey && event.key.length > 1 ? "Shift+" : "") + event.key;
    const action = table[name] ?? table[name.toLowerCase()];
    if (!action) return;
    const single = event.key.length === 1;
    if (single && (inField(event) || !letters.checked)) return;
    if (event.key === " " && event.target.closest("button, summary, a")) return;
    if ((event.key === "Enter" || event.key.startsWith("Arrow")) && event.target.closest("button, a, summary, input, select, textarea, [role=slider]")) return;
    event.preventDefault();
    action(event);
  });
}

export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}

keys({ "?": () => dialog.showModal() });
