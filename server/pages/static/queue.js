// The queue: rows by key.
import { keys } from "./site.js";

const links = [...document.querySelectorAll("#queue td a")];

function step(by) {
  const at = links.indexOf(document.activeElement);
  links[Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
}

keys({
  j: () => step(1),
  k: () => step(-1),
  Enter: () => document.querySelector(".lead .go")?.click(),
  "/": () => document.querySelector("[name=trainee]").focus(),
});
