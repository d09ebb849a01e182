"""A case comes back from its name alone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hookassay.conformance.fuzz.case import FILE_TIME, KINDS, BadName, CaseName
from hookassay.conformance.fuzz.cases import Cases
from hookassay.conformance.fuzz.counter import Place
from hookassay.conformance.fuzz.plan import BadPlan
from hookassay.mockserver.emission.authentication import Signer
from hookassay.mockserver.emission.vendor import Secrets, Vendor
from hookassay.schemas import catalogue, validation
from tests.fuzz.conftest import plan_of

PROVIDERS = sorted(catalogue.find())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_name_gives_the_case_back(provider: str) -> None:
    """Built again from its printed name, a case is the same to the byte; also at indices that nobody counts to."""
    plan = plan_of(provider, seed=11)
    cases = plan.cases()
    for event in plan.events:
        for kind in plan.kinds():
            for index in (0, 1, 1042, 2**40 + 3, 2**60):
                case = cases.build(Place(event, kind, index), FILE_TIME)
                again = plan_of(provider).named(str(CaseName.parse(str(case.name))), FILE_TIME)
                assert (again.delivery.body, again.delivery.headers) == (case.delivery.body, case.delivery.headers)
                assert (again.mutations, again.expect) == (case.mutations, case.expect)


def test_events_and_mode_do_not_move_a_case() -> None:
    """An index means the same whatever else the run has."""
    alone = plan_of(events=("session_state_close",), mode="invalid").cases()
    among = plan_of().cases()
    for index in range(20):
        where = Place("session_state_close", "invalid", index)
        assert alone.build(where, FILE_TIME).delivery.body == among.build(where, FILE_TIME).delivery.body


def test_names_of_another_contract_or_generator_are_refused() -> None:
    """Both versions are told, and --force builds the case all the same."""
    plan = plan_of()
    name = plan.cases().build(Place("session_state_close", "valid", 3), FILE_TIME).name
    for other, what in ((replace(name, contract="0" * 12), "contract"), (replace(name, generator=99), "generator")):
        with pytest.raises(BadName, match=rf"{what} (0{{12}}|99), this is .*--force"):
            plan.named(str(other), FILE_TIME)
        assert plan.named(str(other), FILE_TIME, force=True).delivery.body


@pytest.mark.parametrize("text", ["", "x", "gitple:close:valid:1:2", "gitple@f/1:e:valid:1:2", "12"])
def test_what_is_no_name(text: str) -> None:
    """Text that names nothing is refused in one line."""
    with pytest.raises((BadName, BadPlan)):
        plan_of().named(text, FILE_TIME)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_kind_is_what_it_says(provider: str) -> None:
    """Valid cases validate, sites of invalid ones do not, all but forgeries are rightly authenticated."""
    plan = plan_of(provider, seed=5)
    cases = plan.cases()
    authentication = plan.provider.authentication
    for event in plan.events[:2]:
        known = plan.provider.events[event]
        for kind in plan.kinds():
            for index in range(60):
                case = cases.build(Place(event, kind, index), FILE_TIME)
                if kind == "valid":
                    assert validation.is_valid(known, json.loads(case.delivery.body))
                if kind != "auth" and authentication.kind == "hmac-header":
                    signer = Signer(authentication, cases.vendor.secret_of(known))
                    assert set(signer.sign(case.delivery.body)) <= set(case.delivery.headers)
                if kind == "auth":
                    assert case.expect.reaction in ("refused", "calm")


def test_the_shares_of_kinds() -> None:
    """A mixed run has four valid ones to three invalid, two of bytes and one forged; no forgeries without a key."""
    plan = plan_of()
    order = plan.order()
    kinds = [order.place(counter).kind for counter in range(4000)]
    assert [kinds.count(kind) for kind in KINDS] == [1600, 1200, 800, 400]
    assert "auth" not in plan_of("closer").kinds()
    with pytest.raises(BadPlan, match="CLOSER has no authentication"):
        plan_of("closer", mode="auth").kinds()


def test_every_mutation_comes() -> None:
    """Each layer's table is gone through: hundreds of mutations in a few thousand cases."""
    plan = plan_of(events=("session_state_close",))
    cases, order = plan.cases(), plan.order()
    layers: dict[str, set[str]] = {}
    for counter in range(12000):
        for name in cases.build(order.place(counter), FILE_TIME).mutations:
            layers.setdefault(name.partition(".")[0], set()).add(name)
    made = cases.of("session_state_close")
    assert len(layers["auth"]) == len(made.of_authentication)
    assert len(layers["payload"]) > len(made.generator.sites)
    assert set(layers) == {"payload", "bytes", "headers", "framing", "auth"}


def test_mutations_that_are_two() -> None:
    """Some cases have two mutations, of different layers; the milder expectation holds, and a forgery stays one."""
    plan = plan_of(events=("session_state_close",))
    cases, order = plan.cases(), plan.order()
    built = [cases.build(order.place(counter), FILE_TIME) for counter in range(1500)]
    twice = [case for case in built if len(case.mutations) == 2]
    assert len(twice) > 50
    for case in twice:
        layers = [name.partition(".")[0] for name in case.mutations]
        assert len(set(layers)) == 2
        if "auth" in layers:
            assert layers == ["auth", "headers"]
            alone = cases.named(case.name, FILE_TIME, only=0)
            assert alone.expect == case.expect and alone.mutations == case.mutations[:1]
        else:
            assert case.expect.reaction in ("calm", "taken")
    assert any(case.expect.reaction == "refused" for case in twice)


def test_handshakes_come_with_and_without_a_signature() -> None:
    """Nothing says which; both are the vendor's."""
    provider = catalogue.load("gbm")
    assert provider.handshake is not None
    cases = Cases(Vendor(provider, Secrets(provider.test_secret)), 0)
    made = [cases.build(Place(provider.handshake.name, "valid", index), FILE_TIME) for index in range(64)]
    signed = sum("X-Goog-Signature" in dict(case.delivery.headers) for case in made)
    assert 16 < signed < 48


def test_handshakes_ask_for_digits_that_numbers_lose() -> None:
    """With leading zeros, and more than a double holds: exactly the text has to come back."""
    provider = catalogue.load("gbm")
    assert provider.handshake is not None
    cases = Cases(Vendor(provider, Secrets(provider.test_secret)), 0)
    made = [cases.build(Place(provider.handshake.name, "valid", index), FILE_TIME) for index in range(64)]
    asked = [case.expect.text for case in made if case.expect.level == "must"]
    assert all(case.expect.reaction == "exactly" for case in made) and all(text.isdigit() for text in asked)
    assert any(text.startswith("0") for text in asked) and any(int(text) > 2**53 for text in asked)
    for case in made:
        assert json.loads(case.delivery.body)["secret"] == case.expect.text
