"""Which arguments a call may have changed in place, and is worth asking about afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jobtui_core.errors import UnhashableError

if TYPE_CHECKING:
    from jobtui_core.memory.keys import Keys
    from jobtui_core.memory.request import Request

__all__ = ["changed_arguments", "may_have_changed"]

_IMMUTABLE = frozenset(
    {int, float, complex, bool, str, bytes, type(None), range, slice, type, type(Ellipsis)}
)

_LARGEST_ARRAY = 64 << 20
"""Bytes up to which an array is hashed once more after a call: some milliseconds."""

_LARGEST_CONTAINER = 100_000
"""Items up to which a container is."""


def may_have_changed(value: Any) -> bool:
    """Tell whether a value is to be hashed again after the call that took it.

    Random number generators always are: a call that draws from one changes it, and a hit would
    not.  What cannot change is not, nor what is so large that it would be felt.
    """
    try:
        return _may_have_changed(value)
    except Exception:  # noqa: BLE001  a __getattr__ is anybody's code
        return True


def changed_arguments(request: Request, keys: Keys) -> list[str]:
    """Give the arguments of a call that are not what they were when it began.

    Those are passed over that `may_have_changed` does not hold for.

    Parameters
    ----------
    request : Request
    keys : Keys
        By which they were digested then.
    """
    binder = request.target.binder
    found = []
    for index, before in zip(binder.counted, request.digests, strict=True):
        value, name = request.values[index], binder.names[index]
        if not may_have_changed(value):
            continue
        try:
            after = keys.digest(value, name=name)
        except UnhashableError:
            after = ""
        if after != before:
            found.append(name)
    return found


def _may_have_changed(value: Any) -> bool:
    kind = value.__class__
    if kind in _IMMUTABLE:
        return False
    if kind is tuple or kind is frozenset:
        return len(value) <= _LARGEST_CONTAINER and any(map(_may_have_changed, value))
    size = getattr(value, "nbytes", None)
    if isinstance(size, int):
        flags = getattr(value, "flags", None)
        writeable = getattr(flags, "writeable", True)
        return bool(writeable) and size <= _LARGEST_ARRAY
    if kind in (list, dict, set, bytearray):
        return len(value) <= _LARGEST_CONTAINER
    # Functions and modules change by being edited, which is the fingerprint's business.
    return not callable(value) or hasattr(value, "__dict__")
