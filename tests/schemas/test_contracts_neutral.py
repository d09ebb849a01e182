"""Nothing in Python or in templates knows a vendor by name: what is special about one stands in its folder."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookassay.schemas import catalogue

ROOT = Path(__file__).parents[2]
NAME = re.compile(rf"(?<![\w-])({'|'.join(catalogue.find())})(?![\w-])", re.IGNORECASE)
"""A provider's name as a word of its own; within a header's name (`X-…-Signature`) it is a guess among others."""

DEMO = {"src/hookassay/cli/demo.py", "src/hookassay/demo/right.py", "src/hookassay/demo/wrong.py"}
"""The demonstration is about two receivers of one vendor."""


def sources() -> Iterator[Path]:
    """Every module that ships, and the tools."""
    found = [*(ROOT / "schemas").glob("*.py"), *(ROOT / "tools").glob("*.py")]
    for folder in ("mockserver", "conformance", "src/hookassay/cli", "src/hookassay/demo"):
        found += (ROOT / folder).rglob("*.py")
    yield from sorted(path for path in found if path.relative_to(ROOT).as_posix() not in DEMO)


def others() -> Iterator[Path]:
    """Templates, scripts, styles and records that are no Python."""
    for folder in ("mockserver", "conformance", "src/hookassay/cli"):
        for suffix in ("html", "j2", "jinja", "js", "css", "toml", "sql"):
            yield from sorted((ROOT / folder).rglob(f"*.{suffix}"))


def words(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Identifiers and texts of a module, without its docstrings: what runs, not what explains."""
    explained = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explained:
            yield node.lineno, node.value
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.lineno, node.name
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.value.lineno, node.arg


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_code_names_a_provider(path: Path) -> None:
    """No identifier and no text in code is a provider's name; docstrings may take one as an example."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [(line, word) for line, word in words(tree) if NAME.search(word.replace("_", " "))]
    assert found == []


def test_no_template_names_a_provider() -> None:
    """What is shown is made from the data."""
    found = [path for path in others() if NAME.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_the_search_finds_what_it_looks_for() -> None:
    """Names are found in identifiers and texts, and left alone in docstrings and headers."""
    code = 'def f():\n    """Gitple."""\n    return "gitple", is_gbm, closer_to, "X-Gitple-Signature"\n'
    found = {word for _, word in words(ast.parse(code)) if NAME.search(word.replace("_", " "))}
    assert found == {"gitple", "is_gbm", "closer_to"}
