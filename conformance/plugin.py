"""pytest's hooks, and nothing else.

Without a target this module registers options and goes to sleep: nothing of ours but `options` is
imported, and a run is as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

from hookassay.conformance import options
from hookassay.conformance.importing import unrewritten

if TYPE_CHECKING:
    from hookassay.conformance.fixtures import WebhookDelivery
    from hookassay.conformance.running import Running

_WORD = "hookassay"
_HANDED = "hookassay"
_ALONE = pytest.StashKey[bool]()
_RUNNING: pytest.StashKey[Running] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    options.register(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Battery only: keep pytest from importing the conftest of `testpaths`, which it does before it asks us."""
    known = early_config.known_args_namespace
    if _target(early_config, known) and known.file_or_dir in ([], [_WORD]):
        known.noconftest = True


def pytest_configure(config: pytest.Config) -> None:
    for level in ("must", "should", "may"):
        config.addinivalue_line("markers", f"{level}: hookassay: a check of this level")
    handed = getattr(config, "workerinput", {}).get(_HANDED)
    if handed is None and (hasattr(config, "workerinput") or not _target(config)):
        return
    alone = handed["alone"] if handed else _is_alone(config)
    if not alone and not (handed or _WORD in config.args):
        return
    config.stash[_ALONE] = alone
    config.args[:] = [] if alone else [argument for argument in config.args if argument != _WORD]
    with unrewritten():
        from hookassay.conformance.running import Running

    config.stash[_RUNNING] = running = Running.begin(config, handed["battery"] if handed else None, alone)
    for name in running.marks:
        config.addinivalue_line("markers", f"{name}: hookassay: checks of this family or provider")
    config.pluginmanager.register(running.reporting, "hookassay-reporting")


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say why no receiver is judged where somebody expects it: options of the battery, and no target."""
    given = options.typed(config) if config.stash.get(_RUNNING, None) is None and not _target(config) else []
    return [f"hookassay: {given[0]} is given and --target-url is not, so no receiver is judged"] if given else []


def _target(config: pytest.Config, known: Any = None) -> str:
    try:
        return options.target_of(config, known)
    except options.BadOption as error:
        raise pytest.UsageError(str(error)) from None


def _is_alone(config: pytest.Config) -> bool:
    """Whether the battery is all that runs: no paths were given, or only our word."""
    given = getattr(config.known_args_namespace, "file_or_dir", [])
    return all(argument == _WORD for argument in given)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Find out about the receiver before anything is collected, and before workers are started."""
    running = session.config.stash.get(_RUNNING, None)
    if running is not None:
        running.look(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand a pytest-xdist worker what it has to know: it cannot tell by itself whether paths were given."""
    running = node.config.stash.get(_RUNNING, None)
    if running is not None:
        node.workerinput[_HANDED] = {"alone": node.config.stash[_ALONE], "battery": running.battery.handed_on()}


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Hang the battery's families onto the session."""
    report = yield
    running = collector.config.stash.get(_RUNNING, None)
    if running is not None and isinstance(collector, pytest.Session) and report.passed:
        from hookassay.conformance.items import families

        report.result = [*(report.result or []), *families(collector, running.battery)]
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the verdict travel with its report, over processes too."""
    report = yield
    verdict = getattr(item, "verdict", None)
    if call.when == "call" and verdict is not None and item.config.stash.get(_RUNNING, None) is not None:
        report.__dict__[_HANDED] = verdict.as_json()
    return report


@pytest.fixture
def webhook_delivery() -> Callable[..., WebhookDelivery]:
    """`webhook_delivery(provider, event, …)`: a delivery for the test client of one's own framework."""
    with unrewritten():
        from hookassay.conformance.fixtures import webhook_delivery

    return webhook_delivery


def pytest_unconfigure(config: pytest.Config) -> None:
    running = config.stash.get(_RUNNING, None)
    if running is not None:
        running.end()
