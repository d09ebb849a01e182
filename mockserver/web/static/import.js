// Import: a file, or what was pasted, into the log; what was refused is told line by line.

import { call, element, Problem, word } from "/static/words.js";

const FORMS = { ndjson: "ndjson", har: "har", sh: "curl" };

document.addEventListener("change", async (event) => {
  const file = event.target.matches("#import-file") && event.target.files[0];
  if (!file) return;
  const form = event.target.form;
  form.elements.text.value = await file.text();
  const known = FORMS[file.name.split(".").pop()];
  if (known) form.elements.as.value = known;
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.id !== "import") return;
  event.preventDefault();
  const box = document.getElementById("imported");
  box.hidden = false;
  box.replaceChildren(element("p", { text: word("working") }));
  try {
    const found = await call("POST", "/api/import", { as: form.elements.as.value, text: form.elements.text.value });
    const lines = Object.entries(found.refused).map(([number, text]) => element("li", { text: `${word("entry", number)} ${text}` }));
    const link = element("a", { href: "/?show=all&q=origin:import", text: word("broughtIn", found.count) });
    box.replaceChildren(element("p", {}, link), element("ul", { class: "problems" }, ...lines));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    box.replaceChildren(element("p", { class: "error", text: problem.message }));
  }
});
