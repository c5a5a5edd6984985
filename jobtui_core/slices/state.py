"""The state of the analysis at one point of a script: names, cells, and what may share memory.

A name refers to a cell and a cell holds a term.  Cells that may be the same object, or views of
it, are in one group: changing one in place changes the terms of all.  A container holds its
elements without being them: changing an element changes the container, not the other way round.
Too large a group makes verdicts more sensitive than needed, never wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from jobtui_core.slices.meanings import lasting, shared_meaning
from jobtui_core.slices.terms import NOTHING, TRUE, Term, term

__all__ = ["Place", "State"]

Place = tuple[str, int, str]
"""What was written: ``("name", frame, name)`` or ``("cell", cell, "")``."""


class State:
    """Names and values at one point; branches work on copies."""

    def __init__(self, note: Callable[[Place], None]) -> None:
        self.frames: dict[int, dict[str, int]] = {}
        self.terms: dict[int, Term] = {}
        self.path: Term = TRUE
        """Conditions under which this point is reached, as far as they are not decided."""
        self._group: dict[int, int] = {}
        self._members: dict[int, frozenset[int]] = {}
        self._holders: dict[int, frozenset[int]] = {}
        self.read: set[tuple[int, str]] = set()
        """Names that anybody asked for, in which frames; copies share it."""
        self._note = note

    HELD = ("frames", "terms", "path", "_group", "_members", "_holders")
    """What makes two states the same."""

    def copy(self, note: Callable[[Place], None] | None = None) -> State:
        """Give a state that can be changed without changing this one.

        It tells ``note`` what is written, if there is one, and is then another walk's.
        """
        other = State(self._note if note is None else note)
        other.frames = {key: dict(names) for key, names in self.frames.items()}
        other.terms = dict(self.terms)
        other.path = self.path
        other._group = dict(self._group)
        other._members = dict(self._members)
        other._holders = dict(self._holders)
        if note is None:
            other.read = self.read
        return other

    # ------------------------------------------------------------------ names

    def look_up(self, frame: int, name: str) -> int | None:
        """Give the cell that a name refers to in a frame."""
        self.read.add((frame, name))
        return self.frames.get(frame, {}).get(name)

    def bind(self, frame: int, name: str, cell: int) -> None:
        """Let a name refer to a cell."""
        self._note(("name", frame, name))
        self.frames.setdefault(frame, {})[name] = cell

    def unbind(self, frame: int, name: str) -> None:
        """Forget a name."""
        self._note(("name", frame, name))
        self.frames.get(frame, {}).pop(name, None)

    # ------------------------------------------------------------------ cells

    def add(self, cell: int, value: Term, shares: Iterable[int] = ()) -> int:
        """Add a cell that may share memory with others."""
        self.terms[cell] = value
        for other in shares:
            self.join(cell, other)
        return cell

    def set(self, cell: int, value: Term) -> None:
        """Give one cell a new term, whatever shares its memory."""
        self._note(("cell", cell, ""))
        self.terms[cell] = value

    def _group_of(self, cell: int) -> int:
        group = self._group.get(cell)
        if group is None:
            # A cell that stands alone is its own group, named after itself.
            group = self._group[cell] = cell
            self._members[group] = frozenset((cell,))
        return group

    def join(self, one: int, other: int) -> None:
        """Note that two cells may share memory."""
        keep, drop = self._group_of(one), self._group_of(other)
        if keep == drop:
            return
        for cell in self._members[drop]:
            self._group[cell] = keep
        self._members[keep] |= self._members.pop(drop)
        holders = self._holders.pop(drop, frozenset()) | self._holders.get(keep, frozenset())
        self._holders = {
            group: frozenset(keep if holder == drop else holder for holder in holding)
            for group, holding in self._holders.items()
        }
        if holders:
            self._holders[keep] = frozenset(keep if item == drop else item for item in holders)

    def hold(self, container: int, element: int) -> None:
        """Note that a container holds an element."""
        outer, inner = self._group_of(container), self._group_of(element)
        if outer != inner:
            self._holders[inner] = self._holders.get(inner, frozenset()) | {outer}

    def sharing(self, cell: int) -> frozenset[int]:
        """Give all cells whose value changes when this one's object is changed in place."""
        if cell not in self._group:
            return frozenset((cell,))
        seen: set[int] = set()
        todo = [self._group[cell]]
        while todo:
            group = todo.pop()
            if group not in seen:
                seen.add(group)
                todo.extend(self._holders.get(group, ()))
        return frozenset().union(*(self._members[group] for group in seen))

    def reach(self, cells: frozenset[int]) -> frozenset[int]:
        """Give cells with all that they hold: what an item or attribute of them may be."""
        inner = {self._group[cell] for cell in cells if cell in self._group}
        if not inner or not self._holders:
            return cells
        todo = set(inner)
        while todo:
            found = {group for group, outer in self._holders.items() if outer & todo}
            todo = found - inner
            inner |= todo
        return cells.union(*(self._members[group] for group in inner if group in self._members))

    def mutate(self, cells: Iterable[int], change: Term, owner: Term, exact: int | None) -> None:
        """Change an object in place: every cell that may be it, or hold it, gets a new term.

        Parameters
        ----------
        cells : iterable of int
            Those that may be the object.
        change : Term
        owner : Term
            The object as it was.
        exact : int or None
            The cell that is the object for certain.  What merely may be it depends on which
            object was changed, not only on how.
        """
        affected = frozenset().union(*(self.sharing(cell) for cell in cells))
        for cell in sorted(affected):
            if cell not in self.terms:
                continue
            old = self.terms[cell]
            if cell == exact:
                changed = term("mutated", old, change)
            else:
                changed = term("mutated-through", old, owner, change)
            self.set(cell, changed.means(lasting(old, changed)))

    # ------------------------------------------------------------------ joining branches

    def merge(
        self,
        condition: Term,
        other: State,
        fresh: Callable[[], int],
        late: Callable[[Term], Term],
    ) -> State:
        """Give the state after a branch: this one where the condition held, else the other.

        Parameters
        ----------
        condition : Term
        other : State
        fresh : callable
            Gives the number of a new cell.
        late : callable
            Gives the term of a function or class by its code.  The term of its place would not
            tell another one of the name from it, once nobody knows that it is this one.
        """
        merged = self.copy()
        for cell, value in other.terms.items():
            mine = self.terms.get(cell)
            if mine is None:
                merged.terms[cell] = value
            elif mine != value:
                merged.set(cell, _either(condition, late(mine), late(value)))
            elif mine.given != value.given:
                merged.terms[cell] = mine.given_to(*value.given)
        merged._join_groups_of(other)
        for frame, names in other.frames.items():
            own = merged.frames.setdefault(frame, {})
            for name in sorted({*own, *names}):
                left, right = own.get(name), names.get(name)
                if left == right:
                    continue
                self.read.add((frame, name))
                cells = [cell for cell in (left, right) if cell is not None]
                values = [
                    self.terms.get(left, NOTHING) if left is not None else NOTHING,
                    other.terms.get(right, NOTHING) if right is not None else NOTHING,
                ]
                joined = _either(condition, *map(late, values))
                if values[0] == values[1]:
                    joined = values[0].given_to(*values[1].given)
                merged.bind(frame, name, merged.add(fresh(), joined, cells))
        if self.path != other.path:
            merged.path = _either(condition, self.path, other.path)
        return merged

    def _join_groups_of(self, other: State) -> None:
        for members in other._members.values():
            first, *rest = sorted(members)
            for cell in rest:
                self.join(first, cell)
        for group, holders in other._holders.items():
            inner = min(other._members[group])
            for holder in holders:
                if holder in other._members:
                    self.hold(min(other._members[holder]), inner)


def _either(condition: Term, left: Term, right: Term) -> Term:
    if left.digest == right.digest and left.holes == right.holes:
        return left.at(*right.origin).given_to(*right.given)
    return term("either", condition, left, right, meaning=shared_meaning(left, right))
