"""A provider's own advice about an answer."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from hookassay.mockserver.emission.answer import Answer
from hookassay.schemas.contract import Provider


def hints(provider: Provider, answer: Answer | None) -> tuple[Mapping[str, str], ...]:
    """What fits the answer, by language: the provider's first hint, and what its document asks of a success."""
    if answer is None or answer.status is None:
        return ()
    found: list[Mapping[str, str]] = []
    own = next((hint for hint in provider.hints if _fits(hint["when"], answer)), None)
    if own is not None:
        found.append(own["text"])
    asked = provider.success.get("asks")
    if asked is not None and 200 <= answer.status < 300 and answer.status != asked:
        name, status = provider.title, answer.status
        found.append(
            {
                "en": f"{name['en']}'s document asks for {asked}; {status} counts as delivered here (our choice).",
                "ko": f"{name.get('ko', name['en'])} 문서는 {asked} 응답을 요구합니다."
                f" 여기서는 {status}도 성공으로 봅니다.",
            }
        )
    return tuple(found)


def _fits(when: Mapping[str, str], answer: Answer) -> bool:
    status = str(answer.status)
    if "status" in when and when["status"] not in (status, f"{status[0]}xx"):
        return False
    if "location" in when:
        try:
            return urlsplit(answer.header("location") or "").hostname == when["location"]
        except ValueError:
            return False
    return True
