"""What a run was asked for, checked and typed: providers, events, secrets, limits, reports."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from hookassay.conformance import checks, waivers
from hookassay.conformance.bench import Bench
from hookassay.conformance.options import BadOption, header, number, secrets_of_environment
from hookassay.conformance.waivers import Waiver
from hookassay.mockserver.emission.overrides import BadOverride, Overrides, check
from hookassay.mockserver.emission.target import BadTarget, Target
from hookassay.mockserver.emission.vendor import Secrets, Vendor
from hookassay.schemas import catalogue
from hookassay.schemas.catalogue import BadProvider, UnknownName
from hookassay.schemas.contract import LEVELS, Event, Level, Provider

_PLACEHOLDER = "{provider}"
_REPORTS = (".json",)
_FUZZED = ("valid", "invalid", "bytes", "auth")


@dataclass(frozen=True)
class Settings:
    """A run, as asked for. `detect`: the providers are candidates among which one has to be found."""

    url: str
    benches: tuple[Bench, ...]
    detect: bool
    checks: tuple[str, ...]
    level: Level
    waivers: tuple[Waiver, ...]
    reports: tuple[Path, ...]
    wait: float
    rate: float | None
    budget: float | None
    fuzz: tuple[int, int] | None
    """How many fuzzed cases a provider, and their seed; None without."""
    command: str
    show_secrets: bool
    assumed_secrets: tuple[str, ...]

    def fails(self, level: Level) -> bool:
        """Whether a problem of this level fails the run."""
        return LEVELS.index(level) <= LEVELS.index(self.level)

    def wants(self, check_id: str) -> bool:
        """Whether a check (`provider/family/check`) was asked for."""
        return not self.checks or any(_names(glob, check_id) for glob in self.checks)


def _names(glob: str, check_id: str) -> bool:
    """Whether a glob speaks of a check: by the whole id, or by its end."""
    return fnmatchcase(check_id, glob) or fnmatchcase(check_id, f"*/{glob}")


def read(given: Mapping[str, Any]) -> Settings:
    """Settings from option values (`options.given`). Raises BadOption with one line that names the option."""
    try:
        return _read(given)
    except waivers.BadWaivers as error:
        raise BadOption(f"--target-waivers: {error}") from error
    except (BadTarget, BadProvider, UnknownName) as error:
        raise BadOption(str(error)) from error


def _read(given: Mapping[str, Any]) -> Settings:
    url = str(given["target_url"]).strip()
    paths = [Path(path) for path in given["provider_path"]]
    known = catalogue.find(paths)
    names = list(dict.fromkeys(given["target_provider"])) or list(known)
    for name in names:
        if name not in known:
            like = catalogue.nearest(name, known)
            raise BadOption(f"--target-provider: unknown provider {name!r}{like}; known: {', '.join(known)}")
    detect = not given["target_provider"] and _PLACEHOLDER not in url
    providers = [catalogue.load_folder(known[name]) for name in names]
    headers = tuple(header(text) for text in given["target_header"])
    authority = _file("--target-ca", given["target_ca"])
    secrets, assumed = _secrets(given, providers, list(known))
    events = _events(given["target_event"], providers)
    timeout = number("--target-timeout", given["target_timeout"], 0.1)
    benches = []
    for provider in providers:
        target = Target.parse(url.replace(_PLACEHOLDER, provider.name), headers, authority)
        _ = target.tls  # a bad authority file is a usage error, not the receiver's
        vendor_secrets, agent = _with_agent(given["target_agent_secret"], provider, secrets[provider.name])
        vendor = Vendor(provider, vendor_secrets, _owner(given["target_set"], provider, list(known)), target.url)
        limit = timeout or provider.timeout.seconds
        strict = timeout is not None or provider.timeout.status == "documented"
        benches.append(Bench(provider, vendor, target, events[provider.name], limit, strict, agent))
    if given["target_agent_secret"] is not None and not any(bench.agent for bench in benches):
        raise BadOption("--target-agent-secret: none of these providers has webhooks for single agents")
    level = str(given["target_level"] or "must").lower()
    if level not in LEVELS:
        raise BadOption(f"--target-level: {level!r} is none of must, should, may")
    reports = tuple(Path(path) for path in given["target_report"])
    for report in reports:
        if report.suffix not in _REPORTS:
            raise BadOption(f"--target-report: {report}: the ending says the form; known: {', '.join(_REPORTS)}")
        _writable(report)
    return Settings(
        url=url,
        benches=tuple(benches),
        detect=detect,
        checks=_checks(given["target_check"], providers, bool(given["target_fuzz"])),
        level=level,
        waivers=waivers.read(Path(given["target_waivers"])) if given["target_waivers"] else (),
        reports=reports,
        wait=number("--target-wait", given["target_wait"], 0, 0) or 0,
        rate=number("--target-rate", given["target_rate"], 0.01),
        budget=number("--target-budget", given["target_budget"], 0.1),
        fuzz=_fuzz(given["target_fuzz"]),
        command=given["target_command"] or "",
        show_secrets=bool(given["target_show_secrets"]),
        assumed_secrets=tuple(assumed),
    )


def _fuzz(text: str | None) -> tuple[int, int] | None:
    """`N` or `N:SEED`."""
    if not text:
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,6})(?::([0-9]{1,19}))?", text.strip())
    if match is None:
        raise BadOption(f"--target-fuzz: {text!r} is not N or N:SEED (1000:7); millions are for `hookassay fuzz`")
    return int(match[1]), int(match[2] or 0)


def _checks(globs: Sequence[str], providers: Sequence[Provider], fuzz: bool) -> tuple[str, ...]:
    """The globs, each of which has to name a check: a gate that tries nothing would let everything through."""
    known = [f"{provider.name}/{check.id}" for provider in providers for check in checks.checks(provider)]
    known += [f"{provider.name}/fuzz/{kind}" for provider in providers for kind in _FUZZED if fuzz]
    for glob in globs:
        if not any(_names(glob, ident) for ident in known):
            like = catalogue.nearest(glob, [*known, *(ident.partition("/")[2] for ident in known)])
            raise BadOption(f"--target-check: no check matches {glob!r}{like}; `hookassay checks` lists them")
    return tuple(globs)


def _writable(report: Path) -> None:
    """Find out before the run, not behind it, whether the report can be written."""
    folder = report.resolve().parent
    if not folder.is_dir():
        raise BadOption(f"--target-report: {report}: there is no such folder")
    if report.is_dir():
        raise BadOption(f"--target-report: {report}: is a folder")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise BadOption(f"--target-report: {report}: cannot be written: {error.strerror}") from error


def _file(option: str, path: str | None) -> Path | None:
    if not path:
        return None
    if not Path(path).is_file():
        raise BadOption(f"{option}: {path}: no such file")
    return Path(path)


def _secrets(
    given: Mapping[str, Any], providers: Sequence[Provider], known: Sequence[str]
) -> tuple[dict[str, Secrets], list[str]]:
    """Provider → its secrets, and the providers whose documented test secret is assumed."""
    defaults: dict[str, str] = {}
    events: dict[str, dict[str, str]] = {}
    by_variable = {name.replace("-", "_").lower(): name for name in known}
    for name, value in secrets_of_environment().items():
        if name in by_variable:
            _not_empty(f"HOOKASSAY_TARGET_SECRET_{name.upper()}", value)
            defaults[by_variable[name]] = value
    general = ""
    for text in given["target_secret"]:
        whose, mark, value = text.partition("=")
        provider, _, event = whose.partition("/")
        if mark and provider in known:
            loaded = next((p for p in providers if p.name == provider), None)
            if event and loaded is not None and event not in loaded.events:
                raise BadOption(
                    f"--target-secret: {provider} has no event {event!r}{catalogue.nearest(event, loaded.events)}"
                )
            _not_empty(f"--target-secret {whose}=", value)
            if event:
                events.setdefault(provider, {})[event] = value
            else:
                defaults[provider] = value
        else:
            _not_empty("--target-secret", text)
            general = text
    assumed, found = [], {}
    for loaded in providers:
        default = defaults.get(loaded.name) or general
        if loaded.authentication.has_secret and not default:
            default = loaded.test_secret
            if not events.get(loaded.name):
                assumed.append(loaded.name)
        found[loaded.name] = Secrets(default if loaded.authentication.has_secret else "", events.get(loaded.name, {}))
    return found, assumed


def _not_empty(option: str, value: str) -> None:
    if not value:
        tip = "leave the option out to use the documented test secret"
        raise BadOption(f"{option}: the secret is empty (an unset variable?); {tip}")


def _with_agent(text: str | None, provider: Provider, secrets: Secrets) -> tuple[Secrets, str]:
    """The secrets with an agent's own token, where the provider routes by agent."""
    route = provider.traits.get("route")
    if text is None or route is None:
        return secrets, ""
    own = str(_at_example(provider, str(route["pointer"])))
    agent, mark, value = text.rpartition("=")
    if text.endswith("=") or not value:
        raise BadOption("--target-agent-secret: the token is empty (an unset variable?)")
    name = agent if mark else own
    return Secrets(secrets.default, secrets.events, {name: value}), name


