"""Turn what somebody typed, or passed, into a value of a parameter's type.

The type is that of the default, unless it is named.  The command line, files of parameters, the
app, ``run_script`` and ``default_param`` itself all convert here, so that a value is accepted
everywhere or nowhere.
"""

from __future__ import annotations

import ast
import operator
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from jobtui_core.errors import ParameterError
from jobtui_core.parameters.dates import to_date, to_datetime, to_time
from jobtui_core.parameters.items import split_items, unquoted
from jobtui_core.parameters.kinds import ANY, alternatives, arguments, literals, type_name
from jobtui_core.parameters.plain import as_plain
from jobtui_core.parameters.refusals import Refused, did_you_mean
from jobtui_core.records import ParameterInfo

__all__ = ["convert", "place_of_declaration"]

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")
_NOTHING = ("none", "null")


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
        Text as typed (``"26"``), or a value as JSON, TOML or a calling script gives it.
    parameter : ParameterInfo, optional
        The parameter; the keywords need then not be given.
    name, default, type, choices
        As given to `default_param`.
    where : str
        The place to name in an error, such as ``co2.py, line 5``; by default that of
        ``parameter``.

    Returns
    -------
    object
        A value of the type, one of the choices where there are some.

    Raises
    ------
    ParameterError
        If it cannot be one; the error names the place and the nearest value that is allowed.
    """
    named = type
    if parameter is not None:
        name, default = parameter.name, parameter.default
        choices = parameter.choices or None
        where = where or place_of_declaration(parameter)
        # The record knows the type by name alone; a type that was the default's is found from it.
        known = type_name(default) == parameter.type
        named = type or (None if known else parameter.type)
    if choices is None:
        choices = literals(named)
    # Compared and told as they travel: the record of a parameter has them so, too.
    allowed = [as_plain(choice) for choice in (() if choices is None else choices)]
    if default is None and (value is None or _says_nothing(value, allowed)):
        # None is a value like any other where the default is.
        return None
    like = default
    if named is None and default is None and choices is not None:
        kinds = {type_name(choice): choice for choice in choices}
        like = next(iter(kinds.values())) if len(kinds) == 1 else None
    try:
        return _allowed(value, type_name(like, named), like, named, allowed)
    except Refused as refused:
        raise _error(name, value, refused.wanted, refused.nearest, where) from refused.__cause__


def _allowed(value: Any, kind: str, like: Any, named: Any, allowed: Sequence[Any]) -> Any:
    """Convert to a type, and see that the value is one of the choices if there are some."""
    try:
        converted = _converter(kind, like, named)(value)
    except Refused:
        if not allowed:
            raise
        raise Refused(_one_of(allowed, kind), _nearest_choice(value, allowed)) from None
    except (ValueError, TypeError) as error:
        raise Refused(kind, f"{kind} says: {error}") from error
    if allowed and not any(_same(as_plain(converted), choice) for choice in allowed):
        raise Refused(_one_of(allowed, kind), _nearest_choice(as_plain(converted), allowed))
    return converted


def place_of_declaration(parameter: ParameterInfo) -> str:
    """Name the place where a parameter is declared, as errors do: ``co2.py, line 5``."""
    if not parameter.file:
        return ""
    return f"{os.path.basename(parameter.file)}, line {parameter.line}"  # noqa: PTH119  a name, not a path


def _says_nothing(value: Any, choices: Sequence[Any] | None) -> bool:
    if not isinstance(value, str) or value.strip().lower() not in _NOTHING:
        return False
    return not choices or value not in choices


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


def _one_of(choices: Sequence[Any], kind: str) -> str:
    # Members of an enum are typed, and told, by their names alone.
    bare = all(part not in _PLAIN and part != ANY for part in alternatives(kind) if part != "None")
    words = [choice if bare and isinstance(choice, str) else _short(choice) for choice in choices]
    return f"one of {', '.join(words)}"


def _nearest_choice(value: Any, choices: Sequence[Any]) -> str:
    if all(isinstance(item, int | float) for item in choices):
        try:
            number = float(value)
        except (ValueError, TypeError):
            return ""
        return f"nearest is {min(choices, key=lambda choice: abs(choice - number))!r}"
    return did_you_mean(str(value), [str(choice) for choice in choices])


def _converter(kind: str, default: Any, named: Any) -> Callable[[Any], Any]:
    """Give what converts to a type by its name, or by the default where the name says nothing."""
    several = alternatives(kind)
    if len(several) > 1:
        types: Sequence[Any] = several if isinstance(named, str | None) else get_args(named)
        converters = [_converter(type_name(None, one), default, one) for one in types]
        return _union(converters, [type_name(None, one) for one in types])
    name, inner = arguments(kind)
    if name in _PLAIN:
        return _PLAIN[name]
    if name in _SEQUENCES:
        make, wanted = _SEQUENCES[name]
        each = _of_items(default, inner)
        return lambda value: make(_sequence(value, each, wanted))
    if name == ANY:
        return _as_it_is
    if isinstance(named, str):
        # Somebody's own type, known by name alone: it says itself what it takes, when it runs.
        return _as_it_is
    if callable(named) and not hasattr(named, "__members__"):
        return lambda value: named(value) if isinstance(value, str) else value
    like = named if isinstance(named, type) else default.__class__
    return lambda value: _other(value, like)


def _as_it_is(value: Any) -> Any:
    return value


def _union(each: Sequence[Callable[[Any], Any]], kinds: Sequence[str]) -> Callable[[Any], Any]:
    """Convert to the first type of several that takes the value; text is the last that is tried."""
    order = sorted(range(len(kinds)), key=lambda place: kinds[place] == "str")
    nothing = "None" in kinds

    def either(value: Any) -> Any:
        refusals = []
        if nothing and (value is None or _says_nothing(value, None)):
            return None
        for place in order:
            if kinds[place] != "None":
                try:
                    return each[place](value)
                except Refused as refused:
                    refusals.append(refused)
        wanted = [refused.wanted for refused in refusals] + (["none"] if nothing else [])
        nearest = [refused.nearest for refused in refusals if refused.nearest]
        raise Refused(" or ".join(wanted), nearest[0] if nearest else "")

    return either


def _of_items(default: Any, inner: Sequence[str]) -> Callable[[Any], Any] | None:
    """Give what converts the items of a list: by the type's name, or by those of the default."""
    kinds = [kind for kind in inner if kind != "..."]
    if kinds:
        # tuple[int, float] is rare; its items are whatever fits.
        return _converter(" | ".join(dict.fromkeys(kinds)), None, None)
    items = list(default) if isinstance(default, list | tuple | set | frozenset) else []
    found = {type_name(item): item for item in items}
    if len(found) != 1:
        return None
    kind, item = found.popitem()
    return _converter(kind, item, None)


