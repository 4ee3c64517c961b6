// The models of the workers: whether they work, and how many texts they were spared.

import { h } from "./dom.js";
import { count, percent } from "./words.js";

const CIRCUITS = { closed: "closed", "half-open": "on trial", open: "open" };
const MEANINGS = {
  closed: "the model answers",
  "half-open": "it is being probed, or has scored no article since a probe",
  open: "the model fails: articles wait, or a fallback scores them",
};

/** Return what the ports of the workers say of their models. */
export function models({ ports, models: states }) {
  if (!ports.length) return h("p", { class: "dim" }, "The workers' ports are not known here. Set ", h("code", {}, "metrics.port"), " for both, or name them in ", h("code", {}, "dashboard.workers"), ".");
  if (!states.length) return h("p", { class: "dim" }, "Asking the workers …");
  return h("ul", { class: "models" }, states.map((state) => (state.problem ? silent(state) : speaking(state))));
}

function silent({ address, problem }) {
  return h("li", { "data-circuit": "unknown" }, h("b", {}, "not known"), h("div", {}, h("code", {}, address), h("p", {}, problem)));
}

function speaking({ address, model, circuit, opened, degraded, asked, remembered }) {
  const all = asked + remembered;
  const facts = [
    all ? `${count(all)} texts in two minutes, ${percent(remembered / all)} of them remembered` : "no text in two minutes",
    opened && `opened ${opened === 1 ? "once" : `${count(opened)} times`} since it began`,
    degraded && `${count(degraded)} articles by the fallback`,
  ];
  return h("li", { "data-circuit": circuit }, h("b", { title: MEANINGS[circuit] }, CIRCUITS[circuit] ?? "not known"),
    h("div", {}, h("code", {}, address), model && h("span", { class: "dim" }, ` ${model}`), circuit !== "closed" && h("p", {}, MEANINGS[circuit]), h("p", {}, facts.filter(Boolean).join(" · "))));
}
