// Numbers and times in words. Times are UTC, as everywhere in Newsquake.

const DAY = 86400;
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", timeZone: "UTC" });
const long = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
const short = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
const lifeTime = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

export const seconds = (iso) => Date.parse(iso) / 1000;
export const longTime = (iso) => long.format(new Date(iso)).replace(",", "");
export const shortTime = (iso) => short.format(new Date(iso)).replace(",", "");
export const dayTime = (iso) => lifeTime.format(new Date(iso)).replaceAll(",", "");
export const day = (unix) => weekday.format(new Date(unix * 1000)).replace(",", "");
export const hour = (unix) => clock.format(new Date(unix * 1000));
export const atUnix = (unix) => short.format(new Date(unix * 1000)).replace(",", "");

/** Return a span such as 3 h or 2 d. */
export function span(length) {
  const size = Math.abs(length);
  if (size < 90) return `${Math.round(size)} s`;
  if (size < 5400) return `${Math.round(size / 60)} min`;
  if (size < 1.5 * DAY) return `${Math.round(size / 3600)} h`;
  return `${Math.round(size / DAY)} d`;
}

export const milliseconds = (value) => (value < 10000 ? `${Math.round(value)} ms` : span(value / 1000));
export const count = (value) => Math.round(value).toLocaleString("en-GB").replaceAll(",", "\u202f");
export const percent = (value) => `${Math.round(100 * value)} %`;

/** Return a needle's deflection as a multiple of the usual. */
export function times(deflection) {
  const effect = 2 ** deflection;
  return `×${effect < 10 ? effect.toFixed(1) : effect.toFixed(0)}`;
}

/** Return a subject's kind and its name for people. */
export function subject(id) {
  if (id === "market:all") return { kind: "market", name: "The market" };
  const at = id.indexOf(":");
  const [kind, name] = [id.slice(0, at), id.slice(at + 1)];
  return { kind, name: kind === "topic" ? name.replaceAll("-", " ") : name };
}

export const subjectLink = (id) => `/subjects/${encodeURIComponent(id)}`;
export const articleLink = (key) => `/articles/${encodeURIComponent(key)}`;
export const alertLink = (id) => `/alerts/${encodeURIComponent(id)}`;
