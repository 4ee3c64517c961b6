// An alert: its life on the seismogram, and the headlines that it rests on. And the list of all.

import { key, Seismogram, spellOf } from "../chart.js";
import { Care } from "../care.js";
import { h } from "../dom.js";
import { alertRow, blank, odds, severityMark } from "../marks.js";
import { ask, listen, onMove } from "../net.js";
import { why } from "../why.js";
import { articleLink, count, dayTime, percent, seconds, shortTime, span, subject, subjectLink } from "../words.js";

const WORDS = { firing: "Fired", escalated: "Escalated", updated: "Goes on", resolved: "Resolved" };

export async function showList(main, { query, signal, again }) {
  const state = query.get("state") ?? "all";
  const [{ alerts }, { now }] = await Promise.all([ask(`/api/alerts?${new URLSearchParams({ state, limit: 500 })}`, { signal }), ask("/api/now", { signal })]);
  const filter = (name, text) => h("a", { href: name === "all" ? "/alerts" : `/alerts?state=${name}`, "aria-current": name === state ? "true" : null }, text);
  main.replaceChildren(
    h("div", { class: "page-head" }, h("h1", {}, "Alerts"), h("nav", { class: "filters", "aria-label": "Which alerts" }, filter("all", "All"), filter("open", "Open"), filter("resolved", "Resolved"))),
    alerts.length ? h("div", { class: "log" }, alerts.map((alert) => alertRow(alert, now))) : blank("No alert", h("p", {}, "None was written in the time that the dashboard looks back.")));
  listen("alert", again, signal);
  listen("silences", again, signal);
}

export async function show(main, { id, signal, again }) {
  const alert = await ask(`/api/alerts/${encodeURIComponent(id)}`, { signal });
  const whole = alert.alert;
  const { kind, name } = subject(alert.subject);
  document.title = `${name}: ${alert.severity} alert – Newsquake`;
  const rows = alert.traces[alert.subject] ?? [];
  const isMarket = alert.subject === "market:all";
  const care = new Care(alert, async () => care.show(await ask(`/api/alerts/${encodeURIComponent(id)}`, { signal })));
  const readout = h("p", { "aria-live": "polite" });
  const chart = new Seismogram({
    panels: isMarket ? ["volume", "tone", "evidence"] : ["volume", "tone", "evidence", "market"],
    label: `Seismogram of ${name}: ${alert.summary} Arrow keys read it bin by bin.`,
    read: (text) => { readout.textContent = text; },
  });
  main.replaceChildren(
    h("div", { class: "page-head" },
      h("div", {},
        h("p", { class: "path" }, severityMark(alert.severity, alert.open, "small"), h("span", { class: `tag ${alert.severity}` }, alert.severity), h("span", {}, alert.open ? "open" : "resolved"), alert.discovery && h("span", { class: "tag" }, "discovery"), care.tags),
        h("h1", {}, h("a", { href: subjectLink(alert.subject) }, name), kind === "topic" && h("span", { class: "dim" }, " topic")),
        h("p", { class: "lead" }, alert.summary)),
      readings([
        ["highest evidence", Math.max(...alert.changes.map((item) => item.evidence)).toFixed(1), alert.open ? "" : `${whole.evidence.toFixed(1)} at the end`],
        ["stories", count(whole.volume), `usually ${whole.expected_volume.toFixed(1)}`],
        ["negative", percent(whole.negative_share), `usually ${percent(whole.expected_share)}`],
        ["sources", count(whole.sources), `${count(whole.signals)} signals`],
      ])),
    care.element,
    h("section", { class: "sheet", "aria-label": "Seismogram" },
      h("header", {}, h("h2", {}, "Seismogram"), readout), rows.length ? chart.canvas : blank("No trace", h("p", {}, "The dashboard has not read the signals of this time.")),
      key("volume", "tone", "usual", "evidence", "threshold", ...(isMarket ? [] : ["needle", "market"]), "spell")),
    h("div", { class: "columns wide-left" },
      h("section", { class: "block" }, h("h2", {}, "What it rests on", h("span", {}, "the most telling first")),
        h("ul", {}, alert.headlines.map((item) => headline(item, signal)))),
      h("section", { class: "block" }, h("h2", {}, "Life"), h("ol", { class: "life" }, h("li", {}, h("time", { datetime: alert.onset }, dayTime(alert.onset)), h("div", {}, h("b", {}, "Began"), h("p", {}, "as estimated from the rise of the evidence"))), alert.changes.map(change)),
        whole.members.length > 0 && h("div", {}, h("h2", {}, "What moved together"), h("div", { class: "members" }, whole.members.map((member) => h("a", { href: subjectLink(member) }, subject(member).name)))))));
  const load = (state) => {
    const trace = state.traces[alert.subject];
    const [first, last] = [seconds(alert.onset) - 3 * 86400, alert.open ? Infinity : seconds(alert.changed_at) + 86400];
    chart.load({ bin: state.bin_seconds, rows: trace, market: state.traces["market:all"] ?? [], spells: [spellOf(state, true)], from: first < trace[0][0] ? undefined : first, to: Math.min(last, trace.at(-1)[0]) });
  };
  if (rows.length) load(alert);
  onMove(alert.subject, async () => {
    const state = await ask(`/api/alerts/${encodeURIComponent(id)}`, { signal });
    if (rows.length) load(state);
    else if (state.traces[alert.subject]?.length) again();
  }, signal);
  addEventListener("themed", () => chart.draw(), { signal });
  listen("alert", (changed) => changed.id === alert.id && again(), signal);
  listen("silences", ({ alerts }) => alerts.some((changed) => changed.id === id) && care.again().catch(() => {}), signal);
}

export function readings(values) {
  return h("dl", { class: "readings" }, values.map(([name, value, note]) => h("div", {}, h("dt", {}, name), h("dd", {}, value, note && h("small", {}, ` ${note}`)))));
}

function headline(item, signal) {
  const article = item.article;
  const rest = { negative: item.negative, neutral: article ? Math.max(0, 1 - item.negative - article.positive) : 1 - item.negative, positive: article ? Math.min(article.positive, 1 - item.negative) : 0 };
  return h("li", { class: "headline" },
    article ? h("a", { href: articleLink(item.key) }, item.text) : h("span", {}, item.text),
    h("p", {}, article && `${article.source} · `, h("time", { datetime: item.published }, shortTime(item.published)), item.severity ? ` · severity ${item.severity.toFixed(1)} of 3` : ""),
    odds(rest), article && !article.unread && why(item.key, signal));
}

function change(item) {
  const word = item.status === "escalated" && item.discovery ? "Proven: a discovery" : WORDS[item.status];
  return h("li", {}, h("time", { datetime: item.at }, dayTime(item.at)),
    h("div", {}, h("b", {}, word, item.status === "resolved" ? "" : `, ${item.severity}`), h("p", {}, item.summary, ` Evidence ${item.evidence.toFixed(1)}.`), h("p", {}, item.silenced && "silenced, ", "written ", span(Math.abs(seconds(item.written) - Date.now() / 1000)), " ago")));
}
