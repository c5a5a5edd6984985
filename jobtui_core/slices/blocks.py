"""Branches, loops, ``try`` and comprehensions: statements that hold other statements."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from jobtui_core.slices.calls import Calls, library_of
from jobtui_core.slices.machine import Loop
from jobtui_core.slices.meanings import (
    BoundMethod,
    InstanceOf,
    LibraryValue,
    OneOf,
    Value,
    shared_meaning,
)
from jobtui_core.slices.references import (
    Reference,
    References,
    gathered,
    item_of,
    results_of,
    taken_from,
)
from jobtui_core.slices.sets import A_SET, in_some_order
from jobtui_core.slices.state import Place, State
from jobtui_core.slices.terms import NOTHING, Term, carried, term

__all__ = ["Blocks"]

_ANY = term("any-value")

_PASSES = 6
"""Walks through a loop's body until what it writes is known; more means it is not followed."""


class Blocks(Calls):
    """Walks through compound statements."""

    def block(self, statements: Sequence[ast.stmt]) -> bool:
        """Walk through statements; ``False`` if control does not reach the end."""
        raise NotImplementedError

    def assign_target(self, target: ast.expr, value: Value) -> None:
        """Assign to a name, a part of an object, or several of them."""
        raise NotImplementedError

    # ------------------------------------------------------------------ branches

    def branch(self, condition: Term, yes: Callable[[], bool], no: Callable[[], bool]) -> bool:
        """Walk through both sides of a condition that cannot be decided."""
        condition = self.here(condition)
        self.leave_trail(condition)
        before = self.state
        left, right = before.copy(), before.copy()
        left.path = term("and", before.path, condition)
        right.path = term("and", before.path, term("not", condition))
        entered = (left.path, right.path)
        self.state = left
        left_ends = yes()
        left, self.state = self.state, right
        right_ends = no()
        right = self.state
        if not left_ends and not right_ends:
            return False
        if left_ends and right_ends:
            kept = (left.path, right.path) == entered
            self.state = left.merge(condition, right, self.fresh_cell, self.by_code)
            if kept:
                # Nothing in the branches left the script, so what follows is reached as before.
                self.state.path = before.path
            return True
        self.state = left if left_ends else right
        return True

    def _stmt_If(self, node: ast.If) -> bool:
        test = self.eval(node.test)
        if test.term.truth is not None:
            return self.block(node.body if test.term.truth else node.orelse)
        return self.branch(
            test.term, lambda: self.block(node.body), lambda: self.block(node.orelse)
        )

    def _stmt_Match(self, node: ast.Match) -> bool:
        subject = self.eval(node.subject)

        def case(index: int) -> bool:
            if index == len(node.cases):
                return True
            item = node.cases[index]
            found = term("case", subject.term, ast.dump(item.pattern))
            for inner in ast.walk(item.pattern):
                name = getattr(inner, "name", None) or getattr(inner, "rest", None)
                if isinstance(name, str):
                    part = Value(term("captured", found, name), subject.cells)
                    self.assign(name, part)
            if item.guard is not None:
                found = term("guarded", found, self.eval(item.guard).term)
            return self.branch(found, lambda: self.block(item.body), lambda: case(index + 1))

        return case(0)

    # ------------------------------------------------------------------ loops

    def _stmt_For(self, node: ast.For | ast.AsyncFor) -> bool:
        self.for_each(node, self.eval(node.iter))
        return self.block(node.orelse) if node.orelse else True

    _stmt_AsyncFor = _stmt_For

    def for_each(self, node: ast.For | ast.AsyncFor, source: Value) -> None:
        """Walk through a loop over what an expression gave."""

        def enter(depth: int) -> None:
            self.assign_target(node.target, self._item(source, depth))

        self._loop("for", taken_from(source), enter, lambda: self.block(node.body))

    def _item(self, source: Value, depth: int, *, ordered: bool = True) -> Value:
        """Give what a loop takes from its source in one turn."""
        item = self.part_of(source.term, term("item", depth))
        item = in_some_order(item, source.term) if ordered else item
        return item_of(source, Value(item, self.state.reach(source.cells)))

    def _stmt_While(self, node: ast.While) -> bool:
        first = self.eval(node.test)
        if first.term.truth is False:
            return self.block(node.orelse) if node.orelse else True

        def body() -> bool:
            test = self.eval(node.test)
            self.leave_trail(test.term)
            self.loops[-1].turns.append(test.term)
            return self.block(node.body)

        self._loop("while", term("while"), lambda depth: None, body)
        return self.block(node.orelse) if node.orelse else True

    def _loop(
        self,
        kind: str,
        source: Term,
        enter: Callable[[int], None],
        body: Callable[[], object],
    ) -> Term:
        """Walk through a loop until what it carries from turn to turn is known.

        What a turn writes is replaced, on entry, by placeholders; what they are at the end of the
        turn, with their first values, makes the loop's own term.  Afterwards each written place
        is a function of that term.
        """
        before = self.state
        sites, ways_out = len(self.sites), self.exits
        written: list[Place] = []
        held = [len(frame.returns) for frame in self.frames]
        kept: dict[Place, Term] = {}
        for _ in range(_PASSES):
            del self.sites[sites:]
            for frame, count in zip(self.frames, held, strict=True):
                del frame.returns[count:]
            self.state = before.copy()
            first = [self._read_place(self.state, place) for place in written]
            _keep(kept, zip(written, first, strict=True))
            loop = Loop(depth=len(self.loops), written=written)
            self._blur(written, partial(carried, loop.depth), kept)
            self.loops.append(loop)
            with self.logged() as log:
                enter(loop.depth)
                body()
            self.loops.pop()
            now = self._outside(log, before)
            last = [self._read_place(self.state, place) for place in written]
            known = dict(kept)
            _keep(kept, zip(written, last, strict=True))
            if set(now) <= set(written) and not _differ(known, kept):
                break
            written = list(dict.fromkeys([*written, *now]))
        else:
            self.problems.add("a loop is too tangled to be followed")
        turns = self.here(term("turns", source, *loop.turns))
        whole = self.here(term(f"loop-{kind}", turns, *first, "|", *last, "|", *loop.given))
        given = frozenset().union(*(part.carries for part in (source, *loop.given)))
        whole = replace(whole, turning=whole.turning - {loop.depth}, carries=given)
        self._close_sites(sites, loop.depth, turns, whole)
        self._after_loop(before, written, whole, kept, held, left=self.exits > ways_out)
        return whole

    def _close_sites(self, start: int, depth: int, turns: Term, whole: Term) -> None:
        """Add to the call sites in a loop what decides about its turns."""
        inside = self.sites[start:]
        open_turns = depth in turns.turning
        for site in inside:
            if open_turns or any(depth in part.turning for part in site.terms):
                context = self._without_own_results(whole, start)
            else:
                context = self._without_own_results(turns, start)
            site.contexts.append(context)

    def _without_own_results(self, value: Term, start: int) -> Term:
        """Give a loop's term with the results of its own calls replaced by those calls.

        A call cannot wait for the results of later turns, or for its own.  It need not: from the
        same beginnings, the same calls give the same results, turn by turn.
        """
        numbers: dict[int, int] = {}
        inner: dict[int, int] = {}
        parts: list[Term | str | int] = []
        todo = [value]
        while todo:
            part = todo.pop(0)
            parts.append(replace(part, holes=()))
            for site in part.holes:
                if site < start:
                    parts.append(numbers.setdefault(site, len(numbers)))
                    continue
                if site not in inner and site < len(self.sites):
                    todo += self.sites[site].terms
                parts.append(f"own {inner.setdefault(site, len(inner))}")
        lost = any(site >= len(self.sites) for site in inner)
        for site in inner:
            if site >= len(self.sites):
                continue
            identity = self.sites[site].declaration.identity
            self.ground.looped.add(identity)
            parts += [identity, self.sites[site].code]
        closed = replace(term("turn", *parts), holes=tuple(numbers))
        # Of calls that were seen in a turn that was walked through again, and not in the last one.
        return closed.because("a loop is too tangled to be followed") if lost else closed

    def _after_loop(
        self,
        before: State,
        written: Sequence[Place],
        whole: Term,
        kept: Mapping[Place, Term],
        held: Sequence[int],
        *,
        left: bool,
    ) -> None:
        for frame, count in zip(self.frames, held, strict=True):
            frame.returns[count:] = [
                (term("in-loop", whole, path), Value(term("in-loop", whole, value.term)), state)
                for path, value, state in frame.returns[count:]
            ]
        self.state.path = term("and", before.path, whole) if left else before.path
        self._blur(written, lambda place: term("after", whole, place), kept)
        for frame, count in zip(self.frames, held, strict=True):
            # What a turn had written when it returned is a matter of the whole loop.
            frame.returns[count:] = [
                (path, value, self.state.copy()) for path, value, _ in frame.returns[count:]
            ]
        self.leave_trail(whole)

    def _outside(self, log: Sequence[Place], before: State) -> list[Place]:
        """Give the places among those written that live on after the loop."""
        found: dict[Place, None] = {}
        for place in log:
            kind, number, _ = place
            known = before.frames if kind == "name" else before.terms
            if number in known:
                found[place] = None
        return list(found)

    def _read_place(self, state: State, place: Place) -> Term:
        kind, number, name = place
        cell = number if kind == "cell" else state.look_up(number, name)
        found = None if cell is None else state.terms.get(cell)
        # By its code: a loop that leaves another one behind loses sight of which it was.
        return NOTHING if found is None else self.by_code(found)

    def _blur(
        self, places: Sequence[Place], make: Callable[[int], Term], kept: Mapping[Place, Term]
    ) -> None:
        """Give written places new terms, numbered by the order in which they were written.

        Those in ``kept`` go on to carry what they do there, and to be the function that they are.
        """
        for index, place in enumerate(places):
            kind, number, name = place
            value = make(index)
            if place in kept:
                value = value.carrying(kept[place].carries).means(kept[place].meaning)
            if kind == "cell":
                if number in self.state.terms:
                    self.state.set(number, value.carrying(self.state.terms[number].carries))
            elif number in self.state.frames:
                old = self.state.look_up(number, name)
                shares: tuple[int, ...] = ()
                if old is not None:
                    value = value.carrying(self.state.terms[old].carries)
                    shares = (old,)
                cell = self.state.add(self.fresh_cell(), value, shares)
                self.state.bind(number, name, cell)

    def leave_loop(self, kind: str) -> None:
        """Note a ``break`` or ``continue`` with all that the loop has written by then."""
        if self.loops:
            loop = self.loops[-1]
            now = [self._read_place(self.state, place) for place in loop.written]
            loop.turns.append(self.here(term(kind, self.state.path, *now)))

    # ------------------------------------------------------------------ comprehensions

    def _comprehension(self, kind: str, node: ast.expr, results: Sequence[ast.expr]) -> Value:
        generators: list[ast.comprehension] = getattr(node, "generators", [])
        collected: list[Value] = []
        in_any_order = kind == "set-comprehension" or self.in_any_order is node

        def turn(index: int) -> None:
            if index == len(generators):
                collected[:] = [self.eval(result) for result in results]
                self.loops[-1].given.extend(map(results_of, collected))
                return
            generator = generators[index]
            source = self.eval(generator.iter)

            def enter(depth: int) -> None:
                item = self._item(source, depth, ordered=not in_any_order)
                self.assign_target(generator.target, item)

            def body() -> bool:
                conditions = [self.eval(test).term for test in generator.ifs]
                before = self.state.path
                self.loops[-1].given.extend(conditions)
                for condition in conditions:
                    self.state.path = term("and", self.state.path, condition)
                turn(index + 1)
                self.state.path = before
                self._forget_references(generator.target)
                return True

            whole = self._loop("each", taken_from(source), enter, body)
            if index:
                self.loops[-1].given.append(whole)
            wholes[:] = [whole]

        wholes: list[Term] = []
        with self.hidden(node):
            turn(0)
        cells = frozenset().union(*(value.cells for value in collected))
        return Value(gathered(kind, wholes[-1], collected), cells)

    def _forget_references(self, target: ast.expr) -> None:
        """Unbind targets of a comprehension that are references: nobody sees them any more.

        They would be taken for what it carries from turn to turn, with all that they tell.
        """
        frame = self.frame.id
        for name in [inner.id for inner in ast.walk(target) if isinstance(inner, ast.Name)]:
            cell = self.state.look_up(frame, name)
            if cell is not None and isinstance(self.value(cell).term.meaning, Reference):
                self.state.unbind(frame, name)

    @contextmanager
    def hidden(self, node: ast.expr) -> Iterator[None]:
        """Let the targets of a comprehension be its own."""
        frame = self.frame
        names = {
            name.id
            for generator in getattr(node, "generators", [])
            for name in ast.walk(generator.target)
            if isinstance(name, ast.Name)
        }
        outer = {name: self.state.look_up(frame.id, name) for name in sorted(names)}
        before = frame.locals
        frame.locals = before | names if frame.qualname else before
        yield
        frame.locals = before
        for name, cell in outer.items():
            if cell is not None:
                self.state.bind(frame.id, name, cell)
            else:
                self.state.unbind(frame.id, name)

    def _eval_ListComp(self, node: ast.ListComp) -> Value:
        return self._comprehension("list-comprehension", node, [node.elt])

    def _eval_SetComp(self, node: ast.SetComp) -> Value:
        made = self._comprehension("set-comprehension", node, [node.elt])
        return Value(made.term.means(A_SET), made.cells)

    def _eval_GeneratorExp(self, node: ast.GeneratorExp) -> Value:
        return self._comprehension("generator", node, [node.elt])

    def _eval_DictComp(self, node: ast.DictComp) -> Value:
        return self._comprehension("dict-comprehension", node, [node.key, node.value])

    # ------------------------------------------------------------------ with, try

    def _stmt_With(self, node: ast.With | ast.AsyncWith) -> bool:
        managers: list[Value] = []
        for item in node.items:
            manager = self.eval(item.context_expr)
            self.leave_trail(manager.term)
            managers.append(manager)
            if item.optional_vars is not None:
                entered = Value(
                    term("entered", manager.term, meaning=manager.term.meaning), manager.cells
                )
                self.assign_target(item.optional_vars, entered)
        before = self.state.copy()
        with self.logged() as log, self.trailed() as trail:
            ends = self.block(node.body)
        # Those of libraries let errors through, one apart; those of the project may do anything.
        suppresses = any(_may_suppress(manager.term) for manager in managers)
        if suppresses:
            self._may_have_stopped(before, log, trail)
            return True
        return ends

    _stmt_AsyncWith = _stmt_With

    def _may_have_stopped(self, before: State, log: Sequence[Place], trail: Sequence[Term]) -> Term:
        """Blur what a block wrote that may have stopped anywhere."""
        whole = self.here(term("stopped", *trail))
        written = self._outside(log, before)
        # It may have stopped before it wrote anything.
        first = [self._read_place(before, place) for place in written]
        self._blur(written, lambda place: term("perhaps", whole, place, first[place]), {})
        return whole

    def _stmt_Try(self, node: ast.Try) -> bool:
        before = self.state.copy()
        with self.logged() as log, self.trailed() as trail:
            ends = self.block(node.body)
        if ends and node.orelse:
            ends = self.block(node.orelse)
        after_body = self.state
        ends = self._handlers(node, before, log, trail, after_body, ends=ends)
        if node.finalbody:
            return self.block(node.finalbody) and ends
        return ends

    _stmt_TryStar = _stmt_Try

    def _handlers(
        self,
        node: ast.Try,
        before: State,
        log: Sequence[Place],
        trail: Sequence[Term],
        after_body: State,
        *,
        ends: bool,
    ) -> bool:
        for index, handler in enumerate(node.handlers):
            self.state = before.copy()
            whole = self._may_have_stopped(before, log, trail)
            kind = self.eval(handler.type).term if handler.type is not None else term("any")
            raised = term("raised", index, whole, kind)
            self.state.path = term("and", before.path, raised)
            entered = self.state.path
            if handler.name:
                self.assign(handler.name, Value(term("error", raised)))
            handled = self.block(handler.body)
            if handled and self.state.path == entered:
                self.state.path = before.path
            if handled and ends:
                after_body = self.state.merge(raised, after_body, self.fresh_cell, self.by_code)
            elif handled:
                after_body = self.state
            ends = ends or handled
        self.state = after_body
        return ends


