"""What a live function's fingerprint is made of: source, values, captured names, or bare code."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from dis import get_instructions
from functools import partial
from pathlib import Path
from types import FunctionType, MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

from jobtui_core.errors import ScriptError, UnknownNameError
from jobtui_core.fingerprint.attributes import ALL, AttributesOf, asked_for, is_set_by_users
from jobtui_core.fingerprint.bindings import in_loop
from jobtui_core.fingerprint.cells import cell_symbol
from jobtui_core.fingerprint.check import function_matches, mismatches
from jobtui_core.fingerprint.codes import code_digest, nested_codes
from jobtui_core.fingerprint.contents import UNSET, content_digest
from jobtui_core.fingerprint.definitions import Definition, definitions_of
from jobtui_core.fingerprint.expand import Expansion
from jobtui_core.fingerprint.facts import facts_of
from jobtui_core.fingerprint.known import CHANGING_METHODS
from jobtui_core.fingerprint.layers import (
    captured_cells,
    definitions_behind,
    is_project_layer,
    layers_of,
    own_function,
    plain_function,
)
from jobtui_core.fingerprint.model import Fingerprint, ValueRef
from jobtui_core.fingerprint.scopes import READING, Uses
from jobtui_core.fingerprint.snapshot import (
    choose_text,
    in_library,
    loaded_place,
    loaded_sources,
    namespace_of,
)
from jobtui_core.fingerprint.static import Walk, walk
from jobtui_core.fingerprint.touched import binds_attribute
from jobtui_core.fingerprint.watched import Watched
from jobtui_core.hashing import combine, digest
from jobtui_core.sources import SourceModule

if TYPE_CHECKING:
    from jobtui_core.fingerprint.live import LoadedFingerprint

__all__ = ["Parts"]

_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Parts:
    """The parts of one live fingerprint beside the static one, gathered bit by bit."""

    def __init__(self, follow: Callable[[FunctionType], LoadedFingerprint]) -> None:
        self.follow = follow
        self.digests: list[str] = []
        self.unfollowed: list[str] = []
        self.watched: list[Watched] = []
        """Names that count by their value, which may change."""
        self.dispatches = False
        """Whether modules loaded later may register more code, or hold values that count."""
        self.quiet: set[str] = set()
        """Attributes that would count, if any code set them."""
        self.matches = True
        """Whether all loaded code is that of its source."""

    def take_over(self, inner: LoadedFingerprint, label: str) -> None:
        """Watch what another function, whose code is counted, refers to."""
        for value in inner.watch.values:
            # Globals have their module's name; what is captured has one for each function.
            own = value.label if ":" in value.label else f"{label}.{value.label}"
            self.watched.append(replace(value, label=own))
        self.quiet |= inner.quiet
        self.dispatches = self.dispatches or inner.dispatches

    def add(self, name: str, value: Any) -> None:
        """Count a value by its content."""
        found, reason = content_digest(name, value)
        self.digests += [name, found]
        if reason:
            self.unfollowed.append(reason)

    def watch(self, value: Watched) -> None:
        """Count a value that may change."""
        found = value.value
        function = own_function(found)
        if function is not None and not value.code:
            # What the function refers to is watched beside all other values, rather than that
            # functions which refer to each other are asked for ever.
            inner = self.follow(function)
            if inner.matches_source:
                self.digests += [value.label, inner.identity, inner.code]
                self.take_over(inner, value.label)
                value = replace(value, code=True)
        self.watched.append(value)
        reason = value.content(found)[1]
        if reason:
            self.unfollowed.append(reason)

    # From source ---------------------------------------------------------------------------

    def from_source(self, func: FunctionType) -> Fingerprint | None:
        """Add what goes with a function's source; ``None`` if there is no source to go by."""
        for _ in range(4):
            place = loaded_place(func)
            if place is None:
                return None
            tree, module = place
            try:
                definitions = definitions_behind(module, func)
                alone = func.__name__ == "<lambda>" and len(definitions) == 1
                steps = walk(tree, module, func.__qualname__, definitions if alone else None)
            except (ScriptError, UnknownNameError):
                return None
            wrong = list(mismatches(steps.reached, func))
            if not function_matches(func, module.text):
                wrong.insert(0, (module, func))
            if not wrong or not _choose_again(wrong):
                self._found(func, module, definitions, steps)
                self.matches = self.matches and not wrong
                return steps.fingerprint()
        return None

    def _found(
        self, func: FunctionType, module: SourceModule, definitions: list[Definition], steps: Walk
    ) -> None:
        others = [d.node for d in definitions_of(module, func.__qualname__)]
        if len(definitions) == 1 and sum(isinstance(node, _DEFINES) for node in others) > 1:
            # Several functions share the name; the sources count them all.
            node = definitions[0].node
            decorators = tuple(getattr(node, "decorator_list", ()))
            self.digests += ["one of several", facts_of(module).normal(node, decorators)]
        self.values(steps, func)
        self.cells(func, module, definitions)

    def values(self, steps: Walk, func: Any) -> None:
        """Add the values that the definitions reached refer to."""
        for ref in steps.fingerprint().values:
            namespace = _namespace(steps, ref, func)
            if namespace is None:
                self.unfollowed.append(f"{ref.symbol} is not known: its module cannot be imported")
            else:
                own = ref.symbol in steps.own_changes
                self.watch(Watched(ref.symbol, namespace, ref.name, own=own))
        self._bound_elsewhere(steps, func)
        self._attributes(steps, func)
        self._registered(steps, func)
        for expansion in steps.reached:
            if expansion.computed and "<locals>" not in expansion.qualname:
                self._evaluated(expansion, namespace_of(expansion.module, func) or {})

    def _bound_elsewhere(self, steps: Walk, func: Any) -> None:
        """Add what is bound while the program runs: ``settings.LEVEL = 3``, or a second time."""
        counted = {ref.symbol for ref in steps.fingerprint().values}
        for expansion in steps.reached:
            name = expansion.qualname
            if "." in name or expansion.name in counted or expansion.name in steps.own_changes:
                continue
            if self._is_set(name) or _is_bound_again(expansion.module, name):
                holder = namespace_of(expansion.module, func) or {}
                self.watch(Watched(expansion.name, holder, name, code=True))
            if expansion.kind == "class":
                cls = (namespace_of(expansion.module, func) or {}).get(name)
                for attribute in list(vars(cls)) if isinstance(cls, type) else ():
                    if not attribute.startswith("__") and self._is_set(attribute):
                        label = f"{expansion.name}.{attribute}"
                        self.watch(Watched(label, vars(cls), attribute, code=True))

    def _is_set(self, attribute: str) -> bool:
        """Tell whether any code sets an attribute of that name; if not, that may come."""
        found = binds_attribute(attribute, loaded_sources().values())
        if not found:
            self.quiet.add(attribute)
        return found

    def _attributes(self, steps: Walk, func: Any) -> None:
        """Add what was set of functions and classes, or of modules that do not define it."""
        known = {value.label for value in self.watched}
        fills = frozenset().union(*(expansion.fills for expansion in steps.reached))
        asked = {item.label: item for e in steps.reached for item in e.attributes}
        for label, item in sorted(asked.items()):
            if label in known or "<locals>" in item.owner:
                continue  # Attributes of what is inside a function are found where it is captured.
            namespace = namespace_of(item.module, func)
            if namespace is None:
                self.dispatches = True
            elif not item.owner:
                self.watch(Watched(label, namespace, item.name))
            elif item.name == ALL or self._is_set(item.name):
                holder = AttributesOf(namespace, item.owner.split("."))
                self.watch(Watched(label, holder, item.name, own=item in fills))
        for expansion in steps.reached:
            namespace = namespace_of(expansion.module, func)
            if namespace is None or expansion.kind not in ("function", "lambda"):
                continue
            value = AttributesOf(namespace, expansion.qualname.split(".")).owner
            for layer in layers_of(value)[:-1] if callable(value) else ():
                if is_project_layer(layer) and layer.__closure__:
                    self._captured_attributes(layer, f"{expansion.name} ")

    def _captured_attributes(self, func: FunctionType, prefix: str = "") -> None:
        """Add what was set of functions and classes that a function captures, itself included."""
        uses = _uses_of(func)
        if uses is None:
            return
        cells = dict(zip(func.__code__.co_freevars, func.__closure__ or (), strict=True))
        fills = {use.chain[:2] for use in uses.captured if use.mode == "change"}
        chains = {use.chain[:2] for use in uses.captured if use.mode in READING}
        for chain in sorted(chain for chain in chains if len(chain) > 1):
            name, attribute = chain
            holder = AttributesOf(cells[name]) if name in cells else None
            if holder is None or not is_set_by_users(attribute):
                continue
            owner = holder.owner
            if not isinstance(owner, type) and plain_function(owner) is None:
                continue  # Of any other object everything counts.
            if attribute == ALL or self._is_set(attribute):
                label = f"{prefix}{func.__code__.co_qualname}.{name}.{attribute}"
                self.watch(Watched(label, holder, attribute, own=chain in fills))

    def _registered(self, steps: Walk, func: Any) -> None:
        """Add what other modules registered with a dispatching function that is reached."""
        reached = {(e.module.path, e.qualname) for e in steps.reached}
        for expansion in steps.reached:
            if expansion.kind != "function" or "." in expansion.qualname:
                continue
            value = (namespace_of(expansion.module, func) or {}).get(expansion.qualname)
            registry = getattr(getattr(value, "dispatch", None) and value, "registry", None)
            if not isinstance(registry, MappingProxyType):
                continue
            self.dispatches = True
            for kind, inner in registry.items():
                if not isinstance(inner, FunctionType) or in_library(inner.__code__):
                    continue
                place = Path(inner.__code__.co_filename), inner.__code__.co_qualname
                if place not in reached:
                    found = self.follow(inner)
                    self.digests += ["registered", digest(kind), found.identity, found.code]
                    self.take_over(found, found.identity)

    def _evaluated(self, expansion: Expansion, namespace: dict[str, Any]) -> None:
        """Add what a definition computed when it ran: class attributes and defaults.

        What has no digest, a lock or a field of an ORM, is its class's own affair.
        """
        first, *rest = expansion.qualname.split(".")
        value = namespace.get(first)
        for part in rest:
            value = vars(value).get(part) if isinstance(value, type) else None
        for name in sorted(expansion.computed):
            if name == "__defaults__":
                function = plain_function(value)
                held: Any = function and (function.__defaults__, function.__kwdefaults__)
            else:
                held = vars(value).get(name, UNSET) if isinstance(value, type) else UNSET
            found, reason = content_digest(name, held)
            if not reason:
                self.digests += [f"{expansion.name}.{name}", found]

    def cells(
        self, func: FunctionType, module: SourceModule | None, definitions: list[Definition]
    ) -> None:
        """Add the values that a function captures and that can influence its result."""
        read: frozenset[str] | None = None
        if module is not None and len(definitions) == 1:
            uses = facts_of(module).uses(definitions[0].node, definitions[0].around)
            read = frozenset(use.chain[0] for use in uses.captured if use.mode in READING)
        self._captured_attributes(func)
        for name, cell, own in captured_cells(func, definitions, read):
            if own:
                self.unfollowed.append(
                    f"{func.__qualname__} reads {name}, which changes as it runs"
                )
            else:
                self.watch(Watched(name, cell, name))

    def layer(self, layer: Any) -> None:
        """Add a wrapper of the project: its code and what it captures, the function left out."""
        if not is_project_layer(layer):
            return
        place = loaded_place(layer)
        if place is not None and not function_matches(layer, place[1].text):
            _choose_again([(place[1], layer)])
            place = loaded_place(layer)
        tree, module = place or (None, None)
        code = layer.__code__
        try:
            if tree is None or module is None:
                raise UnknownNameError("a wrapper without source", name=code.co_qualname)
            self.matches = self.matches and function_matches(layer, module.text)
            static = walk(tree, module, code.co_qualname).fingerprint()
            self.digests += ["layer", static.digest]
            self.unfollowed += [s for s in static.unfollowed if "known only at run time" not in s]
        except (ScriptError, UnknownNameError):
            self.digests.append(code_digest(code))
        wrapped = layers_of(layer)[1:]
        behind = definitions_behind(module, layer) if module is not None else []
        self._captured_attributes(layer)
        for name, cell, own in captured_cells(layer, behind, None):
            if not own and all(cell.cell_contents is not item for item in wrapped):
                self.watch(Watched(f"{code.co_qualname}.{name}", cell, name))

    # Without source ------------------------------------------------------------------------

    def from_code(self, func: FunctionType) -> Fingerprint:
        """Fingerprint a function that has no source file by its cell, or by its code object."""
        libraries: set[str] = set()
        fills = _changes_in_place(func)
        for name, value in _global_values(func):
            if isinstance(value, ModuleType):
                libraries.add(value.__name__)
            elif type(value) in (list, dict, set) and not value and fills:
                continue  # waits to be filled by the function itself
            self.watch(Watched(name, func.__globals__, name, own=fills, anyone=True))
        for name, attribute in sorted(set(asked_for(func))):
            holder = AttributesOf(func.__globals__, (name,))
            if plain_function(holder.owner) is not None and is_set_by_users(attribute):
                label = f"{name}.{attribute}"
                self.watch(Watched(label, holder, attribute, own=fills, anyone=True))
        self.cells(func, None, [])
        self.add("defaults", (func.__defaults__, func.__kwdefaults__))
        symbol = cell_symbol(func)
        if symbol is not None:
            code = combine("cells", symbol.digest)
            return Fingerprint(code, (symbol,), (), (), frozenset(libraries), ())
        code = combine("code objects", code_digest(func.__code__))
        return Fingerprint(code, (), (), (), frozenset(libraries), ())


