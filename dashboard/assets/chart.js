// The seismogram: panels over one axis of time, with the life of alerts behind them.

import { colour, fitted, h } from "./dom.js";
import { atUnix, day, hour, percent, times } from "./words.js";

const LEFT = 52;
const RIGHT = 14;
const GAP = 22;
const FOOT = 24;

// The columns of a trace, as the API sends them.
const TIME = 0, VOLUME = 1, USUAL = 2, SHARE = 3, USUAL_SHARE = 4, EVIDENCE = 5, THRESHOLD = 6, DEFLECTION = 7, BEFORE = 8;

export const PANELS = {
  volume: { label: "stories an hour", size: 1, series: [[VOLUME, "strokes", "ink-2"], [USUAL, "dashes", "expected"]], read: (row) => `${row[VOLUME].toFixed(1)} stories, usually ${row[USUAL].toFixed(1)}` },
  tone: { label: "negative share", size: 0.8, top: 1, series: [[SHARE, "dots", "pen", VOLUME], [USUAL_SHARE, "dashes", "expected"]], read: (row) => `${row[VOLUME] ? percent(row[SHARE]) : "no news"} negative, usually ${percent(row[USUAL_SHARE])}` },
  evidence: { label: "evidence", size: 1.3, series: [[EVIDENCE, "steps", "pen"], [THRESHOLD, "dots-line", "ink"]], read: (row) => `evidence ${row[EVIDENCE].toFixed(1)} of ${row[THRESHOLD].toFixed(1)}` },
  market: { label: "× usual (log)", size: 0.9, bottom: -1, series: [[DEFLECTION, "sinking", "pen"], [DEFLECTION, "dashes", "expected", "market"]], read: (row) => `${times(row[DEFLECTION])} the usual` },
};

