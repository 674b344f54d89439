// The incident form: every change goes out at once, and counts as saved only when the server's disk has it.

const QUIET = 500; // ms without a keystroke after which a field goes out by itself

export class Incident {
  /** `draft`: the name under which this tab keeps what was typed and not acknowledged, so that a reload loses nothing. */
  constructor(form, shown, send, draft) {
    Object.assign(this, { form, shown, send, draft });
    this.number = Math.floor(Date.now() / 100) % 2 ** 30; // above what an earlier load of this page had reached
    this.waiting = new Map(); // fields that did not go out yet
    this.unsaved = new Map(); // number of the change -> [field, value]
    this.timers = new Map();
    form.addEventListener("input", ({ target }) => this.typed(target));
    form.addEventListener("change", ({ target }) => this.go(target));
    form.addEventListener("submit", (event) => event.preventDefault());
    addEventListener("pagehide", () => this.goAll());
    document.addEventListener("visibilitychange", () => document.hidden && this.goAll());
    this.restore();
  }

  /** What an earlier load of this page had typed and never saw saved goes out when the socket opens. */
  restore() {
    for (const [name, value] of Object.entries(JSON.parse(sessionStorage.getItem(this.draft) ?? "{}"))) {
      const field = this.form.elements[name];
      if (!field) continue;
      field.value = value;
      this.unsaved.set((this.number += 1), [name, value]);
    }
  }

  /** In this tab, at once: a page that goes away cannot wait for the socket's thread. */
  keep() {
    const left = Object.fromEntries(this.unsaved.values());
    for (const [name, field] of this.waiting) left[name] = field.value;
    if (Object.keys(left).length) sessionStorage.setItem(this.draft, JSON.stringify(left));
    else sessionStorage.removeItem(this.draft);
  }

  enable(on) {
    this.form.querySelector("fieldset").disabled = !on;
  }

  typed(field) {
    this.say("Not saved yet", "unsaved");
    this.waiting.set(field.name, field);
    this.keep();
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
    this.keep();
    if (!this.unsaved.size && !this.waiting.size) this.say(`Saved ${at}`, "");
  }

  /** The call is marked: nothing of it stays in the browser. */
  forget() {
    sessionStorage.removeItem(this.draft);
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
