// Flow, for operators: agents with their lag and workers, rates, dead letters, and the doctor.

import { colour, fitted, h } from "../dom.js";
import { blank } from "../marks.js";
import { models } from "../models.js";
import { ask, listen } from "../net.js";
import { replay } from "../replay.js";
import { count, milliseconds, span } from "../words.js";
import { Workers } from "../workers.js";
import { readings } from "./alert.js";

const TOPICS = [["news.scored", "scored articles"], ["news.signals", "signals"], ["alerts", "alerts"], ["news.dead", "dead letters"]];

export async function show(main, { signal }) {
  const parts = { figures: h("div"), problem: h("p", { class: "flow-problem", role: "status" }), agents: h("section", { class: "line-of-agents", "aria-label": "Agents" }), rates: h("div", { class: "rates" }), reasons: h("div"), letters: h("div"), models: h("div") };
  const trial = replay(signal);
  const workers = new Workers();
  const draw = (flow) => {
    parts.figures.replaceChildren(readings([
      ["from sending to score", flow.delay ? milliseconds(flow.delay.median) : "–", flow.delay ? `99 %: ${milliseconds(flow.delay.p99)}` : "no news in 2 min"],
      ["from headline to alert", flow.alert_delay ? milliseconds(flow.alert_delay.median) : "–", flow.alert_delay ? `99 %: ${milliseconds(flow.alert_delay.p99)}` : "no alert today"],
      ["event time behind", flow.watermark_delay === null ? "–" : span(flow.watermark_delay), "to the slowest partition"],
      ["model", h("small", {}, flow.model || "none yet"), ""],
    ]));
    parts.problem.textContent = flow.agents.length ? flow.problem && `This was so before Kafka ceased to say: ${flow.problem}` : "";
    parts.agents.replaceChildren(...(flow.agents.length ? flow.agents.map((agent) => workers.panel(agent, Date.now() / 1000)) : [blank(flow.problem ? "Kafka does not say" : "Asking Kafka …", h("p", {}, flow.problem))]));
    drawRates(parts.rates, flow);
    parts.models.replaceChildren(models(flow));
    parts.reasons.replaceChildren(flow.reasons.length ? h("table", { class: "plain" }, h("thead", {}, h("tr", {}, h("th", {}, "Reason"), h("th", {}, "Agent"), h("th", {}, "Records"))), h("tbody", {}, flow.reasons.map((row) => h("tr", {}, h("td", {}, h("code", {}, row.reason)), h("td", {}, row.stage), h("td", { class: "number" }, count(row.count)))))) : h("p", { class: "dim" }, "Nothing was set aside."));
    parts.letters.replaceChildren(flow.letters.length ? h("ul", { class: "letters" }, flow.letters.slice(0, 12).map((letter) => h("li", {}, h("code", {}, letter.reason), h("time", {}, `${span(Date.now() / 1000 - letter.written / 1000)} ago`), h("p", {}, letter.message), h("code", { class: "dim" }, `${letter.origin}, by ${letter.stage}`)))) : h("p", { class: "dim" }, "There is none."));
  };
  const findings = h("div", { "aria-live": "polite" }, h("p", { class: "dim" }, "It asks the cluster and this machine what would stop the pipeline."));
  const examine = h("button", { type: "button", onclick: async () => {
    examine.disabled = true;
    examine.textContent = "Examining …";
    try {
      const { findings: list } = await ask("/api/doctor", { signal });
      findings.replaceChildren(...list.map((finding) => h("div", { class: "finding", "data-status": finding.status }, h("b", {}, finding.status), h("div", {}, finding.detail, finding.remedy && h("p", {}, finding.remedy)))));
    } catch (error) {
      if (!signal.aborted) findings.replaceChildren(h("p", {}, error.message));
    }
    examine.disabled = false;
    examine.textContent = "Examine again";
  } }, "Examine");
  const first = await ask("/api/flow", { signal });
  main.replaceChildren(
    h("div", { class: "page-head" }, h("h1", {}, "Flow"), parts.figures),
    parts.problem,
    parts.agents,
    h("section", { class: "sheet" }, h("header", {}, h("h2", {}, "Written in the last two minutes"), h("p", {}, "records a second")), parts.rates),
    h("div", { class: "columns" },
      h("div", {},
        h("section", { class: "block" }, h("h2", {}, "Doctor", h("span", {}, examine)), findings),
        h("section", { class: "block" }, h("h2", {}, "Dead letters by reason", h("span", {}, trial.button)), parts.reasons, trial.answer)),
      h("div", {},
        h("section", { class: "block" }, h("h2", {}, "Models", h("span", {}, "their circuits")), parts.models),
        h("section", { class: "block" }, h("h2", {}, "Latest dead letters"), parts.letters))));
  draw(first);
  listen("flow", draw, signal);
}

function drawRates(element, flow) {
  if (!element.children.length) {
    for (const [topic, name] of TOPICS) element.append(h("figure", {}, h("figcaption", {}, name, h("b", { "data-topic": topic })), h("canvas", { "data-topic": topic, "aria-hidden": "true" })));
  }
  for (const [topic] of TOPICS) {
    const rates = flow.rates[topic];
    const recent = rates.slice(-10).reduce((sum, value) => sum + value, 0) / 10;
    element.querySelector(`b[data-topic="${topic}"]`).textContent = recent >= 10 ? count(recent) : recent.toFixed(1);
    const { context: c, width, height } = fitted(element.querySelector(`canvas[data-topic="${topic}"]`));
    const most = Math.max(1, ...rates);
    c.strokeStyle = colour("grid-strong");
    c.beginPath();
    c.moveTo(0, height - 0.5);
    c.lineTo(width, height - 0.5);
    c.stroke();
    c.fillStyle = colour(topic === "news.dead" ? "pen" : "ink-2");
    const step = width / rates.length;
    rates.forEach((rate, index) => rate && c.fillRect(index * step, height - (rate / most) * (height - 4), Math.max(1, step - 0.6), (rate / most) * (height - 4)));
  }
}
