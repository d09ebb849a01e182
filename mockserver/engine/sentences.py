"""The English of everything that the engine tells, by its code: its own sentences, and those that it hands on."""

from __future__ import annotations

from collections.abc import Mapping

from hookassay.mockserver.emission.answer import FAILURES
from hookassay.mockserver.engine.hearsay import TEMPLATES

OWN: Mapping[str, str] = {
    # what the vendor makes of an attempt
    "delivered": "delivered: %(rule)s",
    "any-2xx-documented": "any 2xx, as the vendor's document says",
    "any-2xx-undocumented": "any 2xx (ours; nothing is documented)",
    "any-2xx-asked": "any 2xx (ours; the document says %(status)s)",
    "status-asked": "%(status)s, as the vendor's document says",
    "again": "sent again after %(length)s, attempt %(number)s",
    "again-of": "sent again after %(length)s, attempt %(number)s of %(all)s",
    "given-up-single": "given up: it is sent once",
    "given-up-documented": "given up: %(vendor)s sends nothing again",
    "given-up-undocumented": "given up: %(vendor)s documents no retry",
    "given-up": "given up after %(count)s attempts",
    "off": "switched off after %(count)s failed resends",
    "lost-answer": "%(told)s (its answer was lost by a fault)",
    "unknown": "outcome unknown: the mock ended before it was recorded",
    "taken": "taken",
    "not-taken": "not taken; it is sent once",
    "vendor-switched-off": "%(vendor)s switched it off after its last repeat had failed",
    # the steps of a handshake
    "handshake-sent": "%(method)s with %(event)s, asking for %(answer)s",
    "answered": "%(status)s in %(elapsed)s",
    "failed": "%(failure)s after %(elapsed)s",
    "failed-with": "%(failure)s (%(detail)s) after %(elapsed)s",
    **{str(failure): words for failure, words in FAILURES.items()},
    "no-answer": "no answer: %(answered)s",
    "status-not-200": "the answer's status is %(status)s; 200 is asked for",
    "answer-right": "the answer is the text that was asked for",
    "answer-json": "the answer is a JSON document; the text alone is asked for",
    "answer-other": "the answer is another text",
    "answer-empty": "the answer is empty",
    # what a document has against its contract
    "problem": "%(path)s: %(told)s (%(rule)s)",
    "body-no-json": "the body is no JSON",
    # what came of asking why
    "ended-early": "nothing is proven yet: a rate limit (429) or the limit of %(count)s requests ended it",
    "none-taken": "no likely cause is taken",
    "other-secret": "%(does)s; most often the receiver has another secret than the endpoint: compare them",
    "not-found-out": "this could not be found out: %(error)s",
    # why an endpoint did not get an occurrence
    "not-sent": "not sent: %(why)s",
    "not-subscribed": "%(endpoint)s does not bind %(event)s",
    "not-verified": "%(endpoint)s is not verified: run its handshake first",
    "switched-off": "%(endpoint)s is off: %(why)s",
    "disabled": "%(endpoint)s is disabled",
    "routed-elsewhere": "%(endpoint)s is not the most specific webhook for this event",
    # faults, and what else is not as usual with a delivery
    "fault-next": "%(kind)s: counted, %(left)s left",
    "fault-every": "%(kind)s: every %(number)s attempts",
    "fault-chance": "%(kind)s: chance %(chance)s, seed %(seed)s",
    "of-run": "%(told)s (run %(run)s)",
    "wrong-on-purpose": "wrong on purpose: %(mutation)s",
    "imported": "imported",
    "lost-by-fault": "the answer was lost by a fault",
    # what an endpoint's settings page would say
    "refused-by-rule": "%(vendor)s would refuse this %(setting)s: its rule is %(rule)s",
    "no-credentials": "no document of %(vendor)s speaks of user and password in the URL: they are not sent",
    # scenarios
    "missing": "%(event)s: %(why)s",
    "no-endpoint": "there is no endpoint",
    "step-without-endpoint": "step %(number)s, %(event)s: no endpoint gets it",
    "step-unmet": "step %(number)s, %(event)s: %(expected)s expected, it is %(now)s",
    # acts that are refused
    "clock-pushed": "the clock is being pushed: wait for it, or stop it",
    "clock-pushed-already": "the clock is being pushed already: wait for it, or stop it",
    "clock-busy": "%(due)s deliveries are due and %(in_hand)s on their way: wait for them",
    "changed-meanwhile": "%(endpoint)s was changed meanwhile (revision %(revision)s): read it again",
    "name-taken": "another endpoint is called %(name)s",
    "bad-name": "a name has 1 to 80 characters, not digits alone, and none of / ? #",
    "bad-url": "a URL is a text of at most %(count)s characters",
    "bad-secret": "a secret is a text of at most %(count)s characters",
    "bad-timeout": "timeout is a number of seconds, 0.05 to 600",
    "no-secret": "%(provider)s authenticates nothing: it has no secret",
    "no-signature": "%(provider)s authenticates nothing: there is no signature to be wrong",
    "never-sent-there": (
        "%(host)s is link-local, multicast, unspecified or a metadata service: nothing is ever sent there"
    ),
    "not-this-machine": "%(host)s is not this machine; start with %(option)s if you mean to send there",
    "on-its-way": "delivery %(delivery)s is on its way",
    "finished": "delivery %(delivery)s is finished: %(now)s; replay it instead",
    "no-object": "delivery %(delivery)s is no JSON object: it cannot be made new",
    "of-no-endpoint": "delivery %(delivery)s has no endpoint: say to which it goes",
    "endpoint-gone": "no endpoint %(endpoint)s: replay it to another endpoint",
    "endpoint-off": "%(endpoint)s is off: turn it on first",
    "unknown-here": "%(provider)s %(event)s is not known here: start with --provider-path DIR",
    "too-many": "more than %(count)s deliveries: narrow the search",
    "plays-by-itself": "run %(run)s plays by itself: it is not stepped",
    "no-step-left": "run %(run)s has no step left to send",
    "waits-already": "run %(run)s waits for you already",
    "not-paused": "run %(run)s is not paused",
    "too-late": "that can no longer be undone: ten seconds have passed",
    "nothing-to-bring-back": "there is nothing of that kind to bring back",
    "why-not": "why cannot be asked of delivery %(delivery)s: %(why)s",
    "why-already": "why is being found out for delivery %(delivery)s already",
    "provider-unknown": "its provider is not known here",
    "not-refused": "it was not refused",
    "nobody-reached": "it has not reached anybody",
    "made-wrong-by-fault": "a fault made it wrong",
    "made-wrong": "it was made wrong on purpose",
    "endpoint-of-before": "no endpoint of today has sent it",
    "unknown-key": "unknown key %(key)s%(near)s; known: %(known)s",
    "disk-full": "no space left for %(file)s: nothing was changed",
    # what the inbox makes of a request
    "nothing-to-verify": "%(vendor)s authenticates nothing",
    "token-absent": "there is no token",
    "token-right": "the token is right",
    "token-wrong": "the token is wrong",
    "signature-absent": "there is no %(header)s",
    "signature-right": "the signature is right",
    "signature-wrong": "the signature is wrong",
    "handshake-answered": "handshake: the token is right; answered",
    "other-method": "%(method)s is not the method",
    "no-json": "%(told)s; the body is no JSON",
}
"""By code."""

SENTENCES: Mapping[str, str] = {**OWN, **{template: template for template in TEMPLATES}}
"""Every sentence by its code; the English one is what pages look up in another language's catalogue."""
