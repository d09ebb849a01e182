"""Numbers as the serialisers of each language write them again.

Each function takes a number's text as it stood in the JSON that was read. It raises ValueError where
the language has no number for it, so that nothing can be written again.
"""

from __future__ import annotations

import math
import re

_INTEGER = re.compile("-?[0-9]+")


def javascript_number(text: str) -> str:
    """As ECMAScript prints the double nearest to it (ECMA-262, Number::toString)."""
    if math.isinf(float(text)):
        return "null"
    sign, digits, point = _figures(text)
    if digits == "0":
        return "0"
    return sign + (_plain(digits, point) if -6 < point <= 21 else _exponent(digits, point))


def python_number(text: str) -> str:
    """As Python's json: integers stay, the rest is `repr(float)`."""
    if _INTEGER.fullmatch(text):
        return _integer(text)
    value = float(text)
    return repr(value) if math.isfinite(value) else "-Infinity" if value < 0 else "Infinity"


def php_number(text: str) -> str:
    """As PHP's json_encode with serialize_precision -1: integers of 64 bits stay, doubles lose a fraction of zero."""
    if _INTEGER.fullmatch(text) and -(2**63) <= int(text) < 2**63:
        return _integer(text)
    sign, digits, point = _figures(text)
    if -3 <= point <= 17:
        return sign + _plain(digits, point)
    return sign + _exponent(digits, point, fraction=True)


def go_number(text: str) -> str:
    """As Go's encoding/json writes a float64: plain from 1e-6 to below 1e21."""
    sign, digits, point = _figures(text)
    return sign + (_plain(digits, point) if -6 < point <= 21 else _exponent(digits, point))


def ruby_number(text: str) -> str:
    """As Ruby's to_json: integers stay, a float keeps a fraction before its exponent."""
    if _INTEGER.fullmatch(text):
        return _integer(text)
    sign, digits, point = _figures(text)
    if -3 <= point <= 15 or 0 < point < len(digits):
        return sign + _plain(digits, point, fraction=True)
    return sign + _exponent(digits, point, fraction=True, width=2)


def java_double(text: str) -> str:
    """As Java's Double.toString: an exponent outside of 10^-3 … 10^7. Gson reads every number so: `1` becomes `1.0`."""
    sign, digits, point = _figures(text)
    if digits == "0" or -3 < point <= 7:
        return sign + _plain(digits, point, fraction=True)
    return sign + _exponent(digits, point, fraction=True).replace("e+", "E").replace("e", "E")


def java_number(text: str) -> str:
    """As Jackson: integers stay, the rest are doubles."""
    return _integer(text) if _INTEGER.fullmatch(text) else java_double(text)


def jq_number(text: str) -> str:
    """As jq 1.5 and 1.6 print a double (1.7 keeps what was written)."""
    if math.isinf(float(text)):
        text = "-1.7976931348623157e308" if float(text) < 0 else "1.7976931348623157e308"
    sign, digits, point = _figures(text)
    if -4 < point <= len(digits) + 15:
        return sign + _plain(digits, point)
    return sign + _exponent(digits, point, width=2)


def _integer(text: str) -> str:
    """An integer of any size, as it is; there is one zero."""
    return "0" if text == "-0" else text


def _figures(text: str) -> tuple[str, str, int]:
    """The double nearest to a number, as sign, shortest digits and point: 0.DIGITS times ten to the power of point.

    Raises ValueError for what is beyond a double.
    """
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is beyond a double")
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    sign = "-" if math.copysign(1, value) < 0 else ""
    if not digits:
        return sign, "0", 1
    point = len(whole) - (len(whole + fraction) - len(digits)) + int(exponent or 0)
    return sign, digits.rstrip("0"), point


def _plain(digits: str, point: int, fraction: bool = False) -> str:
    """Without an exponent; `fraction` asks for `.0` behind a whole number."""
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    if point >= len(digits):
        return digits + "0" * (point - len(digits)) + (".0" if fraction else "")
    return f"{digits[:point]}.{digits[point:]}"


def _exponent(digits: str, point: int, fraction: bool = False, width: int = 1) -> str:
    """With an exponent of at least `width` digits; `fraction` asks for `.0` behind a single digit."""
    rest = digits[1:] or ("0" if fraction else "")
    power = point - 1
    return f"{digits[0]}{'.' + rest if rest else ''}e{'-' if power < 0 else '+'}{abs(power):0{width}d}"
