"""Write a pip constraints file that holds the lowest version of all that pyproject.toml asks of users.

    python tests/packaging/lowest.py FILE

tox's environment `lowest` installs with it, so that no lower bound promises what nobody has tried.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
TRIED = ("serve", "fuzz")
"""The extras of which something of ours runs in a user's process; the others are tools that users bring."""
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)>=(?P<version>[0-9.]+)(?:,<[0-9.]+)?(?P<marker>\s*;.*)?")


def project() -> dict[str, Any]:
    """The table [project] of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    return table


def lowest() -> Iterator[str]:
    """`name==version` for each dependency of the core and of TRIED. Raises ValueError for one without a lower bound."""
    extras = project()["optional-dependencies"]
    for requirement in [*project()["dependencies"], *(each for extra in TRIED for each in extras[extra])]:
        match = _REQUIREMENT.fullmatch(requirement)
        if match is None:
            raise ValueError(f"pyproject.toml: {requirement!r}: write NAME>=VERSION, so that the lowest can be tried")
        yield f"{match['name']}=={match['version']}{match['marker'] or ''}"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lowest()) + "\n", encoding="utf-8")
