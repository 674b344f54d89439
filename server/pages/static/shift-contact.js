// One contact's part of the page: what is said or written, its incident form, its buttons. Made when it is taken.
import { Incident } from "./incident.js";
import { clock } from "./site.js";
import { Voice } from "./shift-voice.js";

const SAYS = { trainee: "You: ", caller: "Caller: " };

export class ContactPanel {
  /** `shift(object)` tells the shift; `trouble(text)` shows what went wrong. */
  constructor(contact, shift, { trouble, changed, draft }) {
    Object.assign(this, { contact, shift, trouble, changed, live: false, wrapping: false });
    this.box = document.getElementById("contact").content.firstElementChild.cloneNode(true);
    this.box.classList.add(contact.kind);
    this.find("h2").textContent = contact.title;
    this.find("h2").id = `title-${contact.id}`;
    this.box.setAttribute("aria-labelledby", `title-${contact.id}`);
    this.incident = new Incident(this.find(".incident"), this.find(".saved"), (message) => this.send(message), `${draft} ${contact.id}`);
    this.log = this.find(".talk-log");
    this.build();
  }

  find(what) {
    return this.box.querySelector(what);
  }

  does(name) {
    return this.find(`[data-does=${name}]`);
  }

  build() {
    const { voice, kind, display } = this.contact;
    for (const name of ["mute", "hold", "captions"]) this.does(name).hidden = !voice;
    this.find(".write").hidden = voice;
    this.log.hidden = voice;
    this.find(".display").hidden = !voice;
    for (const name of ["number", "network", "address"]) this.find(`[data-show=${name}]`).textContent = display[name] || (name === "number" ? "withheld" : "not known");
    if (!voice) this.does("end").firstChild.textContent = kind === "chat" ? "Close the chat " : "Close the report ";
    this.find(".buttons").addEventListener("click", ({ target }) => this[target.closest("button")?.dataset.does]?.());
    this.find(".write").addEventListener("submit", (event) => this.write(event));
    this.find(".write textarea").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.write(event);
    });
    this.find(".incident").addEventListener("input", () => this.changed());
  }

  /** Open the caller's sound; a written contact needs none. */
  async open() {
    if (!this.contact.voice || this.voice || !this.contact.call) return;
    this.voice = new Voice(this.contact.call, (message) => this.told(message), this.trouble);
    try {
      await this.voice.open();
    } catch (error) {
      this.trouble(error.message);
    }
  }

  send(message) {
    if (this.contact.voice) this.voice?.tell(message);
    else this.shift({ ...message, contact: this.contact.id });
  }

  write(event) {
    event.preventDefault();
    const field = this.find(".write textarea");
    if (!field.value.trim() || !this.live) return;
    this.shift({ type: "write", contact: this.contact.id, text: field.value });
    field.value = "";
  }

  /** What is written of it in the list of incidents. */
  get summary() {
    const fields = this.find(".incident").elements;
    return [fields.location.value, fields.emergency.value].map((text) => text.trim()).filter(Boolean).join(": ");
  }

  update(contact) {
    this.contact = { ...this.contact, ...contact };
    const held = contact.state === "held";
    this.find(".held").hidden = !held;
    this.does("hold").setAttribute("aria-pressed", String(held));
    this.does("hold").firstChild.textContent = held ? "Take up again " : "Hold ";
    const on = held || contact.state === "open";
    for (const name of ["mute", "hold"]) this.does(name).disabled = !on;
    this.does("end").disabled = !on && !this.wrapping;
  }

  enable(on) {
    this.live = on;
    this.incident.enable(on);
    for (const field of this.find(".write").elements) field.disabled = !on;
  }

  close() {
    this.wrapping = false;
    this.does("end").disabled = true;
    this.enable(false);
    this.find(".typing").textContent = "";
  }

  // --- what comes -----------------------------------------------------------------------------------------------

  told(message, over = false) {
    this[`on_${message.type}`]?.(message);
    if (over) this.close();
    this.changed();
  }

  on_connected() {
    this.incident.again();
  }

  on_state(all) {
    this.incident.fill(all.form);
    this.log.replaceChildren();
    all.rows.forEach((row) => this.on_row(row));
    if (all.answered) this.enable(true);
    if (!this.contact.voice && all.answered) this.incident.again();
    this.on_typing({ on: Boolean(all.typing) });
    if (all.wrap_up) this.on_wrap_up({ seconds: all.wrap_up });
  }

  on_answered() {
    this.enable(true);
  }

  on_row({ who, text, at }) {
    const made = document.createElement("p");
    made.className = who;
    made.textContent = this.contact.kind === "report" && who === "caller" ? text : `${clock(at)} ${SAYS[who] ?? ""}${text}`;
    this.log.append(made);
    this.log.scrollTop = this.contact.kind === "report" ? 0 : this.log.scrollHeight;
  }

  on_typing({ on }) {
    this.find(".typing").textContent = on ? "The other side is typing …" : "";
  }

  on_saved({ n, at }) {
    this.incident.saved(n, at);
  }

  on_not_saved() {
    this.incident.notSaved();
  }

  on_notice({ text }) {
    this.trouble(text);
  }

  on_wrap_up({ seconds }) {
    if (!seconds) return;
    this.wrapping = true;
    this.find(".typing").textContent = `They have gone. The form can still be finished for ${Math.round(seconds)} seconds.`;
    this.does("end").firstChild.textContent = "The form is finished ";
    this.does("end").disabled = false;
  }

  on_over() {
    this.close();
    this.incident.forget();
  }

  on_marked() {
    this.on_over();
  }

  on_failed({ why }) {
    this.close();
    if (["open", "held"].includes(this.contact.state)) this.trouble(`${this.contact.title}: ${why}`);
  }

  // --- what the trainee does ------------------------------------------------------------------------------------

  mute() {
    if (!this.voice) return;
    this.voice.mute(!this.voice.muted);
    this.does("mute").setAttribute("aria-pressed", String(this.voice.muted));
    this.does("mute").firstChild.textContent = this.voice.muted ? "Muted " : "Mute ";
  }

  hold() {
    if (this.contact.voice) this.shift({ type: "hold", contact: this.contact.id, on: this.contact.state !== "held" });
  }

  captions() {
    if (!this.contact.voice) return;
    this.log.hidden = !this.log.hidden;
    this.does("captions").setAttribute("aria-pressed", String(!this.log.hidden));
  }

  end() {
    this.incident.goAll();
    if (this.wrapping && this.voice) this.voice.tell({ type: "done" });
    else this.shift({ type: "end", contact: this.contact.id });
  }
}