def _is_bound_again(module: SourceModule, name: str) -> bool:
    """Tell whether a module may bind one of its functions or classes to something else."""
    facts = facts_of(module)
    bindings = module.bindings.get(name, ())
    if any(in_loop(facts, one) for one in bindings):
        return True
    places = [facts.enclosing.get(id(one.statement), ()) for one in bindings]
    # Of those in branches of one statement only one is bound, and the sources count them all.
    if len({id(around[0]) if around else -index for index, around in enumerate(places)}) > 1:
        return True
    if "globals()" in module.text:
        return True
    return any(use.mode == "rebind" and use.chain == (name,) for use in facts.changes)


def _uses_of(func: FunctionType) -> Uses | None:
    """Give the names that a function captures and how it uses them, if one place tells."""
    place = loaded_place(func) if func.__closure__ else None
    if place is None:
        return None
    found = definitions_of(place[1], func.__code__.co_qualname)
    if len(found) != 1:
        return None
    return facts_of(place[1]).uses(found[0].node, found[0].around)


def _global_values(func: FunctionType) -> Iterator[tuple[str, Any]]:
    names = {name for code in nested_codes(func.__code__) for name in code.co_names}
    for name in sorted(names):
        if name in func.__globals__ and func.__globals__[name] is not func:
            yield name, func.__globals__[name]


