"""What a module's global names mean: through imports, aliases and re-exports.

Names are worked out one by one with an explicit stack, so that a chain of ten thousand
constants, each built from the one before, is no deeper than any other.
"""

from __future__ import annotations

import ast
import builtins
import weakref
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace

from jobtui_core.errors import ScriptError
from jobtui_core.fingerprint.bindings import (
    assigned_expression,
    in_branch,
    in_loop,
    public_names,
)
from jobtui_core.fingerprint.expressions import is_container, leaves_of
from jobtui_core.fingerprint.facts import Facts, facts_of
from jobtui_core.fingerprint.known import OWN_MEMORIES, OWN_PARAMETERS, is_constant
from jobtui_core.fingerprint.model import OwnDecorator, Resolved, ResolvedKind
from jobtui_core.fingerprint.scopes import Origin, Use, chain_of
from jobtui_core.fingerprint.wrappers import own_decorator, wrapped_function
from jobtui_core.root import is_library
from jobtui_core.sources import Binding, SourceModule, SourceTree
from jobtui_core.sources.reading import reading

__all__ = ["Names", "names_of", "resolve"]

_Key = tuple[SourceModule, str]

_IMPLICIT = (
    *("__name__", "__file__", "__doc__", "__package__", "__spec__", "__loader__", "__path__"),
    *("__builtins__", "__annotations__", "__cached__", "__dict__", "__debug__"),
)


class _NeededFirstError(Exception):
    """Another name has to be worked out before this one."""

    def __init__(self, key: _Key) -> None:
        super().__init__(key)
        self.key = key


