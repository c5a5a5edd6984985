"""What is written about a call beside its result, and what is read back of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from jobtui_core.codecs import Codec, decode_plain
from jobtui_core.entry.describe import clean
from jobtui_core.entry.layout import Layout, Simple, check_header
from jobtui_core.errors import CodecError, EntryCorruptError
from jobtui_core.stores import quote

if TYPE_CHECKING:
    from jobtui_core.entry.figures import FigureFacts
    from jobtui_core.records import Preview

__all__ = ["EntryInfo", "EntryMeta"]

COMPACT = ("inputs", "met", "outputs", "inner", "accepted")
"""Facts that a look-up checks, and which are therefore kept outside of the JSON header."""

_NOTHING: dict[str, Any] = {}
"""Never filled."""


@dataclass(slots=True, kw_only=True)
class EntryMeta:
    """What the caller knows of a call whose result is written."""

    key: str
    """32 hexadecimal digits."""
    function: str
    """Identity: ``module:qualified name``."""
    code: str = ""
    """Digest of the function's fingerprint."""
    arguments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By name: ``preview`` and ``digest``."""
    inputs: Sequence[Sequence[str]] = ()
    """Declared inputs: path relative to the root, and content digest."""
    met: Sequence[Sequence[str]] = ()
    """Files that were read without being declared: the same."""
    outputs: Sequence[Mapping[str, Any]] = ()
    """Files that were written: ``path``, ``digest`` of the content … as plain data."""
    inner: Sequence[Any] = ()
    """Calls of steps that were made meanwhile, as plain data."""
    accepted: Sequence[Sequence[str]] = ()
    """Accepted edits that inner calls' results rest on: function, code, older code, and store."""
    hash: str = ""
    """The algorithm of the result's digest, where it is not the default one."""
    started: float = 0.0
    duration: float = 0.0
    """Seconds."""
    run: str = ""
    """Id of the run."""
    call: str = ""
    """Id of the call in it."""
    log: str = ""
    """What the call printed; the end of it is kept where it is long."""
    figures: Sequence[Mapping[str, Any]] = ()
    """Figures that it drew: ``name``, ``width``, ``height``; ``png``, ``svg``: digests of blobs."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of Python and of the libraries that were used, by name."""
    host: str = ""
    user: str = ""
    size: int = 0
    """Bytes of the entry, once it is written."""


