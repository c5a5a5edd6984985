"""The calls of the operating system that a store is made of, and ways to come between them."""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from typing import Any

CALLS = ("open", "read", "lseek", "fstat", "stat", "close", "writev", "write", "replace", "link",
         "unlink", "rmdir", "mkdir", "scandir", "readlink")  # fmt: skip

Between = Callable[[str, Callable[[], Any]], Any]
"""Is given the name of a call and the call, which it may make, and gives what it returns."""


def come_between(between: Between, put: Callable[[Any, str, Any], None] = setattr) -> None:
    """Have ``between`` decide about every call from here on.

    Parameters
    ----------
    between : callable
    put : callable
        ``setattr``, or what undoes it in time.
    """

    def wrapped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return between(name, lambda: real(*args, **kwargs))
            except OSError as error:
                # Errors of paths name them, and whoever hears of one may go by that.
                if error.filename is None and args and isinstance(args[0], str | os.PathLike):
                    error.filename = os.fspath(args[0])
                raise

        return call

    for name in CALLS:
        put(os, name, wrapped(name, getattr(os, name)))
    put(mmap, "mmap", wrapped("mmap", mmap.mmap))
