"""Which runs of a queue may start now: nothing but the decision, so that it can be tested alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["Schedule"]


class Schedule:
    """The runs of a queue between waiting and finished.

    Parameters
    ----------
    after : mapping of str to sequence of str
        For each run, in the order in which they are to start, the runs that have to be done
        before it.  Names that are not runs of the queue are ignored.
    jobs : int
        How many may run at a time.
    """

    def __init__(self, after: Mapping[str, Sequence[str]], jobs: int = 1) -> None:
        self._after = {
            run: tuple(one for one in names if one in after and one != run)
            for run, names in after.items()
        }
        self._jobs = max(1, jobs)
        self.waiting: list[str] = list(after)
        self.running: list[str] = []
        self.done: set[str] = set()
        self.failed: set[str] = set()

    @property
    def finished(self) -> bool:
        """Whether nothing waits and nothing runs."""
        return not self.waiting and not self.running

    def next(self) -> str | None:
        """Give the run that should start now, if there is one."""
        if len(self.running) >= self._jobs:
            return None
        for run in self.waiting:
            if all(name in self.done for name in self._after[run]):
                return run
        return None

    def start(self, run: str) -> None:
        """Note that a run was started."""
        self.waiting.remove(run)
        self.running.append(run)

    def finish(self, run: str, *, well: bool) -> None:
        """Note that a run ended, or that it will never be started."""
        for names in (self.waiting, self.running):
            if run in names:
                names.remove(run)
        (self.done if well else self.failed).add(run)

    def hopeless(self) -> tuple[str, str] | None:
        """Give a waiting run that can never start, and the failed one that it waits for."""
        for run in self.waiting:
            for name in self._after[run]:
                if name in self.failed:
                    return run, name
        return None
