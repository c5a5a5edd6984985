"""Every error that jobtui_core raises on its own account, in one tree.

::

    JobtuiError
    ├── ConfigurationError (ValueError)      a setting that cannot be used
    ├── UnknownNameError (LookupError)       a step, script, run or parameter nobody knows
    ├── FilterError (ValueError)             a filter that cannot be understood
    ├── ParameterError (ValueError)          a parameter's value that its script refuses
    ├── ScriptError                          a script that cannot be read
    ├── UnhashableError (TypeError)          a value that has no digest
    ├── EntryError                           an entry that cannot be read
    │   ├── EntryCorruptError                checksum, length or structure is wrong
    │   └── EntryVersionError                written by a newer format
    ├── CodecError (TypeError)               a value that no codec can store
    ├── StoreError (OSError)                 a store that cannot be read or written
    │   ├── StoreUnavailableError            it does not answer now, and may later
    │   └── StoreDeniedError                 it refuses: credentials, permission, no such bucket
    ├── InputError (FileNotFoundError)       a step's declared input that is not there
    ├── OutputError (ValueError)             declared outputs and result do not fit together
    ├── RunError                             a run that cannot be started, cancelled or removed
    ├── NoteError (ValueError)               a note or a tag that cannot be written
    └── AcceptError                          an edit that cannot be accepted, or taken back

``CacheWarning`` (UserWarning) says that something could not be cached or read back, which costs a
recomputation and no more.

User functions' own exceptions are never wrapped.  Errors carry their facts as attributes,
survive pickling, and print one sentence that names the thing and the way out.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "AcceptError",
    "CacheWarning",
    "CodecError",
    "ConfigurationError",
    "EntryCorruptError",
    "EntryError",
    "EntryVersionError",
    "FilterError",
    "InputError",
    "JobtuiError",
    "NoteError",
    "OutputError",
    "ParameterError",
    "ReportError",
    "RunError",
    "ScriptError",
    "StoreDeniedError",
    "StoreError",
    "StoreUnavailableError",
    "UnhashableError",
    "UnknownNameError",
    "text_of",
]


class JobtuiError(Exception):
    """Base of all errors of this package.

    Parameters
    ----------
    message : str
        One sentence that names the thing and the way out.
    **facts
        Whatever a program may want to know: ``path``, ``key``, ``step`` … kept as attributes.
    """

    title = "Something went wrong"
    """A few words for the head of a dialog."""

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts
        self.__dict__.update(facts)

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        # The default would call cls(message) and lose the facts on the way to another process.
        return (_rebuild, (type(self), self.message, self.facts))


def _rebuild(cls: type[JobtuiError], message: str, facts: dict[str, Any]) -> JobtuiError:
    return cls(message, **facts)


def text_of(error: BaseException) -> str:
    """Give what an exception says; its type's name where its own ``__str__`` fails."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001  somebody's __str__
        return type(error).__name__


class CacheWarning(UserWarning):
    """Something could not be cached or read back; the call was, or will be, computed."""


class ConfigurationError(JobtuiError, ValueError):
    """A setting in ``pyproject.toml``, ``jobtui.toml`` or the environment cannot be used."""

    title = "A setting cannot be used"


class UnknownNameError(JobtuiError, LookupError):
    """A step, script, run or parameter was named that does not exist.

    ``name`` is what was asked for and ``nearest`` the closest existing names, best first.
    """

    title = "Unknown name"


class FilterError(JobtuiError, ValueError):
    """A filter, ``text``, cannot be understood; ``position`` is that of the part at fault."""

    title = "A filter cannot be understood"
    position: int
    text: str = ""


class ParameterError(JobtuiError, ValueError):
    """A script's parameter was given a value that it refuses."""

    title = "A parameter's value was refused"


class ScriptError(JobtuiError):
    """A source file cannot be read or parsed.

    ``path`` is the file, ``line`` and ``column`` (1-based) the place where known, else ``None``,
    and ``text`` the offending line, without its newline.
    """

    title = "A script cannot be read"
    path: str
    line: int | None
    column: int | None
    text: str


class UnhashableError(JobtuiError, TypeError):
    """A value has no digest; ``where`` is the path to the part at fault (``config["m"].lock``)."""

    title = "A value cannot be hashed"


class EntryError(JobtuiError):
    """An entry cannot be read."""

    title = "An entry cannot be read"


class EntryCorruptError(EntryError):
    """An entry's checksum, length or structure is wrong."""


class EntryVersionError(EntryError):
    """An entry was written by a newer version of the format."""


class CodecError(JobtuiError, TypeError):
    """A value cannot be stored by any codec that is allowed."""

    title = "A result cannot be stored"


class StoreError(JobtuiError, OSError):
    """A store cannot be reached, read or written."""

    title = "A store cannot be used"


class StoreUnavailableError(StoreError):
    """A store does not answer now, and may later: no network, a server that is down or busy."""

    title = "A store does not answer"


class StoreDeniedError(StoreError):
    """A store refuses: wrong or missing credentials, no permission, no such bucket.

    To try again is of no use before somebody has changed something.
    """

    title = "A store refuses"


class InputError(JobtuiError, FileNotFoundError):
    """A file that a step declares as its input is not there."""

    title = "An input is missing"


class OutputError(JobtuiError, ValueError):
    """What a step declared as ``output=`` and what it returned do not fit together."""

    title = "A step's output does not fit"


class RunError(JobtuiError):
    """A run cannot be started, followed, cancelled or removed."""

    title = "A run cannot be started"


class NoteError(JobtuiError, ValueError):
    """A note, tag or star cannot be written beside a run."""

    title = "A note cannot be written"


class ReportError(JobtuiError, ValueError):
    """A report cannot be written where it was to be; ``path`` is where that is."""

    title = "A report cannot be written"


class AcceptError(JobtuiError):
    """An edit cannot be accepted, or an acceptance cannot be taken back."""

    title = "This edit cannot be accepted"
