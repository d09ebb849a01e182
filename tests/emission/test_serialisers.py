"""How real serialisers write what they have parsed: asked of those that are here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hookassay.mockserver.emission import numbers
from hookassay.mockserver.emission.causes import SEPARATING
from hookassay.mockserver.emission.serialisers import SERIALISERS, indented, sorted_keys
from hookassay.mockserver.emission.spelling import Number, Spelling, read, write

from .strategies import documents, few, members, number_texts

NODE = """
let rest = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', data => {
  rest += data;
  let end;
  while ((end = rest.indexOf('\\n')) >= 0) {
    const line = rest.slice(0, end);
    rest = rest.slice(end + 1);
    const value = JSON.parse(line);
    for (const indent of [0, 2]) process.stdout.write(JSON.stringify(JSON.stringify(value, null, indent)) + '\\n');
  }
});
"""
PHP = """
while (($line = fgets(STDIN)) !== false) {
    foreach ([[false, 0], [true, 0], [false, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE],
              [false, JSON_UNESCAPED_UNICODE], [false, JSON_PRETTY_PRINT]] as [$assoc, $flags]) {
        try {
            $value = json_decode(rtrim($line, "\\n"), $assoc, 512, JSON_THROW_ON_ERROR);
            $text = json_encode($value, $flags | JSON_THROW_ON_ERROR);
        } catch (JsonException $error) {
            $text = '!';
        }
        echo json_encode($text), "\\n";
    }
}
"""
RUBY = """
require 'json'
STDOUT.sync = true
STDIN.each_line { |line| puts JSON.generate(JSON.parse(line)) }
"""
GO = """
package main

import ("bufio"; "encoding/json"; "fmt"; "os")

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := in.ReadBytes('\\n')
		if err != nil { return }
		var value any
		if err := json.Unmarshal(line, &value); err != nil { fmt.Println("!", err); continue }
		text, _ := json.Marshal(value)
		fmt.Println(string(text))
	}
}
"""
JAVA = """
import java.util.Scanner;
public class Doubles {
    public static void main(String[] a) {
        Scanner in = new Scanner(System.in);
        while (in.hasNext()) System.out.println(Double.toString(Double.parseDouble(in.next())));
    }
}
"""

spelled = documents(st.one_of(st.none(), st.booleans(), members, st.tuples(number_texts)))
"""Documents with numbers in every form, each as a tuple of its text (Hypothesis takes a Number for a text)."""

Ask = Callable[[str], list[str]]


def _needs(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


def _asking(command: list[str], answers: int = 1, coded: bool = False) -> Iterator[Ask]:
    """Ask a running program: a line of JSON in, so many lines out, each a JSON string itself if they are `coded`."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    given, told = process.stdin, process.stdout
    assert given is not None and told is not None

    def ask(text: str) -> list[str]:
        given.write(text.encode() + b"\n")
        given.flush()
        lines = [told.readline().decode().removesuffix("\n") for _ in range(answers)]
        return [json.loads(line) for line in lines] if coded else lines

    yield ask
    given.close()
    process.wait(timeout=10)
    told.close()


@pytest.fixture(scope="module")
def node() -> Iterator[Ask]:
    yield from _asking([_needs("node"), "-e", NODE], 2, coded=True)


@pytest.fixture(scope="module")
def php() -> Iterator[Ask]:
    yield from _asking([_needs("php"), "-d", "serialize_precision=-1", "-r", PHP], 5, coded=True)


@pytest.fixture(scope="module")
def ruby() -> Iterator[Ask]:
    yield from _asking([_needs("ruby"), "-EUTF-8:UTF-8", "-e", RUBY])


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    source = tmp_path_factory.mktemp("go") / "main.go"
    source.write_text(GO)
    yield from _asking([_needs("go"), "run", str(source)])


