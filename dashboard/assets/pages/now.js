// Now: the drum of all subjects, and the log of open alerts.

import { drawRuler, Needle } from "../needle.js";
import { h, isCalm } from "../dom.js";
import { alertRow, articleRow, blank, severityMark } from "../marks.js";
import { ask, listen } from "../net.js";
import { count, day, seconds, subject, subjectLink, times } from "../words.js";

const HOURS = 72;
const SHOWN = 24;
const SORT_MS = 3000;

export async function show(main, { query, signal }) {
  const q = query.get("q")?.trim() ?? "";
  if (q) return showSearch(main, q, signal);
  const state = await ask("/api/now", { signal });
  const drum = new Drum(state, signal);
  const log = h("section", { class: "log", "aria-label": "Open alerts" });
  const drawLog = () => log.replaceChildren(
    h("h2", {}, "Open alerts", h("span", {}, drum.alerts.length ? count(drum.alerts.length) : "")),
    drum.alerts.length ? h("div", {}, drum.alerts.map((alert) => alertRow(alert, drum.now)))
      : h("p", { class: "blank" }, drum.rows.size ? "No alert is open." : "None is known."));
  drawLog();
  main.replaceChildren(h("h1", { class: "unseen" }, "Now"), h("div", { class: "now" }, drum.element, log));
  await drum.start();

  listen("alert", (alert) => {
    drum.alerts = drum.alerts.filter((other) => other.id !== alert.id);
    if (alert.open) drum.alerts.unshift(alert);
    drawLog();
    log.querySelector(`[data-id="${CSS.escape(alert.id)}"]`)?.classList.add("fresh");
    drum.mark();
  }, signal);
  listen("silences", ({ alerts }) => {
    const changed = new Map(alerts.map((alert) => [alert.id, alert]));
    drum.alerts = drum.alerts.map((alert) => changed.get(alert.id) ?? alert);
    drawLog();
    drum.mark();
  }, signal);
  const minute = setInterval(drawLog, 30000);
  signal.addEventListener("abort", () => clearInterval(minute));
}

class Drum {
  constructor(state, signal) {
    this.signal = signal;
    this.now = state.now;
    this.alerts = state.alerts;
    this.rows = new Map(state.subjects.map((row) => [row.subject, row]));
    if (state.market) this.rows.set("market:all", state.market);
    this.kind = "all";
    this.limit = SHOWN;
    this.strips = new Map();
    this.moving = new Set();
    this.feed = state.feed;
    this.bin = state.rule.bin_seconds;
    this.build();
  }

  build() {
    this.ruler = h("canvas", { "aria-hidden": "true" });
    this.list = h("div", { role: "list", "aria-label": "Subjects by how far they are from their usual" });
    this.counter = h("span", { class: "dim" });
    this.more = h("button", { type: "button", class: "more", onclick: () => { this.limit += 48; this.arrange(); } });
    const tabs = [["all", "All"], ["company", "Companies"], ["topic", "Topics"]].map(([kind, name]) =>
      h("button", { type: "button", "aria-pressed": String(kind === this.kind), onclick: (event) => {
        this.kind = kind;
        this.limit = SHOWN;
        for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab === event.target));
        this.arrange();
      } }, name));
    this.element = h("section", { class: "drum", "aria-label": "Needles" },
      h("div", { class: "drum-head" }, h("h2", {}, "Negative news, as a multiple of the usual"), h("div", { class: "tabs" }, tabs), this.counter),
      h("div", { class: "ruler" }, this.ruler), this.list, this.more);
  }

  async start() {
    listen("needles", (event) => this.take(event), this.signal);
    const timer = setInterval(() => this.arrange(), SORT_MS);
    const redraw = () => this.drawAll();
    addEventListener("resize", redraw, { signal: this.signal });
    addEventListener("themed", redraw, { signal: this.signal });
    this.signal.addEventListener("abort", () => clearInterval(timer));
    await this.arrange(true);
  }

  /** Return the names to show, those farthest above their usual first. */
  order() {
    const names = [...this.rows.keys()].filter((name) => name !== "market:all" && (this.kind === "all" || name.startsWith(`${this.kind}:`)));
    names.sort((a, b) => this.rows.get(b).deflection - this.rows.get(a).deflection || (a < b ? -1 : 1));
    this.counter.textContent = `${count(names.length)} subjects, ${HOURS / 24} days`;
    this.more.hidden = names.length <= this.limit;
    this.more.textContent = `Show more of ${count(names.length)}`;
    return [...(this.rows.has("market:all") ? ["market:all"] : []), ...names.slice(0, this.limit)];
  }

  /** Put the rows in order, and ask for the traces of new ones. */
  async arrange(isFirst = false) {
    // Whoever points at a row or walks through them should not lose it.
    if (!isFirst && (this.list.matches(":hover") || this.list.contains(document.activeElement)) && this.strips.size >= Math.min(this.limit, this.rows.size)) return;
    const names = this.order();
    if (!names.length) {
      this.list.replaceChildren(this.feed.state === "reading" ? blank("Reading what was written before …") : blank("The paper is blank", h("p", {}, "No news was scored in the time that the dashboard looks back. Run ", h("code", {}, "newsquake demo"), ", or send articles with ", h("code", {}, "newsquake publish"), ".")));
      return;
    }
    const missing = names.filter((name) => !this.strips.has(name));
    if (missing.length) {
      const query = new URLSearchParams(missing.map((name) => ["subject", name]));
      query.set("hours", HOURS);
      const traces = await ask(`/api/traces?${query}`, { signal: this.signal });
      for (const name of missing) if (traces[name]) this.strips.set(name, new Strip(name, traces[name], this.bin));
    }
    const elements = names.filter((name) => this.strips.has(name)).map((name) => this.strips.get(name).element);
    if (elements.some((element, index) => this.list.children[index] !== element) || elements.length !== this.list.children.length) this.list.replaceChildren(...elements);
    for (const name of this.strips.keys()) if (!names.includes(name)) this.strips.delete(name);
    this.mark();
    this.drawAll();
  }

  mark() {
    const open = new Map(this.alerts.map((alert) => [alert.subject, alert]));
    for (const [name, strip] of this.strips) strip.mark(open.get(name), this.rows.get(name));
  }

  take(event) {
    this.now = event.now;
    this.feed = event.feed;
    const now = seconds(event.now);
    for (const [name, deflection, pulses, evidence, threshold] of event.needles) {
      const row = this.rows.get(name) ?? this.rows.set(name, { subject: name, evidence: 0, threshold: null, deflection }).get(name);
      Object.assign(row, { deflection, evidence, threshold });
      const strip = this.strips.get(name);
      if (!strip) continue;
      strip.needle.move(deflection, pulses, now);
      strip.value(deflection);
      this.moving.add(strip);
    }
    if (this.moving.size && !this.frame) this.frame = requestAnimationFrame((time) => this.animate(time));
  }

  animate(time) {
    this.frame = 0;
    if (this.signal.aborted) return;
    const passed = time - (this.drawn ?? time - 16);
    this.drawn = time;
    for (const strip of this.moving) {
      if (!strip.needle.step(passed)) this.moving.delete(strip);
      strip.draw(this.window());
    }
    if (this.moving.size) this.frame = requestAnimationFrame((next) => this.animate(next));
    else this.drawn = undefined;
  }

  window() {
    const now = seconds(this.now);
    return [now - HOURS * 3600, now];
  }

  drawAll() {
    drawRuler(this.ruler, this.window(), day);
    for (const strip of this.strips.values()) strip.draw(this.window());
  }
}