class Names:
    """Meanings of names in the modules of one source tree; kept as they are worked out."""

    def __init__(self, tree: SourceTree) -> None:
        # The tree owns this object through a weak table; a strong way back would keep it alive.
        self._tree = weakref.ref(tree)
        self._known: dict[_Key, tuple[Resolved, ...]] = {}
        self._local: dict[_Key, tuple[Resolved, ...]] = {}
        self._active: dict[_Key, None] = {}
        self._circular = False
        self._folders: dict[str, bool] = {}

    @property
    def tree(self) -> SourceTree:
        """The sources."""
        tree = self._tree()
        assert tree is not None, "a tree outlives what is asked of it"
        return tree

    def facts(self, module: SourceModule) -> Facts:
        """Facts of a module's text.

        Raises
        ------
        ScriptError
            If it does not parse.
        """
        return facts_of(module)

    def take_over(self, earlier: Names, kept: AbstractSet[SourceModule]) -> None:
        """Take the names of modules that lead to no changed one in an earlier tree."""
        known = list(earlier._known.items())
        self._known |= {key: found for key, found in known if key[0] in kept}

    # Driver --------------------------------------------------------------------------------

    def of(self, module: SourceModule, name: str) -> tuple[Resolved, ...]:
        """Give all that a global name of a module may mean; several if it depends."""
        key = (module, name)
        if key in self._known:
            return self._known[key]
        with reading:
            return self._within(key) if self._active else self._drive(key)

    def _drive(self, key: _Key) -> tuple[Resolved, ...]:
        stack = [key]
        self._active[key] = None
        try:
            while stack:
                current = stack[-1]
                try:
                    found = tuple(dict.fromkeys(self._work_out(*current)))
                except _NeededFirstError as needed:
                    stack.append(needed.key)
                    self._active[needed.key] = None
                    continue
                self._local[current] = found
                del self._active[stack.pop()]
            self._known[key] = self._local[key]
            if not self._circular:
                self._known.update(self._local)
            return self._known[key]
        finally:
            self._local, self._active, self._circular = {}, {}, False

    def _within(self, key: _Key) -> tuple[Resolved, ...]:
        if key in self._local:
            return self._local[key]
        if key in self._active:
            # Defined in terms of itself.  What is worked out from here on depends on where we
            # came from, and is not kept for others.
            self._circular = True
            return ()
        raise _NeededFirstError(key)

    # One name ------------------------------------------------------------------------------

    def _work_out(self, module: SourceModule, name: str) -> Iterator[Resolved]:
        try:
            bindings = module.bindings.get(name, ())
            stars = module.star_imports
        except ScriptError:
            yield Resolved("unknown", name)
            return
        if bindings:
            yield from self._bound(module, name, bindings)
            return
        for star in stars:
            found = tuple(self._starred(module, star, name))
            if found:
                yield from found
                return
        if module.package:
            submodule = self.tree.find(name, importer=module, level=1)
            if submodule is not None:
                yield Resolved("module", submodule.name, submodule)
                return
        if name in _IMPLICIT or hasattr(builtins, name):
            yield Resolved("library", f"builtins.{name}")
        else:
            for star in stars:
                if self._imported_module(module, star.level, star.module or "") is None:
                    yield Resolved("library", f"{star.module}.{name}")
                    return
            yield Resolved("unknown", name)

    def _starred(self, module: SourceModule, star: ast.ImportFrom, name: str) -> Iterator[Resolved]:
        source = self._imported_module(module, star.level, star.module or "")
        if source is None or source is module:
            return
        try:
            public = public_names(source)
            defined = name in source.bindings or bool(source.star_imports)
        except ScriptError:
            return
        if public is None and name.startswith("_"):
            return
        if (public is not None and name not in public) or not defined:
            return
        found = self.of(source, name)
        if name in source.bindings or not _is_outside(found):
            yield from found

    def _bound(
        self, module: SourceModule, name: str, bindings: tuple[Binding, ...]
    ) -> Iterator[Resolved]:
        values: list[Binding] = []
        again = [self.rewraps(module, name, binding.statement) for binding in bindings]
        own_again = next((own for own in again if own is not None), None)
        for binding, rewrapped in zip(bindings, again, strict=True):
            statement = binding.statement
            if rewrapped is not None:
                continue
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                own = own_again or own_decorator(self, module, statement)
                yield Resolved(
                    "function", f"{module.name}:{name}", module, name, statement, statement, own=own
                )
            elif isinstance(statement, ast.ClassDef):
                yield Resolved("class", f"{module.name}:{name}", module, name, statement, statement)
            elif isinstance(statement, ast.Import | ast.ImportFrom):
                yield from self._imported_by(module, statement, name)
            elif isinstance(statement, ast.Delete):
                continue
            elif not (isinstance(statement, ast.AnnAssign) and statement.value is None):
                values.append(binding)
        if values:
            yield from self._values(module, name, values)

    def rewraps(self, module: SourceModule, name: str, statement: ast.AST) -> OwnDecorator | None:
        """Give our decorator in ``f = memory.cache(f)`` behind ``def f``."""
        expression = assigned_expression(statement, name)
        if not isinstance(expression, ast.Call):
            return None
        wrapped = wrapped_function(self, module, expression)
        if wrapped is None or chain_of(wrapped[0]) != (name,):
            return None
        return wrapped[1]

    def _imported_by(
        self, module: SourceModule, statement: ast.Import | ast.ImportFrom, name: str
    ) -> Iterator[Resolved]:
        for alias in statement.names:
            if isinstance(statement, ast.ImportFrom):
                if (alias.asname or alias.name) == name:
                    origin = Origin(statement.level or 0, statement.module or "", alias.name)
                    yield from self.imported(module, origin)
            elif alias.asname == name:
                yield from self.imported(module, Origin(0, alias.name, None))
            elif alias.asname is None and alias.name.partition(".")[0] == name:
                yield from self.imported(module, Origin(0, name, None))

    def _imported_module(self, module: SourceModule, level: int, name: str) -> SourceModule | None:
        return self.tree.find(name, importer=module, level=level)

    def imported(self, module: SourceModule, origin: Origin) -> tuple[Resolved, ...]:
        """Give what an import statement in a module leads to."""
        source = self._imported_module(module, origin.level, origin.module)
        if source is None:
            package = self._namespace_package(module, origin)
            if package is not None:
                return package
            dotted = "." * origin.level + origin.module
            if origin.attribute is not None:
                dotted = f"{dotted}.{origin.attribute}" if origin.module else dotted
            return (Resolved("library", dotted),)
        if origin.attribute is None:
            return (Resolved("module", source.name, source),)
        if source is module:
            # ``from . import part`` in an ``__init__`` binds what it would otherwise look up.
            part = self.tree.find(origin.attribute, importer=source, level=1)
            if part is not None:
                return (Resolved("module", part.name, part),)
        return self._attribute(source, origin.attribute)

    def _namespace_package(
        self, module: SourceModule, origin: Origin
    ) -> tuple[Resolved, ...] | None:
        """A submodule of a folder without ``__init__.py``."""
        if origin.attribute is not None:
            inner = f"{origin.module}.{origin.attribute}" if origin.module else origin.attribute
            source = self._imported_module(module, origin.level, inner)
            if source is not None:
                return (Resolved("module", source.name, source),)
        return None

    def _attribute(self, source: SourceModule, name: str) -> tuple[Resolved, ...]:
        """Give what an attribute of a module means."""
        try:
            bound = name in source.bindings
        except ScriptError:
            bound = False
        found = self.of(source, name)
        if not bound and source.package and _is_outside(found):
            submodule = self.tree.find(name, importer=source, level=1)
            if submodule is not None:
                return (Resolved("module", submodule.name, submodule),)
        if not bound and _is_outside(found) and found[0].name.startswith("builtins."):
            return (Resolved("unknown", f"{source.name}.{name}", source, name),)
        # Somebody may set it from outside: then it is known where to look.
        return tuple(
            replace(meaning, module=source, qualname=name) if meaning.kind == "unknown" else meaning
            for meaning in found
        )

    # Assigned names ------------------------------------------------------------------------

    def _values(
        self, module: SourceModule, name: str, bindings: list[Binding]
    ) -> Iterator[Resolved]:
        facts = self.facts(module)
        anew = any(
            use.chain == (name,) and use.mode == "rebind" and use.origin is None
            for use in facts.changes
        )
        found = [self._assigned(module, name, binding) for binding in bindings]
        flat = [meaning for meanings in found for meaning in meanings]
        if any(meaning.container for meaning in flat):
            yield from flat
            return
        looped = [in_loop(facts, binding) for binding in bindings]
        if len(bindings) == 1 and not anew:
            for meaning in flat:
                again = looped[0] and meaning.kind == "value"
                yield replace(meaning, rebound=True) if again else meaning
            return
        straight = any(not in_branch(facts, binding) for binding in bindings)
        last = bindings[-1].statement
        symbol = f"{module.name}:{name}"
        rebound = anew or straight or any(looped)
        yield Resolved("value", symbol, module, name, last, last, rebound=rebound)

    def _assigned(self, module: SourceModule, name: str, binding: Binding) -> tuple[Resolved, ...]:
        statement = binding.statement
        expression = assigned_expression(statement, name)
        symbol = f"{module.name}:{name}"
        if expression is None:
            return (Resolved("value", symbol, module, name, statement, statement),)
        if isinstance(expression, ast.Lambda):
            return (Resolved("lambda", symbol, module, name, expression, statement),)
        chain = chain_of(expression)
        if chain is not None:
            alias = self.chain(module, chain)
            if not any(self._dynamic(meaning) for meaning in alias):
                return alias
        if isinstance(expression, ast.Call):
            special = self._called(module, expression, symbol, name, statement)
            if special is not None:
                return special
        if self.is_constant(module, expression):
            return (
                Resolved(
                    "constant",
                    symbol,
                    module,
                    name,
                    expression,
                    statement,
                    container=is_container(expression),
                ),
            )
        return (Resolved("value", symbol, module, name, expression, statement),)

    def _called(
        self,
        module: SourceModule,
        call: ast.Call,
        symbol: str,
        name: str,
        statement: ast.stmt,
    ) -> tuple[Resolved, ...] | None:
        chain = chain_of(call.func)
        if chain is not None:
            for meaning in self.chain(module, chain):
                if meaning.kind == "library" and meaning.name in OWN_MEMORIES:
                    return (Resolved("library", meaning.name),)
                if meaning.kind == "library" and meaning.name in OWN_PARAMETERS:
                    return (Resolved("parameter", symbol, module, name, call, statement),)
        wrapped = wrapped_function(self, module, call)
        if wrapped is None:
            return None
        expression, own = wrapped
        if isinstance(expression, ast.Lambda):
            return (Resolved("lambda", symbol, module, name, expression, statement, own=own),)
        inner = chain_of(expression)
        if inner is None:
            return None
        return tuple(_with_own(meaning, own) for meaning in self.chain(module, inner))

    def _dynamic(self, meaning: Resolved) -> bool:
        return meaning.kind == "library" and not is_constant(meaning.name)

    def is_constant(self, module: SourceModule, expression: ast.expr) -> bool:
        """Tell whether the source determines the value of an expression."""
        leaves = leaves_of(expression)
        return leaves is not None and all(self._pure(module, leaf) for leaf in leaves)

    def _pure(self, module: SourceModule, leaf: tuple[str, ...]) -> bool:
        meanings = self.chain(module, leaf)
        if not meanings:
            return False
        for meaning in meanings:
            if meaning.kind in ("constant", "function", "class", "lambda"):
                continue
            if meaning.kind == "library" and is_constant(meaning.name):
                continue
            return False
        return True

    # Chains --------------------------------------------------------------------------------

    def chain(self, module: SourceModule, chain: tuple[str, ...]) -> tuple[Resolved, ...]:
        """Give all that ``a.b.c`` may mean in a module."""
        return self._follow(self.of(module, chain[0]), chain[1:])

    def use(self, module: SourceModule, use: Use) -> tuple[Resolved, ...]:
        """Give all that a use in a module's code may mean."""
        if use.origin is None:
            return self.chain(module, use.chain)
        return self._follow(self.imported(module, use.origin), use.chain[1:])

    def _follow(
        self, meanings: tuple[Resolved, ...], rest: tuple[str, ...]
    ) -> tuple[Resolved, ...]:
        for position, attribute in enumerate(rest):
            if not any(m.kind in ("module", "library", "class") for m in meanings):
                return tuple(_beyond(m, rest[position:]) for m in meanings)
            following: list[Resolved] = []
            for meaning in meanings:
                if meaning.kind == "module" and meaning.module is not None:
                    following.extend(self._attribute(meaning.module, attribute))
                elif meaning.kind == "library":
                    following.append(self._outside(f"{meaning.name}.{attribute}"))
                elif meaning.kind == "class" and not meaning.rest:
                    following.append(self._member(meaning, attribute))
                else:
                    following.append(_beyond(meaning, (attribute,)))
            meanings = tuple(dict.fromkeys(following))
        return meanings

    def _outside(self, dotted: str) -> Resolved:
        """A dotted name that no module of the project binds; it may still lead into one."""
        if self._is_folder(dotted.partition(".")[0]):
            source = self.tree.find(dotted)
            if source is not None:
                return Resolved("module", source.name, source)
        return Resolved("library", dotted)

    def _is_folder(self, name: str) -> bool:
        """Tell whether a name may be a package of the project without ``__init__.py``."""
        known = self._folders.get(name)
        if known is None:
            places = [place / name for place in self.tree.search_path]
            folders = [place for place in places if place.is_dir()]
            self.tree.missed.update(set(places).difference(folders))
            known = self._folders[name] = not all(map(is_library, folders))
        return known

    def _member(self, owner: Resolved, name: str) -> Resolved:
        """Give a method of a class, or the class with the attribute asked for."""
        assert owner.module is not None
        for statement in getattr(owner.node, "body", ()):
            defines = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if defines and statement.name == name:
                kind: ResolvedKind = "class" if isinstance(statement, ast.ClassDef) else "function"
                qualname = f"{owner.qualname}.{name}"
                return Resolved(
                    kind,
                    f"{owner.module.name}:{qualname}",
                    owner.module,
                    qualname,
                    statement,
                    statement,
                    own=None
                    if isinstance(statement, ast.ClassDef)
                    else own_decorator(self, owner.module, statement),
                )
        return _beyond(owner, (name,))


