"""Turn what somebody typed, or passed, into a value of a parameter's type.

The type is that of the default, unless it is named.  The command line, the app and
``default_param`` itself all convert here, so that a value is accepted everywhere or nowhere.
"""

from __future__ import annotations

import ast
import operator
import os
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path, PurePath
from typing import Any

from jobtui_core.errors import ParameterError
from jobtui_core.records import ParameterInfo

__all__ = ["convert", "type_name"]

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


def type_name(default: Any, named: Any = None) -> str:
    """Name the type that a parameter's values have, as ``ParameterInfo.type`` does.

    Parameters
    ----------
    default
        The parameter's default.
    named : type, callable or str, optional
        What was given as ``type=``; wins over the default.
    """
    if named is not None:
        return named if isinstance(named, str) else getattr(named, "__name__", str(named))
    if isinstance(default, PurePath):
        return "Path"
    return "None" if default is None else default.__class__.__name__


def convert(
    value: Any,
    parameter: ParameterInfo | None = None,
    *,
    name: str = "",
    default: Any = None,
    type: Any = None,  # noqa: A002  the keyword of default_param
    choices: Sequence[Any] | None = None,
    where: str = "",
) -> Any:
    """Convert a value to the type of a parameter.

    Parameters
    ----------
    value
        Text as typed (``"26"``), or a value as JSON or a calling script gives it.
    parameter : ParameterInfo, optional
        The parameter; the keywords need then not be given.
    name, default, type, choices
        As given to `default_param`.
    where : str
        The place to name in an error, such as ``co2.py, line 5``.

    Returns
    -------
    object
        A value of the type, one of the choices where there are some.

    Raises
    ------
    ParameterError
        If it cannot be one; the error names the place and the nearest value that is allowed.
    """
    if parameter is not None:
        name, default = parameter.name, parameter.default
        choices = parameter.choices or None
        # The record knows the type by name alone; a type that was the default's is found from it.
        known = type_name(default) == parameter.type
        named = type or (None if known else parameter.type)
    else:
        named = type
    kind = type_name(default, named)
    try:
        converted = _converter(kind, default, named)(value)
    except _Refused as refused:
        raise _error(name, value, refused.wanted, refused.nearest, where) from None
    except (ValueError, TypeError) as error:
        raise _error(name, value, kind, f"{kind} says: {error}", where) from error
    if choices and not any(_same(converted, choice) for choice in choices):
        raise _error(name, value, _one_of(choices), _nearest_choice(converted, choices), where)
    return converted


class _Refused(Exception):  # noqa: N818  control flow between the functions of this file
    def __init__(self, wanted: str, nearest: str = "") -> None:
        super().__init__(wanted)
        self.wanted = wanted
        self.nearest = nearest


