"""What the rooms below say in plain English: `schemas`, `emission` and `proof` know no catalogue of texts.

`recognition` finds their sentences again by these templates, a group for each place that says them; a template is
its own code. Where several fit, the first counts. A text without values needs no template.
"""

from __future__ import annotations

PROBLEMS = (
    "%(told)s; did you mean %(near)s?",
    "%(told)s; there is %(near)s: did you mean that?",
    "%(value)s is not of type %(types)s",
    "one of %(names)s is required",
    "%(name)s is a required property",
    "%(value)s is none of %(names)s",
    "%(name)s is unknown here",
    "%(names)s may not stand together",
    "%(names)s may not stand beside the others",
    "%(value)s may not stand here",
    "%(value)s holds a line end",
    "%(value)s does not have the documented form",
    "more than one form fits",
    "%(value)s should be non-empty",
    "%(value)s is expected to be empty",
    "%(value)s is too short",
    "%(value)s is too long",
    "%(value)s does not have enough properties",
    "%(value)s has too many properties",
    "%(value)s is less than the minimum of %(limit)s",
    "%(value)s is greater than the maximum of %(limit)s",
    "%(value)s is less than or equal to the minimum of %(limit)s",
    "%(value)s is greater than or equal to the maximum of %(limit)s",
    "%(value)s is not a multiple of %(number)s",
    "%(value)s has non-unique elements",
    "%(value)s does not contain items matching the given schema",
    "%(value)s is not valid under any of the given schemas",
    "%(name)s is a dependency of %(other)s",
    "%(value)s is not a %(format)s",
    "%(value)s is not %(other)s",
)
"""Validation, of a document (`schemas/validation.py`)."""

CAUSES = (
    "your receiver %(does)s",
    "%(does)s; and %(more)s",
    # how the delivery travels (proof/wrapping.py)
    "refuses HTTP/%(version)s: the same delivery by HTTP/%(usual)s is taken",
    "stumbles over the framing: the same delivery, whole and with a Content-Length, is taken",
    "refuses the method or the address: by %(method)s, at the target's own, the delivery is taken",
    "minds how the header's name is written: the same delivery with %(names)s is taken",
    "refuses the header %(name)s as it was sent: the same delivery with %(value)s is taken",
    "refuses the header %(name)s as it was sent: the same delivery without it is taken",
    "demands a signature on %(event)s, which the vendor does not sign",
    "refuses the Content-Type %(value)s: it takes %(other)s",
    "answers at the same address with a slash at its end",
    "refuses the vendor's User-Agent (a bot guard?)",
    # what the document holds (proof/shape.py)
    "refuses the spelling of the JSON: the same document, written compactly, is taken",
    "refuses ids that it has seen: the same event with fresh ids is taken",
    "refuses events by their age: the same event with the time of now is taken",
    "demands the member %(name)s: the same event with it is taken",
    "refuses characters beyond U+FFFF (emoji): the same event without them is taken",
    "refuses quotes, markup or control characters in texts: the same event without them is taken",
    "refuses text beyond ASCII: the same event in ASCII is taken",
    "refuses null: the same event without its null members is taken",
    "refuses members that it does not know (%(name)s)",
    "refuses the member %(name)s: the same event without it is taken",
    # the token (proof/token.py)
    "looks for the token in the query (%(query)s)",
    "looks for the token in the header X-Token",
    "looks for the token in Authorization: Bearer",
    # what was tried where nothing is proven
    "the same delivery is refused now and taken then, so nothing can be proven",
    "a wrong signature is taken too, so nothing can be proven by signatures",
    "%(count)s likely ways of signing tried, none is taken",
    "the same token is taken with another event, so it is not the token",
    "a wrong token is taken too, so nothing can be proven by tokens",
    "the token read or placed in other ways tried, none is taken",
    # likely bugs with a value in them (emission/causes); the others are their own template
    "reads the signature from the header %(name)s (GitHub's name), which the vendor does not send",
    "reads the signature from the header %(name)s, which the vendor does not send",
    "reads the header %(name)s",
    "expects the header in the form %(form)s",
    "signs with %(algorithm)s instead of the vendor's algorithm, under the prefix %(prefix)s",
    "signs with %(algorithm)s instead of the vendor's algorithm",
    "hashes secret and body (%(hash)s) instead of an HMAC",
    "hashes body and secret (%(hash)s) instead of an HMAC",
    "uses the %(hash)s hex digest of the secret as the key",
    "uses the %(hash)s digest of the secret as the key",
    "compares only %(count)s characters of the digest",
    "keeps only the first %(count)s characters of the secret",
    "normalises the secret (%(form)s)",
    "uses %(guess)s as the key: no secret is configured, and anybody can forge events",
    "takes the secret's bytes in %(charset)s",
    "verifies JSON that it has parsed and written again, %(written)s",
    "signs the text in %(charset)s",
    "normalises the text (%(form)s) before it signs",
    "signs %(text)s and the body: the base string of a vendor that sends a timestamp",
    "signs only the first %(count)s bytes of the body (one read)",
    "signs the hex digest of the body instead of the body",
    "signs the digest of the body instead of the body",
    "signs %(text)s instead of the body",
    "signs with %(algorithm)s",
)
"""Why a receiver refuses, and what was tried (`proof`, `emission/causes`)."""

WRITINGS = (
    "%(written)s, keys sorted",
    "%(written)s, UTF-8, indented by %(indent)s",
    "%(written)s, indented by %(indent)s",
    "compact and in UTF-8, as orjson, Starlette or Python's json.dumps with both options write it",
    "as %(writer)s writes it (usual behind express.json())",
    "as %(writer)s writes it (<>& escaped)",
    "as %(writer)s writes it (sorted, with a line feed)",
    "as %(writer)s writes it, with its line feed",
    "as %(writer)s writes it",
    "as %(writer)s writes what was decoded to arrays",
    "as %(writer)s writes a map (sorted, <>& escaped)",
    "as %(writer)s writes a map, with its line feed",
)
"""How a receiver has written JSON again: `written` of the causes."""

WRITERS = (
    "%(writer)s with compact separators",
    "%(writer)s with ensure_ascii=False",
    "%(writer)s with unescaped slashes and unicode",
    "%(writer)s with unescaped unicode",
    "%(owner)s's %(function)s",
    "Rails' to_json",
)
"""Who writes it: `writer` of the writings."""

FORGERIES = (
    "the token: %(mutation)s",
    "signed with the key '%(guess)s'",
    "signed with the right key, but over the JSON as %(writer)s writes it again",
    "%(algorithm)s with the right key, under its own name",
    "%(algorithm)s with the right key, cut to the right length",
    "%(algorithm)s with the right key",
    "the first %(count)s bytes right, the rest zeros",
    "the last %(count)s bytes right, the rest zeros",
    "the word %(guess)s, for which an unset variable is often taken",
    "the word %(guess)s, which a JavaScript object that holds tokens has too",
    "the word %(guess)s",
)
"""How `send --forged` has made a delivery wrong (`emission/mutation`)."""

REASONS = (
    "connection refused",
    "connection reset by peer",
    "broken pipe",
    "network is unreachable",
    "no route to host",
)
"""What the system says of a connection that came to nothing: `detail` of an answer."""

NEAREST = (" (did you mean %(name)s?)",)
"""A name that may have been meant (`schemas/catalogue.py`)."""

INDENTS = ("%(count)s blanks", "tabs")
"""`indent` of the writings."""

TEMPLATES = (*REASONS, *NEAREST, *PROBLEMS, *CAUSES, *WRITINGS, *WRITERS, *INDENTS, *FORGERIES)
"""All of them."""
