"""Digests of sparse matrices and arrays: by what they hold, not by what was found out about it.

Nothing here imports scipy: a value of one of its types is proof that somebody did.
"""

from __future__ import annotations

import sys
from typing import Any

from jobtui_core.hashing.nodes import ORDERED, Attributes, Handler, Node, Options, head

__all__ = ["handler_for"]

_REMEMBERED = frozenset(
    {"maxprint", "_has_sorted_indices", "_has_canonical_format", "has_canonical_format"}
)
"""Attributes that looking at a matrix sets: whether its indices are sorted, or how it prints."""


def handler_for(cls: type) -> Handler | None:
    """Give the handler for scipy's sparse matrices and arrays."""
    sparse = sys.modules.get("scipy.sparse")
    if sparse is None or cls.__module__.partition(".")[0] != "scipy":
        return None
    return _sparse if issubclass(cls, (sparse.spmatrix, sparse.sparray)) else None


def _sparse(value: Any, options: Options) -> Node:
    state = {name: part for name, part in vars(value).items() if name not in _REMEMBERED}
    return Node(head("scipy.sparse"), ORDERED, [type(value), Attributes(state)], _unlabelled)


def _unlabelled(children: list[Any], index: int) -> str:
    return ""
