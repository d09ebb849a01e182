"""Texts that a regular expression matches, for members with a `pattern` or a `format`."""

from __future__ import annotations

import re
import sys
from typing import Any

from hookassay.mockserver.emission.generation.entropy import Draw, below

if sys.version_info >= (3, 11):
    from re import _constants as ops
    from re import _parser as parser
else:
    import sre_constants as ops
    import sre_parse as parser

_ANY = "abcxyzABCXYZ0189 _-.,:;!?@#$%&'\"()+=~가나다힣漢字かなéß🙂"
"""What stands for characters that a pattern leaves open."""

_MORE = 12
"""How often something is repeated at most beyond its minimum."""

FORMATS = {
    "uuid": "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "email": "[a-z]{1,12}([.][a-z]{1,9})?@example[.](com|org|net)",
    "uri": "https?://[a-z]{1,9}[.]example/[A-Za-z0-9/_-]{0,30}([?][a-z]=[0-9]{1,9})?",
    "uri-reference": "/[A-Za-z0-9/_-]{0,30}",
    "hostname": "[a-z]{1,9}([.][a-z]{1,9})?[.]example",
    "ipv4": "192[.]0[.]2[.][1-9][0-9]?",
    "ipv6": "2001:db8::[1-9a-f][0-9a-f]{0,3}",
    "date": "20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])",
    "time": "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z",
    "duration": "P[1-9][0-9]?D(T[1-9]H)?",
}
"""Formats of JSON Schema 2020-12 (section 7.3) as patterns of texts that have them; `date-time` is `moments`."""


def matching(pattern: str, draw: Draw) -> str:
    """A text that the pattern is likely to match; what it does not say (look-arounds) has to be tried."""
    return _sequence(parser.parse(pattern), draw, {})


def _sequence(tree: Any, draw: Draw, groups: dict[int, str]) -> str:
    return "".join(_one(kind, argument, draw, groups) for kind, argument in tree)


def _one(kind: Any, argument: Any, draw: Draw, groups: dict[int, str]) -> str:
    if kind is ops.LITERAL:
        return chr(argument)
    if kind is ops.NOT_LITERAL:
        return _open(lambda character: ord(character) != argument, draw)
    if kind is ops.ANY:
        return _open(lambda character: True, draw)
    if kind is ops.IN:
        return _of_class(argument, draw)
    if kind is ops.BRANCH:
        return _sequence(argument[1][below(draw, len(argument[1]))], draw, groups)
    if kind in (ops.MAX_REPEAT, ops.MIN_REPEAT):
        least, most, inner = argument
        count = least + below(draw, min(int(most) - least, _MORE) + 1)
        return "".join(_sequence(inner, draw, groups) for _ in range(count))
    if kind is ops.SUBPATTERN:
        text = _sequence(argument[-1], draw, groups)
        if argument[0] is not None:
            groups[argument[0]] = text
        return text
    if kind is ops.GROUPREF:
        return groups.get(argument, "")
    return ""  # anchors and look-arounds take no characters


def _of_class(items: Any, draw: Draw) -> str:
    if items[0][0] is ops.NEGATE:
        inside = re.compile(_class_source(items[1:]))
        return _open(lambda character: not inside.match(character), draw)
    kind, argument = items[below(draw, len(items))]
    if kind is ops.RANGE:
        return chr(argument[0] + below(draw, argument[1] - argument[0] + 1))
    if kind is ops.CATEGORY:
        inside = re.compile(_class_source([(kind, argument)]))
        return _open(lambda character: bool(inside.match(character)), draw)
    return chr(argument)


def _class_source(items: Any) -> str:
    """A class of characters written as a pattern again."""
    parts = []
    for kind, argument in items:
        if kind is ops.RANGE:
            parts.append(f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}")
        elif kind is ops.CATEGORY:
            parts.append(_CATEGORIES[str(argument)])
        else:
            parts.append(re.escape(chr(argument)))
    return f"[{''.join(parts)}]"


_CATEGORIES = {
    f"CATEGORY_{'NOT_' if upper else ''}{name}": f"\\{letter.upper() if upper else letter}"
    for name, letter in (("DIGIT", "d"), ("SPACE", "s"), ("WORD", "w"))
    for upper in (False, True)
}


def _open(allowed: Any, draw: Draw) -> str:
    characters = [character for character in _ANY if allowed(character)]
    return characters[below(draw, len(characters))] if characters else ""
