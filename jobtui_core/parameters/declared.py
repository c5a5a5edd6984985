"""Parameters that a module declares with ``default_param``, read without running it."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jobtui_core.parameters.kinds import ANY, type_name
from jobtui_core.parameters.plain import as_plain
from jobtui_core.records import ParameterInfo
from jobtui_core.sources import SourceModule, SourceTree

__all__ = ["Declared", "declared_in", "merged", "spellings"]

_NAME = "default_param"
_UNKNOWN = object()
_TYPES = frozenset(
    [
        "int",
        "float",
        "complex",
        "str",
        "bool",
        "list",
        "tuple",
        "set",
        "frozenset",
        "dict",
        "Path",
        "date",
        "datetime",
        "time",
    ]
)
_ENUMS = ("Enum", "StrEnum", "IntEnum", "Flag", "IntFlag")


@dataclass(frozen=True, slots=True)
class Declared:
    """What a module declares."""

    parameters: tuple[ParameterInfo, ...] = ()
    certain: bool = True
    """Whether these are all: not so where a name is computed."""


def declared_in(module: SourceModule, tree: SourceTree | None = None) -> Declared:
    """Read the declarations of a module, wherever in it they stand.

    Parameters
    ----------
    module : SourceModule
    tree : SourceTree, optional
        Where the classes of enums are looked up that other modules define.

    Raises
    ------
    ScriptError
        If the module cannot be parsed.
    """
    if _NAME not in module.text:
        return Declared()
    reading = _Reading(module, tree, spellings(module.tree))
    found: list[ParameterInfo] = []
    certain = True
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and reading.declares(node):
            one = reading.parameter(node)
            if one is None:
                certain = False
            else:
                found.append(one)
    # ast.walk goes level by level.
    found.sort(key=lambda one: one.line)
    return Declared(merged(found), certain)


def merged(found: Sequence[ParameterInfo]) -> tuple[ParameterInfo, ...]:
    """Give each name once; one that is declared in different ways can be anything."""
    by_name: dict[str, ParameterInfo] = {}
    for one in found:
        first = by_name.setdefault(one.name, one)
        if (first.type, first.choices) != (one.type, one.choices):
            by_name[one.name] = ParameterInfo(
                name=first.name,
                type=ANY,
                default=first.default,
                value=first.value,
                help=first.help or one.help,
                line=first.line,
                file=first.file,
            )
    return tuple(by_name.values())


def spellings(tree: ast.AST) -> frozenset[str]:
    """Give the names under which a module knows ``default_param``."""
    return frozenset({_NAME}) | {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == _NAME and alias.asname
    }


@dataclass(slots=True)
class _Reading:
    """One module that is being read."""

    module: SourceModule
    tree: SourceTree | None
    spellings: frozenset[str]
    _constants: dict[str, Any] | None = field(default=None)

    def declares(self, call: ast.Call) -> bool:
        function = call.func
        if isinstance(function, ast.Name):
            return function.id in self.spellings
        return isinstance(function, ast.Attribute) and function.attr == _NAME

    def parameter(self, call: ast.Call) -> ParameterInfo | None:
        places = ("name", "default", "help", "choices", "type")
        given: dict[str, ast.expr] = dict(zip(places, call.args, strict=False))
        given.update({item.arg: item.value for item in call.keywords if item.arg})
        name = self._literal(given.get("name"))
        if not isinstance(name, str) or any(isinstance(one, ast.Starred) for one in call.args):
            return None
        node = given.get("default", given.get("default_value"))
        kind, default, members = self._value(node)
        named, choices = self._type(given.get("type"))
        chosen = self._choices(given.get("choices"))
        choices = chosen if chosen is not None else choices if choices is not None else members
        help_text = self._literal(given.get("help"))
        return ParameterInfo(
            name=name,
            type=named or kind,
            default=default,
            value=default,
            help=help_text if isinstance(help_text, str) else "",
            choices=tuple(choices or ()),
            line=call.lineno,
            file=self.module.file,
        )

    # ------------------------------------------------------------------ defaults

    def _value(self, node: ast.expr | None) -> tuple[str, Any, list[str] | None]:
        """Give the type of a default, the default as plain data, and an enum's members."""
        if node is None:
            return ANY, None, None
        value = self._literal(node)
        if value is not _UNKNOWN:
            return type_name(value), as_plain(value), None
        if isinstance(node, ast.Call):
            return (*self._made(node), None)
        if isinstance(node, ast.Attribute):
            members = self._members(node.value)
            if members is not None and node.attr in members:
                return _last(node.value), node.attr, members
        return ANY, None, None

    def _made(self, call: ast.Call) -> tuple[str, Any]:
        """Give what a call such as ``Path("data")`` or ``date(2020, 1, 31)`` makes."""
        arguments = [self._literal(one) for one in call.args]
        if call.keywords or _UNKNOWN in arguments:
            arguments = []
        made = _last(call.func)
        if made in ("fromisoformat", "strptime") and isinstance(call.func, ast.Attribute):
            made = _last(call.func.value)
            if made in ("date", "datetime", "time"):
                text = arguments[0] if len(arguments) == 1 else None
                return made, text if isinstance(text, str) else None
        if made in ("Path", "PurePath"):
            return "Path", _joined(arguments) if arguments else None
        if made in ("date", "datetime", "time"):
            try:
                return made, as_plain(getattr(dt, made)(*arguments)) if arguments else None
            except (TypeError, ValueError):
                return made, None
        return (made, None) if made in _TYPES else (ANY, None)

    # ------------------------------------------------------------------ types and choices

    def _type(self, node: ast.expr | None) -> tuple[str, list[Any] | None]:
        """Give the name of what stands as ``type=``, and the choices that it leaves."""
        if node is None or (isinstance(node, ast.Constant) and node.value is None):
            return "", None
        parts = list(_alternatives(node))
        kinds: dict[str, None] = {}
        choices: list[Any] | None = None
        for part in parts:
            members = self._members(part)
            if isinstance(part, ast.Subscript) and _last(part.value) == "Literal":
                inner = part.slice.elts if isinstance(part.slice, ast.Tuple) else [part.slice]
                values = [self._literal(one) for one in inner]
                if _UNKNOWN in values:
                    return ANY, None
                kinds.update(dict.fromkeys(type_name(value) for value in values))
                choices = [*(choices or ()), *values]
            elif members is not None:
                kinds[_last(part)] = None
                choices = [*(choices or ()), *members]
            else:
                kinds[_type_words(part)] = None
        return " | ".join(kinds), choices

    def _choices(self, node: ast.expr | None) -> list[Any] | None:
        if node is None:
            return None
        value = self._literal(node)
        if isinstance(value, list | tuple | set | frozenset):
            return [as_plain(item) for item in value]
        members = self._members(node)
        if members is not None:
            return members
        if isinstance(node, ast.List | ast.Tuple):
            named = [self._value(one) for one in node.elts]
            if all(kind != ANY for kind, _, _ in named):
                return [plain for _, plain, _ in named]
        return None

    def _members(self, node: ast.expr) -> list[str] | None:
        """Give the names of an enum's members, if the class can be seen."""
        if not isinstance(node, ast.Name | ast.Attribute):
            return None
        found = self._class(_last(node))
        if found is None or not any(_last(base) in _ENUMS for base in found.bases):
            return None
        names = [
            target.id
            for statement in found.body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name) and not target.id.startswith("_")
        ]
        return names or None

    def _class(self, name: str) -> ast.ClassDef | None:
        for binding in self.module.bindings.get(name, ()):
            statement = binding.statement
            if isinstance(statement, ast.ClassDef):
                return statement
            if isinstance(statement, ast.ImportFrom) and self.tree is not None:
                module = self.tree.find(
                    statement.module or "", importer=self.module, level=statement.level
                )
                for other in module.bindings.get(name, ()) if module is not None else ():
                    if isinstance(other.statement, ast.ClassDef):
                        return other.statement
        return None

    # ------------------------------------------------------------------ literals

    def _literal(self, node: ast.expr | None) -> Any:
        """Give the value of a literal, or of a name that the module binds once to one."""
        if node is None:
            return _UNKNOWN
        if isinstance(node, ast.Name):
            return self._names().get(node.id, _UNKNOWN)
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return _UNKNOWN

    def _names(self) -> Mapping[str, Any]:
        if self._constants is None:
            self._constants = dict(_constants(self.module))
        return self._constants


