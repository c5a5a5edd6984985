"""Whether the edit of some code is one that can be accepted: an alias changes code, not values.

When a function is called, its code counts as a digest that an alias can exchange for an older one.
Beside it count values: what class bodies and defaults computed when they ran, the wrappers that
decorators put around it, the files that steps within it take.  Where an edit may have changed one
of those, results of the old code would not be found, and nobody should be told that they will be.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from jobtui_core.diffs.code import Definition, definitions, display
from jobtui_core.fingerprint.definitions import definitions_of
from jobtui_core.fingerprint.touched import binds_attribute

if TYPE_CHECKING:
    from jobtui_core.project.judging.analyses import Analysed

__all__ = ["Edit", "obstacle"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

_Parsed = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Edit:
    """What changed between two fingerprints of a function.

    Parameters
    ----------
    function : str
        Identity.
    stored : mapping
        What a store kept of the old fingerprint.
    analysed : Analysed
        The script, with today's.
    """

    def __init__(self, function: str, stored: Mapping[str, object], analysed: Analysed) -> None:
        self.function = function
        self.analysed = analysed
        today = analysed.fingerprint(function)
        self.old = {one.name: one for one in definitions(stored.get("symbols"))}
        self.new = {one.name: one for one in definitions(today.symbols if today else ())}
        self.steps = frozenset(today.steps if today is not None else ())
        steps = stored.get("steps")
        self.old_steps = frozenset(map(str, steps)) if isinstance(steps, list) else frozenset()
        self.changed = {
            name
            for name in self.old.keys() | self.new.keys()
            if name not in self.old
            or name not in self.new
            or self.old[name].digest != self.new[name].digest
        }

    @property
    def of_classes(self) -> bool:
        """Whether classes of the project are among the code."""
        return any(one.kind == "class" for one in (*self.old.values(), *self.new.values()))

    def reaches_changed(self, name: str) -> bool:
        """Tell whether code that is used under a name was edited, as far as can be seen."""
        ends = tuple(f"{separator}{name}" for separator in ":.")
        for symbol in self.new:
            if not symbol.endswith(ends):
                continue
            reached = self.analysed.fingerprint(symbol)
            names = {one.name for one in reached.symbols} if reached is not None else {symbol}
            if self.changed & (names | {symbol}):
                return True
        return False


def obstacle(edit: Edit) -> str | None:
    """Say in a few words why an edit cannot be accepted; ``None`` if it can."""
    return (
        _not_seen(edit)
        or _repeated(edit)
        or _bound_elsewhere(edit)
        or _wrapped(edit)
        or _class_body(edit)
        or _computed(edit)
        or _other_inputs(edit)
    )


def _not_seen(edit: Edit) -> str | None:
    if not edit.old:
        return "the source that it had then is not kept, so that there is no edit to be seen"
    if not edit.new:
        return "its source is not found"
    return None


def _repeated(edit: Edit) -> str | None:
    """Of several definitions of one name, the one in force counts by itself."""
    name, _, qualified = edit.function.rpartition(":")
    module = edit.analysed.module(name)
    if edit.function not in edit.changed or module is None:
        return None
    found = definitions_of(module, qualified)
    return f"{qualified} is defined several times" if len(found) > 1 else None


def _bound_elsewhere(edit: Edit) -> str | None:
    """What other code binds in a module counts by what it is bound to."""
    tree = edit.analysed.tree
    texts = [tree.module_at(path).text for path in tree.files]
    for name in sorted(edit.changed):
        last = name.rpartition(":")[2].rpartition(".")[2]
        if binds_attribute(last, texts):
            return f"{display(name)} is bound anew by other code, and counts by its value"
    return None


def _wrapped(edit: Edit) -> str | None:
    """A decorator of the project counts by the wrapper that it made."""
    before = _decorators(edit.old.get(edit.function))
    now = _decorators(edit.new.get(edit.function))
    own = {one.rpartition(".")[2].rpartition(":")[2] for one in (*edit.old, *edit.new)}
    for dumped, names in {**before, **now}.items():
        mine = names & own
        if mine and (dumped not in before or dumped not in now):
            return f"its decorator {min(mine)} is another one"
        for name in sorted(mine):
            if edit.reaches_changed(name):
                return f"the edit is of its decorator {name}, or of what that uses"
    return None


def _decorators(definition: Definition | None) -> dict[str, set[str]]:
    node = _parsed(definition)
    return {ast.dump(one): _names(one) for one in node.decorator_list} if node is not None else {}


def _class_body(edit: Edit) -> str | None:
    for name in sorted(edit.changed):
        before, now = _body(edit.old.get(name)), _body(edit.new.get(name))
        if before is not None and now is not None and before != now:
            return f"the attributes of class {display(name)} count by their values"
    return None


def _body(definition: Definition | None) -> list[str] | None:
    """The statements of a class that are no methods, and its head."""
    node = _parsed(definition)
    if not isinstance(node, ast.ClassDef):
        return None
    rest = [one for one in node.body if not isinstance(one, _FUNCTIONS) and not _is_text(one)]
    return [ast.dump(one) for one in (*node.bases, *node.keywords, *node.decorator_list, *rest)]


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _computed(edit: Edit) -> str | None:
    """What ran when the module was loaded counts by what came out."""
    for name in sorted(edit.old.keys() | edit.new.keys()):
        before = {ast.dump(one) for one in _expressions(edit.old.get(name))}
        now = {ast.dump(one): one for one in _expressions(edit.new.get(name))}
        if before != now.keys():
            return f"a default or class attribute of {display(name)} counts by its value"
        for expression in now.values():
            if any(edit.reaches_changed(used) for used in _names(expression)):
                return f"a default or class attribute of {display(name)} is computed by it"
    return None


def _expressions(definition: Definition | None) -> Iterator[ast.expr]:
    """Expressions in a definition that were evaluated when it ran, but for literals."""
    node = _parsed(definition)
    if node is None:
        return
    for part in ast.walk(node):
        values: Iterable[ast.expr | None] = ()
        if isinstance(part, ast.arguments):
            values = (*part.defaults, *part.kw_defaults)
        elif isinstance(part, ast.ClassDef):
            values = [one.value for one in part.body if isinstance(one, ast.Assign | ast.AnnAssign)]
        yield from (value for value in values if value is not None and not _is_literal(value))


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _other_inputs(edit: Edit) -> str | None:
    """Steps bring their declared inputs into the key of whoever may call them."""
    analysis = edit.analysed.analysis
    declared = {one.identity: one for one in analysis.functions} if analysis is not None else {}
    for identity in sorted(edit.steps ^ edit.old_steps):
        step = declared.get(identity)
        if step is None or step.inputs:
            word = "calls" if identity in edit.steps else "no longer calls"
            return f"it {word} {display(identity)}, whose input files count with it"
    return None


def _parsed(definition: Definition | None) -> _Parsed | None:
    if definition is None or definition.kind not in ("function", "class"):
        return None
    try:
        (node,) = ast.parse(definition.source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return node if isinstance(node, _Parsed) else None


def _names(node: ast.AST) -> set[str]:
    found = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return found | {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
