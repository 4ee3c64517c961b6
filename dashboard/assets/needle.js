// One row of the drum: a strip of chart paper, and a pen that moves with inertia.

import { colour, fitted, isCalm } from "./dom.js";

const UP = 2.75; // of `bent`: ×30
const DOWN = 1;
const STIFF = 0.055;
const DRAG = 0.22;
const PEN = 14; // pixels that the pen keeps free of the edge

const bent = (deflection) => deflection / (1 + Math.abs(deflection) / 6);

/** The height of a deflection; large ones are bent, so that usual ones stay readable. */
function y(deflection, height) {
  const span = height - 10;
  const base = 5 + (span * UP) / (UP + DOWN);
  const bound = Math.max(-DOWN, Math.min(UP, bent(deflection)));
  return base - (bound * span) / (UP + DOWN);
}

export class Needle {
  constructor(canvas) {
    this.canvas = canvas;
    this.bins = [];
    this.pulses = [];
    this.target = 0;
    this.place = 0;
    this.speed = 0;
    this.window = [0, 1];
    this.bin = 3600;
    this.keep = 240;
  }

  /** Take a trace of the API. */
  load({ bins, pulses, deflection }) {
    this.bins = bins;
    this.pulses = pulses;
    this.target = this.place = deflection;
    this.speed = 0;
  }

  /** Take an event: where the needle is now, and the signals that moved it. */
  move(deflection, pulses, now) {
    this.target = deflection;
    for (const pulse of pulses) {
      this.pulses.push(pulse);
      this.speed += isCalm() ? 0 : 0.16 * (pulse[1] - pulse[2]);
    }
    if (this.pulses.length > this.keep * 1.25) this.pulses.splice(0, this.pulses.length - this.keep);
    const last = this.bins.at(-1);
    if (!last || now - last[0] >= this.bin) this.bins.push([now, last?.[2] ?? deflection, deflection]);
  }

  /** Let `milliseconds` pass; return whether the pen still moves. A browser that draws seldom sees it jump. */
  step(milliseconds) {
    const steps = Math.max(1, Math.min(90, Math.round(milliseconds / 16)));
    for (let count = 0; count < steps && !isCalm(); count += 1) {
      this.speed += (this.target - this.place) * STIFF - this.speed * DRAG;
      this.place += this.speed;
      if (Math.abs(this.target - this.place) + Math.abs(this.speed) < 0.004) break;
      if (count === steps - 1 && steps < 90) return true;
    }
    this.place = this.target;
    this.speed = 0;
    return false;
  }

  draw() {
    const { context: c, width, height } = fitted(this.canvas);
    if (!width) return;
    const [from, to] = this.window;
    const x = (time) => ((time - from) / (to - from)) * (width - PEN);
    const base = y(0, height);
    const ink = colour("ink");
    c.lineWidth = 1;
    c.strokeStyle = colour("grid");
    c.beginPath();
    for (let time = Math.ceil(from / 21600) * 21600; time <= to; time += 21600) {
      c.moveTo(Math.round(x(time)) + 0.5, 0);
      c.lineTo(Math.round(x(time)) + 0.5, height);
    }
    for (const level of [1, 2, 3, 4]) {
      c.moveTo(0, Math.round(y(level, height)) + 0.5);
      c.lineTo(width - PEN, Math.round(y(level, height)) + 0.5);
    }
    c.stroke();
    c.strokeStyle = colour("grid-strong");
    c.beginPath();
    for (let time = Math.ceil(from / 86400) * 86400; time <= to; time += 86400) {
      c.moveTo(Math.round(x(time)) + 0.5, 0);
      c.lineTo(Math.round(x(time)) + 0.5, height);
    }
    c.moveTo(0, Math.round(base) + 0.5);
    c.lineTo(width, Math.round(base) + 0.5);
    c.stroke();

    // Each signal is a stroke: as far up as it is negative, as far down as it is positive.
    const reach = (height - base) * 0.9;
    for (const [name, index, way] of [["pen", 1, -1], ["calm", 2, 1]]) {
      c.strokeStyle = colour(name);
      c.globalAlpha = this.pulses.length > width ? 0.16 : 0.4;
      c.beginPath();
      for (const pulse of this.pulses) {
        if (pulse[0] < from || pulse[index] < 0.2) continue;
        c.moveTo(x(pulse[0]), base);
        c.lineTo(x(pulse[0]), base + way * pulse[index] * reach * (way < 0 ? 1.3 : 1));
      }
      c.stroke();
    }
    c.globalAlpha = 1;

    // A needle sinks through hours without news, and rises within one.
    const points = this.bins.flatMap(([time, before, after]) => [[x(time - this.bin), y(before, height)], [x(time), y(after, height)]]);
    const tip = [width - PEN, y(this.place, height)];
    points.push(tip);
    const line = new Path2D();
    points.forEach(([px, py], index) => (index ? line.lineTo(px, py) : line.moveTo(px, py)));
    // What is above twice the usual is filled.
    const twice = y(1, height);
    c.save();
    c.beginPath();
    c.rect(0, 0, width, twice);
    c.clip();
    const area = new Path2D(line);
    area.lineTo(tip[0], height);
    area.lineTo(points[0][0], height);
    c.fillStyle = colour("pen-soft");
    c.fill(area);
    c.restore();
    c.lineJoin = "round";
    c.lineWidth = 1.6;
    c.strokeStyle = ink;
    c.stroke(line);
    c.save();
    c.beginPath();
    c.rect(0, 0, width, twice);
    c.clip();
    c.strokeStyle = colour("pen");
    c.lineWidth = 2;
    c.stroke(line);
    c.restore();

    // The pen.
    c.fillStyle = colour(this.place >= 1 ? "pen" : "ink");
    c.beginPath();
    c.moveTo(tip[0] - 1, tip[1]);
    c.lineTo(width, tip[1] - 4.5);
    c.lineTo(width, tip[1] + 4.5);
    c.fill();
  }
}

/** Draw the days above the strips. */
export function drawRuler(canvas, [from, to], day) {
  const { context: c, width, height } = fitted(canvas);
  c.font = `400 11px ${colour("mono")}`;
  c.fillStyle = colour("ink-3");
  c.strokeStyle = colour("grid-strong");
  c.beginPath();
  let free = 0;
  for (let time = Math.ceil(from / 86400) * 86400; time <= to; time += 86400) {
    const x = ((time - from) / (to - from)) * (width - PEN);
    c.moveTo(Math.round(x) + 0.5, height - 7);
    c.lineTo(Math.round(x) + 0.5, height);
    const text = day(time);
    const size = c.measureText(text).width;
    if (x < free || x + 6 + size > width) continue;
    c.fillText(text, x + 5, height - 8);
    free = x + size + 14;
  }
  c.stroke();
}
