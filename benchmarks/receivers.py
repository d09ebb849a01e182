"""The example receiver of the standard library in the manners that cost a sender time.

    python benchmarks/receivers.py fast|delayed|closing

`fast` is the example as it is. `delayed` leaves Nagle's algorithm on: head and body of its answer are two
packets, and the second one waits until the sender has acknowledged the first, on a kept connection up to
40 ms, as with http.server in its plain form. `closing` ends the connection after each answer.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "examples" / "receivers"))

from stdlib_receiver import Receiver, main  # noqa: E402  (the example is a program beside us, not a package)


class Delayed(Receiver):
    disable_nagle_algorithm = False


class Closing(Receiver):
    protocol_version = "HTTP/1.0"


if __name__ == "__main__":
    manner = {"fast": Receiver, "delayed": Delayed, "closing": Closing}[sys.argv.pop(1)]
    main(manner)
