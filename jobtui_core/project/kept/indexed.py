"""Analyses of scripts in the project's index: what a process that begins anew need not redo.

Kept is the last analysis of each script with all that it was read from, as `Analyses` holds it in
memory.  A process that finds the sources as they were takes it as it is; after an edit it brings
it up to date, as one does that goes on.  Everything here is derived and may be deleted; whatever
is damaged, of another version or somebody else's is no analysis.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jobtui_core
from jobtui_core._version import KEY_FORMAT, __version__
from jobtui_core.fingerprint import (
    Fingerprint,
    known_fingerprints,
    restore_fingerprints,
)
from jobtui_core.hashing import combine
from jobtui_core.project.evidence.soundness import is_sound
from jobtui_core.project.kept.indexshape import Printed, ground_from_json, ground_to_json
from jobtui_core.regular import open_regular
from jobtui_core.slices import Analysis, Ground
from jobtui_core.sources import SourceModule, SourceTree
from jobtui_core.whole import write_whole

__all__ = ["Kept", "KeptAnalyses"]

_FORMAT = "jobtui analysis 1"

_LARGEST = 32_000_000
"""Bytes of one analysis; a larger one is not kept."""

_MOST = 64
"""Analyses kept, the latest."""

_is_analysis = re.compile(r"[0-9a-f]{32}\.json").fullmatch
"""Whether a file is one of them: the folder may be a link to where others keep theirs."""

_DAMAGED = (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What reading a file that anybody may have written may raise."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An analysis with what it was read from."""

    tree: SourceTree
    analysis: Analysis
    ground: Ground


