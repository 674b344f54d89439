// The incident form: every change goes out at once, and counts as saved only when the server's disk has it.

const QUIET = 500; // ms without a keystroke after which a field goes out by itself

export class Incident {
  constructor(form, shown, send) {
    Object.assign(this, { form, shown, send });
    this.number = 0;
    this.waiting = new Map(); // fields that did not go out yet
    this.unsaved = new Map(); // number of the change -> [field, value]
    this.timers = new Map();
    form.addEventListener("input", ({ target }) => this.typed(target));
    form.addEventListener("change", ({ target }) => this.go(target));
    form.addEventListener("submit", (event) => event.preventDefault());
    addEventListener("pagehide", () => this.goAll());
    document.addEventListener("visibilitychange", () => document.hidden && this.goAll());
  }

  enable(on) {
    this.form.querySelector("fieldset").disabled = !on;
  }

  typed(field) {
    this.say("Not saved yet", "unsaved");
    this.waiting.set(field.name, field);
    clearTimeout(this.timers.get(field.name));
    this.timers.set(field.name, setTimeout(() => this.go(field), QUIET));
  }

  go(field) {
    if (!this.waiting.delete(field.name)) return;
    this.out(field.name, field.value);
  }

  goAll() {
    [...this.waiting.values()].forEach((field) => this.go(field));
  }

  out(field, value) {
    this.number += 1;
    this.unsaved.set(this.number, [field, value]);
    this.send({ type: "form", field, value, n: this.number });
  }

  /** The socket is back: what was not acknowledged goes out once more. */
  again() {
    const left = [...this.unsaved.values()];
    this.unsaved.clear();
    left.forEach(([field, value]) => this.out(field, value));
  }

  saved(number, at) {
    [...this.unsaved.keys()].filter((one) => one <= number).forEach((one) => this.unsaved.delete(one));
    if (!this.unsaved.size && !this.waiting.size) this.say(`Saved ${at}`, "");
  }

  notSaved() {
    this.say("Not saved: the disk refuses", "lost");
  }

  /** What the server has, for a page that was reloaded; what is being typed stays. */
  fill(values) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.form.elements[name];
      const mine = this.waiting.has(name) || [...this.unsaved.values()].some(([one]) => one === name);
      if (field && !mine) field.value = value;
    }
  }

  say(text, look) {
    this.shown.textContent = text;
    this.shown.className = look || "quiet";
  }
}
