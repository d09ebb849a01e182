"""What holds for all tests."""

from __future__ import annotations

import os
import signal

try:
    from hypothesis import settings
except ImportError:  # what ships is tried without it
    pass
else:
    # An ordinary run tries the same examples each time, so that it fails for what was changed and for nothing else;
    # `HYPOTHESIS_PROFILE=wandering` tries others, as a night may.
    settings.register_profile("repeatable", derandomize=True, deadline=None)
    settings.register_profile("wandering", deadline=None)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Started in the background of a shell: our processes would be born deaf to Ctrl-C, which some tests send.
    signal.signal(signal.SIGINT, signal.default_int_handler)
