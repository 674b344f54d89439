import { keys } from "./site.js";

const takers = [...document.querySelectorAll(".shelf summary")];
const move = (by) => {
  const at = takers.indexOf(document.activeElement);
  takers[(at + by + takers.length) % takers.length]?.focus();
};
keys({
  Enter: () => document.getElementById("available").requestSubmit(),
  j: () => move(1),
  k: () => move(takers.includes(document.activeElement) ? -1 : 0),
});
