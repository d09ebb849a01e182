// Moments for people: relative, with the local time and the vendor's beside it. Virtual ones run on the vendor's clock.

import { span, word } from "/static/words.js";

const absolute = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" });
let loaded = Date.now();
let strip = "";

/** Now in milliseconds, of this machine's clock or the vendor's. */
const now = (clock) => {
  const state = document.getElementById("strip");
  if (clock !== "virtual" || !state) return Date.now();
  if (state.dataset.now !== strip) {
    strip = state.dataset.now;
    loaded = Date.now();
  }
  return Number(strip) + (Date.now() - loaded) * Number(state.dataset.rate);
};

const relative = (moment, clock) => {
  const seconds = (moment - now(clock)) / 1000;
  if (Math.abs(seconds) < 1) return word("now");
  return seconds < 0 ? word("ago", span(-seconds)) : word("in", span(seconds));
};

/** Write every moment in the page anew. */
export const renderTimes = () => {
  for (const time of document.querySelectorAll("time[data-clock]")) {
    const moment = Date.parse(time.dateTime);
    const shown = relative(moment, time.dataset.clock);
    if (time.firstElementChild?.textContent === shown) continue;
    const utc = time.dateTime.slice(0, 19).replace("T", " ");
    const full = time.dataset.clock === "virtual" ? `${absolute.format(moment)} (${word("vendor")}: ${utc} UTC)` : absolute.format(moment);
    time.title = full;
    const visible = document.createElement("span");
    visible.ariaHidden = "true";
    visible.textContent = shown;
    const read = document.createElement("span");
    read.className = "unseen";
    read.textContent = full;
    time.replaceChildren(visible, read);
  }
};

setInterval(renderTimes, 1000);
