"""The very same call once more in a process: answered in a few microseconds.

The usual way to a hit binds and hashes arguments and makes a key, which takes longer than all the
rest for a result that is at hand.  Arguments of plain types that cannot change tell themselves
apart, so a call that was answered from memory before is known by them.  What may have happened in
between is still asked: other code or other values that count, an entry that is gone or replaced,
by whatever process, a wish to compute it anew.  Whatever else may have a say
(files, inner calls, callbacks, acceptances, older results) keeps a call out of here.
"""

from __future__ import annotations

import os
from typing import Any, ParamSpec, TypeVar

from jobtui_core import tracing
from jobtui_core.fingerprint import loaded_fingerprint
from jobtui_core.memory.lookup import LookedUpFunction
from jobtui_core.memory.repeated import RepeatedCall, tells_itself
from jobtui_core.memory.request import Request
from jobtui_core.memory.reuse import NOTHING

__all__ = ["RepeatedFunction", "is_known_by_arguments"]

P = ParamSpec("P")
R = TypeVar("R")

_stat = os.stat  # Half the cost of Path.stat.


class RepeatedFunction(LookedUpFunction[P, R]):
    """A function whose repeated calls are answered at once."""

    def _answer_again(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Give the result of a call that was just made, if all is as it was, or ``NOTHING``."""
        call = self._repeated.get(args, kwargs) if self._repeated.by_kinds else None
        if call is None:
            return NOTHING
        # From here on everything is as short as Python has it: the stat is half of it all.
        try:
            # As `_code` and `ReusedResults.get` do; what is wrong with the code is said there.
            if not call.code.stands() and loaded_fingerprint(call.function) is not call.code:
                return NOTHING
            if call.file is not None:
                status = _stat(call.file)
                inode, changed, size = call.state
                if (
                    status.st_mtime_ns != changed
                    or status.st_ino != inode
                    or status.st_size != size
                ):
                    return NOTHING
        except Exception:  # noqa: BLE001  an entry that is gone, or code that defeats us
            return NOTHING
        if self._may_be_asked_anew() or self._asks_somebody():
            return NOTHING
        key = call.key
        self._hits.add()
        call.note_use(key)
        run = tracing.current()
        if type(run) is not tracing.NullRun or tracing.innermost() is not None:
            run.hit(
                call.code.identity,
                self.display_name,
                self.kind,
                key=key,
                result=call.info.result,
                code=call.code.static,
                saved=call.info.duration,
                store=self._store_elsewhere(),
                inner=call.inner,
            )
        return call.value

    def _note_again(self, request: Request, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Remember a call that was answered from memory, where nothing but its code counts."""
        key, used = request.key, self._used
        found = None if key is None else self._reused.results.get(key)
        if key is None or found is None or used is None or self._asks_somebody():
            return
        if tracing.current().replays:
            # Each hit has something to show.
            return
        target, info = request.target, found[2][1]
        if self.kind == "memoized" and info.bare and is_known_by_arguments(request):
            self._repeated.put(
                args, kwargs, RepeatedCall(key, target, request.code, found, used[1])
            )


def is_known_by_arguments(request: Request) -> bool:
    """Tell whether a call is known by its arguments and the code: no files, no accepted edits."""
    target = request.target
    return (
        request.older is None
        and not request.inputs
        and not request.code.static.steps
        and not (target.args or target.kwargs)
        and all(map(_is_fixed, target.binder.names, request.values))
    )


def _is_fixed(name: str, value: Any) -> bool:
    """Tell whether an argument cannot change: a default may be anything."""
    if name == "**":
        return all(map(tells_itself, value.values()))
    if name == "*":
        return all(map(tells_itself, value))
    return tells_itself(value)
