// Three clocks against their targets. They speak at halfway, at ten seconds left, and at the end; no oftener.
import { clock } from "./site.js";

export class Clocks {
  constructor(targets, spoken) {
    this.spoken = spoken;
    this.rows = Object.fromEntries(Object.entries(targets).map(([name, target]) => [name, this.row(name, Number(target) || null)]));
    setInterval(() => this.draw(), 200);
  }

  row(name, target) {
    const box = document.getElementById(`clock-${name}`);
    return { name, target, box, time: box.querySelector(".time"), title: box.firstElementChild.textContent, began: null, took: null, said: new Set() };
  }

  start(name, already = 0) {
    this.rows[name].began = performance.now() - already * 1000;
  }

  stop(name, took) {
    const row = this.rows[name];
    if (row.took !== null) return;
    row.took = took;
    this.draw();
    if (row.target) row.box.querySelector(".target").textContent = `${row.box.classList.contains("late") ? "✗ late" : "✓ in time"}, ${clock(row.target)}`;
  }

  /** Nothing runs on after the end. */
  stopAll() {
    for (const row of Object.values(this.rows)) if (row.took === null) row.began = null;
  }

  draw() {
    for (const row of Object.values(this.rows)) {
      if (row.began === null && row.took === null) continue;
      const seconds = row.took ?? (performance.now() - row.began) / 1000;
      row.time.textContent = clock(seconds);
      const late = row.target !== null && seconds > row.target;
      row.box.classList.toggle("late", late);
      row.box.classList.toggle("good", row.took !== null && !late);
      if (row.took === null && row.target) this.speak(row, row.target - seconds);
    }
  }

  speak(row, left) {
    const moments = { half: left <= row.target / 2, ten: left <= 10 && row.target > 20, end: left <= 0 };
    const words = { half: `${Math.round(row.target / 2)} seconds left`, ten: "10 seconds left", end: "time is up" };
    for (const [moment, is] of Object.entries(moments)) {
      if (!is || row.said.has(moment)) continue;
      row.said.add(moment);
      this.spoken.textContent = `${row.title}: ${words[moment]}`;
    }
  }
}
