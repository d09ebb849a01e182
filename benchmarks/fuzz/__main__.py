"""Prints the table: `python -m benchmarks.fuzz [--full] [--only WORD]`.

Every figure is a ratio of two things measured side by side, the median of five; its goal is told beside it.
Below a goal on a loaded machine is a fact to report, not a failure. The rows of schemathesis and other peers
want them installed (`pip install -r benchmarks/fuzz/requirements.txt`). What the fuzzer finds, beside schemathesis,
is told by `python -m benchmarks.fuzz.finding`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

from benchmarks.fuzz import generating, sending, variety
from benchmarks.fuzz.measure import Figure

SECTIONS: dict[str, Callable[[bool], Iterator[Figure]]] = {
    "generating": generating.figures,
    "variety": variety.figures,
    "sending": sending.figures,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="the long ones too: proof and memory")
    parser.add_argument("--only", choices=list(SECTIONS), help="one section")
    given = parser.parse_args()
    print(f"{'figure':<66} {'ratio':>9} {'goal':>9}  seen")
    for name, figures in SECTIONS.items():
        if given.only in (None, name):
            for figure in figures(given.full):
                print(f"{figure.name:<66} {figure.ratio:>9} {figure.goal:>9}  {figure.seen}", flush=True)


if __name__ == "__main__":
    main()
