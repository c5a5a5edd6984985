"""The fingerprint of a function from sources alone."""

from __future__ import annotations

import ast
import textwrap
import weakref
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

from jobtui_core.errors import ConfigurationError, ScriptError, UnknownNameError
from jobtui_core.fingerprint.definitions import Definition, definitions_of
from jobtui_core.fingerprint.expand import Expander, Expansion
from jobtui_core.fingerprint.model import Fingerprint, Symbol, ValueRef
from jobtui_core.fingerprint.names import Names, names_of
from jobtui_core.hashing import combine
from jobtui_core.packages import tracked_versions
from jobtui_core.root import load_config
from jobtui_core.sources import SourceModule, SourceTree

__all__ = [
    "Walk",
    "carry_over",
    "known_fingerprints",
    "restore_fingerprints",
    "source_fingerprint",
    "walk",
]

_FORMAT = "fingerprint 1"
_LONGEST_PATH = 24
"""Names in the path to a symbol; of a longer one the middle is left out."""


class _Closure:
    """Everything that is kept between the fingerprints of one source tree."""

    def __init__(self, tree: SourceTree) -> None:
        self.names: Names = names_of(tree)
        self.expander = Expander(self.names)
        self.prints: dict[tuple[SourceModule, str], Fingerprint] = {}
        self._rebinds: dict[SourceModule, frozenset[str]] = {}
        self.tracked = _tracked(tree)

    def rebinds(self, module: SourceModule) -> frozenset[str]:
        """Symbols that a module's code binds anew behind their definitions."""
        known = self._rebinds.get(module)
        if known is None:
            rebound: set[str] = set()
            try:
                uses = self.names.facts(module).changes
            except ScriptError:
                uses = frozenset()
            for use in uses:
                if use.mode == "rebind":
                    meanings = self.names.use(module, use)
                    rebound |= {meaning.name for meaning in meanings if not meaning.rest}
            known = self._rebinds[module] = frozenset(rebound)
        return known

    def take_over(self, earlier: _Closure, kept: AbstractSet[SourceModule]) -> None:
        """Take what was found of modules that lead to no changed one in an earlier tree."""
        self.names.take_over(earlier.names, kept)
        self.expander.take_over(earlier.expander, kept)
        if earlier.tracked == self.tracked:
            prints = list(earlier.prints.items())
            self.prints |= {key: found for key, found in prints if key[0] in kept}
        rebinds = list(earlier._rebinds.items())
        self._rebinds |= {key: found for key, found in rebinds if key in kept}


def _tracked(tree: SourceTree) -> tuple[str, ...]:
    try:
        return load_config(tree.root).track_packages
    except ConfigurationError:
        return ()  # said where the settings are needed


_CLOSURES: weakref.WeakKeyDictionary[SourceTree, _Closure] = weakref.WeakKeyDictionary()


def _closure_of(tree: SourceTree) -> _Closure:
    closure = _CLOSURES.get(tree)
    if closure is None:
        closure, before = _Closure(tree), tree.earlier
        earlier = None if before is None else _CLOSURES.get(before)
        if earlier is not None:
            closure.take_over(earlier, tree.kept)
        closure = _CLOSURES.setdefault(tree, closure)
    return closure


def carry_over(tree: SourceTree) -> None:
    """Take from a tree's predecessor whatever an edit cannot have touched, and let go of it."""
    _closure_of(tree)
    tree.earlier = None


def known_fingerprints(tree: SourceTree) -> Mapping[tuple[SourceModule, str], Fingerprint]:
    """Give the fingerprints that were found over a tree, by module and qualified name."""
    return _closure_of(tree).prints


def restore_fingerprints(
    tree: SourceTree, prints: Mapping[tuple[SourceModule, str], Fingerprint]
) -> None:
    """Take over what another process found over the very same sources."""
    _closure_of(tree).prints.update(prints)