export class Seismogram {
  /** `read` is called with the words of the bin under the pointer. */
  constructor({ panels, read, label }) {
    this.panels = panels;
    this.rows = [];
    this.market = [];
    this.spells = [];
    this.read = read;
    this.at = -1;
    this.bin = 3600;
    this.canvas = h("canvas", { class: "seismogram", tabindex: 0, role: "img", "aria-label": label,
      onpointermove: (event) => this.point(event.offsetX), onpointerleave: () => this.choose(-1),
      onkeydown: (event) => this.key(event), onblur: () => this.choose(-1) });
    const total = panels.reduce((sum, name) => sum + PANELS[name].size, 0);
    this.canvas.style.height = `${Math.round(total * 96 + panels.length * GAP + FOOT)}px`;
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  /** Take rows of a trace, the market's, and spells: `{from, to, fired, changes}` of alerts. */
  load({ rows, bin = 3600, market = [], spells = [], from, to }) {
    this.bin = bin;
    this.rows = rows.filter((row) => (!from || row[TIME] >= from) && (!to || row[TIME] <= to));
    this.market = market;
    this.spells = spells;
    const ends = [this.rows[0]?.[TIME], this.rows.at(-1)?.[TIME]];
    this.from = from ?? (ends[0] ?? 0) - 3600;
    this.to = Math.max(to ?? (ends[1] ?? 1), this.from + 3600);
    this.draw();
  }

  x(time) {
    return LEFT + ((time - this.from) / (this.to - this.from)) * (this.canvas.clientWidth - LEFT - RIGHT);
  }

  /** Where a bin stands: in its middle, so that its stroke is beside the line of the alert that it raised. */
  middle(row) {
    return this.x(row[TIME] - this.bin / 2);
  }

  point(x) {
    let best = -1, least = 24;
    this.rows.forEach((row, index) => {
      const far = Math.abs(this.middle(row) - x);
      if (far < least) [best, least] = [index, far];
    });
    this.choose(best);
  }

  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -24, PageDown: 24 }[event.key];
    if (!step || !this.rows.length) return;
    event.preventDefault();
    const start = this.at < 0 ? this.rows.length - (step < 0 ? 0 : 1) : this.at;
    this.choose(Math.max(0, Math.min(this.rows.length - 1, start + step)));
  }

  choose(index) {
    if (index === this.at) return;
    this.at = index;
    const row = this.rows[index];
    this.read(row ? `${atUnix(row[TIME])}: ${this.panels.map((name) => PANELS[name].read(row)).join("; ")}` : "");
    this.draw();
  }

  draw() {
    const { context: c, width, height } = fitted(this.canvas);
    if (!width) return;
    const total = this.panels.reduce((sum, name) => sum + PANELS[name].size, 0);
    const room = height - FOOT - GAP * this.panels.length;
    this.drawTime(c, width, height);
    for (const spell of this.spells) this.drawSpell(c, spell, height);
    let top = GAP - 4;
    for (const name of this.panels) {
      const size = (PANELS[name].size / total) * room;
      this.drawPanel(c, PANELS[name], top, size, width);
      top += size + GAP;
    }
    const row = this.rows[this.at];
    if (row) {
      c.strokeStyle = colour("ink");
      c.lineWidth = 1;
      c.beginPath();
      const x = Math.round(this.middle(row)) + 0.5;
      c.moveTo(x, 0);
      c.lineTo(x, height - FOOT);
      c.stroke();
    }
  }

  drawTime(c, width, height) {
    const length = this.to - this.from;
    const room = (width - LEFT - RIGHT) / 78;
    const step = [3600, 10800, 21600, 43200, 86400, 172800, 259200, 345600, 604800].find((candidate) => length / candidate <= room) ?? 1209600;
    c.font = `400 11px ${colour("mono")}`;
    c.textAlign = "center";
    c.lineWidth = 1;
    for (let time = Math.ceil(this.from / step) * step; time <= this.to; time += step) {
      const x = Math.round(this.x(time)) + 0.5;
      const isDay = time % 86400 === 0;
      c.strokeStyle = colour(isDay ? "grid-strong" : "grid");
      c.beginPath();
      c.moveTo(x, 0);
      c.lineTo(x, height - FOOT + 4);
      c.stroke();
      c.fillStyle = colour(isDay ? "ink-2" : "ink-3");
      if (x > LEFT + 14 && x < width - RIGHT - 14) c.fillText(isDay ? day(time) : hour(time), x, height - 8);
    }
    c.textAlign = "left";
  }

  drawSpell(c, spell, height) {
    const from = Math.max(LEFT, this.x(spell.from));
    const to = Math.min(this.x(this.to), this.x(spell.to ?? this.to));
    if (to <= LEFT) return;
    c.fillStyle = colour("pen-soft");
    c.fillRect(from, 0, Math.max(2, to - from), height - FOOT);
    c.font = `600 11px ${colour("sans")}`;
    const free = [0, 0];
    for (const [index, change] of spell.changes.entries()) {
      const x = Math.round(this.x(change.time)) + 0.5;
      c.strokeStyle = colour(change.word === "resolved" ? "ink-2" : "pen");
      c.lineWidth = change.word === "fired" ? 2 : 1;
      c.setLineDash(change.word === "resolved" ? [3, 3] : []);
      c.beginPath();
      c.moveTo(x, 0);
      c.lineTo(x, height - FOOT);
      c.stroke();
      c.setLineDash([]);
      const size = c.measureText(change.word).width;
      const line = x >= free[0] ? 0 : 1;
      if (!spell.words || x < free[line]) continue;
      c.fillStyle = colour(change.word === "resolved" ? "ink-2" : "pen");
      // A word stands left of its line where the next line would go through it.
      const next = spell.changes[index + 1] ? this.x(spell.changes[index + 1].time) : this.canvas.clientWidth;
      const isLeft = x + size + 8 > next && x - size - 4 > Math.max(LEFT, free[line] - size);
      c.fillText(change.word, isLeft ? x - size - 4 : x + 4, 11 + 12 * line);
      free[line] = x + size + 10;
    }
  }

  drawPanel(c, panel, top, size, width) {
    const bottom = top + size;
    const highest = panel.series.flatMap(([column, , , source]) => (source === "market" ? this.market : this.rows).map((row) => row[column]));
    const max = panel.top ?? Math.max(1, ...highest) * 1.08;
    const min = panel.bottom === undefined ? 0 : Math.min(panel.bottom, ...highest);
    const y = (value) => bottom - ((value - min) / (max - min)) * size;
    c.font = `400 11px ${colour("mono")}`;
    c.lineWidth = 1;
    for (const value of levels(min, max)) {
      c.strokeStyle = colour(value === 0 ? "grid-strong" : "grid");
      c.beginPath();
      c.moveTo(LEFT, Math.round(y(value)) + 0.5);
      c.lineTo(width - RIGHT, Math.round(y(value)) + 0.5);
      c.stroke();
      c.fillStyle = colour("ink-3");
      c.textAlign = "right";
      const text = panel.top === 1 ? `${Math.round(100 * value)}%` : panel.bottom !== undefined ? times(value) : String(value);
      c.fillText(text, LEFT - 7, y(value) + 4);
      c.textAlign = "left";
    }
    this.drawLabel(c, panel.label, top);
    c.save();
    c.beginPath();
    c.rect(LEFT, 0, width - LEFT - RIGHT + 3, bottom + GAP);
    c.clip();
    for (const [column, form, name, source] of panel.series) {
      const rows = source === "market" ? this.market.filter((row) => row[TIME] >= this.from && row[TIME] <= this.to) : this.rows;
      this.drawSeries(c, { rows, column, form, name, needs: source === VOLUME ? VOLUME : null, y, min });
    }
    c.restore();
  }

  /** Write the name of a panel above it, behind what it shows: a share of 100 % stands right below. */
  drawLabel(c, text, top) {
    c.font = `600 12px ${colour("sans")}`;
    c.fillStyle = colour("sheet");
    c.fillRect(LEFT + 4, top - 16, c.measureText(text).width + 8, 14);
    c.fillStyle = colour("ink-2");
    c.fillText(text, LEFT + 8, top - 5);
  }

  drawSeries(c, { rows, column, form, name, needs, y, min }) {
    c.strokeStyle = c.fillStyle = colour(name);
    c.lineWidth = form === "sinking" || form === "steps" ? 1.8 : 1.4;
    c.setLineDash({ dashes: [6, 4], "dots-line": [2, 3] }[form] ?? []);
    c.lineJoin = "round";
    c.beginPath();
    if (form === "dots") {
      for (const row of rows) {
        if (needs && !row[needs]) continue;
        const px = this.middle(row), py = y(row[column]);
        c.moveTo(px + 2.2, py);
        c.arc(px, py, 2.2, 0, 7);
      }
      c.fill();
      return;
    }
    if (form === "strokes") {
      for (const row of rows) {
        if (!row[column]) continue;
        const px = Math.round(this.middle(row)) + 0.5;
        c.moveTo(px, y(min));
        c.lineTo(px, y(row[column]));
      }
    } else if (form === "steps") {
      // Evidence is weighed of bins with news only: where there is none, there is no step.
      rows.forEach((row, index) => {
        const [start, end, py] = [this.x(row[TIME] - this.bin), this.x(row[TIME]), y(row[column])];
        const isNext = index && row[TIME] - rows[index - 1][TIME] <= this.bin * 1.01;
        if (isNext) c.lineTo(start, py);
        else {
          if (index) c.lineTo(this.x(rows[index - 1][TIME]), y(min));
          c.moveTo(start, y(min));
          c.lineTo(start, py);
        }
        c.lineTo(end, py);
      });
      if (rows.length) c.lineTo(this.x(rows.at(-1)[TIME]), y(min));
      c.save();
      c.fillStyle = colour("pen-soft");
      c.fill();
      c.restore();
    } else {
      rows.forEach((row, index) => {
        const [px, py] = [this.x(row[TIME]), y(row[column])];
        // A needle sinks through bins without news, and rises within one.
        if (form === "sinking") c[index ? "lineTo" : "moveTo"](this.x(row[TIME] - this.bin), y(row[BEFORE]));
        if (index || form === "sinking") c.lineTo(px, py);
        else c.moveTo(px, py);
      });
    }
    c.stroke();
    c.setLineDash([]);
  }
}

