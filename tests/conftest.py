"""What all tests share: signals as a terminal leaves them, and examples that repeat."""

from __future__ import annotations

import signal

from hypothesis import settings

# A busy machine is no failure, the time limit of each test stays; and a run that fails once
# fails the next time too.
settings.register_profile("jobtui", deadline=None, derandomize=True)
settings.load_profile("jobtui")

# A shell starts background jobs with interrupts ignored, and every child would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
