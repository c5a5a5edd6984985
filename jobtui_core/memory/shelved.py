"""Results by reference: what ``call_and_shelve`` gives, small enough to hand to other processes."""

from __future__ import annotations

import os
from typing import Any, Generic, TypeVar

from jobtui_core.entry import MmapMode, entry_name, read_info, read_value
from jobtui_core.errors import JobtuiError, StoreError
from jobtui_core.memory.place import SUBFOLDER, open_location, place_of, store_at
from jobtui_core.stores import Store

__all__ = ["MemorizedResult", "NotMemorizedResult"]

R = TypeVar("R")


class MemorizedResult(Generic[R]):
    """A stored result, which is read when it is asked for.

    Parameters
    ----------
    location : str, path or Store
        As given to `Memory`.
    call_id : (str, str)
        Identity of the function and key of the call.
    backend : str
        ``"local"``; the location tells the kind of store.
    mmap_mode : {None, "r", "r+", "w+", "c"}
        How arrays are mapped into memory.
    verbose : int
        For joblib's sake.
    timestamp : float, optional
        For joblib's sake.
    metadata : dict, optional
        ``duration``, ``time`` and ``input_args`` of the call; read from the entry by default.
    allow_pickle : bool
        As for `Memory`.

    Attributes
    ----------
    func, func_id : str
        Identity of the function.
    args_id : str
        Key of the call.
    duration : float or None
        Seconds that the call took.
    """

    def __init__(
        self,
        location: str | os.PathLike[str] | Store,
        call_id: tuple[str, str],
        backend: str = "local",
        mmap_mode: MmapMode | None = None,
        verbose: int = 0,
        timestamp: float | None = None,
        metadata: dict[str, Any] | None = None,
        *,
        allow_pickle: bool = True,
    ) -> None:
        self._call_id = (str(call_id[0]), str(call_id[1]))
        self._place = place_of(open_location(location, backend))
        # A key is pickled as a mark that there is one, and never as itself.
        self._key = location.signing_key if isinstance(location, Store) else None
        self.allow_pickle = allow_pickle
        # A store was opened at the place inside of a location.
        self.location = (
            location.url.removesuffix(f"/{SUBFOLDER}") if isinstance(location, Store) else location
        )
        self.backend = backend
        self.mmap_mode = mmap_mode
        self.verbose = verbose
        self.timestamp = timestamp
        self.metadata = self._read_metadata() if metadata is None else metadata

    @property
    def store(self) -> Store:
        """Where the result is kept."""
        return store_at(self._place).with_key(self._key)

    @property
    def func(self) -> str:
        """Identity of the function."""
        return self._call_id[0]

    @property
    def func_id(self) -> str:
        """Identity of the function."""
        return self._call_id[0]

    @property
    def args_id(self) -> str:
        """Key of the call."""
        return self._call_id[1]

    @property
    def duration(self) -> float | None:
        """Seconds that the call took."""
        return self.metadata.get("duration")

    def _name(self) -> str:
        return entry_name(*self._call_id)

    def _read_metadata(self) -> dict[str, Any]:
        try:
            info = read_info(self.store, self._name())
        except JobtuiError:
            return {}
        if info is None:
            return {}
        texts = {name: str(item.get("preview", "")) for name, item in info.arguments.items()}
        return {"duration": info.duration, "time": info.started, "input_args": texts}

    def get(self) -> R:
        """Read the result.

        Raises
        ------
        KeyError
            If it was deleted, or is damaged.
        """
        try:
            found = read_value(
                self.store,
                self._name(),
                self.args_id,
                self.mmap_mode,
                allow_pickle=self.allow_pickle,
                remember=True,
            )
        except StoreError as error:
            raise KeyError(
                f"the result {self.args_id} of {self.func} cannot be read: {error}"
            ) from error
        if found is None:
            raise KeyError(f"the result {self.args_id} of {self.func} is not in the store any more")
        return found[0]  # type: ignore[no-any-return]  # what the function gave

    def clear(self) -> None:
        """Delete it, if it is there."""
        self.store.delete(self._name())

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(location={self.location!r}, "
            f"func={self.func!r}, args_id={self.args_id!r})"
        )

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "timestamp": None}


class NotMemorizedResult(Generic[R]):
    """A result that is not in any store, under the same interface.

    Parameters
    ----------
    value : object
    """

    __slots__ = ("valid", "value")

    def __init__(self, value: R) -> None:
        self.value: R | None = value
        self.valid = True

    def get(self) -> R:
        """Give the result.

        Raises
        ------
        KeyError
            After `clear`.
        """
        if not self.valid:
            raise KeyError("No value stored.")
        return self.value  # type: ignore[return-value]  # valid: it is what was given

    def clear(self) -> None:
        """Let go of it."""
        self.valid = False
        self.value = None

    def __repr__(self) -> str:
        if not self.valid:
            return f"{type(self).__name__} with no value"
        from pprint import pformat

        return f"{type(self).__name__}({pformat(self.value)})"

    def __getstate__(self) -> dict[str, Any]:
        return {"valid": self.valid, "value": self.value}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.valid, self.value = state["valid"], state["value"]
