"""A function of which equal calls that are made at once are computed once."""

from __future__ import annotations

from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from jobtui_core import tracing
from jobtui_core.entry import entry_name, read_info
from jobtui_core.memory.lookup import LookedUpFunction
from jobtui_core.memory.request import Request
from jobtui_core.memory.reuse import NOTHING
from jobtui_core.memory.turn import NO_TURN, NoTurn, Turn
from jobtui_core.memory.waiting import longest_wait
from jobtui_core.root import STATE_FOLDER
from jobtui_core.stores import Store, UnchangedStore, ensure_state_folder
from jobtui_core.stores.locks import FileLocks

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
        remote = "remote" in store.capabilities
        locks = _locks_beside(store) if remote else store.locks
        return Turn(
            request,
            self.display_name,
            store.url if locks is None else locks.path,
            locks,
            longest_wait(self.single_flight),
            partial(self._since, store, request),
            # To look at a remote store once more takes longer than what may happen meanwhile.
            look_first=not remote and (locks is not None or "shared" not in store.capabilities),
            look_while_waiting=not remote,
        )

    def _since(self, store: Store, request: Request) -> Any:
        """Give the result of a call if it was stored since it was looked up, or ``NOTHING``."""
        assert request.key is not None
        if "remote" in store.capabilities and request.rejected is None:
            return self._look_up(request)
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


def _locks_beside(store: Store) -> FileLocks | None:
    """Give the locks of a remote store among the processes of this machine and this project.

    They lie in the project: a lock in the store would be a request.
    """
    if isinstance(store, UnchangedStore):
        return None
    root = tracing.project_root()
    folder = root / STATE_FOLDER / "index" / "locks"
    name = blake2b(store.url.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return FileLocks.of(str(folder / name), partial(_make, root, folder))


def _make(root: Path, folder: Path) -> None:
    ensure_state_folder(root)
    folder.mkdir(parents=True, exist_ok=True)