def _at_example(provider: Provider, pointer: str) -> object:
    from hookassay.schemas.members import lookup

    event = next(iter(provider.deliverable.values()))
    return lookup(event.full.document, pointer)


def _events(wanted: Sequence[str], providers: Sequence[Provider]) -> dict[str, tuple[str, ...]]:
    """Provider → the events that the receiver asked for; by default those that the contract asks of everybody."""
    chosen: dict[str, list[str]] = {provider.name: [] for provider in providers}
    for glob in wanted:
        matched = False
        for provider in providers:
            for event in provider.deliverable:
                if fnmatchcase(event, glob) or fnmatchcase(f"{provider.name}/{event}", glob):
                    matched = True
                    if event not in chosen[provider.name]:
                        chosen[provider.name].append(event)
        if not matched:
            every = [event for provider in providers for event in provider.deliverable]
            like = catalogue.nearest(glob, every)
            raise BadOption(f"--target-event: no event matches {glob!r}{like}; `hookassay events PROVIDER` lists them")
    return {
        provider.name: tuple(name for name in provider.deliverable if name in chosen[provider.name])
        or tuple(name for name, event in provider.deliverable.items() if event.asked)
        for provider in providers
    }


def _owner(texts: Sequence[str], provider: Provider, known: Sequence[str]) -> dict[str, str]:
    """Path → value of the owner's own ids, for one provider."""
    found = {}
    for text in texts:
        where, mark, value = text.partition("=")
        name, _, path = where.partition("/")
        if not mark or not path:
            raise BadOption(f"--target-set: write PROVIDER/PATH=VALUE, not {text!r}")
        if name not in known:
            raise BadOption(f"--target-set: unknown provider {name!r}{catalogue.nearest(name, known)}")
        if name != provider.name:
            continue
        places = list(provider.deliverable.values())
        if not any(_knows(event, path) for event in places):
            _refuse(provider, places[0], path)
        found[path] = value
    return found


def _refuse(provider: Provider, event: Event, path: str) -> None:
    """Say of a path that no event has what is wrong with it in this one."""
    try:
        check(event, Overrides({path: ""}))
    except BadOverride as error:
        raise BadOption(f"--target-set: {provider.name}: {error}") from error


def _knows(event: Event, path: str) -> bool:
    try:
        check(event, Overrides({path: ""}))
    except BadOverride:
        return False
    return True