/** Return three or four round values between two bounds. */
function levels(min, max) {
  const rough = (max - min) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  const values = [];
  for (let value = Math.ceil(min / step) * step; value <= max; value += step) values.push(Number(value.toPrecision(6)));
  return values;
}

/** Return the spell of an alert in a list, for the background. */
export function spellOf(alert, words = false) {
  const changes = (alert.changes ?? []).map((change) => ({ time: Date.parse(change.at) / 1000, word: change.status === "firing" ? "fired" : change.status }));
  if (!changes.length) changes.push({ time: Date.parse(alert.fired_at) / 1000, word: "fired" });
  return { from: Date.parse(alert.onset) / 1000, to: alert.open ? null : Date.parse(alert.changed_at) / 1000, changes, words };
}

const sample = (d, name, width = 1.8, dash = "") => h("svg", { viewBox: "0 0 26 11", "aria-hidden": "true" }, h("path", { d, fill: "none", stroke: `var(--${name})`, "stroke-width": width, "stroke-dasharray": dash }));

/** The key to the panels: what each line means. */
export function key(...names) {
  const entries = {
    volume: [sample("M5 11V4M11 11V1M17 11V6", "ink-2", 1.6), "stories of a bin"],
    tone: [h("svg", { viewBox: "0 0 26 11", "aria-hidden": "true" }, h("circle", { cx: 13, cy: 5.5, r: 3, fill: "var(--pen)" })), "negative share of a bin"],
    usual: [sample("M0 5.5H26", "expected", 1.8, "6 4"), "usual for the time and the market"],
    evidence: [sample("M1 11V7H9V2H17V5H25V11", "pen"), "evidence of a surge, of bins with news"],
    threshold: [sample("M0 5.5H26", "ink", 1.6, "2 3"), "threshold of an alert"],
    market: [sample("M0 5.5H26", "expected", 1.8, "6 4"), "the market's needle"],
    needle: [sample("M0 9L9 8L15 2L26 4", "pen"), "this subject's needle"],
    spell: [h("svg", { viewBox: "0 0 26 11", "aria-hidden": "true" }, h("rect", { width: 26, height: 11, fill: "var(--pen-soft)" })), "an alert, from its onset"],
  };
  return h("div", { class: "key" }, names.map((name) => h("span", {}, ...entries[name])));
}
