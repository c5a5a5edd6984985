"""One definition and what it leads to directly: the links that a fingerprint follows."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from jobtui_core.fingerprint.attributes import ALL, is_set_by_users
from jobtui_core.fingerprint.bindings import assigned_expression
from jobtui_core.fingerprint.definitions import Definition, definitions_of
from jobtui_core.fingerprint.expressions import is_container, leaves_of
from jobtui_core.fingerprint.facts import Facts, assigned_names
from jobtui_core.fingerprint.known import UNSEEN
from jobtui_core.fingerprint.model import OwnDecorator, Resolved, SymbolKind, ValueRef
from jobtui_core.fingerprint.names import Names
from jobtui_core.fingerprint.normal import serialise
from jobtui_core.fingerprint.scopes import READING, Captured, Use, Uses, chain_of
from jobtui_core.fingerprint.wrappers import is_own, own_decorator
from jobtui_core.hashing import combine
from jobtui_core.sources import SourceModule

__all__ = ["Attribute", "Expander", "Expansion"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Attribute(NamedTuple):
    """An attribute that nothing in the definition of its owner tells."""

    module: SourceModule
    owner: str
    """Qualified name; empty for the module itself."""
    name: str

    @property
    def label(self) -> str:
        """``module:owner.name``."""
        return f"{self.module.name}:{self.owner}.{self.name}".replace(":.", ":")


@dataclass(eq=False)
class Expansion:
    """A definition with its direct links."""

    module: SourceModule
    qualname: str
    kind: SymbolKind
    digest: str
    source: str
    line: int
    children: dict[tuple[SourceModule, str], None] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    """What each written name leads to, as text for the digest."""
    imports: dict[str, tuple[str, ast.stmt]] = field(default_factory=dict)
    values: set[ValueRef] = field(default_factory=set)
    libraries: set[str] = field(default_factory=set)
    unfollowed: set[str] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)
    containers: set[ValueRef] = field(default_factory=set)
    """Containers written in the source that are read."""
    changes: set[str] = field(default_factory=set)
    """Names of globals that the definition changes in place."""
    binds: set[str] = field(default_factory=set)
    """Names of globals that it binds anew."""

    attributes: set[Attribute] = field(default_factory=set)
    """Attributes that are read of functions and classes, and of modules that do not define them."""
    fills: set[Attribute] = field(default_factory=set)
    """Those that the definition changes in place."""
    computed: set[str] = field(default_factory=set)
    """Class attributes, or ``__defaults__``, that are computed when the definition runs."""

    @cached_property
    def name(self) -> str:
        """``module:qualified name``."""
        return f"{self.module.name}:{self.qualname}"


class Expander:
    """Makes and keeps expansions over one source tree."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._known: dict[tuple[SourceModule, str], Expansion | None] = {}

    def of(self, module: SourceModule, qualname: str) -> Expansion | None:
        """Expand the definition of a qualified name, ``None`` if there is none."""
        key = (module, qualname)
        if key not in self._known:
            found = self._definitions(module, qualname)
            self._known[key] = self.expand(module, qualname, found) if found else None
        return self._known[key]

    def take_over(self, earlier: Expander, kept: AbstractSet[SourceModule]) -> None:
        """Take what was expanded of modules that lead to no changed one in an earlier tree."""
        known = list(earlier._known.items())
        self._known |= {key: found for key, found in known if key[0] in kept}

    def _definitions(self, module: SourceModule, qualname: str) -> list[Definition]:
        found = definitions_of(module, qualname)
        # ``f = memory.cache(f)`` behind ``def f`` is a decorator line by another name.
        return [d for d in found if not self.names.rewraps(module, qualname, d.statement)]

    def expand(
        self,
        module: SourceModule,
        qualname: str,
        definitions: list[Definition],
        version: object = None,
        depends: tuple[str, ...] = (),
    ) -> Expansion:
        """Expand definitions that stand for one name."""
        parts: list[str] = []
        shown: list[str] = []
        first = definitions[0]
        kind = _kind_of(first.node)
        expansion = Expansion(module, qualname, kind, "", "", getattr(first.statement, "lineno", 1))
        for definition in definitions:
            work = _Work(self.names, expansion, definition)
            parts.append(work.version(version) if version is not None else work.code())
            shown.append(work.shown())
        if len(definitions) > 1:
            parts += _Work(self.names, expansion, first).conditions(definitions)
        for name in depends:
            work.depend(name)
        expansion.digest = combine("definition", *parts)
        expansion.source = "\n\n".join(dict.fromkeys(shown))
        return expansion


