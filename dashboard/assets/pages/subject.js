// A subject: its month, what else its news is about, its alerts, and its latest articles.

import { key, Seismogram, spellOf } from "../chart.js";
import { h } from "../dom.js";
import { alertRow, articleRow } from "../marks.js";
import { ask, listen, onMove } from "../net.js";
import { count, day, longTime, seconds, subject, subjectLink, times } from "../words.js";
import { readings } from "./alert.js";

export async function show(main, { id, signal, again }) {
  const it = await ask(`/api/subjects/${encodeURIComponent(id)}`, { signal });
  const { kind, name } = subject(id);
  document.title = `${name} – Newsquake`;
  const readout = h("p", { "aria-live": "polite" });
  const chart = new Seismogram({
    panels: ["volume", "tone", "evidence"],
    label: `Seismogram of ${name}: now ${times(it.deflection)} the usual. Arrow keys read it bin by bin.`,
    read: (text) => { readout.textContent = text; },
  });
  const figures = h("div");
  const draw = (deflection) => figures.replaceChildren(readings([
    ["now, of the usual", times(deflection), ""],
    ["evidence", it.evidence.toFixed(1), it.threshold ? `of ${it.threshold.toFixed(1)}` : ""],
    ["signals read", count(it.signals), ""],
    ["alerts", count(it.alerts.length), ""],
  ]));
  draw(it.deflection);
  main.replaceChildren(
    h("div", { class: "page-head" },
      h("div", {}, h("p", { class: "path" }, kind), h("h1", {}, name), h("p", { class: "lead" }, "Latest news ", h("time", { datetime: it.latest }, longTime(it.latest)))),
      figures),
    h("section", { class: "sheet", "aria-label": "Seismogram" }, h("header", {}, h("h2", {}, `${span(it.trace)} of hours`), readout), chart.canvas, key("volume", "tone", "usual", "evidence", "threshold", "spell")),
    it.heat.rows.length > 0 && h("section", { class: "block" },
      h("h2", {}, kind === "topic" ? "Which companies, on which day" : "What about, on which day", h("span", {}, "number of articles; the stronger the colour, the more negative news")),
      h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Heat map" }, heat(it.heat))),
    h("div", { class: "columns" },
      h("section", { class: "block" }, h("h2", {}, "Latest articles", h("span", {}, it.articles.length ? `the latest ${count(it.articles.length)}` : "")), it.articles.length ? h("ul", {}, it.articles.map(articleRow)) : h("p", { class: "dim" }, "No article about it is remembered.")),
      h("section", { class: "block log" }, h("h2", {}, "Alerts"), it.alerts.length ? h("div", {}, it.alerts.map((alert) => alertRow(alert, it.now))) : h("p", { class: "dim" }, "None in the time that the dashboard looks back."))));
  const load = (state) => chart.load({ bin: state.bin_seconds, rows: state.trace, spells: state.alerts.map((alert) => spellOf(alert)) });
  load(it);
  onMove(id, async () => load(await ask(`/api/subjects/${encodeURIComponent(id)}`, { signal })), signal);
  addEventListener("themed", () => chart.draw(), { signal });
  listen("needles", (event) => {
    const mine = event.needles.find(([other]) => other === id);
    if (mine) draw(mine[1]);
  }, signal);
  listen("alert", (alert) => alert.subject === id && again(), signal);
  listen("silences", ({ alerts }) => alerts.some((alert) => alert.subject === id) && again(), signal);
}

function span(trace) {
  const days = trace.length ? (trace.at(-1)[0] - trace[0][0]) / 86400 : 0;
  return days < 2 ? `${Math.max(1, Math.round(days * 24))} hours` : `${Math.round(days)} days`;
}

function heat({ days, rows }) {
  const most = Math.max(...rows.flatMap((row) => row.cells.map(([negative]) => negative)), 1);
  return h("table", { class: "heat" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "unseen" }, "Subject")), days.map((date) => h("th", { scope: "col" }, day(seconds(date)))))),
    h("tbody", {}, rows.map((row) => h("tr", {},
      h("th", { scope: "row" }, h("a", { href: subjectLink(row.subject) }, subject(row.subject).name)),
      row.cells.map(([negative, number]) => {
        const depth = negative / most;
        return h("td", { title: `${number} articles, negative news ${negative.toFixed(1)}`, "data-deep": depth > 0.55 }, number > 0 && [h("i", { style: { opacity: (0.06 + 0.94 * depth).toFixed(2) } }), h("span", {}, number)]);
      })))));
}
