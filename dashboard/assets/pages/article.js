// An article: where it came from, its times, what the model read in it, and the alerts that it fed.

import { h, outside } from "../dom.js";
import { alertRow, odds } from "../marks.js";
import { ask } from "../net.js";
import { longTime, milliseconds, percent, seconds, span, subject, subjectLink } from "../words.js";

export async function show(main, { id, signal }) {
  const it = await ask(`/api/articles/${encodeURIComponent(id)}`, { signal });
  const { now } = await ask("/api/now", { signal });
  document.title = `${it.headline} – Newsquake`;
  const scored = it.records[0];
  const topics = Object.entries(scored.topics).sort((a, b) => b[1] - a[1]).slice(0, 8);
  const counts = it.records.flatMap((record) => record.subjects.map((name) => ({ name, answer: record.subject_sentiments?.[name] })));
  const waited = (seconds(it.times.scored) - seconds(it.times.sent)) * 1000;
  main.replaceChildren(
    h("div", { class: "page-head" }, h("div", {},
      h("p", { class: "path" }, it.source, h("time", { datetime: it.published }, longTime(it.published)), it.url && outside(it.url, "original ↗")),
      h("h1", {}, it.headline), it.summary && h("p", { class: "lead" }, it.summary))),
    h("div", { class: "columns" },
      h("div", {},
        h("section", { class: "block" }, h("h2", {}, "How it was read", h("span", {}, scored.model)),
          it.unread ? h("p", { class: "dim" }, `Its language, ${scored.language ?? "unknown"}, is none that a model reads: it counts for nothing.`)
            : h("ul", {}, reading("The whole text", scored.sentiment, it.severity), counts.filter(({ answer }) => answer).map(({ name, answer }) => reading(`Towards ${subject(name).name}`, answer, answer.severity)))),
        topics.length > 0 && h("section", { class: "block" }, h("h2", {}, "Topics"), h("div", { class: "bars" }, topics.flatMap(([topic, score]) => {
          const meter = h("span", { class: "meter" }, h("i", { style: { width: `${100 * score}%` } }));
          meter.style.width = "100%";
          return [h("a", { href: subjectLink(`topic:${topic}`) }, topic.replaceAll("-", " ")), meter, h("span", { class: "number" }, percent(score))];
        }))),
        h("section", { class: "block log" }, h("h2", {}, "Alerts that show it"), it.alerts.length ? h("div", {}, it.alerts.map((alert) => alertRow(alert, now))) : h("p", { class: "dim" }, "None has it among its headlines."))),
      h("div", {},
        h("section", { class: "block" }, h("h2", {}, "What it counts for"), counts.length ? h("div", { class: "members" }, counts.map(({ name }) => h("a", { href: subjectLink(name) }, subject(name).name))) : h("p", { class: "dim" }, "No subject.")),
        h("section", { class: "block" }, h("h2", {}, "Its way"), h("ol", { class: "leg" },
          leg("Published", it.times.published, "as the feed says"),
          leg("Sent to Kafka", it.times.sent, `by ${it.source}`),
          leg("Scored", it.times.scored, `${waited < 60000 ? milliseconds(waited) : span(waited / 1000)} after it was sent`)),
          h("dl", { class: "facts" }, h("dt", {}, "Key"), h("dd", {}, h("code", {}, it.key)), h("dt", {}, "Record"), h("dd", {}, h("code", {}, it.place)), it.companies.length > 0 && [h("dt", {}, "Companies"), h("dd", {}, it.companies.join(", "))])),
        h("section", { class: "block" }, original(id, signal), it.records.map((record, index) => h("details", {}, h("summary", {}, index ? `Revision: ${record.revision}` : "The record, as it was written"), h("pre", { class: "record", tabindex: 0 }, JSON.stringify(record, null, 2))))))));
}

function reading(name, sentiment, severity) {
  return h("li", { class: "headline" }, h("span", {}, name), h("p", {}, severity === null || severity === undefined ? `neutral ${percent(sentiment.neutral)}, positive ${percent(sentiment.positive)}` : `severity ${severity.toFixed(1)} of 3`), odds(sentiment));
}

function leg(name, time, note) {
  return h("li", {}, h("div", {}, h("b", {}, name), " ", h("time", { datetime: time }, longTime(time)), h("p", { class: "dim" }, note)));
}

/** The raw record, which is looked up once somebody wants to see it. */
function original(id, signal) {
  const content = h("div", {}, h("p", { class: "dim" }, "Looking for it …"));
  return h("details", { ontoggle: async (event) => {
    if (!event.target.open || event.target.dataset.asked) return;
    event.target.dataset.asked = "true";
    try {
      const raw = await ask(`/api/articles/${encodeURIComponent(id)}/raw`, { signal });
      content.replaceChildren(
        h("dl", { class: "facts" }, h("dt", {}, "Record"), h("dd", {}, h("code", {}, raw.place)), raw.headers.flatMap(([name, value]) => [h("dt", {}, h("code", {}, name)), h("dd", {}, h("code", {}, value))])),
        h("pre", { class: "record", tabindex: 0 }, raw.value),
        raw.value.length < raw.size && h("p", { class: "dim" }, `The first of ${raw.size} bytes.`));
    } catch (error) {
      if (signal.aborted) return;
      delete event.target.dataset.asked;
      content.replaceChildren(h("p", { class: "dim" }, error.message));
    }
  } }, h("summary", {}, "What its producer sent"), content);
}
