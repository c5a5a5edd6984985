"""What runs have shown about call sites, as plain facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobtui_core.records import CallState

if TYPE_CHECKING:
    from jobtui_core.records import RunInfo
    from jobtui_core.slices import CallSite
    from jobtui_core.tracing.calls import AcceptedCode

__all__ = ["Call", "FileDigests", "Record", "Sighting", "refused"]

FileDigests = tuple[tuple[str, str | None], ...]
"""Paths as records name them, each with the digest of its content at the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call, as its run recorded it."""

    id: str
    run: str
    function: str
    state: CallState
    parent: str | None = None
    key: str | None = None
    result: str | None = None
    code: str | None = None
    """Static fingerprint of the function that was loaded."""
    store: str | None = None
    """Where its entry is, unless in the project's store."""
    seconds: float | None = None
    """What computing it took, at the time or, for a hit, when it was computed."""
    inputs: FileDigests = ()
    met: FileDigests = ()
    outputs: FileDigests = ()
    error: str = ""
    """``Type: message`` of what it raised."""
    notes: tuple[str, ...] = ()
    started: float | None = None
    entry: str | None = None
    """Key of the entry that answered, where that is older code's: its edit was accepted."""
    accepted: tuple[AcceptedCode, ...] = ()
    """Accepted edits that its result rests on."""

    @property
    def entry_key(self) -> str | None:
        """Key of the entry that holds its result."""
        return self.entry or self.key

    @property
    def ended_well(self) -> bool:
        """Whether it gave a result."""
        return self.state in (CallState.HIT, CallState.COMPUTED, CallState.UNCACHED)

    @property
    def raised(self) -> bool:
        """Whether it raised an error of its own; a call that was cancelled did not fail."""
        return self.state is CallState.FAILED and not self.error.startswith("KeyboardInterrupt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one run did at one call site.

    Attributes
    ----------
    site : CallSite
        As the run's own analysis describes it.
    static_key : str or None
        ``None`` where a result that it takes is not known, or was never there.
    shape : str
        The static key with the results left blank: equal as long as only upstream differs.
    results : tuple of str or None
        Sequence digests of the call sites that it takes results from, in their order.
    complete : bool
        Whether these are all the calls that the run made here, and all gave a result.
    unplaced : bool
        Whether the run called the function where no call site is known: it may have been here.
    reads : tuple
        Files that the statements of the site's own slice opened.
    written : tuple of str
        Files among its inputs and reads that the script itself had written in this run.
    """

    run: str
    started: float
    script: str
    site: CallSite
    static_key: str | None
    shape: str
    results: tuple[str | None, ...]
    calls: tuple[Call, ...]
    complete: bool
    unplaced: bool = False
    counted: int = 0
    """Calls that were only counted, beyond those listed."""
    reads: FileDigests = ()
    written: tuple[str, ...] = ()
    foreign: bool = False
    """Whether a store that others share tells it, of a run elsewhere."""

    @property
    def keys(self) -> tuple[str | None, ...]:
        """Keys of the calls, in order."""
        return tuple(call.key for call in self.calls)

    @property
    def accepted(self) -> tuple[AcceptedCode, ...]:
        """Accepted edits that the calls' results rest on."""
        return tuple(dict.fromkeys(one for call in self.calls for one in call.accepted))

    @property
    def failed(self) -> Call | None:
        """The call that raised, if one did."""
        return next((call for call in self.calls if call.raised), None)

    @property
    def store(self) -> str | None:
        """Where the entries are, unless in the project's store."""
        return next((call.store for call in self.calls if call.store), None)

    @property
    def seconds(self) -> float | None:
        """What computing its calls took, repetitions of one key counted once."""
        took = {call.key or call.id: call.seconds for call in self.calls if call.seconds}
        return sum(took.values()) if took else None

    @property
    def declared(self) -> FileDigests:
        """Declared inputs of its calls and files that the slice opened."""
        return tuple(dict.fromkeys([*self.reads, *(f for c in self.calls for f in c.inputs)]))

    @property
    def met(self) -> FileDigests:
        """Files that the calls opened without declaring them."""
        return tuple(dict.fromkeys(f for call in self.calls for f in call.met))

    @property
    def outputs(self) -> FileDigests:
        """Output files, each with the digest that the calls left."""
        return tuple({path: digest for c in self.calls for path, digest in c.outputs}.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The newest run of a script that called a function."""

    run: str
    started: float
    calls: int
    time: float | None
    """When the last of the calls began or ended."""
    keys: tuple[str, ...]
    seconds: float | None
    failed: Call | None
    code: str | None
    foreign: bool = False
    """Whether it is a run elsewhere, of which there is no more than its record."""


def refused(run: RunInfo) -> bool:
    """Tell whether a script refused the words on its command line, as ``argparse`` does.

    Such words are a slip: nobody wants to be asked about them again, or to have them run again.
    """
    return run.code == 2 and not (run.hits or run.computed or run.failed)