def source_fingerprint(
    tree: SourceTree,
    module: SourceModule,
    qualname: str,
    *,
    depends: Sequence[str] = (),
    version: object = None,
) -> Fingerprint:
    """Fingerprint a function or class from sources alone.

    Parameters
    ----------
    tree : SourceTree
    module : SourceModule
        Where it is defined.
    qualname : str
        As in ``__qualname__``.
    depends : sequence of str
        More names that it depends on (``module:name`` or dotted), beside those written in a
        decorator of ours.
    version : object, optional
        Stands for the function's own code; what it calls is then not looked at.

    Raises
    ------
    UnknownNameError
        If the module defines no such name.
    ScriptError
        If the module does not parse.
    """
    if depends or version is not None:
        return walk(tree, module, qualname, depends=depends, version=version).fingerprint()
    # Asked for again: by the analysis of a script, and for telling what a verdict rests on.
    known = _closure_of(tree).prints
    found = known.get((module, qualname))
    if found is None:
        found = known[module, qualname] = walk(tree, module, qualname).fingerprint()
    return found


def walk(
    tree: SourceTree,
    module: SourceModule,
    qualname: str,
    definitions: list[Definition] | None = None,
    *,
    depends: Sequence[str] = (),
    version: object = None,
) -> Walk:
    """Follow all that a function reaches; ``definitions`` narrows down what the name means."""
    closure = _closure_of(tree)
    if definitions is None and not depends and version is None:
        root = closure.expander.of(module, qualname)
    else:
        found = definitions_of(module, qualname) if definitions is None else definitions
        root = (
            closure.expander.expand(module, qualname, found, version, tuple(depends))
            if found
            else None
        )
    if root is None:
        raise UnknownNameError(f"{module.file} defines no {qualname!r}", name=qualname, nearest=())
    return Walk(closure, root)


