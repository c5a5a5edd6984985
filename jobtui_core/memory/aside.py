"""Calls while a check goes on: computed aside, and compared with what is stored.

``jobtui check`` runs a script once more and tells it by ``JOBTUI_CHECK`` which functions it is
about.  A call of one of these is computed although its result is stored; the two are compared,
the outcome is reported, and the script goes on with the stored result, as it would have done.
Nothing is put into a store meanwhile, by whatever function, and no output file is replaced.
"""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from jobtui_core import tracing
from jobtui_core.entry import EntryInfo, result_digest
from jobtui_core.errors import UnhashableError, text_of
from jobtui_core.hashing import digest
from jobtui_core.memory.circumstances import argument_texts
from jobtui_core.memory.lookup import LookedUpFunction
from jobtui_core.memory.outputs import Inside, inside_call
from jobtui_core.memory.request import Request, own_files
from jobtui_core.memory.reuse import NOTHING
from jobtui_core.memory.rooms import Rooms
from jobtui_core.stores import CHECK
from jobtui_core.tracing.files import quiet

__all__ = ["AsideFunction", "Checking", "checking"]

P = ParamSpec("P")
R = TypeVar("R")

_TEXT = 200
"""Characters of an argument in a report."""


@dataclass(slots=True)
class Checking:
    """What this process was told to check."""

    functions: frozenset[str]
    """Identities of the functions that it is about."""
    through: frozenset[str]
    """Identities of those that have to be computed to get there."""
    report: str
    """File to which each outcome is appended, as a line of JSON."""
    _done: set[str | None] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def first(self, key: str | None) -> bool:
        """Tell whether a call with this key is met for the first time, and take note of it."""
        with self._lock:
            known = key in self._done
            self._done.add(key)
            return not known

    def tell(self, event: str, **facts: Any) -> None:
        """Append a line to the report, in one write: other processes append to it as well."""
        line = json.dumps({"event": event, **facts}).encode("ascii") + b"\n"
        with quiet():
            handle = os.open(self.report, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)


def _told() -> Checking | None:
    text = os.environ.get(CHECK)
    if not text:
        return None
    try:
        facts = json.loads(text)
        return Checking(
            frozenset(facts["functions"]), frozenset(facts["through"]), str(facts["report"])
        )
    except (ValueError, TypeError, KeyError):
        # Whoever set it wants nothing to be changed; there is nobody to report to.
        return Checking(frozenset(), frozenset(), os.devnull)


checking = _told()
"""Set for as long as the process lives, and looked at by every call."""


def _scratch() -> Path | None:
    """Give the folder of the check, which has room for what the project's file system holds."""
    folder = Path(checking.report).parent if checking is not None else None
    return folder if folder is not None and os.access(folder, os.W_OK) else None