def _bool(value: Any) -> bool:
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        raise Refused("true or false", did_you_mean(word, _TRUE + _FALSE))
    if isinstance(value, bool) or value.__class__.__name__ in ("bool_", "bool"):
        return bool(value)
    raise Refused("true or false")


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
            raise Refused(wanted) from None
    if isinstance(value, bool):
        raise Refused(wanted, f"nearest is {int(value)}")
    try:
        return operator.index(value)
    except TypeError:
        pass
    if isinstance(value, float) and abs(value) < 2**63:
        # 1e6 and 26.0 are whole numbers, spelled otherwise.
        if value.is_integer():
            return int(value)
        raise Refused(wanted, f"nearest is {round(value)}")
    raise Refused(wanted)


def _float(value: Any) -> float:
    if isinstance(value, bool):
        raise Refused("a number", f"nearest is {float(value)}")
    try:
        return float(value)
    except (ValueError, TypeError):
        raise Refused("a number") from None


def _complex(value: Any) -> complex:
    try:
        return complex(value.replace(" ", "") if isinstance(value, str) else value)
    except (ValueError, TypeError):
        raise Refused("a complex number") from None


def _str(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
    raise Refused("text", f"did you mean {str(value)!r}?")


def _path(value: Any) -> Path:
    if isinstance(value, str | os.PathLike):
        return Path(value)
    raise Refused("a path")


def _sequence(value: Any, each: Callable[[Any], Any] | None, wanted: str) -> Sequence[Any]:
    """Give the items of ``1,2,3``, of ``[1, 2, 3]`` or of a sequence, each converted."""
    typed = isinstance(value, str)
    if typed:
        value = _items(value)
    elif isinstance(value, dict) or not hasattr(value, "__iter__"):
        raise Refused(wanted)
    if each is None:
        return [_guess(item) if typed else item for item in value]
    try:
        return [each(item) for item in value]
    except Refused as refused:
        raise Refused(f"{wanted} whose items are each {refused.wanted}", refused.nearest) from None


def _items(text: str) -> list[Any]:
    stripped = text.strip()
    if stripped[:1] in ("[", "(", "{"):
        literal = _literal(stripped)
        if isinstance(literal, list | tuple | set):
            return list(literal)
        stripped = stripped[1:].removesuffix({"[": "]", "(": ")", "{": "}"}[stripped[0]])
    return [unquoted(item)[0] for item in split_items(stripped)]


def _dict(value: Any) -> dict[Any, Any]:
    if isinstance(value, str):
        value = _literal(value)
    if not isinstance(value, dict):
        raise Refused("a mapping, such as {'a': 1}")
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


def _other(value: Any, kind: type[Any]) -> Any:
    """Convert to a type that has no rule of its own, such as an enum or an array."""
    if isinstance(value, kind) or not isinstance(value, str):
        return value
    members = getattr(kind, "__members__", None)
    if members is not None:  # an Enum
        if value in members:
            return kind[value]
        names = list(members)
        raise Refused("one of " + ", ".join(names), did_you_mean(value, names))
    literal = _literal(value)
    if isinstance(literal, kind):
        return literal
    raise Refused(f"a {kind.__name__}, which text cannot give")


_PLAIN: Mapping[str, Callable[[Any], Any]] = {
    "bool": _bool,
    "int": _int,
    "float": _float,
    "complex": _complex,
    "str": _str,
    "Path": _path,
    "date": to_date,
    "datetime": to_datetime,
    "time": to_time,
    "dict": _dict,
    "None": _guess,
    "NoneType": _guess,
}

_SEQUENCES: Mapping[str, tuple[Callable[[Sequence[Any]], Any], str]] = {
    "list": (list, "a list"),
    "tuple": (tuple, "a tuple"),
    "set": (set, "a set"),
    "frozenset": (frozenset, "a set"),
    "Sequence": (list, "a list"),
}
