// Small drawings that mean one thing everywhere. None relies on colour alone.

import { h } from "./dom.js";
import { percent, seconds, shortTime, span, subject, alertLink, articleLink } from "./words.js";

const RANK = { minor: 1, major: 2, critical: 3 };

/** Severity as steps of a staircase: one, two or three are filled. */
export function severityMark(severity, isOpen = true, extra = "", isQuiet = false) {
  const steps = [1, 2, 3].map((step) =>
    h("rect", { class: step <= RANK[severity] ? "on" : "", x: 2 + (step - 1) * 9, y: 20 - step * 6, width: 7, height: step * 6, rx: 0.5 }));
  return h("svg", { class: `mark ${extra}${isQuiet ? " quiet" : ""}`, viewBox: "0 0 30 22", "data-severity": severity, "data-open": String(isOpen), role: "img", "aria-label": `${severity}${isOpen ? "" : ", resolved"}${isQuiet ? ", silenced" : ""}` }, steps);
}

/** The three probabilities as one bar: negative from the left, positive from the right. */
export function odds({ negative, neutral, positive }) {
  const total = negative + neutral + positive || 1;
  const [a, b] = [(100 * negative) / total, (100 * neutral) / total];
  return h("div", { class: "odds", title: `negative ${percent(negative)}, neutral ${percent(neutral)}, positive ${percent(positive)}` },
    h("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
      h("rect", { class: "negative", width: a, height: 8 }),
      h("rect", { class: "neutral", x: a, width: b, height: 8 }),
      h("rect", { class: "positive", x: a + b, y: 2.5, width: Math.max(0, 100 - a - b), height: 3 })),
    h("small", {}, `${percent(negative)} negative`));
}

/** What people said about an alert, and what holds now. */
export function saidTags(alert) {
  const { silenced, acknowledged } = alert;
  return [
    acknowledged && h("span", { class: "tag said-ack", title: acknowledged.why || null }, `${acknowledged.who} takes care of it`),
    silenced && h("span", { class: "tag said-silence", title: silenced.why || null }, `silenced by ${silenced.who} until ${shortTime(silenced.until)}`),
    !silenced && alert.fired_silenced && h("span", { class: "tag" }, "silenced when it fired"),
  ].filter(Boolean);
}

/** An alert in a list. */
export function alertRow(alert, now) {
  const { kind, name } = subject(alert.subject);
  const age = alert.open ? `fired ${span(seconds(now) - seconds(alert.fired_at))} ago` : `resolved ${shortTime(alert.changed_at)}`;
  return h("a", { class: "alert-row", href: alertLink(alert.id), "data-id": alert.id },
    severityMark(alert.severity, alert.open, "", Boolean(alert.silenced)),
    h("div", {},
      h("div", { class: "line" }, h("b", {}, name, kind === "topic" && h("span", { class: "dim" }, " topic")), h("time", { datetime: alert.fired_at }, age)),
      h("p", {}, alert.summary),
      h("div", { class: "tags" }, saidTags(alert)),
      alert.headline && h("q", {}, alert.headline)));
}

/** An article in a list. */
export function articleRow(article) {
  return h("li", { class: "headline" },
    h("a", { href: articleLink(article.key) }, article.headline),
    h("p", {}, article.source, " · ", h("time", { datetime: article.published }, shortTime(article.published)), article.unread && " · in a language that no model reads"),
    odds(article));
}

/** A page, or a part of one, without anything in it yet. */
export function blank(title, ...text) {
  return h("div", { class: "blank" },
    h("svg", { viewBox: "0 0 220 30", "aria-hidden": "true" }, h("path", { d: "M0 15h92l3-2 3 4 3-2h119" })),
    h("h2", {}, title), ...text);
}