def _error(name: str, value: Any, wanted: str, nearest: str, where: str) -> ParameterError:
    place = f"{where}: " if where else ""
    hint = f"; {nearest}" if nearest else ""
    return ParameterError(
        f"{place}parameter {name!r} must be {wanted}, not {_short(value)}{hint}",
        name=name,
        value=value,
        where=where,
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"


def _same(one: Any, other: Any) -> bool:
    # 1 == True, and neither stands for the other where a script listed its choices.
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _one_of(choices: Sequence[Any]) -> str:
    return "one of " + ", ".join(_short(choice) for choice in choices)


def _nearest_choice(value: Any, choices: Sequence[Any]) -> str:
    if isinstance(value, int | float) and all(isinstance(item, int | float) for item in choices):
        return f"nearest is {min(choices, key=lambda choice: abs(choice - value))!r}"
    by_text = {str(choice): choice for choice in choices}
    near = get_close_matches(str(value), list(by_text), n=1)
    return f"did you mean {by_text[near[0]]!r}?" if near else ""


def _converter(kind: str, default: Any, named: Any) -> Callable[[Any], Any]:
    plain: dict[str, Callable[[Any], Any]] = {
        "bool": _bool,
        "int": _int,
        "float": _float,
        "complex": _complex,
        "str": _str,
        "Path": _path,
        "PosixPath": _path,
        "WindowsPath": _path,
        "list": lambda value: list(_sequence(value, default, "a list")),
        "tuple": lambda value: tuple(_sequence(value, default, "a tuple")),
        "set": lambda value: set(_sequence(value, default, "a set")),
        "frozenset": lambda value: frozenset(_sequence(value, default, "a set")),
        "dict": _dict,
        "None": _guess,
        "NoneType": _guess,
    }
    if kind in plain:
        return plain[kind]
    if callable(named):
        return lambda value: named(value) if isinstance(value, str) else value
    return lambda value: _other(value, default)


def _bool(value: Any) -> bool:
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        near = get_close_matches(word, _TRUE + _FALSE, n=1)
        raise _Refused("true or false", f"did you mean {near[0]!r}?" if near else "")
    if isinstance(value, bool) or value.__class__.__name__ in ("bool_", "bool"):
        return bool(value)
    raise _Refused("true or false")


def _int(value: Any) -> int:
    wanted = "a whole number"
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            pass
        try:
            value = float(value)
        except ValueError:
            raise _Refused(wanted) from None
    if isinstance(value, bool):
        raise _Refused(wanted, f"nearest is {int(value)}")
    try:
        return operator.index(value)
    except TypeError:
        pass
    if isinstance(value, float) and abs(value) < 2**63:
        # 1e6 and 26.0 are whole numbers, spelled otherwise.
        if value.is_integer():
            return int(value)
        raise _Refused(wanted, f"nearest is {round(value)}")
    raise _Refused(wanted)


def _float(value: Any) -> float:
    if isinstance(value, bool):
        raise _Refused("a number", f"nearest is {float(value)}")
    try:
        return float(value)
    except (ValueError, TypeError):
        raise _Refused("a number") from None


def _complex(value: Any) -> complex:
    try:
        return complex(value.replace(" ", "") if isinstance(value, str) else value)
    except (ValueError, TypeError):
        raise _Refused("a complex number") from None


def _str(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
    raise _Refused("text", f"did you mean {str(value)!r}?")


def _path(value: Any) -> Path:
    if isinstance(value, str | os.PathLike):
        return Path(value)
    raise _Refused("a path")


def _sequence(value: Any, default: Any, wanted: str) -> Sequence[Any]:
    """Give the items of ``1,2,3``, of ``[1, 2, 3]`` or of a sequence, typed as the default's."""
    typed = isinstance(value, str)
    if typed:
        value = _items(value)
    elif isinstance(value, dict) or not hasattr(value, "__iter__"):
        raise _Refused(wanted)
    kinds = {type_name(item) for item in default} if default is not None else set()
    if len(kinds) != 1:
        return [_guess(item) if typed else item for item in value]
    kind = kinds.pop()
    item_of = _converter(kind, next(iter(default)), None)
    try:
        return [item_of(item) for item in value]
    except _Refused as refused:
        raise _Refused(f"{wanted} whose items are each {refused.wanted}", refused.nearest) from None


def _items(text: str) -> list[Any]:
    stripped = text.strip()
    if stripped[:1] in ("[", "(", "{"):
        literal = _literal(stripped)
        if isinstance(literal, list | tuple | set):
            return list(literal)
        stripped = stripped.strip("[](){}")
    return [item.strip() for item in stripped.split(",") if item.strip()]


def _dict(value: Any) -> dict[Any, Any]:
    if isinstance(value, str):
        value = _literal(value)
    if not isinstance(value, dict):
        raise _Refused("a mapping, such as {'a': 1}")
    return value


def _guess(value: Any) -> Any:
    """Read text as a Python literal where it is one: the default says nothing about the type."""
    if not isinstance(value, str):
        return value
    lowered = value.strip().lower()
    if lowered in ("none", "null"):
        return None
    if lowered in ("true", "false"):
        return lowered == "true"
    literal = _literal(value)
    return value if literal is None else literal


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None


def _other(value: Any, default: Any) -> Any:
    """Convert to a type that has no rule of its own, such as an enum, a date or an array."""
    kind = default.__class__
    if isinstance(value, kind) or not isinstance(value, str):
        return value
    if hasattr(kind, "__members__"):  # an Enum
        if value in kind.__members__:
            return kind[value]
        names = list(kind.__members__)
        near = get_close_matches(value, names, n=1)
        wanted = "one of " + ", ".join(names)
        raise _Refused(wanted, f"did you mean {near[0]!r}?" if near else "")
    if hasattr(kind, "fromisoformat"):
        return kind.fromisoformat(value)
    literal = _literal(value)
    if isinstance(literal, kind):
        return literal
    raise _Refused(f"a {kind.__name__}, which text cannot give")
