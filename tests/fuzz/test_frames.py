"""The place in the receiver's own code that a stack trace shows, in each language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookassay.conformance.fuzz.frames import telling_line, where
from hookassay.mockserver.emission.answer import Answer

TRACES = {
    "Python": (
        'Traceback (most recent call last):\n  File "/srv/app/receiver.py", line 31, in do_POST\n    handle(event)\n'
        '  File "/srv/app/receiver.py", line 41, in handle\n    json.dumps(event)\n'
        '  File "/usr/lib/python3.11/json/__init__.py", line 231, in dumps\n    return cls()\nTypeError: no such thing',
        "receiver.py:41, in handle",
    ),
    "Python, in a debugger's page": (
        "<pre>  File &#34;/srv/venv/site-packages/flask/app.py&#34;, line 880, in dispatch\n"
        "  File &#34;/srv/app/hook.py&#34;, line 9, in hook</pre>",
        "hook.py:9, in hook",
    ),
    "Node": (
        "TypeError: Cannot read properties of undefined (reading 'length')\n"
        "    at parse (/app/node_modules/body/index.js:3:4)\n    at handler (/app/server.js:12:34)\n"
        "    at Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:95:5)",
        "server.js:12, in handler",
    ),
    "Node, in a page": ("Error: no<br> &nbsp; &nbsp;at /app/server.js:12:34<br>", "server.js:12"),
    "Java": (
        "java.lang.NullPointerException: no\n\tat java.base/java.util.Objects.requireNonNull(Objects.java:222)\n"
        "\tat com.acme.Hook.handle(Hook.java:42)\n\tat com.acme.Main.main(Main.java:1)",
        "Hook.java:42, in com.acme.Hook.handle",
    ),
    ".NET": (
        "System.NullReferenceException: no\n   at System.String.Trim(String s) in C:\\net\\String.cs:line 3\n"
        "   at Acme.Hook.Post(Request request) in C:\\src\\Hook.cs:line 17\n",
        "Hook.cs:17, in Acme.Hook.Post",
    ),
    "Ruby": (
        "NoMethodError: no\n/usr/lib/ruby/3.1.0/json/common.rb:216:in `parse'\n/app/app.rb:7:in `block in <main>'",
        "app.rb:7, in block in <main>",
    ),
    "Go": (
        "runtime error: invalid memory address\ngoroutine 6 [running]:\nmain.handle(0x1)\n\t/src/app/main.go:31 +0x1d\n"
        "net/http.(*conn).serve()\n\t/usr/local/go/src/net/http/server.go:1 +0x2",
        "main.go:31",
    ),
    "Perl": (
        "malformed JSON at /usr/share/perl/5.36/JSON/PP.pm line 911.\n\tmain::hook at /srv/app/hook.pl line 20",
        "hook.pl:20",
    ),
    "PHP": (
        "Fatal error: Uncaught TypeError: no in /var/www/hook.php:22\n#0 /var/www/vendor/a.php(3): b()",
        "hook.php:22",
    ),
    "PHP, in a page": ("<b>Warning</b>: no in <b>/var/www/hook.php</b> on line <b>22</b>", "hook.php:22"),
    "libraries alone": (
        'Traceback (most recent call last):\n  File "/usr/lib/python3.11/json/decoder.py", line 3, in decode\nError',
        "decoder.py:3, in decode",
    ),
    "no trace": ('{"error": "at 12:30 nothing broke in /tmp"}', ""),
}


@pytest.mark.parametrize("language", TRACES)
def test_where_it_broke(language: str) -> None:
    text, place = TRACES[language]
    assert where(Answer(500, (), text.encode())) == place


@given(st.text(alphabet="at in(/.:#0123456789)\"'<>\n\\\x1b`abFile,line.pyjsgo", max_size=300))
def test_whatever_an_answer_says_the_place_is_one_plain_line(text: str) -> None:
    place = where(Answer(500, (), text.encode()))
    assert place.isprintable() and "/" not in place and "\\" not in place


def test_a_traceback_is_told_by_its_last_line() -> None:
    assert telling_line(TRACES["Python"][0]) == "TypeError: no such thing"
    assert telling_line("\n  no such event\nat all\n") == "no such event"
    assert telling_line(" \n") == ""
