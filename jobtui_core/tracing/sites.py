"""Call sites: which of the analysed places of a script a call happens at."""

from __future__ import annotations

import ast
import itertools
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

from jobtui_core.errors import JobtuiError
from jobtui_core.tracing.documents import documents_of
from jobtui_core.tracing.files import quiet
from jobtui_core.tracing.frames import DEEPEST, Spot, chain_of, is_project_file, project_frames
from jobtui_core.tracing.redacted import concealed_analysis

if TYPE_CHECKING:
    from jobtui_core.slices import Analysis, CallSite
    from jobtui_core.sources import SourceTree

__all__ = ["Place", "ScriptSites"]

_LIBRARY, _PROJECT, _SCRIPT = 0, 1, 2

MOST_KEYS = 100
"""Distinct keys recorded of a memoized function per call site and run."""

MOST_CALLS = 1000
"""Calls recorded of a memoized function per call site and run, when keys repeat."""


class Place:
    """One place from which one function is called, and how often it was."""

    __slots__ = (
        "_codes",
        "_full",
        "_keys",
        "_lock",
        "_recorded",
        "analysis",
        "computed",
        "function",
        "hits",
        "identifier",
        "inner",
        "saved",
        "site",
        "static",
        "told",
    )

    def __init__(
        self,
        function: str,
        site: int | None,
        analysis: str | None,
        identifier: int = 0,
        codes: tuple[CodeType, ...] = (),
        *,
        inner: bool = False,
    ) -> None:
        self.function = function
        self.inner = inner
        self.site = site
        self.analysis = analysis
        self.identifier = identifier
        self.static = ""
        """What all events of hits here have in common, as JSON; made by whoever writes them."""
        self.hits = 0
        self.computed = 0
        self.saved = 0.0
        self.told = 0
        self._recorded = 0
        self._keys: set[str | None] = set()
        self._full = False
        self._lock = threading.Lock()
        # Kept alive: places are found by the identity of their code objects.
        self._codes = codes

    def admits(self, key: str | None) -> bool:
        """Tell whether a call is to be recorded, or only counted.

        Once one was refused all later ones are, so that what is recorded is a true beginning.
        """
        with self._lock:
            if self._full:
                return False
            if key not in self._keys:
                if len(self._keys) >= MOST_KEYS:
                    self._full = True
                    return False
                self._keys.add(key)
            self._recorded += 1
            self._full = self._recorded >= MOST_CALLS
            return True

    def count(self, *, hit: bool, saved: float = 0.0) -> bool:
        """Count a call that is not recorded; tell whether it is time to say so."""
        with self._lock:
            if hit:
                self.hits += 1
                self.saved += saved
            else:
                self.computed += 1
            total = self.hits + self.computed
            # At 1, 2, 4, 8 …: followers see it grow, and a killed worker's are not all lost.
            return total & (total - 1) == 0

    def reset(self) -> None:
        """Begin anew in a forked child, which has its own events."""
        self.hits = self.computed = self.told = 0
        self.saved = 0.0
        self._lock = threading.Lock()