def _kind_of(node: ast.AST) -> SymbolKind:
    if isinstance(node, _FUNCTIONS):
        return "function"
    if isinstance(node, ast.ClassDef):
        return "class"
    return "lambda" if isinstance(node, ast.Lambda) else "constant"


class _Work:
    """Adds what one definition uses to an expansion."""

    def __init__(self, names: Names, expansion: Expansion, definition: Definition) -> None:
        self.names = names
        self.into = expansion
        self.module = expansion.module
        self.facts: Facts = names.facts(expansion.module)
        self.definition = definition
        scope = self.facts.scope(definition.around)
        local: set[str] = set()
        while scope is not None:
            local |= scope.bound - set(scope.imports)
            scope = scope.parent
        self.local = frozenset(local)

    # The code ------------------------------------------------------------------------------

    def code(self) -> str:
        node = self.definition.node
        own: OwnDecorator | None = None
        if isinstance(node, _FUNCTIONS):
            own = own_decorator(self.names, self.module, node, self.local)
            own = own or self._wrapped_later()
        if own is not None:
            for item in _elements(own.keywords.get("depends")):
                self._depends_on(item)
            version = own.keywords.get("version")
            if version is not None and not _is_none(version):
                self.uses(self.facts.uses(version, self.definition.around))
                return "version " + serialise(version)
        without = self._left_out(node)
        registers = isinstance(node, _FUNCTIONS) and any(
            isinstance(d, ast.Attribute) and d.attr == "register" for d in node.decorator_list
        )
        if isinstance(node, ast.stmt) and not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            node = _bound_value(node, self.into.qualname)
        self.uses(self.facts.uses(node, self.definition.around, without, annotations=registers))
        if self.definition.owner:
            # A method reaches the others through its first argument.
            self.into.children[self.module, self.definition.owner] = None
        if isinstance(node, _FUNCTIONS):
            self._registered(node.name)
        self._computed(node)
        return self.facts.normal(node, without)

    def _computed(self, node: ast.AST) -> None:
        """Note what the definition evaluates once and for all when it runs."""
        values: list[tuple[str, ast.expr | None]] = []
        if isinstance(node, ast.ClassDef):
            for statement in node.body:
                if isinstance(statement, ast.Assign | ast.AnnAssign):
                    names = assigned_names(statement)
                    values += [(name, statement.value) for name in names]
        elif isinstance(node, (*_FUNCTIONS, ast.Lambda)):
            defaults = (*node.args.defaults, *node.args.kw_defaults)
            values = [("__defaults__", default) for default in defaults]
        for name, value in values:
            if value is not None and not self.names.is_constant(self.module, value):
                self.into.computed.add(name)

    def version(self, version: object) -> str:
        constant = ast.Constant(version)  # type: ignore[arg-type]  # written by its repr
        return "version " + serialise(constant)

    def shown(self) -> str:
        """Text as written, from the first decorator that counts, as one with a version does."""
        statement = self.definition.statement
        start = getattr(statement, "lineno", 1)
        for decorator in getattr(statement, "decorator_list", ()):
            own = is_own(self.names, self.module, decorator, self.local)
            if own is None or "version" in own.keywords:
                start = min(start, decorator.lineno)
        end = getattr(statement, "end_lineno", start) or start
        return textwrap.dedent("\n".join(self.module.lines[start - 1 : end]))

    def _wrapped_later(self) -> OwnDecorator | None:
        """``f = make(f, version=2)`` behind ``def f``."""
        if "." in self.into.qualname:
            return None
        for meaning in self.names.of(self.module, self.into.qualname):
            if meaning.node is self.definition.node:
                return meaning.own
        return None

    def _left_out(self, node: ast.AST) -> tuple[ast.AST, ...]:
        """Our decorators, on the definition and on functions inside it; versioned methods."""
        found: list[ast.AST] = []
        decorated = self.facts.decorated(node)
        if not decorated:
            return ()
        local = self.local | self._bound_inside(node)
        for inner in decorated:
            names = self.local if inner is node else local
            for decorator in inner.decorator_list:
                own = is_own(self.names, self.module, decorator, names)
                if own is None:
                    continue
                found.append(decorator)
                if "version" in own.keywords and isinstance(node, ast.ClassDef):
                    found.append(inner)
                    self.into.children[self.module, f"{self.into.qualname}.{inner.name}"] = None
        return tuple(found)

    def _bound_inside(self, node: ast.AST) -> frozenset[str]:
        if isinstance(node, _FUNCTIONS):
            scope = self.facts.scope((*self.definition.around, node))
            if scope is not None:
                return frozenset(scope.bound - set(scope.imports))
        return frozenset()

    def _registered(self, name: str) -> None:
        """``@area.register`` and its like put more code behind the name ``area``."""
        for other in self.facts.registered.get(name, ()):
            self.into.children[self.module, other] = None

    def conditions(self, definitions: list[Definition]) -> list[str]:
        """What decides which of several definitions is in force."""
        tests: dict[str, ast.expr] = {}
        for definition in definitions:
            for outer in self.facts.enclosing.get(id(definition.statement), ()):
                if isinstance(outer, ast.If) and not _is_guard(outer.test):
                    tests[self.facts.normal(outer.test)] = outer.test
        for test in tests.values():
            self.uses(self.facts.uses(test))
        return ["if " + text for text in tests]

    # The names -----------------------------------------------------------------------------

    def uses(self, uses: Uses) -> None:
        for use in uses.names:
            meanings = self.names.use(self.module, use)
            if use.origin is None:
                self._import_of(use.chain[0])
            if use.mode == "perhaps":
                meanings = tuple(m for m in meanings if m.kind != "unknown")
            for meaning in meanings:
                self._take(use, meaning)
            if not meanings and use.mode != "perhaps":
                self.into.unfollowed.add(
                    f"{self.into.qualname} uses {use.chain[0]}, which is defined in a circle"
                )
        for captured in uses.captured:
            self._capture(captured)

    def _take(self, use: Use, meaning: Resolved) -> None:
        into = self.into
        written = ".".join(use.chain)
        if use.mode == "rebind" and meaning.module is not None and meaning.kind != "unknown":
            into.binds.add(meaning.name)
        if not meaning.name.startswith("builtins."):
            into.links.add("\0".join((written, meaning.kind, meaning.name, *meaning.rest)))
        if meaning.kind in ("function", "class", "lambda"):
            assert meaning.module is not None
            into.children[meaning.module, meaning.qualname] = None
            if meaning.own is not None:
                into.steps.add(meaning.name)
            self._attribute_of(use, meaning)
        elif meaning.kind == "constant":
            assert meaning.module is not None
            if use.mode in READING:
                into.children[meaning.module, meaning.qualname] = None
                if meaning.container:
                    into.containers.add(ValueRef(meaning.module.name, meaning.qualname))
            elif use.mode == "change" or meaning.rest:
                into.changes.add(meaning.name)
        elif meaning.kind in ("value", "parameter"):
            assert meaning.module is not None
            if use.mode in READING:
                into.values.add(ValueRef(meaning.module.name, meaning.qualname, meaning.rebound))
            elif use.mode == "change" or meaning.rest:
                into.changes.add(meaning.name)
        elif meaning.kind == "library":
            into.libraries.add(".".join((meaning.name, *meaning.rest)))
            if meaning.name in UNSEEN:
                into.unfollowed.add(f"{into.qualname} uses {UNSEEN[meaning.name]}")
        elif meaning.kind == "module":
            self._module(use, meaning, written)
        else:
            bare = len(use.chain) == 1 and use.origin is None
            if use.mode in READING and (bare or meaning.module is not None):
                name = meaning.qualname or use.chain[0]
                into.attributes.add(Attribute(meaning.module or self.module, "", name))
            into.unfollowed.add(f"{into.qualname} uses {written}, which is not defined")

    def _attribute_of(self, use: Use, meaning: Resolved) -> None:
        """Note what is read or changed of an attribute that was set of a function or class."""
        assert meaning.module is not None
        every = ALL if use.mode == "dynamic" and meaning.kind != "class" else ""
        name = meaning.rest[0] if meaning.rest else every
        if name and is_set_by_users(name):
            found = Attribute(meaning.module, meaning.qualname, name)
            if use.mode in READING:
                self.into.attributes.add(found)
            elif use.mode == "change":
                self.into.fills.add(found)

    def _module(self, use: Use, meaning: Resolved, written: str) -> None:
        if use.mode == "dynamic":
            self.into.unfollowed.add(
                f"{self.into.qualname} takes an attribute of module {written} by a computed name"
            )
        elif use.mode in READING:
            self.into.unfollowed.add(f"{self.into.qualname} uses module {written} as a value")

    def _import_of(self, name: str) -> None:
        if name in self.into.imports:
            return
        for binding in self.module.bindings.get(name, ()):
            if isinstance(binding.statement, ast.Import | ast.ImportFrom):
                target = sorted({m.name for m in self.names.of(self.module, name)})
                self.into.imports[name] = ("\0".join(target), binding.statement)

    def _capture(self, captured: Captured) -> None:
        if captured.mode in ("change", "rebind"):
            return
        around = self.definition.around
        function = around[len(around) - 1 - captured.depth]
        name = captured.chain[0]
        prefix = ".<locals>.".join(
            self.into.qualname.split(".<locals>.")[: len(around) - captured.depth]
        )
        qualname = f"{prefix}.<locals>.{name}"
        found = definitions_of(self.module, qualname)
        inner = [d for d in found if isinstance(d.node, (*_FUNCTIONS, ast.ClassDef))]
        if (inner and len(inner) == len(found)) or _is_literal(found, function, name):
            self.into.children[self.module, qualname] = None
            return
        self.into.unfollowed.add(
            f"{self.into.qualname} takes {name} from {prefix}, where it is known only at run time"
        )

    # What the author declares --------------------------------------------------------------

    def _depends_on(self, item: ast.expr) -> None:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            self.depend(item.value)
        else:
            self.uses(self.facts.uses(item, self.definition.around))

    def depend(self, name: str) -> None:
        """Follow a name from ``depends=``: ``module:name``, or dotted as the module sees it."""
        place, _, qualname = name.rpartition(":")
        module = self.names.tree.find(place, importer=self.module) if place else self.module
        chain = tuple(qualname.split("."))
        if module is not None:
            meanings = self.names.chain(module, chain)
            if not place and all(m.kind in ("unknown", "library") for m in meanings):
                meanings = self._absolute(chain) or meanings
            for meaning in meanings:
                self._take(Use(chain, "read"), meaning)
            return
        self.into.unfollowed.add(f"{self.into.qualname} depends on {name}, which is not found")

    def _absolute(self, chain: tuple[str, ...]) -> tuple[Resolved, ...]:
        for cut in range(len(chain) - 1, 0, -1):
            module = self.names.tree.find(".".join(chain[:cut]), importer=self.module)
            if module is not None:
                return self.names.chain(module, chain[cut:])
        return ()


def _elements(node: ast.expr | None) -> list[ast.expr]:
    if node is None:
        return []
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return list(node.elts)
    return [node]


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_guard(test: ast.expr) -> bool:
    """``if __name__ == "__main__"`` and ``if TYPE_CHECKING`` decide nothing between runs."""
    chain = chain_of(test)
    if chain is not None:
        return chain[-1] == "TYPE_CHECKING"
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
    )


def _bound_value(statement: ast.stmt, qualname: str) -> ast.AST:
    """The expression of an assignment that a name is bound to, else the whole statement."""
    return assigned_expression(statement, qualname.rpartition(".")[2]) or statement


def _is_literal(found: list[Definition], function: ast.AST, name: str) -> bool:
    if len(found) != 1 or not isinstance(found[0].node, ast.Assign | ast.AnnAssign):
        return False
    arguments = getattr(function, "args", None)
    if isinstance(arguments, ast.arguments):
        for argument in ast.walk(arguments):
            if isinstance(argument, ast.arg) and argument.arg == name:
                return False
    value = found[0].node.value
    stores = sum(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(function)
    )
    return value is not None and stores == 1 and leaves_of(value) == [] and not is_container(value)
