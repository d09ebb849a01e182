// Two questions with a longer answer: why was it refused, and does the webhook verify.

import { call, element, Problem, word } from "/static/words.js";
import { refresh } from "/static/visits.js";

const PAUSE = 300;
const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));

const why = async (button) => {
  const box = document.querySelector("[data-why-box]");
  box.hidden = false;
  box.replaceChildren(element("p", { text: word("looking") }));
  button.disabled = true;
  try {
    let job = await call("POST", `/api/deliveries/${button.dataset.why}/why`);
    while (job.running) {
      await sleep(PAUSE);
      job = await call("GET", `/api/why/${job.job}`);
    }
    box.replaceChildren(
      element("p", {}, element("b", { text: word(job.proven ? "proven" : "unproven") }), ` ${job.proven ? job.text || job.cause : job.text}`),
      element("p", { class: "note", text: `${job.cause ? `${job.cause} · ` : ""}${word("requests", job.requests)}` }),
    );
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    box.replaceChildren(element("p", { class: "error", text: problem.message }));
  } finally {
    button.disabled = false;
  }
};

const verify = async (button) => {
  const box = document.getElementById(`e${button.dataset.verify}-verified`);
  box.hidden = false;
  box.replaceChildren(element("p", { text: word("working") }));
  try {
    const found = await call("POST", `/api/endpoints/${button.dataset.verify}/verify`, {});
    const sign = found.verified ? element("b", { class: "mark good", text: `✓ ${word("verified")}` }) : element("b", { class: "mark bad", text: `✗ ${word("notVerified")}` });
    box.replaceChildren(
      element("p", {}, sign),
      element("p", { text: `1. ${found.sent}` }),
      element("p", { text: `2. ${found.answered}` }),
      element("p", { text: `3. ${found.compared}` }),
      ...(found.verified ? [] : [aligned(found.expected, found.received)]),
    );
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    box.replaceChildren(element("p", { class: "error", text: problem.message }));
  }
  await refresh();
};

/** Two texts, one under the other, marked from the first character in which they differ. */
const aligned = (expected, received) => {
  let same = 0;
  while (same < expected.length && expected[same] === received[same]) same += 1;
  const rest = (text) => element("mark", { text: text.slice(same) || word("empty") });
  return element("pre", {}, `= ${expected.slice(0, same)}`, rest(expected), `\n≠ ${received.slice(0, same)}`, rest(received));
};

document.addEventListener("click", (event) => {
  const asked = event.target.closest("[data-why]");
  if (asked) why(asked);
  const verified = event.target.closest("[data-verify]");
  if (verified) verify(verified);
});
