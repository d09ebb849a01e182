"""The line of a receiver's output that says most of its end, in each language."""

from __future__ import annotations

import pytest

from hookassay.conformance.crash import in_answer, telling
from hookassay.mockserver.emission.answer import Answer

OUTPUTS = {
    "Python": (
        "listening\nTraceback (most recent call last):\n"
        '  File "/srv/hook.py", line 3, in run\n    on_event({})\n'
        '  File "/srv/hook.py", line 41, in on_event\n    event["id"]\nKeyError: \'id\'\nlistening\n',
        "KeyError: 'id' (hook.py:41, in on_event)",
    ),
    "Node": (
        "listening\n/srv/rec.js:9\n    e.a.b;\n     ^\n\nTypeError: b of undefined\n"
        "    at IncomingMessage.<anonymous> (/srv/rec.js:9:66)\n    at node:events:524:28\n\nNode.js v20\nlistening",
        "TypeError: b of undefined (rec.js:9, in IncomingMessage.<anonymous>)",
    ),
    "Go": (
        "panic: index out of range [0]\n\ngoroutine 7 [running]:\nmain.handle()\n\t/srv/main.go:17 +0x1d\n",
        "panic: index out of range [0] (main.go:17)",
    ),
    "Java": (
        'Exception in thread "main" java.lang.NullPointerException: no\n\tat com.acme.Hook.handle(Hook.java:42)\n',
        'Exception in thread "main" java.lang.NullPointerException: no (Hook.java:42, in com.acme.Hook.handle)',
    ),
    "Ruby": (
        "/srv/hook.rb:9:in `fetch': key not found: :id (KeyError)\n\tfrom /srv/hook.rb:9:in `handle'\n",
        "/srv/hook.rb:9:in `fetch': key not found: :id (KeyError) (hook.rb:9, in handle)",
    ),
    "without a place": ("Segmentation fault\nError: out of memory\n", "Error: out of memory"),
    "nothing wrong": ("listening on 3000\nPOST /webhook 200\n", ""),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("output", "said"), OUTPUTS.values(), ids=OUTPUTS.keys())
def test_the_last_error_and_its_place(output: str, said: str) -> None:
    assert telling(output) == said


def test_of_several_errors_the_last_with_its_own_frames() -> None:
    """A receiver that was started again dies of something else: the place is that of the second trace."""
    first, second = OUTPUTS["Python"][0], OUTPUTS["Python"][0].replace("41", "58").replace("KeyError", "ValueError")
    assert telling(first + second) == "ValueError: 'id' (hook.py:58, in on_event)"


def test_an_answer_tells_only_with_a_trace() -> None:
    """A page that speaks of an error without showing its place says nothing that the status does not say."""
    trace = OUTPUTS["Python"][0].encode()
    assert in_answer(Answer(status=500, body=trace)) == OUTPUTS["Python"][1]
    assert in_answer(Answer(status=500, body=b"<h1>Internal Server Error</h1>")) == ""
