"""Where the source says that results are kept, and which of them may be taken."""

from __future__ import annotations

from jobtui_core.slices.arguments import Arguments
from jobtui_core.slices.meanings import MemoryRef
from jobtui_core.slices.terms import Constant, Term, term

__all__ = ["memory_place", "place_of"]

_POSITIONAL = ("location", "backend", "mmap_mode", "compress", "verbose", "backend_options")
"""Arguments of a ``Memory`` that can be given by place."""

_COUNTS = ("location", "backend", "backend_options", "hash", "signing_key", "allow_pickle")
"""Those with which it finds other results, or takes other ones."""


def memory_place(arguments: Arguments) -> str:
    """Tell one ``Memory`` from others by the results that it finds."""
    if arguments.spread:
        return term("memory", *arguments.parts).digest
    given = dict(zip(_POSITIONAL, arguments.positional, strict=False)) | arguments.keywords
    return _digest({name: given[name].term for name in _COUNTS if name in given}) or "nowhere"


def place_of(arguments: Arguments) -> str:
    """Give where a step's results are, by ``memory=`` and ``cachedir=``; empty by default."""
    given: dict[str, Term] = {name: arguments.keywords[name].term
             for name in ("memory", "cachedir") if name in arguments.keywords}  # fmt: skip
    memory = given["memory"].meaning if "memory" in given else None
    return memory.place if isinstance(memory, MemoryRef) else _digest(given)


def _digest(given: dict[str, Term]) -> str:
    parts: list[Term | str] = []
    for name, value in sorted(given.items()):
        if value.meaning != Constant(None):
            parts += [name, value]
    return term("place", *parts).digest if parts else ""
