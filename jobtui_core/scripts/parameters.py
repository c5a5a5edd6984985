"""``default_param``: a value of a script that may be given from outside."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

from jobtui_core import tracing
from jobtui_core.parameters import as_plain, convert
from jobtui_core.parameters.kinds import literals
from jobtui_core.scripts.context import current, place_of

__all__ = ["default_param"]

T = TypeVar("T")

# A script may read its configuration between this import and its first step.
tracing.prepare()


@overload
def default_param(
    name: str,
    default: None,
    help: str = "",
    choices: Sequence[T] | None = None,
    *,
    type: Callable[[str], T],
) -> T | None: ...


@overload
def default_param(
    name: str,
    default: None,
    help: str = "",
    choices: Sequence[Any] | None = None,
    *,
    type: Any,
) -> Any: ...


@overload
def default_param(
    name: str,
    default: T,
    help: str = "",
    choices: Sequence[T] | None = None,
    type: Any = None,
) -> T: ...


def default_param(
    name: str,
    default: Any,
    help: str = "",  # noqa: A002  the names are those that scripts write
    choices: Sequence[Any] | None = None,
    type: Any = None,  # noqa: A002
) -> Any:
    """Declare a parameter of a script: the value given from outside, or else the default.

    Parameters
    ----------
    name : str
        Under which ``jobtui run co2.py window=26``, the app and `run_script` know it.
    default
        The value when nothing is given.  Its type is the type of the parameter.
    help : str
        One line that says what it is, with its unit.
    choices : sequence, optional
        The values that are allowed.
    type : type or callable, optional
        The type, where the default does not tell it: ``int``, ``list[int]``, ``date | None``,
        ``Literal["a", "b"]``, an enum, or a function that makes a value of text.

    Returns
    -------
    object
        A value of the parameter's type.

    Raises
    ------
    ParameterError
        If the value given, or the default, is not allowed.

    Examples
    --------
    >>> window = default_param("window", 52, help="weeks")
    """
    frame = sys._getframe(1)
    context = current(frame)
    if choices is not None or type is not None:
        _check_default(name, default, choices, type, place_of(frame))
    if name in context.overrides:
        value = convert(
            context.overrides[name],
            name=name,
            default=default,
            type=type,
            choices=choices,
            where=place_of(frame),
        )
    else:
        value = default
    context.asked[name] = value
    if context.told is None:
        # Those of an inner script are its own: the trace has them beside it.
        tracing.parameter(name, as_plain(value), as_plain(default))
    tracing.asked(name, context.within)
    return value


def _check_default(
    name: str, default: Any, choices: Sequence[Any] | None, kind: Any, where: str
) -> None:
    # A default of None means "not given" whatever the choices are; and a function that is given as
    # type is for what comes from outside.
    choices = literals(kind) if choices is None else choices
    if default is not None and choices is not None:
        convert(default, name=name, default=default, choices=choices, where=where)