def _changes_in_place(func: FunctionType) -> bool:
    """Tell whether a function changes containers, as far as its instructions tell."""
    for code in nested_codes(func.__code__):
        if CHANGING_METHODS.intersection(code.co_names):
            return True
        if any(item.opname in ("STORE_SUBSCR", "DELETE_SUBSCR") for item in get_instructions(code)):
            return True
    return False


def _choose_again(wrong: list[tuple[SourceModule, FunctionType]]) -> bool:
    """Find other texts that fit the functions; ``False`` if there is none for one of them."""
    by_path: dict[Path, list[FunctionType]] = {}
    for module, func in wrong:
        by_path.setdefault(module.path, []).append(func)
    return all(choose_text(path, partial(_all_match, funcs)) for path, funcs in by_path.items())


def _all_match(functions: list[FunctionType], text: str) -> bool:
    return all(function_matches(function, text) for function in functions)


def _namespace(steps: Walk, value: ValueRef, func: Any) -> dict[str, Any] | None:
    for path in steps.tree.files:
        module = steps.tree.module_at(path)
        if module.name == value.module:
            return namespace_of(module, func) or _imported(module)
    return None


def _imported(module: SourceModule) -> dict[str, Any] | None:
    """Import a module for a value in it, as the function itself is about to do."""
    for place in sys.path:
        try:
            parts = module.path.relative_to(Path(place or ".").absolute()).with_suffix("").parts
        except ValueError:
            continue
        try:
            importlib.import_module(".".join(parts[:-1] if module.package else parts))
        except Exception:  # noqa: BLE001  whatever a module raises, its value is not known
            return None
        return namespace_of(module, None)
    return None