class EntryInfo:
    """What an entry says about its result.

    Attributes
    ----------
    key, result : str
        Address of the entry, and content digest of the result.
    started, duration : float
        When the call began, and the seconds it took.
    size : int
        Bytes of the whole entry.
    codec : str
        How the result is stored.
    bare : bool
        Whether it speaks of no files, inner calls or accepted edits: there is nothing to check.

    Notes
    -----
    These, and the files and inner calls, are known without further work.  Everything else is
    read when it is first asked for.  A damaged header does not spoil a hit: it gives empty
    values there, and is an error of `read_info`.
    """

    __slots__ = (
        "_compact",
        "_data",
        "_header",
        "bare",
        "codec",
        "duration",
        "key",
        "result",
        "size",
        "started",
    )

    codec: Codec

    def __init__(self, layout: Layout, data: bytes) -> None:
        self.key = layout.key
        self.result = layout.result
        self.started = layout.started
        self.duration = layout.duration
        self.size = layout.size
        self.codec = layout.codec
        self.bare = not layout.compact
        self._compact = _parse_compact(layout.compact) if layout.compact else {}
        self._data: tuple[bytes, int] | None = (data, layout.header_checksum)
        self._header: dict[str, Any] = {}

    @classmethod
    def of_simple(cls, simple: Simple) -> Self:
        """Give what an entry says about which there is nothing to check."""
        # As every small hit does: no `Layout` on the way.
        self = cls.__new__(cls)
        (
            self.key,
            self.result,
            self.started,
            self.duration,
            self.size,
            text,
            checksum,
            _,
        ) = simple
        self.codec = "plain"
        self.bare = True
        self._compact = _NOTHING
        self._data = (text, checksum)
        self._header = _NOTHING
        return self

    def __repr__(self) -> str:
        return f"EntryInfo({self.key}, {self.function!r})"

    def load(self) -> None:
        """Read the header.

        Raises
        ------
        EntryCorruptError
            If it cannot be read.
        """
        if self._data is not None:
            data, checksum = self._data
            self._data = None
            check_header(data, checksum)
            self._header = _parse_header(data)

    def _fact(self, name: str) -> Any:
        if self._data is not None:
            try:
                self.load()
            except EntryCorruptError:
                self._header = {}
        return self._header.get(name)

    def _string(self, name: str) -> str:
        value = self._fact(name)
        return clean(value, 2000) if isinstance(value, str) else ""

    @property
    def inputs(self) -> list[list[str]]:
        """Declared inputs: path relative to the root, and content digest."""
        return list(self._compact.get("inputs", ()))

    @property
    def met(self) -> list[list[str]]:
        """Files that were read without being declared: the same."""
        return list(self._compact.get("met", ()))

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """Files that were written, as they were recorded."""
        return list(self._compact.get("outputs", ()))

    @property
    def inner(self) -> list[Any]:
        """Calls of steps that were made meanwhile, as they were recorded."""
        return list(self._compact.get("inner", ()))

    @property
    def accepted(self) -> list[list[str]]:
        """Accepted edits that it rests on: function, code, older code, and store."""
        return list(self._compact.get("accepted", ()))

    @property
    def hash(self) -> str:
        """The algorithm of the result's digest, where it is not the default one; else empty."""
        return "".join(self._compact.get("hash", ()))

    @property
    def function(self) -> str:
        """Identity of the function."""
        return self._string("function")

    @property
    def code(self) -> str:
        """Digest of the function's fingerprint."""
        return self._string("code")

    @property
    def arguments(self) -> dict[str, dict[str, str]]:
        """By name: ``preview`` and ``digest``."""
        known = self._fact("arguments")
        return {
            clean(name, 200): {
                str(kind): clean(text, 2000) for kind, text in facts.items() if type(text) is str
            }
            for name, facts in (known.items() if isinstance(known, dict) else ())
            if isinstance(facts, dict)
        }

    @property
    def preview(self) -> Preview | None:
        """A bounded picture of the result, made when it was written."""
        # Not on the way of a hit: the records of the screen and of reports come with it.
        from jobtui_core.entry.preview_json import preview_from_json

        return preview_from_json(self._fact("preview"))

    @property
    def figures(self) -> tuple[FigureFacts, ...]:
        """Figures that the call drew: their pictures are kept as blobs, like output files."""
        from jobtui_core.entry.figures import figures_from

        return figures_from(self._fact("figures"))

    @property
    def log(self) -> str:
        """What the call printed, escape sequences included: untrusted text."""
        value = self._fact("log")
        return value if isinstance(value, str) else ""

    @property
    def versions(self) -> dict[str, str]:
        """Of Python and of the libraries that were used."""
        known = self._fact("versions")
        pairs = known.items() if isinstance(known, dict) else ()
        return {clean(name, 200): clean(str(text), 200) for name, text in pairs}

    def is_in_place(self, folder: str) -> bool:
        """Tell whether entries of its function lie in that folder; so they do if it names none."""
        function = self._fact("function")
        return not isinstance(function, str) or quote(function) == folder

    @property
    def run(self) -> str:
        """Id of the run."""
        return self._string("run")

    @property
    def call(self) -> str:
        """Id of the call in it."""
        return self._string("call")

    @property
    def host(self) -> str:
        """Name of the machine that computed it."""
        return self._string("host")

    @property
    def user(self) -> str:
        """Name of the user who computed it."""
        return self._string("user")


def _parse_header(data: bytes) -> dict[str, Any]:
    import json

    try:
        header = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise EntryCorruptError(f"its header cannot be read: {error}") from error
    if not isinstance(header, dict):
        raise EntryCorruptError("its header is no object")
    return header


def _parse_compact(data: bytes) -> dict[str, Any]:
    try:
        compact = decode_plain(data)
    except CodecError as error:
        raise EntryCorruptError(str(error)) from error
    if not isinstance(compact, dict) or not all(
        name in _KINDS and isinstance(items, list) and all(map(_KINDS[name], items))
        for name, items in compact.items()
    ):
        raise EntryCorruptError("its compact section is no list of files and calls")
    return compact


def _is_file(item: Any) -> bool:
    return type(item) is list and [type(part) for part in item] == [str, str]


def _is_output(item: Any) -> bool:
    return type(item) is dict and type(item.get("path")) is str is type(item.get("digest"))


def _is_call(item: Any) -> bool:
    return (
        isinstance(item, list | tuple)
        and len(item) == 3
        and type(item[0]) is str
        and all(part is None or type(part) is str for part in item[1:])
    )


def _is_accepted(item: Any) -> bool:
    return type(item) is list and [type(part) for part in item] == [str, str, str, str]


def _is_name(item: Any) -> bool:
    return type(item) is str


_KINDS = {
    "inputs": _is_file,
    "met": _is_file,
    "outputs": _is_output,
    "inner": _is_call,
    "accepted": _is_accepted,
    "hash": _is_name,
}
"""What the facts outside of the JSON header are lists of."""
