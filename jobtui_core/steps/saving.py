"""A step's result and the persisters declared for it: which part goes into which file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jobtui_core.errors import OutputError
from jobtui_core.memory.places import Place, declare_server, place_of, temporary_beside
from jobtui_core.memory.templates import fields_of, fill
from jobtui_core.named import is_url, record_name
from jobtui_core.steps.persisters import Persister

__all__ = ["Target", "check_output", "fit", "targets", "write"]


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
        if record in seen:
            raise OutputError(f"step {step}: two parts of output= are saved to {name}", step=step)
        seen.add(record)
        found.append(Target(persister, name, record, place_of(record, root)))
    return found


def fit(output: Any, result: Any, save: Callable[[Any], None], step: str, where: str = "") -> Any:
    """Walk a declaration and a result together.

    Parameters
    ----------
    output
        Persisters, constants and ``None`` in tuples, lists and dicts.
    result
        Of the same shape.
    save : callable
        Is given the part for each persister, in the order of `leaves`.
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
        save(result)
        return result
    if isinstance(output, tuple | list):
        if not isinstance(result, tuple | list) or len(result) != len(output):
            raise _misfit(step, where, f"{len(output)} parts in a {type(output).__name__}", result)
        parts = [
            fit(one, part, save, step, f"{where}[{index}]")
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
            key: fit(one, result[key], save, step, f"{where}[{key!r}]")
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

    It lies beside its place, in the project's own folder if that is at a URL, or in ``folder``.

    Raises
    ------
    OutputError
        If the persister wrote no such file.
    """
    if folder is None:
        temporary = target.place.temporary()
    else:
        temporary = temporary_beside(folder / target.record.rpartition("/")[2])
    target.temporary = temporary
    target.persister.at(temporary).save(part)
    if not temporary.is_file():
        raise OutputError(
            f"step {step}: {target.saver}.save did not write self.filename ({temporary.name})",
            step=step,
        )
