// Live changes. Only a page that is seen listens, and of all pages of this mock one alone holds a stream and tells
// the others: a browser opens six connections to a host, and six streams would lock it out.

import { refresh } from "/static/visits.js";
import { word } from "/static/words.js";

const PAUSE = 150; // ms: changes come in bursts
const POLL = 2000;
const TICK = 30000; // "again in 8 min" is a text of the server's: it ages

const channel = new BroadcastChannel("hookassay-changes");
let last = Number(document.body.dataset.lastChange);
let planned = 0;
let release = null; // ends our turn as the one that listens
let asking = null;

const show = (state) => {
  const sign = document.querySelector("[data-connection]");
  if (!sign) return;
  sign.className = state;
  sign.textContent = word(state);
};

const changed = (id) => {
  if (id <= last) return;
  last = id;
  clearTimeout(planned);
  planned = setTimeout(() => refresh({ patient: true }).catch(() => show("offline")), PAUSE);
};

/** Listen until `ended`; resolves to "full" where there is no place for a stream, "lost" where there is no mock. */
const listen = (ended) =>
  new Promise((resolve) => {
    const source = new EventSource(`/api/changes/stream?after=${last}`);
    const end = (why) => {
      source.close();
      resolve(why);
    };
    ended.then(() => end("ended"));
    source.onopen = () => show("live");
    source.onmessage = (event) => {
      const { id } = JSON.parse(event.data);
      channel.postMessage(id);
      changed(id);
    };
    source.addEventListener("full", () => end("full"));
    source.addEventListener("gone", () => location.reload());
    source.onerror = () => {
      show("offline");
      if (source.readyState === EventSource.CLOSED) end("lost");
    };
  });

const poll = async () => {
  try {
    const answer = await fetch(`/api/changes?after=${last}`);
    if (answer.status === 410) return location.reload();
    const found = await answer.json();
    show("polling");
    if (found.items.length) changed(found.last);
  } catch {
    show("offline");
  }
};

const seen = () => document.visibilityState === "visible";
const pause = (ended) => Promise.race([ended, new Promise((resolve) => setTimeout(resolve, POLL))]);

/** Our turn: a stream, or asking again and again where there is none. */
const turn = async () => {
  let over = false;
  const ended = new Promise((resolve) => {
    release = () => {
      over = true;
      resolve();
    };
  });
  while (!over) {
    const why = await listen(ended);
    if (why === "full") {
      for (let times = 0; times < 8 && !over; times += 1) {
        await poll();
        await pause(ended);
      }
    } else if (!over) await pause(ended);
  }
};

const begin = () => {
  if (!navigator.locks) {
    // Not a secure context (the mock on another machine): every page that is seen asks for itself.
    clearInterval(asking);
    asking = seen() ? setInterval(poll, POLL) : null;
    return;
  }
  if (seen() && !asking) {
    const control = new AbortController();
    asking = control;
    navigator.locks.request("hookassay-stream", { signal: control.signal }, turn).catch(() => {});
  } else if (!seen() && asking) {
    asking.abort();
    release?.();
    asking = release = null;
  }
};

channel.onmessage = (event) => {
  show("live");
  changed(event.data);
};
document.addEventListener("visibilitychange", () => {
  begin();
  if (seen()) poll().then(() => navigator.locks && show("live"));
});
setInterval(() => seen() && refresh({ patient: true }).catch(() => show("offline")), TICK);
begin();
