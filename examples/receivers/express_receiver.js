// A webhook receiver for Gitple, Google Business Messages, CLOSER and LiveChat v2, in Express
// (4.16 or later, or 5).
//
//   npm install
//   GITPLE_SECRET=... GBM_CLIENT_TOKEN=... LIVECHAT_TOKEN=... node express_receiver.js --port 8080
"use strict";

const { createHmac, timingSafeEqual } = require("node:crypto");
const http = require("node:http");
const { parseArgs } = require("node:util");
const express = require("express");

// The raw body, whatever the Content-Type says: express.json() keeps nothing of the bytes that
// were signed, and skips what is not declared as JSON. No vendor names a bound; the default of
// 100 kB loses long LiveChat transcripts. No vendor compresses, so nothing is inflated.
const rawBody = express.raw({ type: () => true, limit: "4mb", inflate: false });

/** The JSON object that the body holds; undefined for whatever else somebody sends. */
function parse(raw) {
  try {
    // Strict: toString() would replace what is not UTF-8, and the default would drop a BOM.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
    const document = JSON.parse(text);
    return isObject(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string";

/** Demand only what the work needs: vendors leave members out and add new ones. */
const hasObjects = (event, ...names) => names.every((name) => isObject(event[name]));

/** Equal to the last byte, in constant time; timingSafeEqual throws where lengths differ. */
function same(given, expected) {
  if (!isText(given) || expected === undefined) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const hmac = (algorithm, key, raw, encoding) =>
  createHmac(algorithm, key).update(raw).digest(encoding);

/** A secret as it was typed: not trimmed, not decoded from hex or base64. */
function secret(name, byDefault) {
  const value = process.env[name] ?? byDefault;
  if (value === "") stop(`${name} is set but empty, so that anybody could make what it proves`);
  return value;
}

/** A Map, as an object has members of its own: nobody's token is that of "constructor". */
function secretsByName(name) {
  if (process.env[name] === undefined) return new Map();
  const tokens = Object.entries(parse(Buffer.from(process.env[name])) ?? {});
  if (!tokens.length || !tokens.every(([, token]) => isText(token) && token)) {
    stop(`${name} has to be a JSON object of names and their tokens`);
  }
  return new Map(tokens);
}

function stop(reason) {
  console.error(reason);
  process.exit(1);
}

const GITPLE_SECRET = secret("GITPLE_SECRET", "gitple-secret");
const GBM_CLIENT_TOKEN = secret("GBM_CLIENT_TOKEN", "SJENCPGJESMGUFPY");
const GBM_AGENT_TOKENS = secretsByName("GBM_AGENT_TOKENS");
// LiveChat makes one token per webhook, so each event may have its own; "*" stands for the others.
const LIVECHAT_TOKENS = secretsByName("LIVECHAT_TOKENS");
if (!LIVECHAT_TOKENS.size) LIVECHAT_TOKENS.set("*", secret("LIVECHAT_TOKEN", "31aae354"));

/**
 * Your work starts here: put the event on a queue and answer at once.
 *
 * What was answered late (LiveChat waits 10 s) or not with 2xx comes again, so an event may come
 * twice and in any order; types come that no document names yet.
 */
function handle(provider, event) {
  return [200, "ok"];
}

function gitple(raw, request) {
  // Event APIs guide, "Headers": each call carries an HMAC-SHA-256 of its payload.
  const expected = "sha256=" + hmac("sha256", GITPLE_SECRET, raw, "hex");
  if (!same(request.get("X-Hub-Signature"), expected)) return [403, "wrong signature"];
  const event = parse(raw) ?? {};
  let right = isText(event.type);
  switch (event.type) {
    case "send_external_message":
      right = hasObjects(event, "from", "to", "message");
      break;
    case "session_state_open":
    case "session_state_inprogress":
    case "session_state_close":
      right = hasObjects(event, "session");
  }
  return right ? handle("gitple", event) : [400, "not a Gitple event"];
}

// Google Business Messages: an event is named by the one of these members that it holds.
const GBM_EVENTS = [
  "message",
  "suggestionResponse",
  "receipts",
  "userStatus",
  "surveyResponse",
  "authenticationResponse",
];

function gbm(raw, request) {
  // Parsed before the proof: a handshake is unsigned, and an event names its agent.
  const event = parse(raw) ?? {};
  const kinds = GBM_EVENTS.filter((kind) => Object.hasOwn(event, kind));
  if (!kinds.length && "clientToken" in event && "secret" in event) return verification(event);
  // "Set your webhook": an agent-level webhook, with its own token, precedes the partner's.
  const token = GBM_AGENT_TOKENS.get(event.agent) ?? GBM_CLIENT_TOKEN;
  const expected = hmac("sha512", token, raw, "base64");
  if (!same(request.get("X-Goog-Signature"), expected)) return [403, "wrong signature"];
  const right = isText(event.agent) && hasObjects(event, ...kinds);
  return right ? handle("gbm", event) : [400, "not a Google Business Messages event"];
}

/** What Verify asks ("Set your webhook"): the secret alone, to the right token only. */
function verification(event) {
  const tokens = [GBM_CLIENT_TOKEN, ...GBM_AGENT_TOKENS.values()]; // no agent is named: any of them
  if (!tokens.some((token) => same(event.clientToken, token))) return [403, "wrong clientToken"];
  const whole = isText(event.secret) && !/\p{Surrogate}/u.test(event.secret); // no half of a pair
  return whole ? [200, event.secret] : [400, "no secret"];
}

function closer(raw) {
  // CLOSER, webhook guide: nothing proves the sender; an address that nobody guesses has to do.
  const event = parse(raw) ?? {};
  const ofMessage = event.type === "message_received" || event.type === "message_sent";
  const right = ofMessage ? hasObjects(event, "message") : isText(event.type);
  return right ? handle("closer", event) : [400, "not a CLOSER event"];
}

function livechat(raw) {
  const event = parse(raw);
  if (!event) return [400, "not a LiveChat event"];
  // LiveChat, "Webhooks" of API v2: only the account learns the token in the body, so it proves.
  const token = LIVECHAT_TOKENS.get(event.event_type) ?? LIVECHAT_TOKENS.get("*");
  if (!isText(event.event_type) || !same(event.token, token)) return [403, "wrong token"];
  // A data type comes only if the webhook's owner chose it, so all of them may be absent.
  const types = ["chat", "visitor", "ticket", "canned_response"];
  const right = hasObjects(event, ...types.filter((type) => Object.hasOwn(event, type)));
  return right ? handle("livechat", event) : [400, "not a LiveChat event"];
}

const app = express();
app.disable("x-powered-by");
app.disable("etag");
app.enable("strict routing"); // one address and no other, as Gitple and the rest were told it
app.enable("case sensitive routing");

for (const [path, receiver] of Object.entries({ gitple, gbm, closer, livechat })) {
  app
    .route("/" + path)
    .post(rawBody, (request, response) => {
      // Where no body came, Express 4 leaves {} and Express 5 undefined.
      const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      answer(response, ...receiver(raw, request));
    })
    .all((request, response) => answer(response.set("Allow", "POST"), 405, "POST only"));
}
app.use((request, response) => answer(response, 404, "no such webhook"));
// Four parameters make it the error handler; Express's own would show the stack and its paths.
app.use((error, request, response, next) => {
  answer(response, error.status ?? 500, error.status ? "bad request" : "internal error");
});

/** Always as text: Express sends a string as HTML, with whatever markup a stranger put in. */
function answer(response, status, text) {
  response.status(status).type("text/plain").send(text);
}

const { values } = parseArgs({ options: { port: { type: "string" } } });
const server = http.createServer(app);
server.listen(Number(values.port ?? process.env.PORT ?? 8080), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
