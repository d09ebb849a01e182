"""What people are told of a document that is not what the vendor sends: the place, the fault, the nearest name."""

from __future__ import annotations

import copy

import pytest

from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.overrides import Overrides
from hookassay.schemas import catalogue, validation
from hookassay.schemas.contract import Json

CLOSER = ("closer", "message_sent", "full")
GITPLE = ("gitple", "session_state_close", "full")
CHAT = ("livechat", "chat_ended", "full")
GBM = ("gbm", "message", "full")
WISH = ("gbm", "userStatus", "full")
TYPING = ("gbm", "userStatus", "minimal")

*_USUALLY, _LARGEST = catalogue.find()  # LiveChat's takes as long as all others together

Where = tuple[str, str, str]
CASES: dict[str, tuple[Where, dict[str, Json], list[str], list[str]]] = {
    # plain members
    "a missing member": (GITPLE, {}, ["session.userId"], ["$.session: 'userId' is a required property (required)"]),
    "two faults": (
        GITPLE,
        {"session.id": 5},
        ["session.userId"],
        [
            "$.session: 'userId' is a required property (required)",
            "$.session.id: 5 is not of type 'string' (type: string)",
        ],
    ),
    "a near name": (
        GITPLE,
        {"session.user_id": "7"},
        ["session.userId"],
        ["$.session: 'userId' is a required property; there is 'user_id': did you mean that? (required)"],
    ),
    "a near value": (
        GBM,
        {"context.entryPoint": "PLACESHET"},
        [],
        [
            "$.context.entryPoint: 'PLACESHET' is none of 'ENTRY_POINT_UNSPECIFIED', 'PLACESHEET', 'MAPS',"
            " 'FEATURED_SNIPPETS', 'SITELINKS', 'WEB_WIDGET', 'URL', 'LOCAL_PACK', 'PREVIEW';"
            " did you mean 'PLACESHEET'? (enum)"
        ],
    ),
    "a constant": (CLOSER, {"message.isUser": True}, [], ["$.message.isUser: true is not false (const: False)"]),
    "null": (GITPLE, {"session.id": None}, [], ["$.session.id: null is not of type 'string' (type: string)"]),
    "an item": (
        GITPLE,
        {"session.tags": ["a", 1]},
        [],
        ["$.session.tags[1]: 1 is not of type 'string' (type: string)"],
    ),
    "a line end": (
        CHAT,
        {"license_id": "1067\n"},
        [],
        ["$.license_id: '1067\\n' holds a line end (not)"],
    ),
    "a form": (
        CHAT,
        {"license_id": "10-67"},
        [],
        ["$.license_id: '10-67' does not have the documented form (pattern: ^[0-9]+$)"],
    ),
    # unions: the branch that was meant
    "the kind decides": (
        CLOSER,
        {"message.data": {"type": "media", "text": "x"}},
        [],
        ["$.message.data: 'media' is a required property (required)"],
    ),
    "deep in a branch": (
        CLOSER,
        {"message.data": {"type": "cards", "cards": [{"titel": "x"}]}},
        [],
        ["$.message.data.cards[0]: 'title' is a required property; there is 'titel': did you mean that? (required)"],
    ),
    "an unknown kind": (
        CLOSER,
        {"message.data": {"type": "medai", "text": "x"}},
        [],
        ["$.message.data.type: 'medai' is none of 'text', 'media', 'button', 'cards'; did you mean 'media'? (const)"],
    ),
    "no object at all": (
        CLOSER,
        {"message.data": "x"},
        [],
        ["$.message.data: 'x' is not of type 'object' (type)"],
    ),
    "none of several types": (
        GITPLE,
        {"session.meta.0.value": 5},
        [],
        ["$.session.meta[0].value: 5 is not of type 'string', 'array', 'null' (type)"],
    ),
    "within the type that fits": (
        GITPLE,
        {"session.meta.1.value": [{"name": "환불"}]},
        [],
        ["$.session.meta[1].value[0]: 'value' is a required property (required)"],
    ),
    "the member that is there": (
        WISH,
        {"userStatus.requestedLiveAgent": "yes"},
        [],
        ["$.userStatus.requestedLiveAgent: 'yes' is not of type 'boolean' (type: boolean)"],
    ),
    "the other member that is there": (
        TYPING,
        {"userStatus.isTyping": 1},
        [],
        ["$.userStatus.isTyping: 1 is not of type 'boolean' (type: boolean)"],
    ),
    "neither of two": (
        TYPING,
        {},
        ["userStatus.isTyping"],
        ["$.userStatus: one of 'isTyping', 'requestedLiveAgent' is required (required)"],
    ),
    "both of two": (
        TYPING,
        {"userStatus.requestedLiveAgent": True},
        [],
        ["$.userStatus: 'isTyping', 'requestedLiveAgent' may not stand together (oneOf)"],
    ),
    "a member of another event": (
        GBM,
        {"receipts": {}},
        [],
        ["$: 'receipts' may not stand beside the others (not)"],
    ),
    "the constant that agrees": (
        CHAT,
        {},
        ["pre_chat_survey.2.answers"],
        ["$.pre_chat_survey[2]: 'answers' is a required property (required)"],
    ),
    "none of the constants": (
        CHAT,
        {"chat.messages.0.user_type": "visitors"},
        [],
        [
            "$.chat.messages[0].user_type: 'visitors' is none of 'agent', 'visitor', 'supervisor';"
            " did you mean 'visitor'? (const)"
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_told_where_it_is_and_as_what(name: str) -> None:
    """Each fault is one line: path, what is wrong, what may have been meant, the rule."""
    (provider, event, example), values, remove, expected = CASES[name]
    loaded = catalogue.load(provider).events[event]
    document = overrides.apply(loaded.examples[example].document, Overrides(values, remove))
    assert [str(problem) for problem in validation.problems(loaded, document)] == expected


def test_everything_that_is_wrong_is_told_sorted_by_place() -> None:
    """All faults of a document are told, not the first alone, in the order of their paths."""
    loaded = catalogue.load("gitple").events["session_state_close"]
    document = copy.deepcopy(loaded.full.document)
    document["session"].update(id=1, userId=2, openTime=3)
    document["ctime"] = 4
    paths = [problem.path for problem in validation.problems(loaded, document)]
    assert paths == sorted(paths)
    assert set(paths) == {"$.ctime", "$.session.id", "$.session.openTime", "$.session.userId"}


def test_a_huge_value_does_not_fill_the_screen() -> None:
    """A long text in a message is cut."""
    loaded = catalogue.load("gitple").events["session_state_close"]
    document = overrides.apply(loaded.full.document, Overrides({"session.assigneeType": "a" * 100_000}))
    assert all(len(str(problem)) < 700 for problem in validation.problems(loaded, document))


@pytest.mark.parametrize("name", [*_USUALLY, pytest.param(_LARGEST, marks=pytest.mark.thorough)])
def test_every_message_is_one_line(name: str) -> None:
    """Whatever stands in the place of a member, each fault is told in one line."""
    for event in catalogue.load(name).events.values():
        for member in event.walked["full"]:
            for value in (None, 5, "a\nb", [{"x": "\n"}], {"y": None}):
                document = overrides.apply(
                    event.full.document, Overrides({member.pointer: value} if member.pointer else {})
                )
                assert all("\n" not in str(problem) for problem in validation.problems(event, document))
