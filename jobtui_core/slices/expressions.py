"""Expressions: what each gives, as a term."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from jobtui_core.slices.library import unrepeatable
from jobtui_core.slices.machine import Machine
from jobtui_core.slices.meanings import (
    BoundMethod,
    FunctionRef,
    LibraryRef,
    ModuleRef,
    OneOf,
    Partial,
    Parts,
    Settings,
    StepRef,
    Table,
    Value,
    choice,
)
from jobtui_core.slices.sets import A_SET, in_some_order, is_set
from jobtui_core.slices.telling import told_by_attribute
from jobtui_core.slices.terms import Constant, Term, constant, term

__all__ = ["Expressions"]

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
# Powers and shifts are left out: folding them could take for ever.

_SIMPLE = (int, float, complex, bool, str, bytes, type(None))
_LONGEST = 10_000


class Expressions(Machine):
    """Evaluates expressions."""

    def eval(self, node: ast.expr) -> Value:
        """Give the value of an expression."""
        if not self.spend():
            return Value(term("given-up").because("the script is too long to be followed"))
        method = getattr(self, f"_eval_{type(node).__name__}", None)
        if method is None:
            inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
            return self.opaque(type(node).__name__, [self.eval(child) for child in inner])
        result: Value = method(node)
        return result

    def opaque(self, kind: str, values: Sequence[Value], *parts: str | int) -> Value:
        """Give a value of which only the parts are known; it may share memory with them."""
        cells = frozenset().union(*(value.cells for value in values))
        return Value(term(kind, *parts, *(value.term for value in values)), cells)

    # ------------------------------------------------------------------ names and literals

    def _eval_Constant(self, node: ast.Constant) -> Value:
        return Value(constant(node.value))

    def _eval_Name(self, node: ast.Name) -> Value:
        value = self.name(node.id)
        late = self.resolve_late(value.term)
        return value if late is value.term else Value(late, value.cells, value.same)

    def callee(self, node: ast.expr) -> Value:
        """Give what is called: a function of the project as such, not yet by its code."""
        if isinstance(node, ast.Name):
            return self.name(node.id)
        return self._lambda(node) if isinstance(node, ast.Lambda) else self.eval(node)

    def name(self, name: str) -> Value:
        """Give what a name means in the current frame."""
        found = self.read(self.frame, name)
        if found is not None:
            return found
        if name == "__name__":
            script = self.frame.module is self.script
            return Value(constant("__main__" if script else self.frame.module.name))
        if name in ("__file__", "__doc__", "__spec__", "__package__"):
            return Value(term("own", name))
        if name == "TYPE_CHECKING":
            return Value(constant(False))
        return self.library(f"builtins.{name}")

    def library(self, name: str) -> Value:
        """Give a name of a library."""
        if name == "sys.argv":
            return Value(self.argv_term())
        if name == "typing.TYPE_CHECKING":
            return Value(constant(False))
        value = term("library", name, meaning=LibraryRef(name))
        if name in ("os.environ", "sys.stdin"):
            value = value.because(f"{name} {unrepeatable(name)}")
        return Value(value)

    def _eval_Attribute(self, node: ast.Attribute) -> Value:
        value = self.attribute(self.eval(node.value), node.attr)
        late = self.resolve_late(value.term)
        return value if late is value.term else Value(late, value.cells, value.same)

    def attribute(self, owner: Value, name: str) -> Value:
        """Give an attribute of a value."""
        meaning = owner.term.meaning
        if isinstance(meaning, LibraryRef):
            return self.library(f"{meaning.name}.{name}")
        if isinstance(meaning, ModuleRef):
            return self.module_attribute(meaning, name)
        if isinstance(meaning, Settings) and name in meaning.values:
            return Value(meaning.values[name].term, owner.cells)
        told = told_by_attribute(owner.term, name)
        if told is not None:
            return Value(told)
        value = term("attribute", name, owner.term, meaning=BoundMethod(owner, name))
        return Value(value, self.state.reach(owner.cells))

    def module_attribute(self, meaning: ModuleRef, name: str) -> Value:
        """Give a name of another module of the project."""
        raise NotImplementedError

    def _eval_Subscript(self, node: ast.Subscript) -> Value:
        owner, index = self.eval(node.value), self.eval(node.slice)
        known = self._known_item(owner.term, index.term)
        if known is not None:
            return known
        cells = self.state.reach(owner.cells)
        item = self.part_of(owner.term, term("item", owner.term, index.term))
        return Value(item, cells)

    def _known_item(self, owner: Term, index: Term) -> Value | None:
        if not isinstance(index.meaning, Constant):
            return None
        key = index.meaning.value
        if isinstance(owner.meaning, Table):
            return owner.meaning.item(key)
        if isinstance(owner.meaning, Parts) and isinstance(key, int):
            items = owner.meaning.items
            return items[key] if -len(items) <= key < len(items) else None
        if isinstance(owner.meaning, Constant):
            try:
                item = owner.meaning.value[key]
            except Exception:  # noqa: BLE001  # the script will see this error itself
                return None
            plain = isinstance(item, _SIMPLE) or (isinstance(key, slice) and _small(item))
            return self._folded(item, (owner, index)) if plain else None
        return None

    def _folded(self, value: Any, parts: Sequence[Term]) -> Value:
        """Give a constant that was computed from others, with what those came from."""
        text = term("parts", *parts)
        plain = constant(value)
        return Value(replace(text, digest=plain.digest, holes=(), meaning=plain.meaning))

    def _fold(self, function: Callable[..., Any], parts: Sequence[Term]) -> Value | None:
        values = [part.meaning.value for part in parts if isinstance(part.meaning, Constant)]
        if len(values) != len(parts) or not all(_small(value) for value in values):
            return None
        try:
            result = function(*values)
        except Exception:  # noqa: BLE001  # the script will see this error itself
            return None
        return self._folded(result, parts) if isinstance(result, _SIMPLE) else None

    # ------------------------------------------------------------------ operators

    def _eval_BinOp(self, node: ast.BinOp) -> Value:
        left, right = self.eval(node.left), self.eval(node.right)
        return self.binary(node.op, left, right)

    def binary(self, op: ast.operator, left: Value, right: Value) -> Value:
        """Give ``left op right``."""
        function = _OPERATORS.get(type(op))
        numbers = isinstance(left.term.meaning, Constant) and isinstance(
            left.term.meaning.value, int | float
        )
        # "a" * 10**9 and "%999999999d" are not to be computed here.
        if function is not None and (numbers or isinstance(op, ast.Add)):
            folded = self._fold(function, (left.term, right.term))
            if folded is not None:
                return folded
        made = self.opaque("binary", (left, right), type(op).__name__)
        if is_set(left.term) or is_set(right.term):
            return Value(made.term.means(A_SET), made.cells)
        return made

    def _eval_UnaryOp(self, node: ast.UnaryOp) -> Value:
        operand = self.eval(node.operand)
        folded = self._fold(_OPERATORS[type(node.op)], (operand.term,))
        return folded or self.opaque("unary", (operand,), type(node.op).__name__)

    def _eval_BoolOp(self, node: ast.BoolOp) -> Value:
        wanted = isinstance(node.op, ast.Or)
        values: list[Value] = []
        for item in node.values:
            value = self.eval(item)
            if self.ended and values:
                # ``ok or sys.exit()`` goes on only where the first operand says so.
                self.ended = False
                self.state.path = term("and", self.state.path, *(v.term for v in values))
            truth = value.term.truth
            if truth is None:
                values.append(value)
            elif truth is wanted or item is node.values[-1]:
                # Decides the expression, unless something before it already did.
                values.append(value)
                break
        if len(values) == 1:
            return values[0]
        return self.opaque("bool", values, type(node.op).__name__)

    def _eval_Compare(self, node: ast.Compare) -> Value:
        left = self.eval(node.left)
        if len(node.ops) == 1:
            right = self.eval(node.comparators[0])
            folded = self._fold(_OPERATORS[type(node.ops[0])], (left.term, right.term))
            if folded is not None:
                return folded
            return Value(term("compare", type(node.ops[0]).__name__, left.term, right.term))
        rest = [self.eval(item).term for item in node.comparators]
        names = ",".join(type(op).__name__ for op in node.ops)
        return Value(term("compare", names, left.term, *rest))

    def _eval_IfExp(self, node: ast.IfExp) -> Value:
        test = self.eval(node.test)
        if test.term.truth is not None:
            return self.eval(node.body if test.term.truth else node.orelse)
        before = self.state.path
        self.state.path = term("and", before, test.term)
        body = self.eval(node.body)
        self.state.path = term("and", before, term("not", test.term))
        orelse = self.eval(node.orelse)
        self.state.path = term("and", before, test.term) if self.ended else before
        self.ended = False
        cells = body.cells | orelse.cells
        either = term("either", test.term, body.term, orelse.term, meaning=choice((body, orelse)))
        return Value(either, cells)

    # ------------------------------------------------------------------ containers and text

    def _eval_Tuple(self, node: ast.Tuple) -> Value:
        return self._sequence("tuple", node.elts)

    def _eval_List(self, node: ast.List) -> Value:
        return self._sequence("list", node.elts)

    def _eval_Set(self, node: ast.Set) -> Value:
        made = self.opaque("set", [self.eval(item) for item in node.elts])
        return Value(made.term.means(A_SET), made.cells)

    def _sequence(self, kind: str, nodes: Sequence[ast.expr]) -> Value:
        items = tuple(self.eval(node) for node in nodes)
        cells = frozenset().union(*(item.cells for item in items))
        inner = [item.term for item in items]
        known = [part.meaning.value for part in inner if isinstance(part.meaning, Constant)]
        starred = any(isinstance(node, ast.Starred) for node in nodes)
        if len(known) == len(items) and not starred:
            folded = self._folded(tuple(known) if kind == "tuple" else known, inner)
            shared = _shared(items)
            # Elements that have names can be changed by them: they are kept as they are.
            return Value(folded.term.means(Parts(items)), shared) if shared else folded
        meaning = None if starred else Parts(items)
        return Value(term(kind, *inner, meaning=meaning), cells if starred else _shared(items))

    def _eval_Dict(self, node: ast.Dict) -> Value:
        pairs: list[Value] = []
        for key, item in zip(node.keys, node.values, strict=True):
            pairs.append(self.eval(key) if key is not None else Value(term("unpacked")))
            pairs.append(self.eval(item))
        known = [
            pair.term.meaning.value for pair in pairs if isinstance(pair.term.meaning, Constant)
        ]
        if len(known) == len(pairs):
            try:
                value = dict(zip(known[::2], known[1::2], strict=True))
            except TypeError:
                # An unhashable key: the script will see this error itself.
                return self.opaque("dict", pairs)
            folded = self._folded(value, [pair.term for pair in pairs])
            return Value(folded.term, _shared(pairs))
        made = self.opaque("dict", pairs)
        keys = [pair.term.meaning for pair in pairs[::2]]
        if all(_is_key(key) for key in keys):
            known = [key.value for key in keys if isinstance(key, Constant)]
            table = Table(tuple(known), tuple(pairs[1::2]))
            return Value(made.term.means(table), _shared(pairs))
        return made

    def _eval_Starred(self, node: ast.Starred) -> Value:
        value = self.eval(node.value)
        made = self.opaque("starred", (value,))
        return Value(in_some_order(made.term, value.term), made.cells)

    def _eval_JoinedStr(self, node: ast.JoinedStr) -> Value:
        parts = [self.eval(item) for item in node.values]
        folded = self._fold(lambda *texts: "".join(map(str, texts)), [p.term for p in parts])
        return folded or Value(term("text", *(part.term for part in parts)))

    def _eval_FormattedValue(self, node: ast.FormattedValue) -> Value:
        value = self.eval(node.value)
        spec = self.eval(node.format_spec) if node.format_spec is not None else None
        if node.conversion == -1:
            parts = (value.term,) if spec is None else (value.term, spec.term)
            folded = self._fold(format, parts)
            if folded is not None:
                return folded
        inner = (value.term,) if spec is None else (value.term, spec.term)
        return Value(term("formatted", node.conversion, *inner))

    def _eval_Slice(self, node: ast.Slice) -> Value:
        ends = (node.lower, node.upper, node.step)
        inner = [self.eval(end) if end is not None else Value(constant(None)) for end in ends]
        made = term("slice", *(value.term for value in inner))
        known = [v.term.meaning.value for v in inner if isinstance(v.term.meaning, Constant)]
        if len(known) == len(inner) and all(isinstance(end, int | None) for end in known):
            return Value(made.means(Constant(slice(*known))))
        return Value(made)

    def _eval_NamedExpr(self, node: ast.NamedExpr) -> Value:
        self.assign(node.target.id, self.eval(node.value))
        return self.name(node.target.id)

    # ------------------------------------------------------------------ what is not evaluated

    def _eval_Lambda(self, node: ast.Lambda) -> Value:
        return Value(self.carry(self._lambda(node).term))

    def _lambda(self, node: ast.Lambda) -> Value:
        frame = self.frame
        defaults = self.defaults(node.args)
        scopes = (frame.id, *frame.scopes)
        qualname = f"{frame.qualname}.<locals>.<lambda>" if frame.qualname else "<lambda>"
        function = FunctionRef(frame.module, qualname, node, scopes, defaults)
        return Value(self.function_term(function))

    def _eval_Await(self, node: ast.Await) -> Value:
        return self.eval(node.value)

    def _eval_Yield(self, node: ast.Yield) -> Value:
        inner = [self.eval(node.value)] if node.value is not None else []
        self.problems_of_generators()
        return self.opaque("yielded", inner)

    def _eval_YieldFrom(self, node: ast.YieldFrom) -> Value:
        self.problems_of_generators()
        return self.opaque("yielded", [self.eval(node.value)])

    def problems_of_generators(self) -> None:
        """Mark what follows in a generator as reached when its consumer decides so."""
        self.state.path = term("and", self.state.path, term("resumed", self.frame.qualname))

    def defaults(self, arguments: ast.arguments) -> dict[str, Term]:
        """Give the defaults of a function by parameter."""
        found: dict[str, Term] = {}
        positional = [*arguments.posonlyargs, *arguments.args]
        for argument, default in zip(
            reversed(positional), reversed(arguments.defaults), strict=False
        ):
            found[argument.arg] = self.eval(default).term
        for argument, keyword in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if keyword is not None:
                found[argument.arg] = self.eval(keyword).term
        for name, value in found.items():
            if isinstance(value.meaning, Partial | OneOf | Table | Parts) and value.carries:
                # Parts of it may be changed in place, unseen: it is a value like any other.
                found[name] = value.means(None)
        return found

    def carry(self, value: Term) -> Term:
        """Mark a function or class that is used as a value with the steps behind it."""
        raise NotImplementedError

    def function_term(self, function: FunctionRef) -> Term:
        """Give the term of a function as a value: its code and what it closes over."""
        raise NotImplementedError

    def part_of(self, owner: Term, part: Term, index: Term | None = None) -> Term:
        """Give a part of a container its meaning, where steps can be called through it."""
        raise NotImplementedError

    def resolve_late(self, value: Term) -> Term:
        """Give the term of a function or class by its code, once its names are bound."""
        raise NotImplementedError


def _shared(items: Sequence[Value]) -> frozenset[int]:
    """Give the cells of those elements of a literal that can be changed in place."""
    mutable = [
        item.cells
        for item in items
        if not (
            isinstance(item.term.meaning, FunctionRef | StepRef)
            or (
                isinstance(item.term.meaning, Constant)
                and isinstance(item.term.meaning.value, _SIMPLE)
            )
        )
    ]
    return frozenset().union(*mutable)


def _is_key(meaning: object) -> bool:
    return isinstance(meaning, Constant) and isinstance(meaning.value, _SIMPLE)


def _small(value: Any) -> bool:
    if isinstance(value, str | bytes):
        return len(value) <= _LONGEST
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 10**12
    return isinstance(value, _SIMPLE) or (
        isinstance(value, list | tuple | dict | set) and len(value) <= _LONGEST
    )
