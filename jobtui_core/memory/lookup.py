"""A function whose calls are looked up in a store: whether an entry may answer, and how it does.

The entry under the call's own key comes first; where there is none that may answer, those of
older code do whose edits somebody accepted (see `jobtui_core.aliases`).  Whatever goes wrong with
a store, or with what it holds, makes a miss and a warning.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

from jobtui_core import tracing
from jobtui_core.aliases import known_older
from jobtui_core.entry import EntryInfo, entry_name, read_info, read_value
from jobtui_core.entry.earlier import Written, earlier_name, written_in
from jobtui_core.errors import JobtuiError, StoreError, UnhashableError, text_of
from jobtui_core.memory.keyed import KeyedFunction
from jobtui_core.memory.logs_again import replay_if_wanted
from jobtui_core.memory.notices import warn_of_store, warn_once
from jobtui_core.memory.outputs import (
    DamagedCopyError,
    OutputRecord,
    are_records,
    inside_call,
    put_back,
    to_put_back,
)
from jobtui_core.memory.places import is_foreign
from jobtui_core.memory.project import name_elsewhere, outputs_mode, store_named
from jobtui_core.memory.request import Request, own_files
from jobtui_core.memory.reuse import NOTHING, STORED, settled_state
from jobtui_core.named import digest_named
from jobtui_core.stores import Store
from jobtui_core.tracing.calls import AcceptedCode
from jobtui_core.upkeep.use import uses_of

__all__ = ["LookedUpFunction", "file_digest"]

P = ParamSpec("P")
R = TypeVar("R")


class LookedUpFunction(KeyedFunction[P, R]):
    """A function with keys whose calls a store may answer."""

    @abstractmethod
    def _store(self) -> Store | None:
        """Give the store of the results; ``None`` keeps nothing."""

    def _store_elsewhere(self) -> str | None:
        """Name the store for the run's record, unless it is the project's."""
        store = self._store()
        if store is None:
            return None
        if self._elsewhere is None or self._elsewhere[0] is not store:
            self._elsewhere = (store, name_elsewhere(store))
        return self._elsewhere[1]

    def _holds(self, request: Request, info: EntryInfo) -> bool:
        """Tell whether an entry that was found may answer the call."""
        return True

    def _asks_somebody(self) -> bool:
        """Tell whether code of the user's decides about each hit."""
        return False

    def _same_outputs(self, request: Request, info: EntryInfo) -> bool:
        """Tell whether an entry's own output files are those that the call would write."""
        return info.bare or not own_files(info.outputs)

    def _written(self, request: Request) -> Written:
        """Give the output files that a call writes, as its entry is going to say."""
        return ()

    # Looking up

    def _look_up(self, request: Request) -> Any:
        assert request.key is not None
        notes: list[str] = []
        try:
            found = self._read(request)
            if found is None or not self._answers(request, found[1], notes):
                info = request.rejected = None if found is None else found[1]
                found = self._answer_of_earlier_files(request, info, notes)
                found = found or self._answer_of_older_code(request, notes)
                if found is None:
                    request.missed = True
                    return NOTHING
            value, info = found
        except JobtuiError:
            # Wrong use: a setting that cannot be used.
            raise
        except Exception as error:  # noqa: BLE001  whatever an entry says, the call is answered
            text = f"{self.display_name}: an entry is not used: {text_of(error)}"
            warn_once(("look up", request.code.identity), text)
            return NOTHING
        self._hits.add()
        self._note_use(self._store(), info.key)
        run = tracing.current()
        if run.replays is not False:
            replay_if_wanted(run, self.display_name, info)
        if type(run) is tracing.NullRun and tracing.innermost() is None:
            # Nobody listens.
            return value
        run.hit(
            request.code.identity,
            self.display_name,
            self.kind,
            key=request.key,
            result=info.result
            if request.older is None
            else _digest_today(value, info, self._keys.digest),
            code=request.code.static,
            inputs=request.inputs,
            saved=info.duration,
            store=self._store_elsewhere(),
            notes=notes,
            **({} if info.bare and request.older is None else self._more_of(request, info)),
        )
        return value

    def _more_of(self, request: Request, info: EntryInfo) -> dict[str, Any]:
        """Give what a run is told of a hit whose entry speaks of files and of other calls."""
        return {
            "met": [(path, known) for path, known in info.met],
            "outputs": own_files(info.outputs),
            "inner": [tuple(item) for item in info.inner],
            "entry": info.key if request.older is not None else None,
            "accepted": self._rests_on(request, info),
        }

    def _note_use(self, store: Store | None, key: str) -> None:
        """Note that an entry answered: what was used last goes last."""
        used = self._used
        if used is None or used[0] is not store:
            if store is None:
                return
            used = self._used = (store, uses_of(store).note)
        used[1](key)

    def _rests_on(self, request: Request, info: EntryInfo) -> Sequence[AcceptedCode]:
        """Give the accepted edits behind an entry that answers."""
        older = request.older
        if older is None and not info.accepted:
            return ()
        found = [(one[0], one[1], one[2], one[3]) for one in info.accepted]
        if older is not None:
            code = request.code
            found.append((code.identity, code.static.digest, older, self._store_elsewhere() or ""))
        return found

    def _answers(self, request: Request, info: EntryInfo, notes: list[str]) -> bool:
        """Tell whether an entry answers a call, its output files now being in place."""
        if info.bare:
            # Most are, and every hit asks: there is nothing but these two to look at.
            return self._holds(request, info) and self._same_outputs(request, info)
        return self._stands(request, info, notes) and self._put_back(info, notes)

    def _answer_of_earlier_files(
        self, request: Request, latest: EntryInfo | None, notes: list[str]
    ) -> tuple[Any, EntryInfo] | None:
        """Give the entry of what undeclared files held once and hold again; it is the latest then.

        The latest one is kept for the day on which they hold what they did for it.  So it is
        where other output files are declared than those that the latest one goes with.
        """
        store, key = self._store(), request.key
        if store is None or key is None or latest is None or not self._is_aside(request, latest):
            return None
        notes.clear()
        name = entry_name(request.code.identity, key)
        before = earlier_name(key, latest.met, written_in(latest.outputs))
        # Without it an undone edit is a miss, as in a store that cannot be written.
        with suppress(OSError, StoreError):
            store.copy(name, entry_name(request.code.identity, before))
        now = earlier_name(key, _as_they_are(latest), self._written(request))
        found = self._read(request, key, name=now)
        if found is None or not self._answers(request, found[1], notes):
            return None
        with suppress(OSError, StoreError):
            store.copy(entry_name(request.code.identity, now), name)
        return found

    def _is_aside(self, request: Request, latest: EntryInfo) -> bool:
        """Tell whether the entry of a call may lie beside the latest one of its key."""
        return self._files_differ(latest) or not self._same_outputs(request, latest)

    def _files_differ(self, info: EntryInfo) -> bool:
        """Tell whether a step's undeclared files hold something else than an entry says."""
        if self.kind != "step" or self.files == "declared":
            return False
        return any(file_digest(path) != known for path, known in info.met)

    def _answer_of_older_code(
        self, request: Request, notes: list[str]
    ) -> tuple[Any, EntryInfo] | None:
        """Give the entry of older code that answers a call, because somebody accepted the edit."""
        for value, info, older in self._of_older_code(request):
            notes.clear()
            if self._answers(request, info, notes):
                request.older = older
                return value, info
        return None

    def _stands(self, request: Request, info: EntryInfo, notes: list[str]) -> bool:
        """Tell whether an entry may answer a call, its output files left aside."""
        return (
            are_records(info.outputs)
            and (not info.accepted or self._still_accepted(info))
            and self._holds(request, info)
            and self._met_unchanged(request, info, notes)
            and self._same_outputs(request, info)
        )

    @staticmethod
    def _still_accepted(info: EntryInfo) -> bool:
        """Tell whether the edits are still accepted that an entry rests on through inner calls."""
        return all(
            old in known_older(store_named(place or None), function, code)
            for function, code, old, place in info.accepted
        )

    def _candidates(self, request: Request) -> Iterator[tuple[Any, EntryInfo, str | None]]:
        """Give the entries that may answer, with the older code that they are of, if they are."""
        if (found := self._read(request)) is not None:
            yield *found, None
            if request.key is not None and self._is_aside(request, found[1]):
                met, written = _as_they_are(found[1]), self._written(request)
                name = earlier_name(request.key, met, written)
                if (found := self._read(request, name=name)) is not None:
                    yield *found, None
        yield from self._of_older_code(request)

    def _of_older_code(self, request: Request) -> Iterator[tuple[Any, EntryInfo, str]]:
        """Give entries of the same call under code whose edit was accepted, with that code."""
        store = self._store()
        if store is None:
            return
        code = request.code
        for older in known_older(store, code.identity, code.static.digest):
            digest = code.under(older)
            if digest is None:
                return
            key = self._keys.of(request, digest)
            if (found := self._read(request, key)) is not None:
                yield *found, older

    def _read(
        self, request: Request, key: str | None = None, *, name: str | None = None
    ) -> tuple[Any, EntryInfo] | None:
        """Read the entry of a call, or the one with another key of its function.

        ``name`` stands for the key in the entry's name, where that is of earlier files met.
        """
        key = key or request.key
        assert key is not None
        place = name or key
        if request.by_reference:
            return self._read_about(request, key, place)
        if (known := self._reused.get(place)) is not None:
            return known
        store = self._store()
        if store is None:
            return None
        entry = entry_name(request.code.identity, place)
        try:
            file = None
            if self._reused.is_asked_again(place):
                file = (store.copies or store).local_file(entry)
            state = None if file is None else settled_state(file)
            found = read_value(
                store,
                entry,
                key,
                self.mmap_mode,
                allow_pickle=self.allow_pickle,
                remember=True,
                quiet=request.missed,
            )
        except Exception as error:  # noqa: BLE001  a cache that cannot be read costs a computation
            request.unreadable = True
            warn_of_store("read", store, error)
            return None
        if found is not None and file is not None:
            self._reused.put(place, file, state, found)
        return found

    def _read_about(self, request: Request, key: str, place: str) -> tuple[Any, EntryInfo] | None:
        """Read what an entry says, with nothing in place of its result."""
        store = self._store()
        if store is None:
            return None
        try:
            info = read_info(store, entry_name(request.code.identity, place))
        except Exception:  # noqa: BLE001  one that cannot be read does not answer
            return None
        return None if info is None or info.key != key else (STORED, info)

    def _met_unchanged(self, request: Request, info: EntryInfo, notes: list[str]) -> bool:
        if self.files == "declared":
            return True
        changed = [path for path, known in info.met if file_digest(path) != known]
        if not changed:
            return True
        if self.kind == "step":
            return False
        names = ", ".join(changed)
        text = (
            f"{self.display_name} read {names}, which changed since; as it does not declare it, "
            "the stored result stands"
        )
        notes.append(text)
        warn_once(("met", request.code.identity, names), text)
        return True

    def _put_back(self, info: EntryInfo, notes: list[str]) -> bool:
        """Bring an entry's output files into place; ``False`` if that cannot be done."""
        outputs = info.outputs
        if not outputs:
            return True
        try:
            looked = to_put_back(outputs, self._store_of, tracing.project_root(), outputs_mode())
            if looked is None:
                return False
            missing, edited = looked
            for output in missing:
                put_back(output, self._store_of(output), tracing.project_root())
                notes.append(f"{output['path']} was put back")
        except DamagedCopyError as error:
            warn_once(
                ("copy", self.identity, str(error)), f"{self.display_name} runs again: {error}"
            )
            return False
        except OSError as error:
            text = f"{self.display_name}: an output could not be put back: {error}"
            notes.append(text)
            warn_once(("put back", self.identity), text)
            edited = []
        for output in edited:
            text = (
                f"{output['path']} was edited since {self.display_name} wrote it; the file is "
                "kept, and the stored result returned"
            )
            notes.append(text)
            warn_once(("edited", output["path"]), text)
        if (outer := inside_call.get()) is not None:
            outer.extend(outputs)
        return True

    def _outputs_stand(self, info: EntryInfo) -> bool:
        """Tell whether a hit would leave an entry's output files as they should be."""
        root = tracing.project_root()
        try:
            return to_put_back(info.outputs, self._store_of, root, outputs_mode()) is not None
        except OSError:
            # Of one that cannot be looked at now, the hit says so, and stands.
            return True

    def _store_of(self, output: OutputRecord) -> Store:
        """Give the store with the copy of an output; inner calls may have one of their own."""
        own = None if output.get("inner") else self._store()
        return own or store_named(output.get("store"))

    def check_call_in_cache(self, /, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Tell whether a call would be answered from the store; changes nothing."""
        try:
            request = self._request(args, kwargs)
        except JobtuiError:
            return False
        if request.key is None:
            return False
        request.by_reference = True
        return any(
            self._stands(request, info, []) and self._outputs_stand(info)
            for _, info, _ in self._candidates(request)
        )


def _as_they_are(info: EntryInfo) -> list[tuple[str, str | None]]:
    """Give the files that an entry's call met, with what they hold now."""
    return [(path, file_digest(path)) for path, _ in info.met]


def _digest_today(value: Any, info: EntryInfo, digest: Callable[[Any], str]) -> str:
    """Digest a result of older code: objects in it may be of a class that is another one today."""
    if info.codec in ("plain", "array", "nested", "frame") or value is STORED:
        return info.result
    try:
        return digest(value)
    except UnhashableError:
        return info.result


def file_digest(path: str) -> str | None:
    """Digest a file named as in records; ``None`` if it is not there, or nobody here names it."""
    root = tracing.project_root()
    try:
        return None if is_foreign(path, root) else digest_named(path, root)
    except OSError:
        return None