class AsideFunction(LookedUpFunction[P, R]):
    """A function whose calls can be computed aside."""

    def _rooms(self, request: Request, folder: Path | None = None) -> Rooms | None:
        """Give what names the files that the function writes itself, if it does.

        Parameters
        ----------
        folder : Path, optional
            Where they lie instead of beside their places.
        """
        return None

    def _produce_aside(self, request: Request, result: R, folder: Path) -> tuple[R, dict[str, str]]:
        """Give a result as callers get it, and the digests of the files that would go with it.

        Parameters
        ----------
        folder : Path
            Where the files may be written; it is removed afterwards.
        """
        return result, {}

    def call_aside(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Compute a call whatever is stored; store nothing, and replace no output file."""
        return self._only_compute(self._request(args, kwargs), args, kwargs)

    def _call_aside(self, check: Checking, request: Request, args: Any, kwargs: Any) -> R:
        """Answer a call as the store would; compute it besides if it is to be checked."""
        identity = request.code.identity
        asked = identity in check.functions
        if not asked and identity not in check.through:
            found: R = self._look_up(request) if request.key is not None else NOTHING
            return self._only_compute(request, args, kwargs) if found is NOTHING else found
        stored = self._stored(request)
        if request.key is not None and not check.first(request.key) and stored[0] is not NOTHING:
            return self._look_up(request)  # type: ignore[no-any-return]  # it was there just now
        facts: dict[str, Any] = {
            "function": identity,
            "key": request.key,
            "arguments": {n: text[:_TEXT] for n, text in argument_texts(request).items()}
            if request.key is not None
            else {},
        }
        if asked:
            check.tell("start", **facts)
        value, info, problem = stored
        if info is None:
            if asked:
                check.tell("end", **facts, state="could-not", why=problem)
            return self._only_compute(request, args, kwargs)
        outcome = self._compare(request, value, info, args, kwargs)
        if asked:
            check.tell("end", **facts, **outcome)
        return value  # type: ignore[no-any-return]  # of the entry of this very call

    def _stored(self, request: Request) -> tuple[Any, EntryInfo | None, str]:
        """Give the result that the store answers a call with, or why there is none."""
        if request.key is None:
            return NOTHING, None, request.unkeyed
        problem = "nothing is stored for this call"
        for value, info, _ in self._candidates(request):
            if not self._stands(request, info, []):
                problem = "what is stored was computed from other files than lie there now"
            elif not self._put_back(info, []):
                problem = "an output file that goes with the stored result is gone"
            else:
                return value, info, ""
        return NOTHING, None, problem

    def _compare(
        self, request: Request, value: Any, info: EntryInfo, args: Any, kwargs: Any
    ) -> dict[str, Any]:
        """Compute a call, and say how the result compares with the stored one."""
        from jobtui_core.diffs.values import ValueDifference, difference

        try:
            result, files, seconds = self._compute_aside(request, args, kwargs)
        except Exception as error:  # noqa: BLE001  the user's code; the next call may fare better
            words = f"it raised {type(error).__name__}: {text_of(error)}"
            return {"state": "could-not", "why": words[:2000]}
        facts: dict[str, Any] = {
            "seconds": round(seconds, 6),
            "stored_seconds": info.duration,
        }
        kept = dict(own_files(info.outputs))
        other = sorted(path for path, found in files.items() if kept.get(path) != found)
        facts["files"] = other
        changed = self._changed_arguments(request)
        if changed:
            facts["note"] = f"it changes {', '.join(changed)} in place"
        if result_digest(result, self._keys.algorithm) == info.result:
            return {**facts, "state": "differs" if other else "same"}
        found = difference(value, result)
        if found is not None:
            return {**facts, "state": "differs", "difference": asdict(found)}
        try:
            digest(result)
        except UnhashableError as error:
            words = f"the results cannot be compared: {error}"
            return {**facts, "state": "differs" if other else "could-not", "why": words}
        return {**facts, "state": "differs", "difference": asdict(ValueDifference())}

    def _only_compute(self, request: Request, args: Any, kwargs: Any) -> R:
        return self._compute_aside(request, args, kwargs)[0]

    def _compute_aside(
        self, request: Request, args: Any, kwargs: Any
    ) -> tuple[R, dict[str, str], float]:
        """Run the function; its files are written where nobody looks, and removed again."""
        import tempfile

        run = tracing.current()
        handle = run.call_start(
            request.code.identity,
            self.display_name,
            self.kind,
            key=request.key,
            declared=[path for path, _ in request.inputs],
            files=self.files,
        )
        inside = Inside()
        token = inside_call.set(inside)
        start = time.perf_counter()
        try:
            with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
                inside.rooms = self._rooms(request, Path(folder))
                result = self.func(*args, **kwargs)
                took = time.perf_counter() - start
                found = self._produce_aside(request, result, Path(folder))
        except BaseException as error:
            run.call_end(handle, "failed", key=request.key, error=error)
            raise
        finally:
            inside_call.reset(token)
        run.call_end(handle, "uncached", key=request.key, took=took)
        return *found, took

    def _changed_arguments(self, request: Request) -> list[str]:
        binder = request.target.binder
        found = []
        for index, before in zip(binder.counted, request.digests, strict=True):
            name = binder.names[index]
            try:
                after = self._keys.digest(request.values[index], name=name)
            except UnhashableError:
                after = ""
            if after != before:
                found.append(name)
        return found
