// The API and its stream. One connection for all pages; a page listens while it is shown.

const listeners = new Map();
let source = null;

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Ask the API; raise ApiError with its words if it refuses. */
export async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "The dashboard's server does not answer. Is it still running?");
  }
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new ApiError(answer.status, content.error || answer.statusText);
  return content;
}

/** Ask the API to write something down. */
export const say = (path, content) => ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) });

/** Call `listener` with each event of this name, until `signal` ends. */
export function listen(name, listener, signal) {
  const all = listeners.get(name) ?? listeners.set(name, new Set()).get(name);
  all.add(listener);
  signal?.addEventListener("abort", () => all.delete(listener));
}

export function tell(name, content) {
  for (const listener of listeners.get(name) ?? []) listener(content);
}

/** Open the stream; the browser connects again by itself. */
export function openStream() {
  if (source) source.close();
  source = new EventSource("/api/stream");
  for (const name of ["needles", "alert", "silences", "flow"]) {
    source.addEventListener(name, (event) => tell(name, JSON.parse(event.data)));
  }
  source.addEventListener("open", () => tell("connection", true));
  source.addEventListener("error", () => {
    tell("connection", false);
    // A browser gives up on an answer other than 200.
    if (source.readyState === EventSource.CLOSED) setTimeout(openStream, 3000);
  });
}

/** Call `again` some seconds after the needle of `id` has moved, as long as the page is shown. */
export function onMove(id, again, signal, wait = 5000) {
  let timer = 0;
  listen("needles", (event) => {
    if (timer || !event.needles.some(([name]) => name === id)) return;
    timer = setTimeout(() => {
      timer = 0;
      if (!signal.aborted) again().catch(() => {});
    }, wait);
  }, signal);
}
