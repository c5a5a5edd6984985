"""Which values a parameter takes in a sweep: ``10,20,50``, ``0.1:0.5:0.1``, ``1..5``.

A list is split at its commas, but for those in quotes or brackets: ``'"a,b",c'`` has two values.
What is in quotes is taken as it stands; else a range is one where the parameter is a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from jobtui_core.errors import ParameterError
from jobtui_core.parameters import as_plain, convert, split_items
from jobtui_core.parameters.items import unquoted
from jobtui_core.parameters.kinds import ANY, alternatives, arguments
from jobtui_core.records import ParameterInfo

__all__ = ["MOST_VALUES", "values_of"]

MOST_VALUES = 100_000
"""Values of one parameter; a range with a step too small has any number."""

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_is_range = re.compile(rf"({_NUMBER}):({_NUMBER})(?::({_NUMBER}))?").fullmatch
_is_count = re.compile(r"([+-]?\d+)\.\.([+-]?\d+)(?::([+-]?\d+))?").fullmatch
_SEVERAL = ("list", "tuple", "set", "frozenset", "Sequence", "dict")


def values_of(parameter: ParameterInfo, text: str) -> tuple[Any, ...]:
    """Give the values that a word means as they travel to the script, each once, in order.

    Parameters
    ----------
    parameter : ParameterInfo
    text : str
        What stands behind the ``=``.

    Raises
    ------
    ParameterError
        If a range leads nowhere or is too long, or a value is refused.
    """
    kinds = [arguments(kind)[0] for kind in alternatives(parameter.type)]
    items = split_items(text)
    if any(kind in _SEVERAL for kind in kinds) and not all(item[0] in "[({" for item in items):
        # As on the command line of a single run: the list is one value.
        return (as_plain(convert(text, parameter)),)
    numbers = any(kind in ("int", "float", "None", ANY) for kind in kinds)
    found: dict[str, Any] = {}
    for item in items or [""]:
        for one in _texts(parameter.name, item, numbers):
            value = as_plain(convert(one, parameter))
            found[repr(value)] = value
    return tuple(found.values())


def _texts(name: str, item: str, numbers: bool) -> Iterator[str]:
    """Give the texts of the values that an item stands for."""
    text, quoted = unquoted(item)
    if quoted or not numbers:
        yield text
        return
    found = _is_count(item) or _is_range(item)
    if found is None:
        yield item
    else:
        yield from _range(name, item, *found.groups())


def _range(name: str, item: str, first: str, last: str, step: str | None) -> Iterator[str]:
    """Give ``first``, ``first + step`` … up to ``last``, as decimals so that 0.3 is 0.3."""
    try:
        start, end = Decimal(first), Decimal(last)
        by = Decimal(step) if step is not None else Decimal(1 if end >= start else -1)
        length = (end - start) / by if by else Decimal(-1)
    except ArithmeticError:
        length = Decimal(-1)
    if not 0 <= length < MOST_VALUES:
        problem = (
            f"has more than {MOST_VALUES} values"
            if length > 0
            else "leads nowhere; write first:last:step"
        )
        raise ParameterError(
            f"parameter {name!r}: the range {item!r} {problem}", name=name, value=item, where=""
        )
    for number in range(int(length) + 1):
        yield format((start + number * by).normalize(), "f")
