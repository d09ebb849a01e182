// The keyboard. Bound to the key's place (`code`): with a Korean input method `key` is ㅓ, or nothing at all.

import { visit } from "/static/visits.js";

const STORED = "hookassay-keys";
const rows = () => [...document.querySelectorAll("[data-row]")];
const press = (selector) => document.querySelector(selector)?.click();

const move = (by) => {
  const all = rows();
  const here = all.indexOf(document.activeElement);
  const at = here >= 0 ? here + by : Math.max(0, all.findIndex((row) => row.ariaCurrent));
  all[Math.min(Math.max(at, 0), all.length - 1)]?.focus();
};

const back = () => {
  const open = document.querySelector("details.menu[open], details.more[open], details.clock[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
    return;
  }
  const row = document.querySelector("[data-row][aria-current]");
  if (row?.checkVisibility()) row.focus();
  else press("[data-back]");
};

const KEYS = {
  KeyJ: () => move(1),
  KeyK: () => move(-1),
  KeyR: () => {
    const menu = document.getElementById("replay");
    if (!menu) return;
    menu.open = true;
    menu.querySelector("button").focus();
  },
  KeyE: () => {
    const link = document.querySelector("[data-edit]");
    if (link) visit(link.href);
  },
  KeyC: () => press("[data-curl]"),
  Slash: (event) => (event.shiftKey ? document.getElementById("help").showModal() : document.getElementById("q").focus()),
};

const enabled = () => localStorage.getItem(STORED) !== "off";

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (event.code === "Escape" && !document.querySelector("dialog[open]")) {
    if (typing) typing.blur();
    else back();
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !enabled() || document.querySelector("dialog[open]")) return;
  const key = KEYS[event.code];
  if (!key) return;
  event.preventDefault();
  key(event);
});

document.addEventListener("arrived", () => {
  const box = document.querySelector("[data-keys]");
  if (!box) return;
  box.checked = enabled();
  box.onchange = () => localStorage.setItem(STORED, box.checked ? "on" : "off");
});