def _constants(module: SourceModule) -> Iterator[tuple[str, Any]]:
    """Give the names that a module binds at its top level, once and to a literal."""
    for name, bindings in module.bindings.items():
        if len(bindings) == 1 and not bindings[0].nested:
            value = getattr(bindings[0].statement, "value", None)
            if isinstance(bindings[0].statement, ast.Assign | ast.AnnAssign) and value is not None:
                targets = getattr(bindings[0].statement, "targets", None)
                if targets is None or [type(one) for one in targets] == [ast.Name]:
                    try:
                        yield name, ast.literal_eval(value)
                    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                        continue


def _alternatives(node: ast.expr) -> Iterator[ast.expr]:
    """Give the parts of ``A | B``, ``Union[A, B]`` and ``Optional[A]``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from _alternatives(node.left)
        yield from _alternatives(node.right)
    elif isinstance(node, ast.Subscript) and _last(node.value) in ("Union", "Optional"):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        for one in inner:
            yield from _alternatives(one)
        if _last(node.value) == "Optional":
            yield ast.Constant(None)
    else:
        yield node


def _type_words(node: ast.expr) -> str:
    """Name a type as ``type_name`` would; ``any`` for what cannot be told from outside."""
    if isinstance(node, ast.Constant):
        if node.value is None:
            return "None"
        return node.value if isinstance(node.value, str) else ANY
    if isinstance(node, ast.Name | ast.Attribute):
        name = _last(node)
        # Somebody's own function or class: only running tells what it takes.
        return name if name in _TYPES else ANY
    if isinstance(node, ast.Subscript):
        outer = {"List": "list", "Tuple": "tuple", "Set": "set"}.get(_last(node.value), "")
        outer = outer or _last(node.value)
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        words = [
            "..." if isinstance(one, ast.Constant) and one.value is ... else _type_words(one)
            for one in inner
        ]
        return f"{outer}[{', '.join(words)}]" if outer in _TYPES and ANY not in words else ANY
    return ANY


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _joined(parts: Sequence[Any]) -> str | None:
    if not all(isinstance(part, str) for part in parts):
        return None
    from pathlib import PurePath

    return str(PurePath(*parts))
