// Elements made of data. Text is always text: nothing that came from a feed is parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "rect", "line", "circle", "title"]);

/** Return an element: `h("a", {href: "/"}, "text", child, …)`. Falsy children are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, rule] of Object.entries(value)) element.style.setProperty(key, rule);
    else if (name === "class") element.setAttribute("class", value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child || child === 0));
  return element;
}

/** Return a link to a page elsewhere, or the text alone if its scheme is not one of the web's. */
export function outside(url, text) {
  try {
    const { protocol } = new URL(url);
    if (protocol === "https:" || protocol === "http:") return h("a", { href: url, rel: "noreferrer noopener", target: "_blank" }, text);
  } catch { /* not a URL */ }
  return h("span", {}, text);
}

/** Return a colour of the theme. */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Fit a canvas to its box and the screen's density; return its context, width and height in CSS pixels. */
export function fitted(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const density = Math.min(3, devicePixelRatio || 1);
  const [w, t] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== w || canvas.height !== t) Object.assign(canvas, { width: w, height: t });
  const context = canvas.getContext("2d");
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}
