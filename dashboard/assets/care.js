// What people say about an alert: who takes care of it, and for how long nobody need be told.

import { h } from "./dom.js";
import { say } from "./net.js";
import { saidTags } from "./marks.js";
import { shortTime, subject } from "./words.js";

const LENGTHS = [["1h", "1 hour"], ["4h", "4 hours"], ["24h", "1 day"], ["72h", "3 days"], ["7d", "1 week"]];

export class Care {
  /** `again` is called when something was said. */
  constructor(alert, again) {
    this.alert = alert;
    this.again = again;
    this.tags = h("span", { class: "tags" });
    this.words = h("ul", { class: "said", "aria-live": "polite" });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.who = h("input", { name: "who", required: true, maxlength: 100, autocomplete: "name", value: localStorage.getItem("who") ?? "" });
    this.why = h("input", { name: "why", maxlength: 500, autocomplete: "off" });
    this.length = h("select", { name: "for", "aria-label": "For how long" }, LENGTHS.map(([value, text]) => h("option", { value, selected: value === "24h" }, text)));
    const { name } = subject(alert.subject);
    this.form = h("form", { onsubmit: (event) => this.submit(event) },
      h("label", {}, "Your name", this.who),
      h("label", { class: "wide" }, "Why, for the others", this.why),
      h("div", {}, h("button", { name: "acknowledge" }, "I take care of it")),
      h("div", { class: "joined" }, this.length, h("button", { name: "silence" }, `Silence ${name}`)));
    this.element = h("section", { class: "care", "aria-label": "Who takes care of it" }, this.words, this.form, this.problem);
    this.show(alert);
  }

  /** Show what was said, as the API tells it with an alert. */
  show(alert) {
    this.alert = alert;
    this.tags.replaceChildren(...saidTags(alert));
    this.words.replaceChildren(...alert.words.map((word) => this.line(word)));
    this.form.hidden = !alert.open;
    this.element.hidden = !alert.open && !alert.words.length;
  }

  line(word) {
    const isSilence = word.kind === "silence";
    const end = word.expired_at ? `, ended by ${word.expired_by} ${shortTime(word.expired_at)}` : word.until ? `, ${word.holds ? "until" : "ended"} ${shortTime(word.until)}` : "";
    const what = isSilence ? `${word.who} silenced ${word.subject}` : `${word.who} takes care of it`;
    return h("li", { "data-holds": String(word.holds) },
      h("span", {}, h("b", {}, what), `, ${shortTime(word.since)}${end}`, word.why && h("q", {}, word.why)),
      word.holds && this.alert.open && h("button", { type: "button", onclick: () => this.send(`/api/silences/${encodeURIComponent(word.id)}/end`, {}) }, isSilence ? "End the silence" : "Take it back"));
  }

  submit(event) {
    event.preventDefault();
    const why = this.why.value;
    if (event.submitter?.name === "silence") this.send("/api/silences", { why, subject: this.alert.subject, for: this.length.value });
    else this.send(`/api/alerts/${encodeURIComponent(this.alert.id)}/acknowledgement`, { why });
  }

  /** Say something under the name that was entered, which this browser remembers. */
  async send(path, content) {
    if (!this.form.reportValidity()) return;
    const who = this.who.value.trim();
    localStorage.setItem("who", who);
    const buttons = [...this.element.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    this.problem.textContent = "";
    try {
      await say(path, { who, ...content });
      this.why.value = "";
      await this.again();
    } catch (error) {
      this.problem.textContent = error.message;
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }
}
