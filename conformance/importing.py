"""Importing our modules as they are.

pytest rewrites the asserts of every module that a plugin's distribution has. Ours have none that tests
depend on, and wherever no bytecode can be written (`PYTHONDONTWRITEBYTECODE` in a container) that
parsing took longer than a third of the battery.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_REWRITES = "_pytest.assertion.rewrite"


@contextmanager
def unrewritten() -> Iterator[None]:
    """Imports inside go past pytest's rewriting of asserts."""
    hooks = [finder for finder in sys.meta_path if type(finder).__module__ == _REWRITES]
    for hook in hooks:
        sys.meta_path.remove(hook)
    try:
        yield
    finally:
        sys.meta_path[:0] = hooks