class Walk:
    """The definitions that one function reaches, nearest first."""

    def __init__(self, closure: _Closure, root: Expansion) -> None:
        self.closure = closure
        self.tree = closure.names.tree
        self.root = root
        self.paths: dict[tuple[SourceModule, str], tuple[str, ...]] = {}
        self.reached: list[Expansion] = []
        self.unfollowed: set[str] = set()
        self._walk()

    def _walk(self) -> None:
        key = (self.root.module, self.root.qualname)
        self.paths[key] = (self.root.qualname,)
        level = [self.root]
        while level:
            self.reached.extend(level)
            following: dict[tuple[SourceModule, str], Expansion] = {}
            for expansion in level:
                path = self.paths[expansion.module, expansion.qualname]
                for child in sorted(expansion.children, key=_order):
                    if child not in self.paths:
                        found = self._expand(expansion, child)
                        if found is not None:
                            self.paths[child] = _longer(path, self._display(found))
                            following[child] = found
            level = [following[child] for child in sorted(following, key=_order)]

    def _expand(self, parent: Expansion, child: tuple[SourceModule, str]) -> Expansion | None:
        try:
            found = self.closure.expander.of(*child)
        except ScriptError as error:
            self.unfollowed.add(str(error))
            return None
        if found is None:
            self.unfollowed.add(f"{parent.qualname} uses {child[1]}, which is not defined")
        return found

    def _display(self, expansion: Expansion) -> str:
        if expansion.module is self.root.module:
            return expansion.qualname
        return f"{expansion.module.name}.{expansion.qualname}"

    def fingerprint(self) -> Fingerprint:
        links: set[str] = set()
        values: set[ValueRef] = set()
        libraries: set[str] = set()
        steps: set[str] = set()
        for expansion in self.reached:
            name = "" if expansion is self.root else expansion.name
            links |= {f"{name}\0{link}" for link in expansion.links}
            values |= expansion.values
            libraries |= expansion.libraries
            steps |= expansion.steps
            self.unfollowed |= expansion.unfollowed
        values |= self._bound_anew()
        values |= self._containers()
        # The root goes without its name: that is the identity's part of a key, and a lambda has
        # another one than the variable it is bound to.
        parts = sorted(("" if e is self.root else e.name, e.digest) for e in self.reached)
        flat = [text for part in parts for text in part]
        versions = tracked_versions(self.closure.tracked, libraries)
        tracked = [f"{name}\0{version}" for name, version in sorted(versions.items())]
        return Fingerprint(
            digest=combine(_FORMAT, str(len(parts)), *flat, *sorted(links), *tracked),
            symbols=(*self._symbols(), *self._packages(versions)),
            values=tuple(sorted(_strongest(values))),
            unfollowed=tuple(sorted(self.unfollowed)),
            libraries=frozenset(libraries),
            steps=tuple(sorted(steps - {self.root.name})),
            changes=tuple(sorted(self.own_changes.union(*(e.binds for e in self.reached)))),
        )

    def _packages(self, versions: dict[str, str]) -> list[Symbol]:
        """Give the packages whose versions count, so that a new one can be told."""
        text = {name: f"{name} {version}" for name, version in sorted(versions.items())}
        return [
            Symbol(
                name=name,
                digest=combine("package", text[name]),
                source=text[name],
                path=(self.root.qualname, name),
                kind="import",
                line=1,
                file="",
            )
            for name in text
        ]

    def _bound_anew(self) -> set[ValueRef]:
        """Give the constants that code of the modules reached binds anew."""
        rebound: set[str] = set()
        for module in {expansion.module for expansion in self.reached}:
            rebound |= self.closure.rebinds(module)
        return {
            ValueRef(expansion.module.name, expansion.qualname, rebound=True)
            for expansion in self.reached
            if expansion.kind == "constant" and expansion.name in rebound
        }

    def _containers(self) -> set[ValueRef]:
        """Give the containers that count by content.

        One that the function changes itself, a cache made by hand, would have another content
        at each call: it stays out.
        """
        found: set[ValueRef] = set()
        own = self.own_changes
        for expansion in self.reached:
            found |= {ref for ref in expansion.containers if ref.symbol not in own}
            for ref in (*expansion.containers, *expansion.values):
                if ref.symbol in own and not ref.rebound:
                    self.unfollowed.add(
                        f"{expansion.qualname} reads {ref.name}, which changes as it runs"
                    )
        return found

    @cached_property
    def own_changes(self) -> frozenset[str]:
        """Globals that the code reached changes in place itself, as ``module:name``."""
        return frozenset().union(*(expansion.changes for expansion in self.reached))

    def _symbols(self) -> list[Symbol]:
        symbols: list[Symbol] = []
        imports: dict[str, Symbol] = {}
        for expansion in self.reached:
            path = self.paths[expansion.module, expansion.qualname]
            symbols.append(
                Symbol(
                    expansion.name,
                    expansion.digest,
                    expansion.source,
                    path,
                    expansion.kind,
                    expansion.line,
                    expansion.module.file,
                )
            )
            for name, (target, statement) in expansion.imports.items():
                symbol = f"{expansion.module.name}:{name}"
                if symbol not in imports:
                    imports[symbol] = Symbol(
                        symbol,
                        combine("import", target),
                        _text(expansion.module, statement),
                        _longer(path, name),
                        "import",
                        statement.lineno,
                        expansion.module.file,
                    )
        return [*symbols, *(imports[name] for name in sorted(imports))]


def _order(key: tuple[SourceModule, str]) -> tuple[str, str]:
    return (key[0].name, key[1])


def _longer(path: tuple[str, ...], name: str) -> tuple[str, ...]:
    if len(path) < _LONGEST_PATH:
        return (*path, name)
    half = _LONGEST_PATH // 2
    return (*path[:half], "…", *path[half + 2 :], name)


def _strongest(values: set[ValueRef]) -> set[ValueRef]:
    """Drop the weaker of two references to one name."""
    return {
        value
        for value in values
        if value.rebound or ValueRef(value.module, value.name, rebound=True) not in values
    }


def _text(module: SourceModule, statement: ast.stmt) -> str:
    end = statement.end_lineno or statement.lineno
    return textwrap.dedent("\n".join(module.lines[statement.lineno - 1 : end]))
