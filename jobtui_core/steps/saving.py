"""A step's result and the persisters declared for it: which part goes into which file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from jobtui_core.errors import OutputError
from jobtui_core.folders import folder_digest, is_folder
from jobtui_core.hashing import digest_file
from jobtui_core.memory.outputs import inside_call
from jobtui_core.memory.places import Place, declare_server, place_of, temporary_beside
from jobtui_core.memory.rooms import Rooms
from jobtui_core.memory.templates import fields_of, fill
from jobtui_core.named import is_url, record_name
from jobtui_core.steps.persisters import PathOutput, Persister
from jobtui_core.steps.persisters.paths import named

__all__ = ["Target", "check_output", "constants_of", "parts_of", "rooms_of", "targets", "write"]


class Target:
    """One persister of one call: its file, and the part of the result that goes into it."""

    __slots__ = ("name", "persister", "place", "record", "temporary")

    def __init__(self, persister: Persister, name: str, record: str, place: Place) -> None:
        self.persister = persister
        self.name = name
        """As filled in, for messages."""
        self.record = record
        """As records name the file."""
        self.place = place
        self.temporary: Path | None = None

    @property
    def saver(self) -> str:
        """What writes the file."""
        return type(self.persister).__name__

    @property
    def by_itself(self) -> bool:
        """Whether the function writes the file itself."""
        return isinstance(self.persister, PathOutput)

    def spare(self, folder: Path | None) -> Path:
        """Name a file to be written first.

        It lies beside its place, in the project's own folder if that is at a URL, or in a folder.
        """
        if folder is None:
            return self.place.temporary()
        spare = temporary_beside(folder / self.record.rstrip("/").rpartition("/")[2])
        if self.is_folder:
            spare.mkdir()
        return spare

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder, with all that is in it."""
        return is_folder(self.record)

    def is_written(self) -> bool:
        """Tell whether the temporary file, or folder, is there."""
        there = self.temporary
        return there is not None and (there.is_dir() if self.is_folder else there.is_file())

    def digest(self) -> str:
        """Digest the temporary file, or all in the folder."""
        assert self.temporary is not None
        return folder_digest(self.temporary) if self.is_folder else digest_file(self.temporary)


def leaves(output: Any) -> Iterator[Persister]:
    """Give the persisters of a declaration, in order."""
    if isinstance(output, Persister):
        yield output
    elif isinstance(output, tuple | list):
        for item in output:
            yield from leaves(item)
    elif isinstance(output, dict):
        for item in output.values():
            yield from leaves(item)


def constants_of(output: Any) -> list[Any]:
    """Give the constants of a declaration, in order."""
    if isinstance(output, tuple | list):
        return [one for item in output for one in constants_of(item)]
    if isinstance(output, dict):
        return [one for item in output.values() for one in constants_of(item)]
    return [] if output is None or isinstance(output, Persister) else [output]


def check_output(output: Any, step: str) -> None:
    """Refuse a declaration that can never work, when the function is decorated.

    Raises
    ------
    OutputError
        If it is a path instead of a persister, or a path in it is no template.
    StoreError
        If a path in it is a URL that holds credentials.
    """
    if output is None:
        return
    persisters = list(leaves(output))
    if not persisters:
        raise OutputError(
            f"step {step}: output= takes a persister such as NumpyFile('x.npy'), or a tuple, "
            f"list or dict with some in it, not {output!r:.80}",
            step=step,
        )
    for persister in persisters:
        if not fields_of(persister.filename) and is_url(persister.filename):
            record_name(persister.filename, Path())
        declare_server(persister.filename)


def targets(output: Any, arguments: Mapping[str, Any], root: Path, step: str) -> list[Target]:
    """Give the files of a call, in the order of the declaration.

    Raises
    ------
    OutputError
        If two of them are one file, or a template asks for what the step does not have.
    """
    found = []
    seen: set[str] = set()
    for persister in leaves(output):
        name = fill(persister.filename, arguments, step=f"step {step}")
        record = record_name(name, root)
        if name.endswith("/"):
            record = _folder_name(record, persister, step)
        if record in seen:
            raise OutputError(f"step {step}: two parts of output= are saved to {name}", step=step)
        seen.add(record)
        found.append(Target(persister, name, record, place_of(record, root)))
    return found


