"""A cache folder of joblib's, looked at without unpickling and without changing anything.

joblib keeps ``<module parts>/<name>/func_code.py`` for a function and, for each call,
``<hash>/output.pkl`` with ``<hash>/metadata.json`` beside it; all of it below ``joblib`` in the
folder that the program names.  Releases 0.11 to 1.6 do; the time of a call is there since 1.3.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from jobtui_core.entry.describe import clean, without_secrets
from jobtui_core.entry.inert_previews import preview_of_pickle
from jobtui_core.errors import StoreError
from jobtui_core.records import Preview

__all__ = ["JoblibCache", "JoblibCall", "is_joblib_cache"]

_is_hash = re.compile(r"[0-9a-f]{32,40}").fullmatch
_OUTPUT, _METADATA, _CODE = "output.pkl", "metadata.json", "func_code.py"
_DEEPEST = 40
"""Folders below a cache that are gone through."""
_LOOKED_AT = 5000
"""Folders that are gone through to find out whether there is a cache at all."""

_TEXT = 1 << 20
"""Bytes of metadata or code that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoblibCall:
    """One result in a joblib cache."""

    function: str
    """Folders that lead to it, with dots: module and name, as joblib spells them."""
    key: str
    """joblib's hash of the arguments."""
    folder: Path = field(repr=False)
    arguments: dict[str, str] = field(default_factory=dict)
    """Texts by name, bounded and without control characters and secrets."""
    started: float | None = None
    """Seconds since the epoch; ``None`` before joblib 1.3."""
    duration: float | None = None
    """Seconds."""
    size: int = 0
    """Bytes of all its files."""
    written: float = 0.0
    """When the result was written, in seconds since the epoch."""


def is_joblib_cache(folder: str | Path) -> bool:
    """Tell whether a folder, or ``joblib`` in it, holds a function or a result of joblib's.

    Results may be without their function's source: a process writes that once, wherever it was.
    """
    try:
        cache = JoblibCache(folder)
    except StoreError:
        return False
    # Either comes early in a cache; what is none may be somebody's whole home.
    return any(
        _CODE in files or (_is_hash(path.name) and (_OUTPUT in files or _METADATA in files))
        for path, files in islice(cache.folders(), _LOOKED_AT)
    )


class JoblibCache:
    """The calls in a joblib cache.

    Parameters
    ----------
    folder : str or Path
        What the program gives to ``joblib.Memory``, or ``joblib`` inside it.

    Raises
    ------
    StoreError
        If there is no such folder.
    """

    def __init__(self, folder: str | Path) -> None:
        path = Path(os.path.abspath(Path(folder).expanduser()))
        inner = path / "joblib"
        self.path = inner if inner.is_dir() else path
        if not self.path.is_dir():
            raise StoreError(f"there is no joblib cache at {path}", url=str(path))

    def code(self, name: str) -> str | None:
        """Give the source that a call's function had then; ``name`` as for `call`."""
        text = _read(self._folder_of(name).parent / _CODE)
        return _without_first_line(text) if text else None

    def calls(self, function: str | None = None, *, described: bool = True) -> Iterator[JoblibCall]:
        """Give the stored calls, of one function or of all, in no particular order.

        Parameters
        ----------
        function : str, optional
        described : bool
            Whether to read what was written about each: arguments, start and duration.
        """
        for folder, files in self.folders():
            if _is_hash(folder.name) and (_OUTPUT in files or _METADATA in files):
                name = self._name(folder.parent)
                if function is None or name == function:
                    yield self._call(folder, name, files, described=described)

    def call(self, name: str) -> JoblibCall | None:
        """Give the stored call in a folder; ``None`` if there is none any more.

        Parameters
        ----------
        name : str
            The folder below `path`, with ``/`` between its parts.

        Raises
        ------
        StoreError
            If none of this cache has such a name, or a link leads there.
        """
        folder = self._folder_of(name)
        try:
            with os.scandir(folder) as entries:
                files = {one.name: one for one in entries if one.is_file(follow_symlinks=False)}
        except OSError:
            return None
        if _OUTPUT not in files and _METADATA not in files:
            return None
        return self._call(folder, self._name(folder.parent), files)

    def _folder_of(self, name: str) -> Path:
        folder, parts = self.path, name.split("/")
        for part in parts:
            folder = folder / part
            if part in ("", ".", "..") or "\0" in part or folder.is_symlink():
                raise StoreError(f"{clean(name, 200)} is no result of {self.path}", name=name)
        if not _is_hash(folder.name) or len(parts) > _DEEPEST:
            raise StoreError(f"{clean(name, 200)} is no result of {self.path}", name=name)
        return folder

    def preview(self, call: JoblibCall) -> Preview:
        """Picture the result of a call from the instructions of its pickle."""
        try:
            with (call.folder / _OUTPUT).open("rb") as file:
                return preview_of_pickle(file)
        except OSError as error:
            return Preview(kind="opaque", type="unreadable", text=clean(str(error.strerror)))

    def delete(self, call: JoblibCall) -> None:
        """Delete one result; joblib computes it again when it is asked for, and keeps the rest.

        Raises
        ------
        StoreError
            If it does not belong to this cache, or cannot be deleted.
        """
        if self.path not in call.folder.parents or not _is_hash(call.folder.name):
            raise StoreError(f"{call.folder} is no result of {self.path}", url=str(self.path))
        try:
            shutil.rmtree(call.folder)
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(f"{call.folder} cannot be deleted: {error.strerror}") from error

    def folders(self) -> Iterator[tuple[Path, dict[str, os.DirEntry[str]]]]:
        """Go through the folders in it, with their files; links lead nowhere."""
        waiting = [(self.path, 0)]
        while waiting:
            folder, depth = waiting.pop()
            files = {}
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            if depth < _DEEPEST:
                                waiting.append((folder / entry.name, depth + 1))
                        elif entry.is_file(follow_symlinks=False):
                            files[entry.name] = entry
            except OSError:
                continue
            yield folder, files

    def _name(self, folder: Path) -> str:
        return clean(".".join(folder.relative_to(self.path).parts), 500)

    def _call(
        self,
        folder: Path,
        function: str,
        files: dict[str, os.DirEntry[str]],
        *,
        described: bool = True,
    ) -> JoblibCall:
        size, written = 0, 0.0
        for file in files.values():
            try:
                stat = file.stat(follow_symlinks=False)
            except OSError:
                continue
            size += stat.st_size
            written = max(written, stat.st_mtime)
        known = _metadata(folder / _METADATA) if described else {}
        arguments = known.get("input_args")
        return JoblibCall(
            function=function,
            key=folder.name,
            folder=folder,
            arguments={
                clean(str(name), 100): clean(without_secrets(str(name), str(text)), 200)
                for name, text in (arguments.items() if isinstance(arguments, dict) else ())
            },
            started=_number(known.get("time")),
            duration=_number(known.get("duration")),
            size=size,
            written=written,
        )


def _without_first_line(text: str) -> str:
    """Leave out what joblib notes above a source."""
    first, _, rest = text.partition("\n")
    return rest if first.startswith("# first line:") else text


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_TEXT).decode("utf-8", "replace")
    except OSError:
        return ""


def _metadata(path: Path) -> dict[str, object]:
    try:
        found = json.loads(_read(path))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) < 1e15 else None
