// The pages in one document: links are followed here, and the stream goes on meanwhile.

import { h } from "./dom.js";
import { blank, saidTags } from "./marks.js";
import { ask, listen, openStream } from "./net.js";
import { shortTime, subject, percent } from "./words.js";
import * as alert from "./pages/alert.js";
import * as article from "./pages/article.js";
import * as flow from "./pages/flow.js";
import * as now from "./pages/now.js";
import * as subjectPage from "./pages/subject.js";

const ROUTES = [
  [/^\/$/, "Now", now.show],
  [/^\/alerts$/, "Alerts", alert.showList],
  [/^\/alerts\/([^/]+)$/, "Alert", alert.show],
  [/^\/subjects\/([^/]+)$/, "Subject", subjectPage.show],
  [/^\/articles\/([^/]+)$/, "Article", article.show],
  [/^\/flow$/, "Flow", flow.show],
];
const main = document.querySelector("#page");
const search = document.querySelector("#search");
let leave = new AbortController();

async function show({ isNew = true } = {}) {
  leave.abort();
  leave = new AbortController();
  const { signal } = leave;
  const { pathname, searchParams } = new URL(location.href);
  for (const link of document.querySelectorAll(".housing nav a")) {
    const path = link.getAttribute("href");
    if (path === "/" ? pathname === "/" : pathname.startsWith(path)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  search.value = searchParams.get("q") ?? "";
  const route = ROUTES.find(([pattern]) => pattern.test(pathname));
  document.title = `${route?.[1] ?? "Nothing here"} – Newsquake`;
  if (!route) return main.replaceChildren(blank("Nothing here", h("p", {}, "This address has no page. ", h("a", { href: "/" }, "See what is now"))));
  const slow = setTimeout(() => main.replaceChildren(blank("Reading …")), 250);
  try {
    await route[2](main, { id: decodeURIComponent(pathname.match(route[0])[1] ?? ""), query: searchParams, signal, again: () => show({ isNew: false }) });
    if (isNew && document.activeElement !== search) main.focus({ preventScroll: true });
  } catch (error) {
    if (signal.aborted) return;
    if (error.status === 401) return logIn();
    main.replaceChildren(blank(error.status === 404 ? "Not remembered" : "That did not work", h("p", {}, error.message), h("button", { type: "button", onclick: () => show() }, "Try again")));
  } finally {
    clearTimeout(slow);
  }
}

function go(path) {
  history.pushState({}, "", path);
  scrollTo(0, 0);
  show();
}

function logIn() {
  const problem = h("p", { class: "problem", role: "alert" });
  const input = h("input", { type: "password", name: "token", autocomplete: "current-password", "aria-label": "Token", required: true });
  main.replaceChildren(h("form", { class: "entry", onsubmit: async (event) => {
    event.preventDefault();
    try {
      await ask("/api/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token: input.value }) });
      openStream();
      show();
    } catch (error) {
      problem.textContent = error.message;
      input.select();
    }
  } }, h("h1", {}, "Token"), h("p", { class: "dim" }, "This dashboard can be reached from elsewhere. Type the setting dashboard.token."), input, h("button", { type: "submit" }, "See the news"), problem));
  input.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || link.target) return;
  if (link.origin !== location.origin || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  go(link.pathname + link.search);
});
addEventListener("popstate", () => show());
document.querySelector(".search").addEventListener("submit", (event) => {
  event.preventDefault();
  go(search.value.trim() ? `/?${new URLSearchParams({ q: search.value.trim() })}` : "/");
});
addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.key === "Escape" && document.activeElement === search) return search.blur();
  if (/INPUT|TEXTAREA|SELECT/.test(event.target.tagName)) return;
  if (event.key === "/") {
    event.preventDefault();
    search.focus();
  } else if (event.key === "j" || event.key === "k") {
    const rows = [...document.querySelectorAll(".row, .alert-row, .headline a")];
    const at = rows.indexOf(document.activeElement);
    rows[Math.max(0, Math.min(rows.length - 1, at + (event.key === "j" ? 1 : -1)))]?.focus();
  } else {
    const path = { n: "/", a: "/alerts", f: "/flow" }[event.key];
    if (path) go(path);
  }
});

document.querySelector("#theme").addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
  dispatchEvent(new Event("themed"));
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new Event("themed")));

// The lamp, the clock of the news, and the notice.
const WORDS = { connecting: "connecting", reading: "reading", live: "live", away: "not reading" };
const [lamp, words, clock, notice] = ["lamp", "state", "clock", "notice"].map((id) => document.getElementById(id));

function tellState(state, { share = 0, problem = "" } = {}) {
  if (document.body.dataset.feed === "reading" && state === "live") show({ isNew: false });
  lamp.dataset.state = document.body.dataset.feed = state;
  words.textContent = state === "reading" ? `reading ${percent(share)}` : WORDS[state];
  notice.hidden = state === "live" || state === "connecting";
  notice.dataset.kind = state;
  if (state === "reading") notice.textContent = `What was written before is being read: ${percent(share)}. The needles are not where they will be.`;
  if (state === "away") notice.textContent = clock.textContent ? `What you see is of ${clock.textContent}, and nothing new is read: ${problem}` : `Nothing is read: ${problem}`;
}

listen("needles", (event) => {
  const text = shortTime(event.now);
  if (event.feed.state !== "away") {
    clock.textContent = text;
    clock.dateTime = event.now;
    clock.title = "The time of the news, UTC";
  }
  tellState(event.feed.state, event.feed);
});
listen("connection", (isOpen) => {
  if (!isOpen) tellState("away", { problem: "the dashboard's server does not answer; it is asked again and again." });
});
listen("alert", (alert) => {
  document.querySelector("#spoken").textContent = alert.summary;
});

listen("silences", ({ alerts }) => {
  document.querySelector("#spoken").textContent = alerts.slice(0, 3).map((alert) => `${subject(alert.subject).name}: ${saidTags(alert).map((tag) => tag.textContent).join(", ") || "not silenced any more"}.`).join(" ");
});

openStream();
show();
