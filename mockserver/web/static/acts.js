// Acts: a button or form with `data-call="METHOD /api/…"` calls the control API and shows what came of it in place.

import { refresh, visit } from "/static/visits.js";
import { call, say, word } from "/static/words.js";

const UNDO = 10000;

/** Whether somebody has changed a field since the page was made; of boxes that are one list, any of them. */
const touched = (field) => {
  if (field.dataset.type === "list") {
    return [...field.form.elements].some((one) => one.name === field.name && one.checked !== one.defaultChecked);
  }
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field instanceof HTMLSelectElement) return !field.selectedOptions[0]?.defaultSelected;
  return field.value !== field.defaultValue;
};

/** The JSON body of an act: `data-body`, then a form's fields (`a.b` is member b of a). */
const bodyOf = (source) => {
  const body = source.dataset.body ? JSON.parse(source.dataset.body) : {};
  if (!(source instanceof HTMLFormElement)) return source.dataset.body ? body : undefined;
  for (const field of source.elements) {
    if (!field.name || field.closest("[hidden]")) continue;
    if (source.dataset.etag && !touched(field)) continue; // a change says what changes, and nothing else
    const path = field.name.split(".");
    const name = path.pop();
    const place = path.reduce((inner, key) => (inner[key] ??= {}), body);
    const kind = field.dataset.type;
    if (kind === "list") {
      place[name] ??= [];
      if (field.checked) place[name].push(field.value);
    } else if (kind === "boolean") place[name] = field.checked;
    else if (field.value === "" && "null" in field.dataset) place[name] = null;
    else if (field.value === "" && "optional" in field.dataset) continue;
    else place[name] = kind === "number" ? Number(field.value) : field.value;
  }
  return body;
};

/** Show a problem beside the field that it is about, else where the act stands. */
const tell = (source, problem) => {
  clear(source);
  let told = false;
  for (const fault of problem.faults ?? []) {
    const name = (fault.pointer ?? "").slice(1).replaceAll("/", ".");
    const place = source.querySelector?.(`[data-for="${CSS.escape(name)}"]`);
    const field = source.querySelector?.(`[name="${CSS.escape(name)}"]`);
    if (!place || !field) continue;
    place.textContent = fault.detail;
    place.hidden = false;
    field.setAttribute("aria-invalid", "true");
    field.focus();
    told = true;
  }
  const near = source.querySelector?.(":scope > .error") ?? source.closest(".acts, .pop, form, .cell, li")?.querySelector(".error:not([data-for])");
  if (told && source.matches("form")) return;
  if (near) {
    near.textContent = problem.message;
    near.hidden = false;
  } else notice(problem.message);
};

const clear = (source) => {
  const place = source.closest("form, .acts, .pop") ?? source;
  for (const error of place.querySelectorAll(".error[role=alert]")) error.hidden = true;
  for (const field of place.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
};

/** A line at the foot of the page, with a way back for ten seconds where there is one. */
const notice = (text, undo = "") => {
  const bar = document.getElementById("undo");
  bar.textContent = text;
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = word("undo");
    button.onclick = async () => {
      bar.hidden = true;
      await call("POST", `/api/undo/${undo}`).catch((problem) => notice(problem.message));
      await refreshAll();
    };
    bar.append(button);
  }
  bar.hidden = false;
  clearTimeout(notice.timer);
  notice.timer = setTimeout(() => (bar.hidden = true), UNDO);
};

/** Where only live regions may change, those; a page whose list of cards has changed is read as a whole. */
const refreshAll = () => (location.pathname.startsWith("/endpoints") ? visit(location.href, { push: false }) : refresh());

/** An act on many asks once more, with the number. */
const sure = (source) => {
  if (!source.dataset.sure || "asked" in source.dataset) return true;
  const text = source.textContent;
  source.dataset.asked = "";
  source.textContent = word("sure", source.dataset.sure);
  setTimeout(() => {
    source.textContent = text;
    delete source.dataset.asked;
  }, 4000);
  return false;
};

const act = async (source) => {
  if (source.ariaBusy === "true" || !sure(source)) return;
  clear(source);
  source.ariaBusy = "true";
  const [method, path] = source.dataset.call.split(" ");
  const headers = source.dataset.etag ? { "If-Match": `"${source.dataset.etag}"` } : {};
  try {
    const found = await call(method, path, bodyOf(source), headers);
    source.ariaBusy = "false";
    source.closest("details.menu, details.more, details.clock")?.removeAttribute("open");
    if (found?.undo) notice(word("removed", found.count), found.undo);
    if (found?.attempts !== undefined && path.includes("/push")) say(word("attempts", found.attempts));
    await follow(source, found);
  } catch (problem) {
    tell(source, problem);
  } finally {
    source.ariaBusy = "false";
  }
};

const follow = (source, found) => {
  const to = source.dataset.visits;
  if (to === "delivery") {
    const first = found.deliveries[0];
    return first ? visit(`/?show=all&d=${first.id}`) : refresh();
  }
  return to ? visit(to.replace("{id}", found.id)) : refreshAll();
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-call]");
  if (button) act(button);
  const copy = event.target.closest("[data-copy], [data-copy-from]");
  if (copy) copyOf(copy);
  const opens = event.target.closest("[data-opens]");
  if (opens) document.getElementById(opens.dataset.opens).showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
  for (const open of document.querySelectorAll("details.menu[open], details.more[open], details.clock[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-call]")) return;
  event.preventDefault();
  act(event.target);
});

const copyOf = async (source) => {
  const label = source.querySelector("b") ?? source;
  const text = source.dataset.copy ?? (await (await fetch(source.dataset.copyFrom)).text());
  await toClipboard(text);
  const before = label.textContent;
  label.textContent = `${before} ✓ ${word("copied")}`;
  say(word("copied"));
  setTimeout(() => (label.textContent = before), 1500);
};

/** Where the page is no secure context (the mock on another machine) browsers have only the old way. */
const toClipboard = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.body.appendChild(document.createElement("textarea"));
  area.value = text;
  area.select();
  document.execCommand("copy");
  area.remove();
};

/** Parts of a form that only some choice needs. */
const fit = () => {
  for (const part of document.querySelectorAll("[data-when]")) {
    const kind = part.closest("form").elements.kind;
    part.hidden = !part.dataset.when.split(" ").includes(kind.value);
  }
};
document.addEventListener("change", fit);
document.addEventListener("arrived", fit);

/** Filter a list by what is typed. */
document.addEventListener("input", (event) => {
  const list = event.target.dataset.finds && document.querySelector(event.target.dataset.finds);
  if (!list) return;
  const wanted = event.target.value.toLowerCase();
  for (const item of list.querySelectorAll("li")) item.hidden = !item.textContent.toLowerCase().includes(wanted);
});
