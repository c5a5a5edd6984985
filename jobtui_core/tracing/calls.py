"""A call that is going on: what was found out about it so far."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextvars import Token
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from jobtui_core.records import StepKind
    from jobtui_core.tracing.files import FilesMet
    from jobtui_core.tracing.sites import Place

__all__ = ["AcceptedCode", "CallHandle"]

InnerCall = tuple[str, str | None, str | None]

AcceptedCode = tuple[str, str, str, str]
"""A function, its code, the older code whose result was taken for it, and the store that says
so; empty for the project's."""

MOST_INNER_CALLS = 10_000
"""Inner calls remembered of one call; beyond, its record would outgrow its result."""


class CallHandle:
    """What ``call_start`` hands out and ``call_end`` takes back.

    Attributes
    ----------
    id : str
        ``<pid>-<n>``, unique in the run; the ``call`` field of entries.
    function, name, kind
        As given to ``call_start``.
    parent : CallHandle or None
        The call in whose course this one happens.
    started : float
        Seconds since the epoch.
    inner : list of (function, key, result)
        Calls that ended in the course of this one, in order.
    parameters : set of str
        Parameters of the script that were asked for in the course of this one.
    accepted : list of AcceptedCode
        Accepted edits that inner calls' results rest on.
    old : set of str
        Dropped steps whose old results were given in the course of this one.
    result : object
        What the function gave, while observers are told that it returned.
    told, kept : dict
        What observers add to its ``call_end``, and to the header of its entry.
    """

    __slots__ = (
        "accepted",
        "clock",
        "counted",
        "files",
        "function",
        "id",
        "inner",
        "kept",
        "key",
        "kind",
        "log",
        "name",
        "old",
        "parameters",
        "parent",
        "place",
        "result",
        "started",
        "token",
        "told",
    )

    def __init__(
        self, identifier: str, function: str, name: str, kind: StepKind, parent: CallHandle | None
    ) -> None:
        self.id = identifier
        self.function = function
        self.name = name
        self.kind: StepKind = kind
        self.parent = parent
        self.started = time.time()
        self.clock = time.perf_counter()
        self.inner: list[InnerCall] = []
        self.accepted: list[AcceptedCode] = []
        self.parameters: set[str] = set()
        self.old: set[str] = set()
        self.told: dict[str, Any] = {}
        self.kept: dict[str, Any] = {}
        self.result: Any = None
        self.key: str | None = None
        self.place: Place | None = None
        self.counted = False
        self.log = 0
        self.files: FilesMet | None = None
        self.token: Token[CallHandle | None] | None = None

    def __repr__(self) -> str:
        return f"<call {self.id} of {self.function}>"

    def declare(self, paths: Iterable[str]) -> None:
        """Say that the call takes these files as inputs, so that opening them is no news.

        Parameters
        ----------
        paths : iterable of str
            Relative to the project root, or absolute.
        """
        if self.files is not None:
            self.files.declare(paths)

    def met(self) -> tuple[tuple[str, str], ...]:
        """Give the files that the call opened for reading without declaring them.

        Returns
        -------
        tuple of (path, digest)
            Sorted.  Not what it wrote itself, nor files of the system, of packages, hidden
            ones, or temporary ones.  Inputs and files met of inner calls are among them.
        """
        return self.files.met() if self.files is not None else ()

    def moved(self) -> tuple[str, ...]:
        """Give the files met whose content changed between opening them and now.

        A result computed from such a file belongs to no content that anybody can name, so that it
        must not be stored.
        """
        return self.files.moved() if self.files is not None else ()


CallEndState = Literal["hit", "computed", "uncached", "failed"]
"""How ``call_end`` is told that a call ended."""