def _folder_name(record: str, persister: Persister, step: str) -> str:
    if is_url(record) or not isinstance(persister, PathOutput):
        raise OutputError(
            f"step {step}: {persister!r} names a folder; only a PathOutput can be one, on this "
            "machine",
            step=step,
        )
    return f"{record}/"


def parts_of(
    output: Any, result: Any, waiting: Sequence[Target], step: str
) -> tuple[Any, list[Any]]:
    """Give a result as callers get it, and the part for each file.

    Raises
    ------
    OutputError
        If the result is not as declared.
    """
    parts: list[Any] = []

    def take(part: Any) -> Any:
        target = waiting[len(parts)]
        parts.append(part)
        return _path_given(target, part, step) if target.by_itself else part

    return _fit(output, result, take, step), parts


def _path_given(target: Target, part: Any, step: str) -> Any:
    rooms = _rooms_now()
    written = None if rooms is None else rooms.made(target.record)
    known = part is None or (
        isinstance(part, str | os.PathLike) and written is not None and Path(part) == written
    )
    if not known:
        raise OutputError(
            f"step {step}: for a PathOutput the function gives back output_path(), or nothing, "
            f"not {part!r:.80}",
            step=step,
        )
    return named(target.name)


def _rooms_now() -> Rooms | None:
    inside = inside_call.get()
    return None if inside is None else inside.rooms


def rooms_of(waiting: Sequence[Target], folder: Path | None) -> Rooms | None:
    """Give what names the files that the function writes itself, if there are any."""
    makers = [(one.record, partial(one.spare, folder)) for one in waiting if one.by_itself]
    return Rooms(makers) if makers else None


def _fit(output: Any, result: Any, save: Callable[[Any], Any], step: str, where: str = "") -> Any:
    """Walk a declaration and a result together.

    Parameters
    ----------
    output
        Persisters, constants and ``None`` in tuples, lists and dicts.
    result
        Of the same shape.
    save : callable
        Is given the part for each persister, in the order of `leaves`; gives what callers get.
    step, where : str
        For the error.

    Returns
    -------
    object
        The result, with each constant of the declaration in its place.

    Raises
    ------
    OutputError
        If the shapes differ.
    """
    if isinstance(output, Persister):
        return save(result)
    if isinstance(output, tuple | list):
        if not isinstance(result, tuple | list) or len(result) != len(output):
            raise _misfit(step, where, f"{len(output)} parts in a {type(output).__name__}", result)
        parts = [
            _fit(one, part, save, step, f"{where}[{index}]")
            for index, (one, part) in enumerate(zip(output, result, strict=True))
        ]
        if all(new is old for new, old in zip(parts, result, strict=True)):
            return result
        # A named tuple is made from its parts one by one.
        return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
    if isinstance(output, dict):
        if not isinstance(result, dict) or set(result) != set(output):
            raise _misfit(step, where, f"a dict with {sorted(map(str, output))}", result)
        parts_by_key = {
            key: _fit(one, result[key], save, step, f"{where}[{key!r}]")
            for key, one in output.items()
        }
        if all(parts_by_key[key] is result[key] for key in result):
            return result
        return {key: parts_by_key[key] for key in result}
    # None says that this part has no file; any other constant is given back as it is.
    return result if output is None else output


def _misfit(step: str, where: str, wanted: str, result: Any) -> OutputError:
    got = type(result).__name__
    if isinstance(result, tuple | list):
        got = f"a {got} of {len(result)}"
    elif isinstance(result, dict):
        got = f"a dict with {sorted(map(str, result))}"
    return OutputError(
        f"step {step}: output= declares {wanted}, but the result{where} is {got}", step=step
    )


def write(target: Target, part: Any, step: str, folder: Path | None = None) -> None:
    """Save a part of the result; ``target.temporary`` is then the file.

    Parameters
    ----------
    folder : Path, optional
        Where it lies instead of beside its place.

    Raises
    ------
    OutputError
        If there is no such file then.
    """
    if target.by_itself:
        rooms = _rooms_now()
        target.temporary = None if rooms is None else rooms.made(target.record)
        if not target.is_written():
            raise OutputError(
                f"step {step}: the function did not write {target.name}, for which output_path() "
                "gives the name to write to",
                step=step,
            )
        return
    temporary = target.spare(folder)
    target.temporary = temporary
    target.persister.at(temporary).save(part)
    if not temporary.is_file():
        raise OutputError(
            f"step {step}: {target.saver}.save did not write self.filename ({temporary.name})",
            step=step,
        )
