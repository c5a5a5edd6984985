"""What a fingerprint consists of, as frozen records."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from jobtui_core.sources import SourceModule

__all__ = ["Fingerprint", "OwnDecorator", "Resolved", "ResolvedKind", "Symbol", "ValueRef"]

SymbolKind = Literal["function", "class", "constant", "lambda", "import"]

ResolvedKind = Literal[
    "function",
    "class",
    "lambda",
    "constant",
    "value",
    "parameter",
    "module",
    "library",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Symbol:
    """One definition of the project that a function's result depends on.

    Attributes
    ----------
    name : str
        ``module:qualified name``.
    digest : str
        Of the definition alone, in its normal form.  For an import: of what it leads to.
    source : str
        Its text as written, dedented, for showing a diff.
    path : tuple of str
        How the function reaches it, both ends included: ``("trend", "prep", "utils.scale")``.
        The middle of a very long path is left out.
    kind : str
        ``function``, ``class``, ``constant``, ``lambda``, or ``import`` for an import statement
        of a module that gives a used name its meaning.
    line : int
        1-based line of the definition.
    file : str
        As records name files.
    """

    name: str
    digest: str
    source: str
    path: tuple[str, ...]
    kind: SymbolKind
    line: int
    file: str


@dataclass(frozen=True, slots=True, order=True)
class ValueRef:
    """A global name whose value counts by content: the source does not tell what it is.

    Computed values are among them, and containers, which code elsewhere may have changed since
    they were written.  ``rebound`` says that the name is bound several times in the course of a
    run, so that its value counts at each call rather than at the first use.
    """

    module: str
    name: str
    rebound: bool = False

    @property
    def symbol(self) -> str:
        """``module:name``."""
        return f"{self.module}:{self.name}"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The code that a function's result depends on, as far as sources tell.

    Attributes
    ----------
    digest : str
        Over all symbols and over what the names in them lead to.
    symbols : tuple of Symbol
        The function itself first, then by distance and name.
    values : tuple of ValueRef
        Globals that count by content; not in the digest.
    unfollowed : tuple of str
        One sentence for each thing that could not be followed.
    libraries : frozenset of str
        Dotted names outside the project that are used: ``numpy.convolve``, ``builtins.open``.
    steps : tuple of str
        Identities of the steps and memoized functions that it reaches.
    changes : tuple of str
        Globals, as ``module:name``, that it changes in place or binds anew when it runs.
    """

    digest: str
    symbols: tuple[Symbol, ...]
    values: tuple[ValueRef, ...]
    unfollowed: tuple[str, ...]
    libraries: frozenset[str]
    steps: tuple[str, ...]
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnDecorator:
    """``make``, ``memoize`` or ``Memory(...).cache`` around a function.

    ``keywords`` are the arguments given by name, and ``arguments`` those given by position, the
    function itself left out.
    """

    kind: Literal["step", "memoized"]
    keywords: Mapping[str, ast.expr]
    arguments: tuple[ast.expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a global name of a module means.

    Attributes
    ----------
    kind : str
        ``function``, ``class``, ``lambda``; ``constant`` (counts by source), ``value`` (computed,
        counts by content), ``parameter`` (``default_param``); ``module`` (of the project),
        ``library`` (anything outside the project), ``unknown``.
    name : str
        ``module:qualified name`` for what the project defines, the module's name for a module,
        the dotted name for a library.
    module : SourceModule or None
        Where it is defined.
    qualname : str
        Its name there.
    node : ast.AST or None
        The definition: of a function, class or lambda the node itself, of a constant, value or
        parameter the expression it is bound to (or the statement, where there is no such
        expression).
    statement : ast.stmt or None
        The statement that binds it.
    rest : tuple of str
        Attributes asked for beyond it.
    own : OwnDecorator or None
        For a function that is a step or a memoized function under the name asked for.
    container : bool
        A constant that could be changed in place.
    rebound : bool
        A value whose name is bound several times.
    """

    kind: ResolvedKind
    name: str
    module: SourceModule | None = field(default=None, compare=False)
    qualname: str = ""
    node: ast.AST | None = None
    statement: ast.stmt | None = field(default=None, compare=False)
    rest: tuple[str, ...] = ()
    own: OwnDecorator | None = field(default=None, compare=False)
    container: bool = False
    rebound: bool = False
