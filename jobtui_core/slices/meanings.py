"""What the analysis may know about a value beyond its digest."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jobtui_core.records import StepKind
from jobtui_core.slices.terms import Term
from jobtui_core.sources import SourceModule

if TYPE_CHECKING:
    from jobtui_core.slices.arguments import Arguments

__all__ = [
    "BoundMethod",
    "ClassRef",
    "Declaration",
    "FunctionRef",
    "InstanceOf",
    "LibraryRef",
    "LibraryValue",
    "MemoryRef",
    "ModuleRef",
    "OneOf",
    "Partial",
    "Parts",
    "Settings",
    "StepMaker",
    "StepRef",
    "Table",
    "Value",
    "choice",
    "lasting",
    "shared_meaning",
]

_MOST_ALTERNATIVES = 32

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, slots=True)
class Value:
    """A term, and the cells that the value may share memory with."""

    term: Term
    cells: frozenset[int] = frozenset()
    same: int | None = None
    """The cell whose very object it is, where that is known."""


@dataclass(frozen=True, slots=True)
class LibraryRef:
    """A name of a library or of the language itself: ``numpy.convolve``, ``builtins.print``."""

    name: str


@dataclass(frozen=True, slots=True)
class LibraryValue:
    """Something that a call into a library gave: ``matplotlib.pyplot.subplots``."""

    name: str


@dataclass(frozen=True, slots=True)
class ModuleRef:
    """A module of the project."""

    module: SourceModule


@dataclass(frozen=True, slots=True)
class FunctionRef:
    """A function of the project that is not a step."""

    module: SourceModule
    qualname: str
    node: FunctionNode
    frames: tuple[int, ...]
    """Frames in which its free names are looked up, innermost first; the module's is the last."""
    defaults: dict[str, Term] = field(default_factory=dict, hash=False, compare=False)
    decorated: Term | None = None
    """What decorates it, when that is not ours and may change arguments or result."""
    manager: bool = False
    """Whether that is ``contextlib.contextmanager`` alone."""
    changed: Term | None = None
    """What it became when attributes of it were set."""


@dataclass(frozen=True, slots=True)
class ClassRef:
    """A class of the project."""

    module: SourceModule
    qualname: str
    node: ast.ClassDef
    frames: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf:
    """An object whose class is known."""

    cls: ClassRef


@dataclass(frozen=True, slots=True)
class BoundMethod:
    """An attribute that is about to be called."""

    receiver: Value
    name: str


@dataclass(frozen=True, slots=True)
class Parts:
    """A tuple or list whose elements are known one by one."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A dictionary whose keys are known, in its order."""

    keys: tuple[Any, ...]
    items: tuple[Value, ...]

    def item(self, key: Any) -> Value | None:
        """Give the value of a key; of equal keys the last one counts."""
        pairs = reversed(list(zip(self.keys, self.items, strict=True)))
        return next((value for known, value in pairs if known == key), None)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a parser made of the command line, by name."""

    values: dict[str, Value] = field(hash=False)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several values; which one is a matter of the term."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Partial:
    """A function with some of its arguments: ``functools.partial(function, …)``."""

    function: Value
    arguments: Arguments
    delayed: bool = False
    """Whether calling it makes a task for ``joblib.Parallel``, and no call yet."""


@dataclass(frozen=True, slots=True)
class MemoryRef:
    """A ``Memory``; its ``cache`` makes memoized functions."""

    place: str = ""
    """Digest of what says where its results are, and which of them it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMaker:
    """``make(...)`` or ``memory.cache(...)`` before it meets its function."""

    kind: StepKind
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    saved: tuple[str, ...] = ()
    """Those of ``outputs`` that persisters of ours write, which leaves no doubt about them."""
    writes: tuple[str, ...] = ()
    """Its persisters, each by class and file."""
    unfollowed: frozenset[str] = frozenset()
    """Why their files may be others."""
    place: str = ""
    """Digest of what says where its results are; empty for the project's store."""
    ignore: tuple[str, ...] = ()
    options: Term | None = None
    """Whatever else in its arguments belongs to the key: ``inputs``, ``version`` …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A step or memoized function as the source declares it."""

    identity: str
    name: str
    kind: StepKind
    function: FunctionRef
    maker: StepMaker


@dataclass(frozen=True, slots=True)
class StepRef:
    """A step or memoized function as a value."""

    declaration: Declaration


def shared_meaning(one: Term, other: Term) -> Any:
    """Give what is known of a value that is one or the other."""
    same = one.meaning == other.meaning
    if same and isinstance(one.meaning, FunctionRef | StepRef | LibraryValue | InstanceOf):
        return one.meaning
    return choice((Value(one), Value(other)))


def lasting(value: Term, changed: Term) -> Any:
    """Give what is known of a value also after it was changed in place: its type, its code."""
    if isinstance(value.meaning, FunctionRef):
        return replace(value.meaning, changed=changed)
    kinds = LibraryValue | InstanceOf | StepRef
    return value.meaning if isinstance(value.meaning, kinds) else None


def choice(values: Sequence[Value]) -> OneOf | None:
    """Give the meaning of a value that is one of several, if steps can be called through it."""
    found: list[Value] = []
    for value in values:
        inner = value.term.meaning
        found += inner.values if isinstance(inner, OneOf) else (value,)
    if not any(value.term.carries for value in found) or len(found) > _MOST_ALTERNATIVES:
        return None
    return OneOf(tuple(found))
