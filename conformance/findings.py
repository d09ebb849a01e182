"""Findings: verdicts that fail for one cause, told once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hookassay.conformance.verdict import Verdict

_UNCHECKED = {
    "signature": ({"absent", "wrong-key"}, "does not verify the signature at all: forged events are taken"),
    "token": ({"absent", "wrong"}, "does not compare the token at all: forged events are taken"),
}
_MOST = 0.8


@dataclass
class Finding:
    """One cause, and the ids of the verdicts that fail for it; `reason` and `fix` are those of the first."""

    title: str
    cause: str
    proven: bool
    level: str
    reason: str = ""
    fix: str = ""
    verdicts: list[str] = field(default_factory=list)

    def also_in(self, told: int) -> list[str]:
        """The checks (`family/check`) of its verdicts that are none of the first so many."""
        checks = [name.partition("[")[0].partition("/")[2] for name in self.verdicts]
        return [check for check in dict.fromkeys(checks) if check not in checks[:told]]


def findings(verdicts: Iterable[Verdict]) -> list[Finding]:
    """The findings of a run, those that fail it first, each with its verdicts in the order of the run."""
    told = [verdict for verdict in verdicts if verdict.verdict in ("failed", "advice", "waived")]
    merged = _unchecked(told)
    found: dict[str, Finding] = {}
    for verdict in told:
        key, title = merged.get(verdict.id, (verdict.cause, verdict.finding))
        finding = found.get(key)
        if finding is None:
            named = f"{verdict.provider}: {title}"
            finding = Finding(named, key, verdict.proven, verdict.verdict, verdict.reason, verdict.remedy)
            found[key] = finding
        finding.verdicts.append(verdict.id)
        finding.proven = finding.proven or verdict.proven
        if verdict.verdict == "failed":
            finding.level = "failed"
    order = {"failed": 0, "advice": 1, "waived": 2}
    return sorted(found.values(), key=lambda finding: order[finding.level])


def _unchecked(told: list[Verdict]) -> dict[str, tuple[str, str]]:
    """Verdict id → one common cause, where a provider's forgeries are all taken."""
    merged = {}
    for family, (essential, title) in _UNCHECKED.items():
        for provider in {verdict.provider for verdict in told if verdict.family == family}:
            taken = [v for v in told if v.provider == provider and v.family == family and v.kind == "taken"]
            others = [v for v in told if v.provider == provider and v.family == family and v.kind != "taken"]
            checks = {v.check.rpartition("/")[2] for v in taken}
            if (
                essential <= checks
                and len(taken) >= _MOST * (len(taken) + len(others))
                and _all_taken(taken, essential)
            ):
                merged.update({v.id: (f"{provider}:{family}-unchecked", title) for v in taken})
    return merged


def _all_taken(taken: list[Verdict], essential: set[str]) -> bool:
    """Whether forgeries of so many kinds are taken that nothing can be checked at all."""
    return len({v.check for v in taken}) >= len(essential) + 3
