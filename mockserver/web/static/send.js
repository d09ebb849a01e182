// Send: what is typed becomes a signed request at once; it leaves only when it is told to.

import { call, element, Problem, word } from "/static/words.js";

const PAUSE = 250;
const WAIT = 20000;
const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));
let timer = 0;
let turn = 0;

const escaped = (key) => key.replaceAll("~", "~0").replaceAll("/", "~1");
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** What was changed of the example, as the API's `set` and `remove`. */
const changes = (before, after, pointer = "", found = { set: {}, remove: [] }) => {
  for (const key of Object.keys({ ...before, ...after })) {
    const place = `${pointer}/${escaped(key)}`;
    if (!(key in after)) found.remove.push(place);
    else if (key in before && isObject(before[key]) && isObject(after[key])) changes(before[key], after[key], place, found);
    else if (JSON.stringify(before[key]) !== JSON.stringify(after[key])) found.set[place] = after[key];
  }
  return found;
};

/** The wish of the form as the API takes it. Throws SyntaxError where the text is no JSON. */
const wish = (form) => {
  const area = form.elements.document;
  const base = { provider: form.dataset.provider, event: form.dataset.event, force: true };
  if (area.dataset.edited) return { ...base, body: area.value };
  const document_ = JSON.parse(area.value);
  if (!form.elements.fresh.checked) return { ...base, payload: document_ };
  const before = JSON.parse(area.defaultValue);
  if (!isObject(document_) || !isObject(before)) return { ...base, payload: document_ };
  return { ...base, example: area.dataset.example, ...changes(before, document_) };
};

const fill = (id, ...rows) => document.getElementById(id).replaceChildren(...rows);

/** The request as it leaves. Where nothing `goes`, no webhook gets it yet; `others` get theirs beside this one. */
const show = (built, goes, others) => {
  const { request } = built;
  const url = goes ? request.url : (document.getElementById("url")?.value ?? word("nobody"));
  const more = others ? [" ", element("small", { text: word("more", others) })] : [];
  fill("preview-line", `${request.method} ${url}`, ...more);
  const headers = request.headers.filter(([name]) => goes || name !== "Host");
  fill("preview-headers", ...headers.map(([name, value]) => element("tr", {}, element("th", { scope: "row", text: name }), element("td", { text: value }))));
  const signs = document.getElementById("preview-signs");
  signs.hidden = !request.signs;
  signs.querySelector("code").textContent = request.signs;
  document.getElementById("preview-body").textContent = request.body ?? request.body_base64;
  const curl = document.getElementById("copy-curl");
  curl.dataset.copy = built.curl;
  curl.hidden = !goes;
  tellProblems(built.errors);
  const rows = built.difference.map((one) => {
    const shown = (value) => (value === null && one.kind !== "changed" ? "" : JSON.stringify(value));
    return element("tr", {}, element("th", { scope: "row", text: one.path }), element("td", {}, element("span", { class: "before", text: shown(one.before) }), " ", element("span", { text: shown(one.after) })));
  });
  fill("difference", ...(rows.length ? rows : [element("tr", {}, element("td", { class: "note", text: word("same") }))]));
};

const tellProblems = (texts) => {
  const items = texts.map((text) => {
    const go = element("button", { type: "button", class: "small", text: word("goTo") });
    go.onclick = () => goTo(text);
    return element("li", { text }, go);
  });
  fill("problems", ...items);
  document.getElementById("send-button").textContent = word(texts.length ? "sendInvalid" : "send");
};

/** Select the member that a problem names (`$.a.b: …`) in the text. */
const goTo = (text) => {
  const area = document.getElementById("document");
  const name = /([^.[\]$:]+)(?:\[\d+\])?:/.exec(text)?.[1] ?? "";
  const at = area.value.indexOf(`"${name}"`);
  area.focus();
  if (at >= 0) area.setSelectionRange(at, at + name.length + 2);
};

