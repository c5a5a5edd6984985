"""The state of a walk at some of the script's own statements, to go on from after an edit."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jobtui_core.sources import SourceModule

if TYPE_CHECKING:
    from jobtui_core.slices.machine import Frame, Machine, ProtoSite
    from jobtui_core.slices.state import State

__all__ = ["Checkpoint", "Checkpoints"]

_MOST = 32
"""Of one walk."""

_LEAST_APART = 16
"""Statements between two of them."""

_OWN = frozenset({"tree", "script", "request", "ground", "checkpoints"})
"""What a machine is made with."""

_APART = frozenset({"state", "frames", "sites"})
"""What is copied in ways of its own."""

_NOT_COMPARED = frozenset({"consumers", "silent", "_budget"})
"""Notes on single nodes, which are asked for where those stand; how much was walked through."""

_PLAIN = (str, int, float, complex, bytes, bool, frozenset, set, type(None), type(...))


@dataclass(slots=True)
class Checkpoint:
    """All that the rest of a walk depends on, beside the statements that are left.

    Attributes
    ----------
    at : int
        The statement of the script's top level that comes next.
    sites : int
        How many call sites were found.
    """

    at: int
    sites: int
    frame: Frame
    state: State
    values: dict[str, Any]

    @classmethod
    def of(cls, machine: Machine, at: int) -> Checkpoint:
        """Take one, with the script's frame alone."""
        values = {
            name: _copied(value)
            for name, value in vars(machine).items()
            if name not in _OWN and name not in _APART
        }
        state = machine.state.copy()
        return cls(at, len(machine.sites), _frame(machine.frame), state, values)

    def put_back(self, machine: Machine, sites: list[ProtoSite]) -> None:
        """Give a machine this state; ``sites`` are those of the whole walk."""
        for name, value in self.values.items():
            setattr(machine, name, _copied(value))
        machine.frames = [_frame(self.frame)]
        machine.state = self.state.copy(machine.note)
        machine.sites = sites[: self.sites]

    def is_same(self, machine: Machine) -> bool:
        """Tell whether a machine is in this state, so that the same comes of what follows."""
        try:
            return (
                len(machine.sites) == self.sites
                and len(machine.frames) == 1
                and _same(_frame(machine.frame), self.frame)
                and _same(_held(machine.state), _held(self.state))
                and all(
                    _same(getattr(machine, name), value)
                    for name, value in self.values.items()
                    if name not in _NOT_COMPARED
                )
            )
        except RecursionError:
            return False


@dataclass(slots=True)
class Checkpoints:
    """Those of one walk.

    Attributes
    ----------
    statements : int
        Of the script's top level.
    sites : list of ProtoSite
        All call sites that the walk found.
    problems : set of str
        Why the walk did not see everything.
    """

    statements: int
    taken: list[Checkpoint] = field(default_factory=list)
    sites: list[ProtoSite] = field(default_factory=list)
    problems: set[str] = field(default_factory=set)

    def offer(self, machine: Machine, at: int) -> None:
        """Take one, if the last is far enough back or this is the end."""
        apart = max(_LEAST_APART, self.statements // _MOST)
        if at == self.statements or at % apart == 0:
            self.taken.append(Checkpoint.of(machine, at))

    def spliced(
        self, first: Checkpoint, last: Checkpoint, by: int, sites: list[ProtoSite]
    ) -> Checkpoints:
        """Give those that are left after an edit between two, which made so many statements."""
        after = [replace(one, at=one.at + by) for one in self.taken if one.at >= last.at]
        before = [one for one in self.taken if one.at <= first.at]
        return Checkpoints(self.statements + by, [*before, *after], sites, self.problems)


def _held(state: State) -> list[object]:
    return [getattr(state, name) for name in state.HELD]


def _frame(frame: Frame) -> Frame:
    """Copy a frame between two of its statements."""
    return replace(
        frame,
        globals=set(frame.globals),
        returns=list(frame.returns),
        statement=None,
        whole=None,
        blocks=0,
    )


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in value.items()}
    if isinstance(value, set | list):
        return type(value)(value)
    return value


def _same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same to a walk; what is not known counts by identity."""
    if one is other:
        return True
    if type(one) is not type(other) or isinstance(one, ast.AST | SourceModule):
        return False
    if isinstance(one, _PLAIN):
        return bool(one == other)
    if isinstance(one, dict):
        return list(one) == list(other) and all(map(_same, one.values(), other.values()))
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(_same, one, other))
    fields = getattr(one, "__dataclass_fields__", None)
    return fields is not None and all(
        _same(getattr(one, name), getattr(other, name)) for name in fields
    )
