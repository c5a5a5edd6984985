"""What a call put out when it was computed, shown again where its result comes from the store."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from jobtui_core.memory.project import replays

if TYPE_CHECKING:
    from jobtui_core import tracing
    from jobtui_core.entry import EntryInfo

__all__ = ["replay_if_wanted"]


def replay_if_wanted(run: tracing.NullRun, name: str, info: EntryInfo) -> None:
    """Print what an entry keeps of its call's output, below a line that names its run.

    Parameters
    ----------
    run : NullRun
        This process's; it remembers whether that is wanted.
    name : str
        The function, as shown.
    info : EntryInfo
        What answered.
    """
    if run.replays is None:
        run.replays = replays()
    if not run.replays or not (text := info.log):
        return
    from jobtui_core.plain import log_line, plain
    from jobtui_core.tracing.capture import showing

    # Whoever can write into the store could otherwise steer the terminal.
    lines = [log_line(line) for line in text.removesuffix("\n").split("\n")]
    # A closed stream, or one that takes other characters, is no reason to fail.
    with suppress(OSError, ValueError):
        with showing("replay"):
            print(f"{name}: from the cache, as written in run {plain(info.run)}", flush=True)
        with showing("replay", info.run):
            print(*lines, sep="\n", flush=True)