def _may_suppress(manager: Term) -> bool:
    """Tell whether a context manager may end a block's error there."""
    meaning = manager.meaning
    if isinstance(meaning, InstanceOf):
        methods = [
            item for item in meaning.cls.node.body if getattr(item, "name", "") == "__exit__"
        ]
        returns = [inner for method in methods for inner in ast.walk(method)]
        return not methods or any(
            isinstance(inner, ast.Return) and not _is_false(inner.value) for inner in returns
        )
    return (
        not isinstance(meaning, LibraryValue | BoundMethod)
        or library_of(manager) == "contextlib.suppress"
    )


def _is_false(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and not node.value)


def _keep(kept: dict[Place, Term], values: Iterable[tuple[Place, Term]]) -> None:
    """Remember of places what they carry, and their function if that is always the same one."""
    for place, value in values:
        if value.digest == NOTHING.digest:
            continue
        known = kept.get(place, value)
        meaning = shared_meaning(known, value)
        if isinstance(meaning, OneOf | Reference | References):
            # What it refers to may be of another turn.
            meaning = None
        kept[place] = _ANY.carrying(known.carries | value.carries).means(meaning)


def _differ(known: Mapping[Place, Term], kept: Mapping[Place, Term]) -> bool:
    pairs = [(known.get(place, _ANY), value) for place, value in kept.items()]
    return any(old.carries != new.carries or old.meaning != new.meaning for old, new in pairs)
