"""A step: a named stage of a script, with files that go in and files that come out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, ParamSpec, TypeVar

from jobtui_core import tracing
from jobtui_core.codecs import level_of
from jobtui_core.entry import EntryInfo, describe_argument
from jobtui_core.entry.earlier import Written, written_in
from jobtui_core.errors import OutputError, UnhashableError, text_of
from jobtui_core.folders import remove
from jobtui_core.hashing import digest
from jobtui_core.limits import Limits
from jobtui_core.memory.cached import CachedFunction
from jobtui_core.memory.inputs import Inputs
from jobtui_core.memory.memory import Memory
from jobtui_core.memory.outputs import describe, keep
from jobtui_core.memory.place import store_in
from jobtui_core.memory.project import project_limits, project_store
from jobtui_core.memory.request import Outcome, Request
from jobtui_core.memory.reuse import NOTHING
from jobtui_core.memory.rooms import Rooms
from jobtui_core.steps.owners import claim, release
from jobtui_core.steps.saving import (
    Target,
    check_output,
    constants_of,
    parts_of,
    rooms_of,
    targets,
    write,
)
from jobtui_core.stores import Store

if TYPE_CHECKING:
    from jobtui_core.records import StepKind

__all__ = ["Step"]

P = ParamSpec("P")
R = TypeVar("R")


class Step(CachedFunction[P, R]):
    """A function decorated with `make`.

    Calls with arguments, code and inputs that were seen before are answered from the store, and
    the output files are put back where they are missing.

    Attributes
    ----------
    func : callable
        The function itself.
    output
        The persisters it was declared with.
    inputs : tuple of str
        Templates of its input files.
    """

    kind: ClassVar[StepKind] = "step"

    def __init__(
        self,
        func: Callable[P, R],
        output: Any = None,
        *,
        inputs: Inputs = (),
        memory: Memory | None = None,
        cachedir: str | os.PathLike[str] | None = None,
        depends: Iterable[Any] = (),
        version: str | int | None = None,
        files: Literal["met", "declared"] = "met",
        history: bool = True,
        force: bool = False,
        name: str | None = None,
        debug: bool = False,
        raise_errors: bool = False,
        inputs_check: Literal["content", "stat"] | None = None,
        allow_pickle: bool | None = None,
        single_flight: bool | float | None = None,
    ) -> None:
        if files not in ("met", "declared"):
            raise ValueError(f"files must be 'met' or 'declared', not {files!r}")
        if memory is not None and cachedir is not None:
            raise TypeError("make takes a memory or a cachedir, not both")
        super().__init__(
            func,
            name=name,
            files=files,
            depends=depends,
            version=version,
            inputs=inputs,
            inputs_check=inputs_check,
            mmap_mode=None if memory is None else memory.mmap_mode,
            allow_pickle=(
                allow_pickle if allow_pickle is not None else memory is None or memory.allow_pickle
            ),
            single_flight=_single_flight(single_flight, memory),
            level=None if memory is None or memory.compress is None else level_of(memory.compress),
        )
        check_output(output, self.display_name)
        self.output = output
        self.memory = memory
        self.history = history
        self.cachedir = cachedir
        self.force = force
        self.debug = debug
        self.raise_errors = raise_errors

    def _store(self) -> Store | None:
        if self.memory is not None:
            return self.memory.store
        return project_store() if self.cachedir is None else store_in(self.cachedir)

    def _limits(self) -> Limits | None:
        if self.memory is not None:
            return self.memory.limits
        return project_limits() if self.cachedir is None else None

    def _known(self, request: Request) -> Any:
        found = super()._known(request)
        if self.debug and found is not NOTHING:
            self._say(f"{self._in_words(request)} is known")
        return found

    def _note_again(self, request: Request, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        # Calls that are noted are answered without a word.
        if not self.debug:
            super()._note_again(request, args, kwargs)

    def _misses_call(self, request: Request, args: Any, kwargs: Any) -> None:
        if self.debug:
            asked = "it is to be computed anew"
            reasons = [] if request.anew else self.explain(*args, **kwargs).reasons
            why = "; ".join(reason.summary for reason in reasons) or asked
            self._say(f"{self._in_words(request)} runs: {why}")

    def _say(self, text: str) -> None:
        sys.stderr.write(f"make: {text}\n")

    def _targets(self, request: Request) -> list[Target]:
        if self.output is None:
            return []
        return targets(self.output, request.arguments, tracing.project_root(), self.display_name)

    def _begin(self, request: Request) -> None:
        for target in self._targets(request):
            if request.key is not None:
                claim(target.place.text, target.name, request.key, self._in_words(request))

    def _failed(self, request: Request) -> None:
        if request.key is not None:
            for target in self._targets(request):
                release(target.place.text, request.key)

    def _in_words(self, request: Request) -> str:
        words = []
        for name, value in request.arguments.items():
            plain = isinstance(value, str | int | float | Path)
            text = describe_argument(name, value, 40) if plain else type(value).__name__
            words.append(f"{name}={text}")
        return f"{self.display_name}({', '.join(words)})"

    def _same_outputs(self, request: Request, info: EntryInfo) -> bool:
        """Tell whether the entry's files are those that are declared today."""
        return self._written(request) == written_in(info.outputs)

    def _written(self, request: Request) -> Written:
        """See `LookedUpFunction`."""
        found = [(item.record, item.saver) for item in self._targets(request)]
        if found and self._constants is not None:
            found.append(("", self._constants))
        return found

    @cached_property
    def _constants(self) -> str | None:
        """Digest of what stands for itself in the declaration, and is part of results so."""
        found = constants_of(self.output)
        if not found:
            return None
        try:
            return digest(found)
        except UnhashableError:
            # Never what another process says.
            return os.urandom(16).hex()

    def _rooms(self, request: Request, folder: Path | None = None) -> Rooms | None:
        return None if self.output is None else rooms_of(self._targets(request), folder)

    def _produce(self, request: Request, result: R, outcome: Outcome) -> R:
        if self.output is None:
            return result
        waiting = self._targets(request)
        result, parts = parts_of(self.output, result, waiting, self.display_name)
        try:
            for target, part in zip(waiting, parts, strict=True):
                write(target, part, self.display_name)
            for target in waiting:
                outcome.outputs.append(self._promote(target, outcome))
            if self._constants is not None:
                outcome.outputs[0]["constants"] = self._constants
        except OutputError:
            raise
        except Exception as error:  # a full disk, or a persister that refuses
            if self.raise_errors:
                raise
            outcome.outputs.clear()
            names = ", ".join(target.name for target in waiting)
            outcome.not_kept(
                f"{self.display_name}: {names} could not be written ({text_of(error)}); "
                "the result is not stored",
                "output",
                names,
            )
        finally:
            for target in waiting:
                if target.temporary is not None:
                    # What stays is swept by a later one.
                    remove(target.temporary)
        return result

    def _produce_aside(self, request: Request, result: R, folder: Path) -> tuple[R, dict[str, str]]:
        if self.output is None:
            return result, {}
        waiting = self._targets(request)
        result, parts = parts_of(self.output, result, waiting, self.display_name)
        found = {}
        for target, part in zip(waiting, parts, strict=True):
            write(target, part, self.display_name, folder)
            assert target.temporary is not None
            found[target.record] = target.digest()
            remove(target.temporary)
        return result, found

    def _promote(self, target: Target, outcome: Outcome) -> dict[str, Any]:
        """Put a file that was saved beside its place into it, and keep its content."""
        assert target.temporary is not None
        digest = target.digest()
        kept = self._keep_file(target, digest, outcome)
        state = target.place.put(target.temporary, digest)
        return describe(target.record, digest, state, saver=target.saver, kept=kept)

    def _keep_file(self, target: Target, digest: str, outcome: Outcome) -> bool:
        store = self._store()
        if store is None or target.temporary is None:
            return False
        try:
            keep(store, digest, target.temporary, content=self.history)
        except OSError as error:
            # The file itself is what was asked for; without a copy it cannot be put back.
            outcome.notes.append(f"no copy of {target.name} is kept: {error}")
            return False
        return self.history

    def _by_value(self) -> tuple[Any, ...]:
        settings = {
            "inputs": self.inputs,
            "memory": self.memory,
            "cachedir": self.cachedir,
            "depends": self.depends,
            "version": self.version,
            "files": self.files,
            "history": self.history,
            "force": self.force,
            "name": self.display_name,
            "debug": self.debug,
            "raise_errors": self.raise_errors,
            "inputs_check": self.inputs_check,
            "allow_pickle": self.allow_pickle,
            "single_flight": self.single_flight,
        }
        return (_rebuild, (self.func, self.output, settings))


def _single_flight(asked: bool | float | None, memory: Memory | None) -> bool | float:
    if asked is not None:
        return asked
    return True if memory is None else memory.single_flight


def _rebuild(func: Callable[..., Any], output: Any, settings: dict[str, Any]) -> Step[..., Any]:
    return Step(func, output, **settings)
