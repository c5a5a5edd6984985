"""What a pickle would make, told from its instructions without following any of them.

Nothing named in the stream is imported, called or built: classes and functions become `Named`,
what they would have made `Made`.  Plain data is itself.  Streams are untrusted, so instructions,
bytes and sizes are bounded, and one that breaks off or is nonsense gives what was seen up to there.
"""

from __future__ import annotations

import io
import math
import pickle
from dataclasses import dataclass, field
from typing import IO, Any

__all__ = ["Made", "Named", "Seen", "look_into"]

_INSTRUCTIONS = 200_000
_BYTES = 256 << 20
"""Bytes of a stream that are looked at; those of arrays that are skipped count as well."""
_LONGEST = 16 << 20
"""Bytes of one string or number."""

# The one in C cannot be kept from importing and calling.
_Unpickler: Any = pickle._Unpickler


@dataclass(frozen=True, slots=True)
class Named:
    """A class or function that the stream names."""

    module: str
    name: str

    def __str__(self) -> str:
        return self.name if self.module == "builtins" else f"{self.module}.{self.name}"


@dataclass(eq=False, slots=True)
class Made:
    """What a class or function would have made."""

    by: Any
    arguments: tuple[Any, ...] = ()
    state: Any = None
    items: list[Any] = field(default_factory=list)
    """What would have been appended or set."""

    # Instructions that fill containers call these.

    def append(self, item: Any) -> None:
        self.items.append(item)

    def extend(self, items: Any) -> None:
        self.items.extend(items)

    def add(self, item: Any) -> None:
        self.items.append(item)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.items.append((key, value))


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of a stream."""

    value: Any
    """As far as it was seen."""
    whole: bool


class _EnoughError(Exception):
    """The bounds are reached, or the stream makes no sense."""


class _Bounded:
    """A file of which only so much is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left = _BYTES

    def read(self, size: int) -> bytes:
        if size < 0 or size > min(self._left, _LONGEST):
            raise _EnoughError
        data = self._file.read(size)
        self._left -= len(data)
        return data

    def readline(self) -> bytes:
        data = self._file.readline(min(self._left, _LONGEST))
        self._left -= len(data)
        return data

    def skip(self, size: int) -> None:
        """Go past bytes that tell nothing."""
        if self._file.seekable() and isinstance(getattr(self._file, "raw", None), io.FileIO):
            self._file.seek(size, io.SEEK_CUR)
            return
        while size > 0:
            part = self.read(min(size, 1 << 20))
            if not part:
                raise _EnoughError
            size -= len(part)


class _Looker(_Unpickler):  # type: ignore[misc]  # untyped
    """Follows a stream with stand-ins in place of everything that would run."""

    dispatch = _Unpickler.dispatch.copy()

    def __init__(self, file: _Bounded) -> None:
        super().__init__(file)
        self.bounded = file
        self.stack: list[Any] = []
        self.metastack: list[Any] = []

    def look(self) -> Seen:
        """Give what the stream makes."""
        self._unframer = pickle._Unframer(self.bounded.read, self.bounded.readline)  # type: ignore[attr-defined]
        self.read, self.readinto = self._unframer.read, self._unframer.readinto
        self.readline = self._unframer.readline
        self.append, self.proto = self.stack.append, 0
        try:
            for _count in range(_INSTRUCTIONS):
                key = self.read(1)
                if not key:
                    break
                self.dispatch[key[0]](self)
        except pickle._Stop as stop:  # type: ignore[attr-defined]
            return Seen(stop.value, whole=True)
        except Exception:  # noqa: BLE001, S110  # bytes of anybody's
            pass
        bottom = self.metastack[0] if self.metastack else self.stack
        return Seen(bottom[0] if bottom else None, whole=False)

    def find_class(self, module: str, name: str) -> Named:
        return Named(str(module), str(name))

    def persistent_load(self, pid: Any) -> Made:
        return Made(Named("", "persistent"), (pid,))

    def get_extension(self, code: int) -> None:
        self.append(Named("copyreg", f"extension {code}"))

    def _instantiate(self, klass: Any, args: Any) -> None:
        self.append(Made(klass, tuple(args)))

    def load_reduce(self) -> None:
        arguments = self.stack.pop()
        self.stack[-1] = Made(self.stack[-1], _as_tuple(arguments))

    dispatch[pickle.REDUCE[0]] = load_reduce

    def load_newobj(self) -> None:
        arguments = self.stack.pop()
        self.stack[-1] = Made(self.stack[-1], _as_tuple(arguments))

    dispatch[pickle.NEWOBJ[0]] = load_newobj

    def load_newobj_ex(self) -> None:
        keywords = self.stack.pop()
        arguments = self.stack.pop()
        self.stack[-1] = Made(self.stack[-1], (*_as_tuple(arguments), keywords))

    dispatch[pickle.NEWOBJ_EX[0]] = load_newobj_ex

    def load_build(self) -> None:
        state = self.stack.pop()
        made = self.stack[-1]
        if not isinstance(made, Made):
            raise _EnoughError
        made.state = state
        if str(made.by).endswith(".NumpyArrayWrapper"):
            self._skip_array(made)

    dispatch[pickle.BUILD[0]] = load_build

    def load_next_buffer(self) -> None:
        self.append(Made(Named("builtins", "buffer")))

    dispatch[pickle.NEXT_BUFFER[0]] = load_next_buffer

    def load_readonly_buffer(self) -> None:
        pass

    dispatch[pickle.READONLY_BUFFER[0]] = load_readonly_buffer

    def _skip_array(self, made: Made) -> None:
        """Go past the elements that joblib lays behind the note about an array."""
        from jobtui_core.dumps.dtypes import dtype_of

        state = made.state
        dtype = dtype_of(state["dtype"])
        if dtype is None:
            raise _EnoughError
        if dtype.hasobject:
            made.items.append(_Looker(self.bounded).look())
            return
        if state.get("numpy_array_alignment_bytes") is not None:
            self.bounded.skip(self.bounded.read(1)[0])
        self.bounded.skip(math.prod(state["shape"]) * dtype.itemsize)


def _as_tuple(arguments: Any) -> tuple[Any, ...]:
    return arguments if type(arguments) is tuple else (arguments,)


def look_into(file: IO[bytes]) -> Seen:
    """Tell what a pickle, or a file that `dump` or joblib wrote, would make.

    Parameters
    ----------
    file : binary file
        At the beginning of the stream, which is not compressed.

    Returns
    -------
    Seen
        Plain data as it is, everything else as `Named` and `Made`.
    """
    return _Looker(_Bounded(file)).look()