@pytest.fixture(scope="module")
def jq() -> Iterator[Ask]:
    program = _needs("jq")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if not re.match(r"jq-1\.[56]", version):
        pytest.skip(f"{version} keeps numbers as they were written; what is copied is jq 1.5 and 1.6")
    yield from _asking([program, "-c", "--unbuffered", "."])


def _text(document: object) -> str:
    """A document's text, its numbers as they are spelled."""
    return write(_numbered(document)).data.decode()


def _numbered(node: object) -> object:
    if isinstance(node, tuple):
        return Number(node[0])
    if isinstance(node, dict):
        return {key: _numbered(value) for key, value in node.items()}
    return [_numbered(value) for value in node] if isinstance(node, list) else node


def _written(document: object, spelling: Spelling | str) -> str:
    """What we say that a serialiser makes of the document's text."""
    known = SERIALISERS[spelling] if isinstance(spelling, str) else spelling
    return write(read(_text(document).encode()), known).data.decode()


@pytest.mark.parametrize(
    ("stack", "serialiser"),
    [
        ("node", "JSON.stringify"),
        ("php", "json_encode"),
        ("ruby", "Ruby to_json"),
        ("go", "Go map"),
        ("jq", "jq"),
    ],
)
def test_value_that_tells_serialisers_apart(request: pytest.FixtureRequest, stack: str, serialiser: str) -> None:
    """The value by which proofs tell serialisers apart is written by each as we say."""
    ask: Ask = request.getfixturevalue(stack)
    assert _written(read(SEPARATING.encode()), serialiser) == ask(SEPARATING)[0]


@few
@given(document=spelled)
def test_javascript(node: Ask, document: object) -> None:
    """Node's JSON.stringify, plain and indented: numbers, escapes, integer keys first."""
    plain, pretty = node(_text(document))
    assert _written(document, "JSON.stringify") == plain
    assert _written(document, indented(SERIALISERS["JSON.stringify"], "  ")) == pretty


@pytest.mark.parametrize(
    "key", ["4294967294", "4294967295", "4294967296", "01", "-1", "1.0", "9", "12345678901234567890"]
)
def test_javascript_array_indices(node: Ask, key: str) -> None:
    """Only array indices (below 2^32 - 1, without leading zeros) come before other keys."""
    document = {"b": 1, key: 2, "10": 3}
    assert _written(document, "JSON.stringify") == node(_text(document))[0]


@few
@given(document=spelled)
def test_php(php: Ask, document: object) -> None:
    """PHP's json_encode with its flags, of objects and of arrays: slashes, escapes, doubles without a fraction."""
    plain, assoc, unescaped, unescaped_unicode, pretty = php(_text(document))
    assume(plain != "!")  # PHP has no member whose name begins with NUL
    assert _written(document, "json_encode") == plain
    assert _written(document, "json_encode, unescaped") == unescaped
    assert _written(document, "json_encode, unescaped unicode") == unescaped_unicode
    assert _written(document, indented(SERIALISERS["json_encode"], "    ")) == pretty
    if not _has_integer_keys(document):  # which may turn an object into a list
        assert _written(document, "json_encode, assoc") == assoc


def _has_integer_keys(node: object) -> bool:
    if isinstance(node, dict):
        return any(re.fullmatch("-?[0-9]+", key) for key in node) or any(map(_has_integer_keys, node.values()))
    return isinstance(node, list) and any(map(_has_integer_keys, node))


@few
@given(document=spelled)
def test_ruby(ruby: Ask, document: object) -> None:
    """Ruby's JSON.generate: integers stay, floats keep a fraction."""
    assert [_written(document, "Ruby to_json")] == ruby(_text(document))


@few
@given(document=spelled)
def test_go(go: Ask, document: object) -> None:
    """Go's json.Marshal of a map: sorted keys, markup escaped, every number a float64."""
    assume(not re.search(r"\\[bf]", _text(document)))  # written as \u0008 and \u000c before Go 1.22
    assert [_written(document, "Go map")] == go(_text(document))
    assert _written(document, "Go encoder") == _written(document, "Go map") + "\n"