def _is_outside(meanings: tuple[Resolved, ...]) -> bool:
    return all(meaning.kind in ("unknown", "library") for meaning in meanings)


def _beyond(meaning: Resolved, rest: tuple[str, ...]) -> Resolved:
    return replace(meaning, rest=(*meaning.rest, *rest))


def _with_own(meaning: Resolved, own: OwnDecorator) -> Resolved:
    return replace(meaning, own=own) if meaning.kind in ("function", "lambda") else meaning


_NAMES: weakref.WeakKeyDictionary[SourceTree, Names] = weakref.WeakKeyDictionary()


def names_of(tree: SourceTree) -> Names:
    """Give the meanings of names in a tree; one object for each tree."""
    names = _NAMES.get(tree)
    if names is None:
        names = _NAMES.setdefault(tree, Names(tree))
    return names


def resolve(tree: SourceTree, module: SourceModule, dotted: str) -> Resolved:
    """Tell what a global name of a module means.

    Imports, re-exports and aliases are followed to the definition.

    Parameters
    ----------
    tree : SourceTree
    module : SourceModule
        Where the name is used.
    dotted : str
        ``name`` or ``name.attribute.attribute``.

    Returns
    -------
    Resolved
        Where a name may mean several things, the one that is most of a definition.
    """
    found = names_of(tree).chain(module, tuple(dotted.split(".")))
    if not found:
        return Resolved("unknown", dotted)
    order = ("function", "class", "lambda", "module", "parameter", "value", "constant", "library")
    # Of several definitions, the last one is in force once the module has run.
    best = min(order.index(m.kind) if m.kind in order else len(order) for m in found)
    return [m for m in found if m.kind not in order or order.index(m.kind) == best][-1]
