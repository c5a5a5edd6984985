"""A function of which equal calls that are made at once are computed once."""

from __future__ import annotations

from functools import partial
from typing import Any, ParamSpec, TypeVar

from jobtui_core.entry import entry_name, read_info
from jobtui_core.memory.lookup import LookedUpFunction
from jobtui_core.memory.request import Request
from jobtui_core.memory.reuse import NOTHING
from jobtui_core.memory.turn import NO_TURN, NoTurn, Turn
from jobtui_core.memory.waiting import longest_wait
from jobtui_core.stores import Store

__all__ = ["OnceFunction"]

P = ParamSpec("P")
R = TypeVar("R")


class OnceFunction(LookedUpFunction[P, R]):
    """A function whose calls wait for equal ones that are computed already."""

    def _turn(self, request: Request) -> Turn | NoTurn:
        """Give the turn of a call that was looked up in vain."""
        if request.key is None or request.anew or not self.single_flight:
            return NO_TURN
        store = self._store()
        if store is None:
            return NO_TURN
        locks = store.locks
        return Turn(
            request,
            self.display_name,
            store.url if locks is None else locks.path,
            locks,
            longest_wait(self.single_flight),
            partial(self._since, store, request),
            # To look at a remote store once more takes longer than what may happen meanwhile.
            look_first=locks is not None or "shared" not in store.capabilities,
        )

    def _since(self, store: Store, request: Request) -> Any:
        """Give the result of a call if it was stored since it was looked up, or ``NOTHING``."""
        assert request.key is not None
        name = entry_name(request.code.identity, request.key)
        try:
            if store.stat(name) is None:
                return NOTHING
            info = read_info(store, name)
        except Exception:  # noqa: BLE001  what is damaged was said at the first look
            return NOTHING
        known = request.rejected
        if info is None or (
            known is not None and (info.started, info.result) == (known.started, known.result)
        ):
            return NOTHING
        return self._look_up(request)
