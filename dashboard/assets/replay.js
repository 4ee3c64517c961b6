// What a replay of dead letters would do, on request. It is done by a command, never here.

import { h } from "./dom.js";
import { ask } from "./net.js";
import { count } from "./words.js";

/** Return a button, and the place where its answer is shown. */
export function replay(signal) {
  const answer = h("div", { class: "replay", "aria-live": "polite" });
  const button = h("button", { type: "button", name: "replay", onclick: async () => {
    button.disabled = true;
    button.textContent = "Looking …";
    try {
      answer.replaceChildren(...shown(await ask("/api/replay-plan", { signal })));
    } catch (error) {
      if (!signal.aborted) answer.replaceChildren(h("p", { class: "problem" }, error.message));
    }
    button.disabled = false;
    button.textContent = "Try again";
  } }, "Try a replay");
  return { button, answer };
}

function shown({ rows, kept, examples, is_bounded: isBounded }) {
  if (!rows.length) return [h("p", {}, "There is no dead letter: a replay would do nothing.")];
  const total = rows.reduce((sum, row) => sum + row.replayed, 0);
  return [
    h("p", {}, h("b", {}, "Nothing was replayed."), total ? ` ${count(total)} ${total === 1 ? "letter" : "letters"} would go back${isBounded ? ", and there are more" : ""}.` : " None would go back."),
    h("table", { class: "plain" }, h("thead", {}, h("tr", {}, ["Reason", "Agent", "Go back", "Left alone"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, rows.map((row) => h("tr", { "data-reason": row.reason }, h("td", {}, h("code", {}, row.reason)), h("td", {}, row.agent), h("td", { class: "number" }, count(row.replayed)), h("td", { class: "number" }, count(row.kept)))))),
    Object.keys(kept).length > 0 && h("ul", { class: "kept" }, Object.entries(kept).map(([why, number]) => h("li", {}, `${count(number)} left alone: ${why}`))),
    examples.length > 0 && h("p", { class: "dim" }, "The first: ", examples.map(([letter, topic]) => `${letter} to ${topic}`).join(", ")),
    total > 0 && h("p", {}, "Commands show the same; with ", h("code", {}, "--yes"), " they do it, each letter once:"),
    rows.filter((row) => row.replayed).map((row) => h("pre", { class: "command" }, row.command)),
  ].flat().filter(Boolean);
}