@few
@given(document=spelled)
def test_jq(jq: Ask, document: object) -> None:
    """jq -c: doubles in jq's own form."""
    assume("\x7f" not in _text(document))  # escaped by 1.6, not by 1.5
    assert [_written(document, "jq")] == jq(_text(document))


@few
@given(document=spelled)
def test_python(document: object) -> None:
    """Python's json.dumps with its usual options."""
    parsed = json.loads(_text(document))
    assert _written(document, "json.dumps") == json.dumps(parsed)
    assert _written(document, "json.dumps, compact") == json.dumps(parsed, separators=(",", ":"))
    assert _written(document, "json.dumps, UTF-8") == json.dumps(parsed, ensure_ascii=False)
    compact = json.dumps(parsed, ensure_ascii=False, separators=(",", ":"))
    assert _written(document, "json.dumps, compact UTF-8") == compact
    assert _written(document, sorted_keys(SERIALISERS["json.dumps"])) == json.dumps(parsed, sort_keys=True)
    for indent in ("  ", "    ", "\t"):
        assert _written(document, indented(SERIALISERS["json.dumps"], indent)) == json.dumps(parsed, indent=indent)


@few
@given(document=spelled)
def test_web_frameworks(document: object) -> None:
    """Flask's jsonify and Starlette's JSONResponse."""
    flask = pytest.importorskip("flask")
    responses = pytest.importorskip("starlette.responses")
    parsed = json.loads(_text(document))
    with flask.Flask("test").test_request_context():
        assert _written(document, "jsonify").encode() == flask.jsonify(parsed).get_data()
    assert _written(document, "json.dumps, compact UTF-8").encode() == responses.JSONResponse(parsed).body


DOUBLES = (
    "0 -0 0.0 -0.0 1 1.0 1.50 -1.25 100 1e2 1e6 9999999 1e7 12345678.9 0.1 0.01 0.001 0.0009 1e-3 9.99e-4 1e-4 "
    "123e-2 1e15 1e21 1e100 1.5e300 5e-324 1.7976931348623157e308 12345678901234567890 3.14159 -7e-10"
).split()


def test_java(tmp_path: Path) -> None:
    """Java's Double.toString, by which Gson and Jackson write."""
    source = tmp_path / "Doubles.java"
    source.write_text(JAVA)
    command = [_needs("java"), "-XX:TieredStopAtLevel=1", str(source)]
    told = subprocess.run(command, input="\n".join(DOUBLES), capture_output=True, text=True, check=True, timeout=60)
    # Before Java 19 the smallest double had a digit too many (JDK-4511638).
    assert [numbers.java_double(text) for text in DOUBLES] == told.stdout.replace("4.9E-324", "5.0E-324").split()


def test_integers_of_jackson_stay() -> None:
    """Jackson keeps integers of any size, and has one zero."""
    texts = ["1", "-0", "12345678901234567890", "1.0", "1e2"]
    assert [numbers.java_number(text) for text in texts] == ["1", "0", "12345678901234567890", "1.0", "100.0"]


@pytest.mark.parametrize("number", [numbers.php_number, numbers.go_number, numbers.ruby_number, numbers.java_number])
@pytest.mark.parametrize("text", ["1e400", "-1e999"])
def test_number_beyond_a_double_cannot_be_written(number: Callable[[str], str], text: str) -> None:
    """Where a language has no such number, nothing is written again."""
    with pytest.raises(ValueError, match="beyond a double"):
        number(text)


def test_infinity_of_javascript_and_python() -> None:
    """JavaScript writes null for what is beyond a double, Python the word Infinity."""
    assert [numbers.javascript_number(text) for text in ("1e400", "-1e400")] == ["null", "null"]
    assert [numbers.python_number(text) for text in ("1e400", "-1e400")] == ["Infinity", "-Infinity"]
    assert json.dumps(json.loads("[1e400,-1e400]")) == "[Infinity, -Infinity]"
