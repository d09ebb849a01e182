/**
 * A receiver of LiveChat v2 webhooks as a Google Apps Script web app.
 *
 * Deploy as a web app, "Execute as: Me", "Who has access: Anyone" (without a Google account:
 * LiveChat has none). Under Project settings, Script properties, set LIVECHAT_TOKENS to a JSON
 * object with the token of each webhook, "*" standing for the events that it does not name:
 *
 *     {"chat_started": "31aae354", "chat_ended": "f791db42"}
 *
 * A script can return text, but no status: LiveChat sees a 302 whatever happens here, and as it
 * asks for 200, the same event may come again.
 */
function doPost(e) {
  var event = parse(e && e.postData ? e.postData.contents : '');
  if (!event) return ContentService.createTextOutput('not a LiveChat event');
  // Only the account learns the token that a webhook sends in its body; scripts see no headers,
  // so it is the one proof of the sender that they can check.
  if (!same(event.token, tokenOf(event.event_type))) {
    return ContentService.createTextOutput('wrong token');
  }
  delete event.token; // it opens the vendor's API: keep it out of logs and sheets
  handle(event);
  return ContentService.createTextOutput('ok');
}

/** Your work starts here. Events come twice, in any order, and of types that no document names. */
function handle(event) {
  console.log(event.event_type);
}

function parse(contents) {
  try {
    var event = JSON.parse(contents);
    return event && typeof event === 'object' && !Array.isArray(event) ? event : null;
  } catch (error) {
    return null;
  }
}

function tokenOf(eventType) {
  var setting = PropertiesService.getScriptProperties().getProperty('LIVECHAT_TOKENS');
  var tokens = new Map(Object.entries(parse(setting) || {}));
  return typeof eventType === 'string' ? tokens.get(eventType) || tokens.get('*') : undefined;
}

/** Equal strings; by digests under a key of the moment, as how long it takes then tells nothing. */
function same(given, expected) {
  if (typeof given !== 'string' || typeof expected !== 'string' || !expected) return false;
  var key = Utilities.getUuid();
  var digest = function (text) {
    return Utilities.computeHmacSha256Signature(text, key, Utilities.Charset.UTF_8).join();
  };
  return digest(given) === digest(expected);
}
