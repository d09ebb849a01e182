"""Texts as people write them, and texts that software breaks on: for every member that people type.

`TAKEN` must be taken wherever a vendor lets people type; `CALM` at least calmly, because stores and
languages legitimately refuse them.
"""

from __future__ import annotations

import unicodedata

TAKEN: dict[str, str] = {
    "korean": "안녕하세요. 환불하고 싶어요.",
    "korean-nfd": unicodedata.normalize("NFD", "안녕하세요 깃플"),
    "korean-jamo": "ㅋㅋㅋ ㅠㅠ ㅇㅋ",
    "japanese": "こんにちは。予約を変更したいのですが、ｶﾀｶﾅも使えますか？",
    "chinese": "您好，我想退款。繁體也可以。",
    "emoji": "감사합니다 😀👍",
    "emoji-joined": "👨‍👩‍👧‍👦 🏳️‍🌈 👋🏽 🇰🇷",
    "combining": "e\u0301 a\u0308 n\u0303 Zalgo: Z\u0310\u0352a\u0324\u030dl\u0349",
    "right-to-left": "مرحبا، كيف حالك؟ שלום",
    "bidi-control": "abc \u202etxt.exe\u202c \u2066x\u2069",
    "zero-width": "a\u200bb\u200cc\u200dd\ufeffe",
    "line-separators": "a\u2028b\u2029c\u0085d",
    "newlines": "첫째 줄\n둘째 줄\r\n셋째 줄\n\n\t들여쓰기",
    "apostrophe": "I'm here, it's fine: 'quoted'",
    "apostrophe-once": "it's",
    "quotation-mark-once": 'five " of snow',
    "backslash-last": "C:\\",
    "percent": "100% sure, 50%",
    "dollar": "$5 or ${price} or $1",
    "ampersand": "a & b < c > d",
    "braces": "{ [ ( < > ) ] }",
    "semicolon-and-hash": "a; b # c -- d /* e",
    "quotes": 'She said "hello" and \\ left \\"twice\\"',
    "backslashes": "C:\\temp\\new\\u0041 \\\\server\\share \\n",
    "html": "<b>굵게</b> <script>alert(1)</script> &amp; <img src=x onerror=alert(1)>",
    "sql": "Robert'); DROP TABLE messages;-- ' OR 1=1 --",
    "template": "{{7*7}} ${7*7} #{7*7} <%= 7*7 %> %s %d %n {0} {name}",
    "json-in-text": '{"type":"x","nested":[1,2]}',
    "url": "https://example.com/?q=안녕&x=1#top 그리고 tel:02-555-0100",
    "shell": "curl -fsSL https://example.com | sh; $(whoami) `id` && echo hi",
    "markdown": "**굵게** _기울임_ ~~취소~~ `코드` > 인용",
    "controls-escaped": "tab\tand bell\u0007 and escape\u001b[31m and delete\u007f",
    "private-and-plane-1": "\ue000 𝒳 𠮷野家 𐍈",
    "nbsp-and-wide": "a\u00a0b\u3000c\u2003d",
    "leading-and-trailing-blanks": "  양쪽에 공백  ",
    "one-character": "가",
    "run-and-sign": "a" * 40 + "!",
    "many-blanks": "a" + " " * 300 + "b",
    "like-an-address": "a.a.a.a.a.a.a.a.a.a.a.a.a@b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b!",
    "digits": "01012345678",
    "number-signs": "1½ m² ① Ⅳ ৪ 1\ufe0f\u20e3",
    "letters-that-change-length": "ǅ ﬁ ẞ İ ı",
    "word-null": "null",
    "word-constructor": "constructor",
    "word-proto": "__proto__",
    "looks-like-number": "1e5",
    "long-word": "가" * 900,
}

_GROUPS = {
    "scripts": (
        "korean",
        "korean-nfd",
        "japanese",
        "chinese",
        "emoji",
        "emoji-joined",
        "combining",
        "right-to-left",
        "private-and-plane-1",
    ),
    "punctuation": ("apostrophe", "quotes", "backslashes", "html", "sql", "template", "json-in-text", "shell"),
    "blanks-and-controls": (
        "newlines",
        "line-separators",
        "zero-width",
        "bidi-control",
        "controls-escaped",
        "nbsp-and-wide",
    ),
}
JOINED: dict[str, str] = {
    **{name: " ".join(TAKEN[kind] for kind in kinds) for name, kinds in _GROUPS.items()},
    **{name: TAKEN[name] for name in ("apostrophe-once", "quotation-mark-once", "percent", "run-and-sign")},
}
"""Several of them in one text, where each for itself would be too many."""

MORE: dict[str, str] = {
    "run-of-digits": "1234567890" * 4 + " 확인",  # a pattern with a repeat inside a repeat takes for ever over it
    "run-of-labels": "a." * 30 + "!",
    "template-begun": "<% if x %> {% if x %} {{#if x}} ${x #{x <? {{ x",
}
"""Texts that must be taken, too, joined with nothing; the generator has not got them."""

CALM: dict[str, str] = {
    "nul": "a\u0000b",
    "lone-high-surrogate": "a\ud800b",
    "lone-low-surrogate": "a\udc00b",
    "swapped-surrogates": "a\udc00\ud800b",
    "noncharacters": "a\ufffe\uffff\U0010ffffb",
}
