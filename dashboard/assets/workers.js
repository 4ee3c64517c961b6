// The workers of each agent, as long as the page is shown: who left, and which partitions moved.

import { h } from "./dom.js";
import { count, span } from "./words.js";

const LEFT_SECONDS = 120;
const MOVED_SECONDS = 20;

export class Workers {
  constructor() {
    this.agents = new Map();
  }

  /** Return the panel of an agent at a Unix time. */
  panel(state, now) {
    const known = this.agents.get(state.agent) ?? this.agents.set(state.agent, { workers: new Map(), holders: new Map(), moved: new Map() }).get(state.agent);
    this.note(known, state, now);
    const held = new Set(state.members.flatMap((member) => member.partitions));
    const orphans = Array.from({ length: state.partitions }, (_, index) => index).filter((index) => !held.has(index));
    const gone = [...known.workers.values()].filter((worker) => worker.left);
    return h("div", { class: "agent", "data-agent": state.agent },
      h("h2", {}, state.agent), h("p", {}, `reads ${state.source}`),
      h("p", { class: "lag", "data-behind": state.lag > 1000 }, count(state.lag), h("small", {}, state.lag === 1 ? " record behind" : " records behind")),
      state.members.map((member) => h("div", { class: "worker" }, h("code", { title: member.name }, named(member)), cells(member.partitions, (number) => now - (known.moved.get(number) ?? -Infinity) < MOVED_SECONDS && "moved"))),
      orphans.length > 0 && h("div", { class: "worker" }, h("code", {}, state.members.length ? "held by nobody yet" : "no worker runs it"), cells(orphans, () => "orphan")),
      gone.map((worker) => h("div", { class: "worker gone" }, h("code", { title: worker.member.name }, named(worker.member)), h("small", {}, `left ${span(now - worker.left)} ago`), cells(worker.member.partitions, () => "lost"))));
  }

  /** Note who came and left since the last panel, and who holds another's partition. */
  note({ workers, holders, moved }, { members }, now) {
    for (const member of members) {
      for (const number of member.partitions) {
        if ((holders.get(number) ?? member.name) !== member.name) moved.set(number, now);
        holders.set(number, member.name);
      }
      // While a group settles its members hold nothing: what they held counts until then.
      const last = workers.get(member.name)?.member;
      workers.set(member.name, { member: member.partitions.length || !last ? member : last, left: null });
    }
    const names = new Set(members.map((member) => member.name));
    for (const [name, worker] of workers) {
      if (!names.has(name)) worker.left ??= now;
      if (worker.left && now - worker.left > LEFT_SECONDS) workers.delete(name);
    }
  }
}

const named = (member) => `${member.host} ${member.name.slice(-12)}`;

function cells(partitions, kind) {
  return h("div", { class: "cells", role: "img", "aria-label": `partitions ${partitions.join(", ")}` }, partitions.map((number) => h("i", { class: kind(number) || null }, number)));
}