const build = async () => {
  const form = document.getElementById("send");
  if (!form) return;
  const mine = (turn += 1);
  const to = form.elements.endpoint?.value;
  try {
    const wished = wish(form);
    const ask = (endpoint) => call("POST", "/api/build", endpoint ? { ...wished, endpoint } : wished);
    let built = await ask(Number(to));
    const [first, ...others] = to ? [Number(to)] : built.wanted_by;
    if (first && !to) built = await ask(first);
    if (mine === turn && document.contains(form)) show(built, Boolean(first), others.length);
  } catch (problem) {
    if (mine !== turn || !document.contains(form)) return;
    if (problem instanceof SyntaxError) return tellProblems([`${word("notJson")} ${problem.message}`]);
    if (!(problem instanceof Problem)) throw problem;
    tellProblems([problem.message]);
  }
};

const send = async (form) => {
  if (form.elements.endpoint) localStorage.setItem(lastTarget(form), form.elements.endpoint.value);
  const error = document.getElementById("send-error");
  const answer = document.getElementById("answer");
  error.hidden = true;
  answer.hidden = false;
  answer.replaceChildren(element("p", { text: word("working") }));
  try {
    const to = form.elements.endpoint?.value || (await made(form));
    const found = await call("POST", "/api/trigger", { ...wish(form), ...(to ? { endpoints: [Number(to)] } : {}) });
    answer.replaceChildren();
    for (const one of found.unsent) answer.append(element("p", { class: "note", text: `${one.endpoint_name}: ${word("notSent")} ${word(one.reason)}` }));
    await Promise.all(found.deliveries.map((one) => watch(one.id, answer)));
  } catch (problem) {
    if (!(problem instanceof Problem || problem instanceof SyntaxError)) throw problem;
    answer.hidden = true;
    error.textContent = problem.message;
    error.hidden = false;
  }
};

/** The endpoint of the URL that was typed where there is none yet. */
const made = async (form) => {
  const url = form.elements.url?.value;
  if (form.elements.endpoint || !url) return null;
  const endpoint = await call("POST", "/api/endpoints", { provider: form.dataset.provider, url });
  return endpoint.id;
};

/** Follow a delivery until it has its first answer. */
const watch = async (id, answer) => {
  const line = answer.appendChild(element("p", { text: `#${id} ${word("working")}` }));
  for (const ends = Date.now() + WAIT; Date.now() < ends; await sleep(PAUSE)) {
    const { summary } = await call("GET", `/api/deliveries/${id}`);
    if (!summary.reaction) continue;
    const good = summary.reaction === "taken";
    const text = `${good ? "✓" : "✗"} ${summary.status ?? summary.failure} ${word(summary.reaction)}`;
    line.replaceChildren(
      element("b", { class: `mark ${good ? "good" : "bad"}`, text }),
      ` ${summary.endpoint_name}: ${word(summary.outcome)} `,
      element("a", { href: `/?show=all&d=${id}`, text: `#${id}` }),
    );
    return;
  }
};

document.addEventListener("input", (event) => {
  if (!event.target.form?.matches("#send")) return;
  clearTimeout(timer);
  timer = setTimeout(build, PAUSE);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("#send")) return;
  event.preventDefault();
  send(event.target);
});

/** The target is the last one that was used for this provider, unless the address names one. */
const lastTarget = (form) => `hookassay-target-${form.dataset.provider}`;
const recall = () => {
  const form = document.getElementById("send");
  const select = form?.elements.endpoint;
  if (!select || new URLSearchParams(location.search).has("to")) return;
  const last = localStorage.getItem(lastTarget(form));
  if ([...select.options].some((option) => option.value === last)) select.value = last;
};
/** A long list of events shows the chosen one, wherever it stands. */
const showChosen = () => {
  const chosen = document.querySelector("#event-list [aria-current]");
  if (!chosen) return;
  const list = document.getElementById("event-list");
  const below = chosen.getBoundingClientRect().bottom - list.getBoundingClientRect().top;
  if (below > list.clientHeight) list.scrollTop = below - list.clientHeight / 2;
};
document.addEventListener("arrived", () => {
  showChosen();
  recall();
  build();
});
