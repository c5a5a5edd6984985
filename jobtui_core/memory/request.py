"""One call on its way through a cached function: what was asked, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from jobtui_core._version import KEY_FORMAT
from jobtui_core.entry import EntryInfo
from jobtui_core.fingerprint import LoadedFingerprint
from jobtui_core.hashing import XXH3, Algorithm, combine, combining
from jobtui_core.memory.outputs import OutputRecord
from jobtui_core.memory.target import Target

__all__ = ["Files", "Outcome", "Request", "call_key", "own_files"]

Files = tuple[tuple[str, str], ...]
"""Paths relative to the project root, each with the digest of its content."""


@dataclass(slots=True)
class Request:
    """One call, as far as it is known before the function runs."""

    target: Target
    values: tuple[Any, ...]
    """All arguments, in the order of ``target.binder.names``."""
    code: LoadedFingerprint
    key: str | None = None
    """``None``: the call has no key, and ``unkeyed`` says why."""
    unkeyed: str = ""
    at_fault: str = ""
    """The argument for which there is no key."""
    digests: tuple[str, ...] = ()
    """Of the arguments that count, in the order of ``target.binder.counted``."""
    inputs: Files = ()
    by_reference: bool = False
    """Whether only what an entry says is wanted, and not the result itself."""
    missed: bool = False
    """Whether it was looked up in vain: what was wrong with an entry has been said."""
    unreadable: bool = False
    """Whether the store could not be read: that it cannot be written either goes without saying."""
    anew: bool = False
    """Whether somebody asked for it to be computed, known or not."""
    rejected: EntryInfo | None = None
    """The entry of its key that was found and may not answer."""
    read: tuple[Any, EntryInfo] | None = None
    """What was read last for it, where that is of use to its function."""
    kept: bool = False
    """Whether its result was computed and stored."""
    older: str | None = None
    """The code whose result answered it, where that is not today's: the edit was accepted."""

    @property
    def arguments(self) -> dict[str, Any]:
        """Arguments by name."""
        return self.target.binder.mapping(self.values)

    @property
    def argument_digests(self) -> dict[str, str]:
        """Digests of the arguments that count, by name."""
        return dict(zip(self.target.binder.counted_names, self.digests, strict=True))


@dataclass(slots=True)
class Outcome:
    """What became of a call, gathered while it ends."""

    duration: float = 0.0
    """Seconds that the function took."""
    state: Literal["computed", "uncached"] = "computed"
    result: str | None = None
    """Content digest of the result."""
    outputs: list[OutputRecord] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pending: bool = False
    """Whether the result is still on its way to the store."""
    notices: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    """Warnings to give once all is written: subject and sentence."""

    def notice(self, text: str, *subject: str) -> None:
        """Note a sentence on the call, and warn of it once."""
        self.notes.append(text)
        self.notices.append((subject, text))

    def not_kept(self, text: str, *subject: str) -> None:
        """Note why the result is not in the store."""
        self.state = "uncached"
        self.notice(text, *subject)


def call_key(
    identity: str,
    code: str,
    names: tuple[str, ...],
    digests: tuple[str, ...],
    inputs: Files,
    algorithm: Algorithm = XXH3,
) -> str:
    """Give the address of a call's entry, out of all that is known when the call happens.

    Parameters
    ----------
    identity : str
        Of the function.
    code : str
        Digest of its fingerprint.
    names : tuple of str
        Of the arguments that count, in the order of the signature.  Which ones are ignored is no
        part of the code.
    digests : tuple of str
        Of their values.
    inputs : Files
        Sorted.
    algorithm : Algorithm
        Part of the key.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    start = _key_start(identity, code, names, algorithm)
    if not inputs:
        return start(*digests)
    return start(*digests, *(part for item in inputs for part in item))


@lru_cache(maxsize=4096)
def _key_start(
    identity: str, code: str, names: tuple[str, ...], algorithm: Algorithm
) -> Callable[..., str]:
    # The same at every call of a function, of which there may be many.
    head = combine(KEY_FORMAT, identity, code, len(names), *names)
    tag = KEY_FORMAT if algorithm is XXH3 else f"{KEY_FORMAT} {algorithm.name}"
    return combining(tag, head, algorithm=algorithm)


def own_files(outputs: Iterable[OutputRecord]) -> Files:
    """Give the output files of a call itself, without those of the calls it made."""
    return tuple((item["path"], item["digest"]) for item in outputs if not item.get("inner"))