class Strip {
  constructor(id, trace, bin) {
    const { kind, name } = subject(id);
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.number = h("span", { class: "row-value" });
    this.title = h("b", {}, h("span", {}, name, kind === "topic" && h("span", { class: "dim light" }, " topic")));
    this.meter = h("span", { class: "meter", hidden: true }, h("i"), h("u"));
    this.element = h("a", { class: `row ${kind}`, href: subjectLink(id), role: "listitem" },
      h("span", { class: "row-name" }, this.title, this.meter), this.canvas, this.number);
    this.needle = new Needle(this.canvas);
    this.needle.bin = bin;
    this.needle.keep = kind === "market" ? 2000 : 240;
    this.needle.load(trace);
    this.id = id;
    this.value(trace.deflection);
  }

  value(deflection) {
    this.number.textContent = times(deflection);
    this.number.toggleAttribute("data-far", deflection >= 1);
  }

  /** Show the severity of an open alert and whether it is silenced, and the evidence against its threshold. */
  mark(alert, row) {
    const state = alert ? `${alert.severity} ${Boolean(alert.silenced)}` : "";
    const old = this.title.querySelector("svg");
    if ((old?.dataset.state ?? "") !== state) {
      old?.remove();
      if (alert) {
        const mark = severityMark(alert.severity, true, "small", Boolean(alert.silenced));
        mark.dataset.state = state;
        this.title.append(mark);
      }
    }
    this.meter.hidden = !row?.threshold;
    if (!row?.threshold) return;
    const scale = 100 / Math.max(row.threshold * 1.25, row.evidence);
    this.meter.title = `evidence ${row.evidence.toFixed(1)}, threshold ${row.threshold.toFixed(1)}`;
    this.meter.toggleAttribute("data-over", row.evidence >= row.threshold);
    this.meter.firstChild.style.width = `${row.evidence * scale}%`;
    this.meter.lastChild.style.left = `${row.threshold * scale}%`;
  }

  draw(window) {
    this.needle.window = window;
    this.needle.draw();
  }
}

async function showSearch(main, q, signal) {
  const [state, { articles }] = await Promise.all([ask("/api/now", { signal }), ask(`/api/articles?${new URLSearchParams({ q, limit: 50 })}`, { signal })]);
  const words = q.toLowerCase().split(/\s+/);
  // Subjects with these words in their name, and those that the articles count for.
  const named = (id) => words.every((word) => id.toLowerCase().replaceAll("-", " ").includes(word));
  const counts = new Map();
  for (const id of articles.flatMap((article) => article.subjects)) counts.set(id, (counts.get(id) ?? 0) + 1);
  const rank = (row) => (named(row.subject) ? 1e6 : 0) + (counts.get(row.subject) ?? 0);
  const subjects = state.subjects.filter((row) => rank(row) > 0).sort((a, b) => rank(b) - rank(a));
  main.replaceChildren(
    h("div", { class: "page-head" }, h("div", {}, h("h1", {}, `Search: ${q}`))),
    h("div", { class: "columns wide-left" },
      h("section", { class: "block" }, h("h2", {}, "Articles", h("span", {}, articles.length === 50 ? "the latest 50" : count(articles.length))),
        articles.length ? h("ul", {}, articles.map(articleRow)) : h("p", { class: "dim" }, "No article that is remembered has all these words.")),
      h("section", { class: "block" }, h("h2", {}, "Subjects", h("span", {}, count(subjects.length))),
        subjects.length ? h("ul", {}, subjects.slice(0, 20).map((row) => h("li", { class: "headline" }, h("a", { href: subjectLink(row.subject) }, subject(row.subject).name), h("p", {}, subject(row.subject).kind, counts.has(row.subject) && ` of ${count(counts.get(row.subject))} of these articles`), h("span", { class: "number aside" }, times(row.deflection)))))
          : h("p", { class: "dim" }, "No subject has these words in its name."))));
}
