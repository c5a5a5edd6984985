"""Our own decorators in sources: they are no part of the code that they wrap."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

from jobtui_core.fingerprint.known import OWN_MEMORIES
from jobtui_core.fingerprint.model import OwnDecorator
from jobtui_core.fingerprint.scopes import chain_of
from jobtui_core.sources import SourceModule

if TYPE_CHECKING:
    from jobtui_core.fingerprint.names import Names

__all__ = ["is_own", "own_decorator", "wrapped_function"]

_STEPS = frozenset({"jobtui_core.make", "jobtui_core.steps.make"})
_MEMOIZED = frozenset({"jobtui_core.memoize", "jobtui_core.memory.memoize"})
_Kind = Literal["step", "memoized"]
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _kind(names: Names, module: SourceModule, callee: ast.expr) -> _Kind | None:
    """Tell whether an expression is one of our decorators, before any call of it."""
    if isinstance(callee, ast.Attribute) and callee.attr == "cache":
        if isinstance(callee.value, ast.Call):
            chain = chain_of(callee.value.func)
        else:
            chain = chain_of(callee.value)
        if chain is not None and any(
            meaning.kind == "library" and meaning.name in OWN_MEMORIES
            for meaning in names.chain(module, chain)
        ):
            return "memoized"
        return None
    chain = chain_of(callee)
    if chain is None:
        return None
    for meaning in names.chain(module, chain):
        if meaning.kind == "library" and meaning.name in _STEPS:
            return "step"
        if meaning.kind == "library" and meaning.name in _MEMOIZED:
            return "memoized"
    return None


def is_own(
    names: Names, module: SourceModule, decorator: ast.expr, local: frozenset[str] = frozenset()
) -> OwnDecorator | None:
    """Give what a decorator line declares if it is one of ours.

    Parameters
    ----------
    names : Names
    module : SourceModule
    decorator : ast.expr
        What stands behind the ``@``.
    local : frozenset of str
        Names that belong to a function around the definition: ``<local>.cache`` is taken for a
        memory's, since nobody can tell from here what else it might be.
    """
    call = decorator if isinstance(decorator, ast.Call) else None
    callee = decorator.func if isinstance(decorator, ast.Call) else decorator
    base = chain_of(callee)
    kind: _Kind | None
    if base is not None and base[0] in local:
        kind = "memoized" if base[-1] == "cache" and len(base) > 1 else None
    else:
        kind = _kind(names, module, callee)
    if kind is None:
        return None
    keywords = {k.arg: k.value for k in call.keywords if k.arg} if call else {}
    return OwnDecorator(kind, keywords, tuple(call.args) if call else ())


def own_decorator(
    names: Names,
    module: SourceModule,
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    local: frozenset[str] = frozenset(),
) -> OwnDecorator | None:
    """Give the outermost of our decorators on a function."""
    for decorator in node.decorator_list:
        own = is_own(names, module, decorator, local)
        if own is not None:
            return own
    return None


def wrapped_function(
    names: Names, module: SourceModule, call: ast.Call
) -> tuple[ast.expr, OwnDecorator] | None:
    """Give the function in ``make(function, …)`` or ``memory.cache(ignore=…)(function)``."""
    if isinstance(call.func, ast.Call):
        own = is_own(names, module, call.func)
        if own is not None and len(call.args) == 1:
            return call.args[0], own
        return None
    kind = _kind(names, module, call.func)
    if kind is None:
        return None
    keywords = {k.arg: k.value for k in call.keywords if k.arg}
    function = call.args[0] if call.args else keywords.pop("func", None)
    if function is None:
        return None
    return function, OwnDecorator(kind, keywords, tuple(call.args[1:]))
