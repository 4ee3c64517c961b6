// Why a headline was read so: the value of each of its words, on request.

import { h } from "./dom.js";
import { ask } from "./net.js";
import { percent } from "./words.js";

const SHOWN = 6;

/** Return what unfolds under a headline; the model is asked once somebody unfolds it. */
export function why(key, signal) {
  const content = h("div", { class: "why", "aria-live": "polite" }, h("p", { class: "dim" }, "Asking the model, which takes seconds the first time …"));
  return h("details", { class: "why-of", ontoggle: async (event) => {
    const { target } = event;
    if (!target.open || target.dataset.asked) return;
    target.dataset.asked = "true";
    try {
      content.replaceChildren(...shown(await ask(`/api/articles/${encodeURIComponent(key)}/why`, { signal })));
    } catch (error) {
      if (signal.aborted) return;
      delete target.dataset.asked;
      content.replaceChildren(h("p", { class: "problem" }, error.message));
    }
  } }, h("summary", {}, "Why it was read so"), content);
}

function shown({ words, negative, method, model, scored_by: scorer }) {
  if (!words.some(([, value]) => value)) return [h("p", {}, `${percent(negative)} negative. No word of it says more than the others.`), foot(method, model, scorer)];
  const most = Math.max(...words.map(([, value]) => Math.abs(value)));
  const order = words.filter(([, value]) => Math.abs(value) >= most / 50).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, SHOWN);
  // The zero stands left if nothing speaks against it.
  const [zero, room] = order.some(([, value]) => value < 0) ? [50, 50] : [0, 100];
  return [
    h("p", { class: "marked" }, words.flatMap(([word, value]) => [Math.abs(value) < most / 10 ? word : h("mark", { class: value > 0 ? "for" : "against", style: { "--deep": `${Math.round((70 * Math.abs(value)) / most)}%` } }, word), " "])),
    h("table", { class: "weights" }, h("caption", {}, `What makes it ${percent(negative)} negative`),
      h("tbody", {}, order.map(([word, value]) => h("tr", {},
        h("th", { scope: "row" }, bare(word)),
        h("td", {}, h("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
          h("rect", { class: value > 0 ? "for" : "against", x: value > 0 ? zero : zero - (room * -value) / most, y: value > 0 ? 0 : 2, width: (room * Math.abs(value)) / most, height: value > 0 ? 8 : 4 }),
          h("rect", { class: "zero", x: Math.max(0, zero - 0.4), width: 0.8, height: 8 }))),
        h("td", { class: "number" }, `${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(2)}`))))),
    foot(method, model, scorer),
  ];
}

const bare = (word) => word.replace(/^[\p{P}]+|[\p{P}]+$/gu, "") || word;

function foot(method, model, scorer) {
  return h("p", { class: "dim" }, `By ${method}.`, model !== scorer && ` Asked: ${model}; the article was scored by ${scorer}.`);
}