class KeptAnalyses:
    """Keeps the analyses of one project's scripts in its index.

    Parameters
    ----------
    root : Path
        Absolute.
    folder : Path
        ``.jobtui/index``; made when there is something to keep and ``.jobtui`` exists.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self._root = root
        self._folder = folder / "analyses"

    def _path(self, script: str, argv: Sequence[str]) -> Path:
        return self._folder / f"{combine('script', script, *argv)}.json"

    def load(
        self, script: str, argv: Sequence[str], places: Sequence[Path], files: Sequence[str]
    ) -> Kept | None:
        """Give the analysis of a script, if one is kept that today's could follow.

        Parameters
        ----------
        script : str
            Relative to the root.
        argv : sequence of str
            The words on its command line.
        places : sequence of Path
            Where its imports are looked for.
        files : sequence of str
            All source files of the project: another one may be what an import means.
        """
        try:
            with open_regular(self._path(script, argv)) as file:
                if not _is_ours(file.fileno()):
                    return None
                head, data = file.readline(1_000), file.read(_LARGEST + 1)
            if head != _head(data, self._circumstances(script, argv, places, files)):
                return None
            return _restored(json.loads(data), self._root, places, script)
        except _DAMAGED:
            return None

    def save(
        self,
        script: str,
        argv: Sequence[str],
        files: Sequence[str],
        kept: Kept,
    ) -> None:
        """Keep an analysis; where that is not possible, the next process makes one again."""
        if not self._folder.parent.parent.is_dir() or not _is_plain(kept.analysis):
            return
        with suppress(*_DAMAGED):
            data = json.dumps(_to_json(kept), separators=(",", ":")).encode("ascii")
            if len(data) > _LARGEST:
                return
            places = kept.tree.search_path
            head = _head(data, self._circumstances(script, argv, places, files))
            self._folder.parent.mkdir(exist_ok=True)
            self._folder.mkdir(exist_ok=True, mode=0o700)
            write_whole(self._path(script, argv), head + data, 0o600)
            self._prune()

    def _prune(self) -> None:
        with os.scandir(self._folder) as entries:
            found = [
                (entry.stat(follow_symlinks=False).st_mtime_ns, entry.path)
                for entry in entries
                if _is_analysis(entry.name)
            ]
        for _, path in sorted(found, reverse=True)[_MOST:]:
            with suppress(OSError):
                Path(path).unlink()

    def _circumstances(
        self, script: str, argv: Sequence[str], places: Sequence[Path], files: Sequence[str]
    ) -> str:
        """Give a digest of all that an analysis depends on beside the files it was read from."""
        return combine(
            _FORMAT, __version__, KEY_FORMAT, sys.version, sys.prefix, _own_code(),
            str(self._root), script, len(argv), *argv,
            len(places), *map(str, places), *sorted(files),
        )  # fmt: skip


def _head(data: bytes, circumstances: str) -> bytes:
    return f"{_FORMAT} {circumstances} {combine('data', data)}\n".encode()


def _is_ours(descriptor: int) -> bool:
    """Whether nobody else may have written a file."""
    found = os.fstat(descriptor)
    mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    return mine and not found.st_mode & 0o022


@cache
def _own_code() -> str:
    """Give a digest of the modules that make analyses: another one may find something else."""
    stamps: list[str] = []
    for package in ("fingerprint", "slices", "sources"):
        with os.scandir(Path(jobtui_core.__file__).parent / package) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    found = entry.stat()
                    stamps.append(f"{entry.name} {found.st_size} {found.st_mtime_ns}")
    return combine("code", *sorted(stamps))


def _is_plain(analysis: Analysis) -> bool:
    """Whether values of parameters are read back as what they are."""
    values = [value for site in analysis.sites for value in site.parameters.values()]
    for one in analysis.parameters:
        values += [one.default, one.value, *one.choices]
    return all(
        value is None
        or type(value) in (str, int, bool)
        or (type(value) is float and math.isfinite(value))
        for value in values
    )


def _to_json(kept: Kept) -> dict[str, Any]:
    tree = kept.tree
    modules = [tree.module_at(path) for path in tree.files]
    numbers: dict[SourceModule | None, int | None] = {m: n for n, m in enumerate(modules)}
    numbers[None] = None
    printed = Printed({module: number for number, module in enumerate(modules)})
    # Those of modules that are no longer part of the tree were taken over for nothing.
    prints = {
        key: found for key, found in known_fingerprints(tree).items() if key[0] in numbers
    } | dict(kept.ground.fingerprints)
    return {
        "modules": [
            [str(module.path), module.name, module.file, module.text] for module in modules
        ],
        "leads": [
            [numbers[leader], [numbers[one] for one in found]]
            for leader, found in tree.leads.items()
            if leader in numbers
        ],
        "missed": sorted(map(str, tree.missed)),
        "consulted": {str(path): digest for path, digest in tree.consulted.items()},
        "prints": [printed.number(key, found) for key, found in prints.items()],
        "symbols": printed.symbols,
        "analysis": kept.analysis.to_json(),
        "ground": ground_to_json(kept.ground, printed),
    }


def _restored(
    data: Mapping[str, Any], root: Path, places: Sequence[Path], script: str
) -> Kept | None:
    analysis = Analysis.from_json(data["analysis"])
    if analysis.script != script or not is_sound(analysis):
        return None
    modules = [_module(*item) for item in data["modules"]]
    leads = {
        None if leader is None else modules[leader]: {modules[one] for one in found}
        for leader, found in data["leads"]
    }
    tree = SourceTree(root, places)
    tree.restore(modules, leads)
    tree.missed = {Path(path) for path in data["missed"]}
    tree.consulted = {Path(path): str(digest) for path, digest in data["consulted"].items()}
    prints: dict[tuple[SourceModule, str], Fingerprint] = Printed.restored(
        data["prints"], data["symbols"], modules
    )
    restore_fingerprints(tree, prints)
    ground = ground_from_json(data["ground"], modules, prints)
    if len(ground.parts) != len(analysis.sites):
        return None
    return Kept(tree, analysis, ground)


def _module(path: str, name: str, file: str, text: str) -> SourceModule:
    if not all(isinstance(item, str) for item in (name, file, text)):
        raise TypeError("no module")
    return SourceModule(name, Path(path), file, text)
