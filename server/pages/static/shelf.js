// The shelf: what check says of each call comes in one after the other, so that the page itself is there at once.
import { keys } from "./site.js";

const rows = [...document.querySelectorAll("#shelf tbody tr")];
const status = document.getElementById("checked");
const links = rows.map((row) => row.querySelector("a"));

const tag = (text, kind, title) => {
  const made = document.createElement("span");
  made.className = `tag ${kind}`;
  made.textContent = text;
  if (title) made.title = title;
  return made;
};

function show(row, { problems, tried, all }) {
  const count = problems.length;
  const said = count ? tag(`${count} ${count === 1 ? "mistake" : "mistakes"}`, "failed", problems.join("\n")) : tag("good", "passed");
  row.querySelector(".verdict").replaceChildren(said);
  row.querySelector(".tried").textContent = all ? `${Math.floor((100 * tried) / all)} %` : "–";
  return count;
}

async function checkAll() {
  let bad = 0;
  for (const [at, row] of rows.entries()) {
    status.textContent = at % 10 ? status.textContent : `Checking: ${at} of ${rows.length}`;
    const answer = await fetch(`/shelf/${row.dataset.name}/check`);
    if (!answer.ok) return void (status.textContent = `The check stopped at ${row.dataset.name}: ${await answer.text()}`);
    bad += show(row, await answer.json()) > 0;
  }
  status.textContent = bad ? `${bad} of ${rows.length} have mistakes.` : `All ${rows.length} are good.`;
}

const move = (by) => links[(links.indexOf(document.activeElement) + by + links.length) % links.length]?.focus();
keys({ j: () => move(1), k: () => move(links.includes(document.activeElement) ? -1 : 0), n: () => document.getElementById("new-script").click() });
checkAll().catch(() => (status.textContent = "The check was broken off: the server cannot be reached."));
