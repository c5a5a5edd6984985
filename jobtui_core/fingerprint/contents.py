"""Values that count by their content."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final

from jobtui_core.errors import JobtuiError
from jobtui_core.hashing import combine, digest

__all__ = ["UNSET", "content_digest"]


class _Unset:
    """Stands for a name that is not bound yet."""


UNSET: Final = _Unset()


def content_digest(name: str, value: Any) -> tuple[str, str]:
    """Digest a value that a function refers to.

    Parameters
    ----------
    name : str
        For the sentence.
    value : object
        ``UNSET`` if the name has none.

    Returns
    -------
    tuple of str
        The digest, and a sentence if the value has none and only its type counts.
    """
    if value is UNSET:
        return combine("unset"), ""
    if isinstance(value, ModuleType):
        return combine("module", value.__name__), ""
    try:
        return digest(value), ""
    except (JobtuiError, RecursionError) as error:
        return combine("unhashable", type(value).__qualname__), f"{name} does not count: {error}"
