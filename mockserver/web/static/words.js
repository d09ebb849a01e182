// The words of the page's language, and small helpers that every part uses.

const words = JSON.parse(document.getElementById("words").textContent);

/** A word of the page's language, `{}` in it filled. */
export const word = (name, filled = "") => words[name].replace("{}", filled);

/** Say something to a screen reader. */
export const say = (text) => {
  document.getElementById("said").textContent = text;
};

/** A length of seconds for people, in one unit. */
export const span = (seconds) => {
  for (const [unit, size] of [["d", 86400], ["h", 3600], ["min", 60]]) {
    if (seconds >= size) return word(unit, Math.floor(seconds / size));
  }
  return word("s", Math.floor(seconds));
};

/** An element with text (never markup: what a receiver answers is text). */
export const element = (name, { text = "", ...attributes } = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  made.append(...children);
  return made;
};

/** A problem of the API. */
export class Problem extends Error {
  constructor(document_) {
    super(document_.detail);
    this.faults = document_.errors ?? [];
  }
}

/** Call the control API in the page's language; the answer's JSON, null where there is none. Throws Problem. */
export const call = async (method, path, body, headers = {}) => {
  const spoken = { "Hookassay-Language": document.documentElement.lang, ...headers };
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? spoken : { "Content-Type": "application/json", ...spoken },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem({ detail: word("lost") });
  }
  const text = await answer.text();
  const type = answer.headers.get("Content-Type") ?? "";
  const found = text && /[/+]json$/.test(type.split(";")[0]) ? JSON.parse(text) : null;
  if (!answer.ok) throw new Problem(found ?? { detail: `${answer.status} ${answer.statusText}` });
  return found;
};
