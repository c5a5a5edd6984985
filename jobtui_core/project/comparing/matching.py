"""Which call of one run is which of another: by key, by arguments, by place and order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jobtui_core.records import CallState

if TYPE_CHECKING:
    from jobtui_core.tracing.traces import CallRecord

__all__ = ["Matched", "match_calls"]

_MOST = 300
"""Calls of a function that are told apart by arguments; more of them are taken by their order."""

Arguments = Callable[["CallRecord"], Mapping[str, str]]
"""Gives the digests of a call's arguments, by name; empty where they are not known."""


@dataclass(slots=True)
class Matched:
    """Calls of two runs, held against each other."""

    pairs: list[tuple[CallRecord, CallRecord]] = field(default_factory=list)
    only_old: list[CallRecord] = field(default_factory=list)
    only_new: list[CallRecord] = field(default_factory=list)


def match_calls(
    old: Sequence[CallRecord], new: Sequence[CallRecord], arguments: Arguments
) -> Matched:
    """Tell which calls of two runs belong together.

    Calls belong together only if they are of one function, or, where two scripts have a step of
    one name each, of that name.  Among these, calls with the same key come first; then those at
    the same place of the script that share the most of the arguments that tell calls there apart;
    then those that are left at a place, in their order.

    Parameters
    ----------
    old, new : sequence of CallRecord
        In the order of their start.
    arguments : callable
        Asked only where there is a choice.
    """
    found = Matched()
    before, after = _by_function(old), _by_function(new)
    names = {_name(calls): function for function, calls in after.items()}
    for function, mine in before.items():
        other = function if function in after else names.get(_name(mine), "")
        if other != function and other in before:
            # It has its own counterpart.
            other = ""
        theirs = after.pop(other, [])
        _match(mine, theirs, arguments, found)
    for calls in after.values():
        found.only_new += calls
    _leave_out_inner(found)
    return found


def _by_function(calls: Sequence[CallRecord]) -> dict[str, list[CallRecord]]:
    found: dict[str, list[CallRecord]] = {}
    for call in calls:
        found.setdefault(call.function, []).append(call)
    return found


def _name(calls: Sequence[CallRecord]) -> str:
    return calls[0].name


def _match(
    old: list[CallRecord], new: list[CallRecord], arguments: Arguments, found: Matched
) -> None:
    """Match the calls of one function."""
    places = _places(old, new)
    left_old, left_new = _by_key(old, new, found)
    for place in dict.fromkeys([*places[0].values(), *places[1].values()]):
        mine = [call for call in left_old if places[0][id(call)] == place]
        theirs = [call for call in left_new if places[1][id(call)] == place]
        if not mine or not theirs:
            found.only_old += mine
            found.only_new += theirs
            continue
        all_mine = [call for call in old if places[0][id(call)] == place]
        all_theirs = [call for call in new if places[1][id(call)] == place]
        if max(len(all_mine), len(all_theirs)) > 1:
            telling = _telling(all_mine, arguments) | _telling(all_theirs, arguments)
            mine, theirs = _by_arguments(mine, theirs, telling, arguments, found)
            some = len(mine) < len(all_mine)
            if some and telling and all(map(arguments, (*mine, *theirs))):
                # Where arguments tell calls apart, those that share none are different calls.
                found.only_old += mine
                found.only_new += theirs
                continue
        found.pairs += zip(mine, theirs, strict=False)
        found.only_old += mine[len(theirs) :]
        found.only_new += theirs[len(mine) :]


def _places(
    old: list[CallRecord], new: list[CallRecord]
) -> tuple[dict[int, object], dict[int, object]]:
    """Give for each call the place of the script that made it, so that both runs' are alike."""
    same = {call.analysis for call in old} == {call.analysis for call in new}
    found: list[dict[int, object]] = []
    for calls in (old, new):
        numbers: dict[object, int] = {}
        # Numbers of call sites shift when a script is edited: their order mostly stays.
        found.append(
            {
                id(call): call.site if same else numbers.setdefault(call.site, len(numbers))
                for call in calls
            }
        )
    return found[0], found[1]


def _by_key(
    old: list[CallRecord], new: list[CallRecord], found: Matched
) -> tuple[list[CallRecord], list[CallRecord]]:
    """Match calls that have the same key, and give the others."""
    waiting: dict[str, list[CallRecord]] = {}
    for call in new:
        if call.key is not None:
            waiting.setdefault(call.key, []).append(call)
    taken: set[int] = set()
    left = []
    for call in old:
        same = waiting.get(call.key or "")
        if same:
            other = same.pop(0)
            taken.add(id(other))
            found.pairs.append((call, other))
        else:
            left.append(call)
    return left, [call for call in new if id(call) not in taken]


def _telling(calls: Sequence[CallRecord], arguments: Arguments) -> set[str]:
    """Give the names of arguments that tell calls of one run apart."""
    if not 1 < len(calls) <= _MOST:
        return set()
    known = [arguments(call) for call in calls]
    names = {name for one in known for name in one}
    return {name for name in names if len({one.get(name) for one in known}) > 1}


def _by_arguments(
    old: list[CallRecord],
    new: list[CallRecord],
    telling: set[str],
    arguments: Arguments,
    found: Matched,
) -> tuple[list[CallRecord], list[CallRecord]]:
    """Match calls that share arguments, those first that share the most; give the others."""
    if not telling or max(len(old), len(new)) > _MOST:
        return old, new
    known = [[arguments(call) for call in calls] for calls in (old, new)]
    shared = []
    for n, one in enumerate(known[0]):
        for m, other in enumerate(known[1]):
            number = sum(name in one and one[name] == other.get(name) for name in telling)
            if number:
                shared.append((-number, abs(n - m), n, m))
    taken: tuple[set[int], set[int]] = (set(), set())
    for _, _, n, m in sorted(shared):
        if n not in taken[0] and m not in taken[1]:
            taken[0].add(n)
            taken[1].add(m)
            found.pairs.append((old[n], new[m]))
    return (
        [call for n, call in enumerate(old) if n not in taken[0]],
        [call for m, call in enumerate(new) if m not in taken[1]],
    )


def _leave_out_inner(found: Matched) -> None:
    """Leave out inner calls that only one run made because a hit answered the call around them."""
    for mine, number in ((found.only_old, 0), (found.only_new, 1)):
        answered = {
            pair[number].id
            for pair in found.pairs
            if pair[1 - number].state in (CallState.HIT, CallState.OLD)
        }
        parents = {call.id: call.parent for pair in found.pairs for call in (pair[number],)}
        parents.update({call.id: call.parent for call in mine})
        mine[:] = [call for call in mine if not _is_within(call, answered, parents)]


def _is_within(call: CallRecord, answered: set[str], parents: Mapping[str, str | None]) -> bool:
    parent, steps = call.parent, 0
    while parent is not None and steps < 1000:
        if parent in answered:
            return True
        parent, steps = parents.get(parent), steps + 1
    return False
