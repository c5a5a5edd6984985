"""What a store's entries look like from outside: rows of a table, facts for it, and one in detail.

All texts in here may be shown: they are bounded, without characters that steer a terminal, and
without what is a secret by its name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jobtui_core.records import Preview

__all__ = ["Detail", "Facts", "FunctionSum", "Row"]


class Row(NamedTuple):
    """An entry, as far as a listing tells of it."""

    # A tuple, as there are 100,000 of them: it is made in a third of a dataclass's time.

    name: str
    """Of the object in its store; of a joblib cache, the folder of the call."""
    function: str
    """Identity of the function; one that is too long for a name ends in ``…``."""
    size: int
    """Bytes."""
    written: float
    """When it was written, in seconds since the epoch, by the store's clock."""

    @property
    def key(self) -> str:
        """The key of the call; joblib's hash of the arguments, in a cache of its."""
        return self.name.rpartition("/")[2].removesuffix(".entry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an entry says about its call, as far as tables and filters want it."""

    arguments: dict[str, str] = field(default_factory=dict)
    """Bounded texts by name."""
    started: float | None = None
    """When the call began, in seconds since the epoch; joblib tells since 1.3."""
    duration: float | None = None
    """Seconds that it took."""
    host: str = ""
    """Name of the machine that computed it; joblib does not tell."""
    user: str = ""
    """Name of the user who did."""
    what: str = ""
    """The result in a few words: ``ndarray float64 3×4``."""
    problem: str = ""
    """Why nothing more is known, if it cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """All that is told of one entry, without the result itself."""

    row: Row
    facts: Facts
    preview: Preview | None = None
    """A picture of the result; of joblib's, made from the instructions of its pickle."""
    run: str = ""
    """Id of the run that computed it."""
    versions: dict[str, str] = field(default_factory=dict)
    """Of Python and of the libraries that were used."""
    code: str = ""
    """Digest of the function's code, by which the store keeps its source."""
    codec: str = ""
    """How the result is stored."""
    files: tuple[str, ...] = ()
    """Paths of the inputs that it rests on."""
    outputs: tuple[str, ...] = ()
    """Paths of the files that its call wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSum:
    """A function with what is kept of it."""

    function: str
    entries: int
    size: int
    """Bytes of them all."""
    newest: float
    """When the newest one was written, in seconds since the epoch."""
    seconds: float
    """Seconds that its calls took, of those whose facts are known."""
    timed: int
    """How many those are."""