class ScriptSites:
    """The call sites of one script.

    Parameters
    ----------
    root, script : Path
        Absolute.
    overrides : mapping
        Of its parameters.
    argv : sequence of str
    told : callable
        ``told(event, fields)`` writes an event.
    """

    def __init__(
        self,
        root: Path,
        script: Path,
        overrides: Mapping[str, Any],
        argv: Sequence[str],
        told: Callable[..., None],
    ) -> None:
        self.root = root
        self.script = script
        self.overrides = dict(overrides)
        self.argv = tuple(argv)
        self.analysis: Analysis | None = None
        self._tell = told
        self._filename = str(script)
        self._analysed = False
        self._tree: SourceTree | None = None
        self._forked = False
        self._lock = threading.RLock()
        self._places: dict[tuple[object, ...], Place] = {}
        self._identifiers = itertools.count()
        self._kinds: dict[str, int] = {}
        self._by_end: dict[tuple[str, tuple[object, ...]], list[CallSite]] = {}

    def place(self, frame: FrameType | None, function: str, *, inner: bool) -> Place:
        """Give the place of a call.

        Parameters
        ----------
        frame : FrameType
            The caller.
        function : str
            Identity of what is called.
        inner : bool
            Whether another call is going on: call sites lie in the script, not inside of steps.
        """
        if not inner and self._forked and _is_worker():
            # Beyond the worker's own frames are those of whoever happened to start it.
            frame = None
        address = (function, "inner") if inner else self._address(frame, function)
        place = self._places.get(address)
        if place is None:
            frames, reached = project_frames(None if inner else frame, self._filename)
            place = self._new_place(function, frames if reached else [], inner=inner)
            place = self._places.setdefault(address, place)
        return place

    def _address(self, frame: FrameType | None, function: str) -> tuple[object, ...]:
        """Name the way from the script to a call, fast: on the way of every hit.

        The same walk as `project_frames`, which gives the frames themselves.
        """
        kinds = self._kinds
        parts: list[object] = [function]
        while frame is not None:
            code = frame.f_code
            name = code.co_filename
            kind = kinds.get(name)
            if kind is None:
                kind = kinds[name] = self._kind(name)
            if kind:
                parts += (id(code), frame.f_lasti)
                if kind == _SCRIPT and code.co_name == "<module>":
                    return tuple(parts)
                if len(parts) > 2 * DEEPEST:
                    break
            frame = frame.f_back
        # From a thread, or too deep: the place is not known, only the function.
        return (function,)

    def _kind(self, name: str) -> int:
        if not is_project_file(name):
            return _LIBRARY
        return _SCRIPT if os.path.abspath(name) == self._filename else _PROJECT

    def places(self) -> list[Place]:
        """Give all places that were called from."""
        return list(self._places.values())

    def after_fork(self) -> None:
        """Begin to count anew."""
        self._forked = True
        self._lock = threading.RLock()
        for place in self.places():
            place.reset()

    def _new_place(self, function: str, frames: list[FrameType], *, inner: bool) -> Place:
        # Not how many there are: threads that come at once would get the same.
        identifier = next(self._identifiers)
        if not frames:
            return Place(function, None, None, identifier, inner=inner)
        self.analyse()
        site = self._match(function, chain_of(frames)) if self.analysis is not None else None
        codes = tuple(frame.f_code for frame in frames)
        digest = self.analysis.digest if self.analysis is not None else None
        return Place(function, site, digest, identifier, codes)

    # Analysis -----------------------------------------------------------------------------------

    def analyse(self) -> None:
        """Analyse the script's loaded sources, once."""
        with self._lock:
            if self._analysed:
                return
            self._analysed = True
            try:
                with quiet():
                    self.analysis = self._read()
                    self._index(self.analysis)
                    self._keep(self.analysis)
            except Exception as error:  # noqa: BLE001  # the user's script goes on without sites
                name = type(error).__name__
                self._tell("warning", text=f"call sites are not known: {name}: {error}")

    def source(self, file: str) -> ast.Module:
        """Give the syntax tree of a file that was analysed, named as in the analysis."""
        assert self._tree is not None
        return self._tree.module_at(self.root / file).tree

    def _read(self) -> Analysis:
        from jobtui_core.slices import analyse
        from jobtui_core.sources import SourceTree, import_path

        extra = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        search_path = import_path(self.root, self.script, extra)
        tree = self._tree = SourceTree(self.root, search_path, loaded=_loaded_texts())
        return analyse(tree, self.script, overrides=self.overrides, argv=self.argv)

    def _keep(self, analysis: Analysis) -> None:
        import json

        script = analysis.script
        try:
            data = concealed_analysis(analysis.to_json())
            text = json.dumps(data, separators=(",", ":"), default=repr)
            documents_of(self.root).keep(analysis.digest, text.encode(), analysis=True)
        except (OSError, ValueError, TypeError, JobtuiError) as error:
            self._tell("warning", text=f"the analysis of {script} could not be kept: {error}")
        self._tell("sites", script=script, analysis=analysis.digest)

    def _index(self, analysis: Analysis) -> None:
        for site in analysis.sites:
            ends = tuple((spot.file, spot.end_line, spot.end_column) for spot in site.chain)
            self._by_end.setdefault((site.function, ends), []).append(site)

    def _match(self, function: str, chain: tuple[Spot, ...]) -> int | None:
        from jobtui_core.root import relative_name

        assert self.analysis is not None
        spots = [
            (relative_name(Path(spot.file), self.root), spot.line, spot.column) for spot in chain
        ]
        exact = self._by_end.get((function, tuple(spots)), ())
        if len(exact) == 1:
            return exact[0].index
        # Wrappers and lambdas may stand between the places that the analysis knows; without
        # columns (python -X no_debug_ranges) lines have to do.  Nothing is guessed: both ends
        # must fit, and only one site may.
        near = [site for site in self.analysis.sites if _fits(site, function, spots)]
        return near[0].index if len(near) == 1 else None


def _is_worker() -> bool:
    """Tell whether multiprocessing runs this process, which waits for functions to call."""
    module = sys.modules.get("multiprocessing.process")
    return module is not None and module.parent_process() is not None


def _fits(site: CallSite, function: str, spots: Sequence[tuple[str, int, int]]) -> bool:
    if site.function != function or not site.chain or not spots:
        return False
    wanted = [(spot.file, spot.end_line, spot.end_column) for spot in site.chain]
    if not (_same(wanted[0], spots[0]) and _same(wanted[-1], spots[-1])):
        return False
    rest = iter(spots)
    return all(any(_same(want, spot) for spot in rest) for want in wanted)


def _same(wanted: tuple[str, int, int], spot: tuple[str, int, int]) -> bool:
    return wanted[:2] == spot[:2] and (spot[2] < 0 or wanted[2] == spot[2])


def _loaded_texts() -> Mapping[Path, str]:
    """Give the project's sources as this process loaded them, as far as that is known."""
    try:
        from jobtui_core import fingerprint

        texts: Mapping[Path, str] = fingerprint.loaded_sources()
    except (ImportError, AttributeError):
        return {}
    return texts
