"""Who computed the results that stores keep, as far as runs tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobtui_core.entry.describe import clean
from jobtui_core.records import CallState, Maker
from jobtui_core.tracing.environment import user_name
from jobtui_core.tracing.liveness import host_name

if TYPE_CHECKING:
    from jobtui_core.project.evidence.facts import Call
    from jobtui_core.project.evidence.harvest import Harvest

__all__ = ["Makers", "is_own"]

_LONGEST = 100
"""Characters of a name that are shown."""


def is_own(user: str, host: str) -> bool:
    """Tell whether somebody is who looks, on this machine."""
    return host in ("", host_name()) and user in ("", user_name())


class Makers:
    """Remembers the last run that computed each result."""

    def __init__(self) -> None:
        self._known: dict[tuple[str | None, str], tuple[float, Maker | None]] = {}

    def add(self, found: Harvest) -> None:
        """Take what a run computed."""
        maker = None
        own = found.mine and is_own(found.user, found.host)
        for address, call in found.kept.items():
            if call.state is not CallState.COMPUTED:
                continue
            time = call.started or found.started
            if not own:
                maker = Maker(
                    user=clean(found.user, _LONGEST), host=clean(found.host, _LONGEST), time=time
                )
            before = self._known.get(address)
            if before is None or before[0] <= time:
                self._known[address] = (time, maker)

    def of(self, call: Call) -> Maker | None:
        """Give who computed the result of a call; ``None`` for oneself, and if nobody knows."""
        key = call.entry_key
        known = self._known.get((call.store, key)) if key is not None else None
        return known[1] if known is not None else None
