// Going from page to page without loading the frame anew, and reading again what is live.

import { renderTimes } from "/static/times.js";
import { say, word } from "/static/words.js";

const app = document.getElementById("app");
const rendered = new Map(); // id of a live region → its markup as the server sent it last

/** Fill the frame with another page. Where only the query differs, what stays is left in place (scroll, focus). */
export const visit = async (address, { push = true, focus = "" } = {}) => {
  const url = new URL(address, location.href);
  const same = url.pathname === location.pathname && ["/", "/scenarios", "/endpoints"].includes(url.pathname);
  let answer;
  try {
    answer = await fetch(url.pathname + url.search, { headers: { "HX-Request": "true" } });
  } catch {
    location.assign(url); // the browser's own page says that nobody answers
    return;
  }
  if (push) history.pushState({}, "", url);
  rendered.clear();
  const swap = same ? "innerMorph" : "innerHTML";
  await htmx.swap({ target: app, sourceElement: app, swap, text: await answer.text() });
  arrived();
  if (url.hash) document.getElementById(url.hash.slice(1))?.scrollIntoView();
  else if (!same) window.scrollTo(0, 0);
  if (focus) document.querySelector(focus)?.focus();
  else if (!same) document.getElementById("main").focus({ preventScroll: true });
};

/** What has to be done to a page that has just come. */
const arrived = () => {
  renderTimes();
  document.dispatchEvent(new CustomEvent("arrived"));
};

/** Read this page again and bring its live regions up to date. New rows wait while somebody is among the rows. */
export const refresh = async ({ patient = false } = {}) => {
  const asked = location.href;
  const answer = await fetch(location.pathname + location.search, { headers: { "HX-Request": "true" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (asked !== location.href) return;
  for (const region of document.querySelectorAll("[data-live][id]")) {
    const found = fresh.getElementById(region.id);
    if (!found || rendered.get(region.id) === found.outerHTML) continue;
    const waiting = patient && "rows" in region.dataset ? newRows(region, found) : [];
    if (waiting.length) {
      hold(waiting.length);
      waiting.forEach((row) => row.remove());
    } else {
      rendered.set(region.id, found.outerHTML);
      if ("rows" in region.dataset) hold(0);
    }
    await htmx.swap({ target: region, sourceElement: region, swap: "outerMorph", text: found.outerHTML });
  }
  renderTimes();
};

/** Rows that have come since, where somebody is reading: focus is among the rows, or they are scrolled. */
const newRows = (region, fresh) => {
  const reading = region.contains(document.activeElement) || region.closest(".list").scrollTop > 40;
  return reading ? [...fresh.children].filter((row) => row.id && !document.getElementById(row.id)) : [];
};

const hold = (count) => {
  const bar = document.getElementById("newer");
  bar.hidden = count === 0;
  if (count === 0) return;
  if (bar.textContent !== word("new", count)) say(word("new", count));
  bar.textContent = word("new", count);
};

document.addEventListener("click", (event) => {
  if (event.target.closest("#newer")) {
    document.querySelector(".list").scrollTop = 0;
    refresh();
    return;
  }
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const url = new URL(link.href);
  if (link.download || link.target || "whole" in link.dataset || url.origin !== location.origin || url.pathname.startsWith("/api")) return;
  if (url.hash && url.pathname + url.search === location.pathname + location.search) return;
  event.preventDefault();
  visit(url, { focus: "row" in link.dataset ? "#sentence" : "" });
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-visit]")) return;
  event.preventDefault();
  const query = new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value));
  const path = location.pathname === "/" || query.has("q") ? "/" : location.pathname;
  if (query.has("q")) query.set("show", "all");
  visit(`${path}?${query}`);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});
addEventListener("popstate", () => visit(location.href, { push: false }));
document.addEventListener("DOMContentLoaded", arrived);
