"""Arguments of a call by name, without asking ``inspect`` at every call.

A function's signature is compiled once into a function that takes the same arguments and gives
them back in the signature's order with defaults filled in: Python's own call does the binding.
"""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["ArgumentBinder", "BadCallError"]

_KINDS = inspect.Parameter


class BadCallError(TypeError, ValueError):
    """A call does not fit the function's signature.

    A ``TypeError``, as Python raises for the undecorated function, and a ``ValueError``, as
    joblib raises.
    """


class ArgumentBinder:
    """The arguments of calls of one function.

    Parameters
    ----------
    function : callable
        Builtins without a signature are bound as ``(*args, **kwargs)``.
    ignore : sequence of str
        Names whose values do not count; ``'*'`` and ``'**'`` mean surplus arguments.

    Raises
    ------
    ValueError
        If `ignore` is not a list, or names an argument that the function does not have.

    Attributes
    ----------
    names : tuple of str
        In the order of the signature; ``'*'`` and ``'**'`` hold surplus arguments.
    counted : tuple of int
        Indexes into `names` of those that are not ignored.
    counted_names : tuple of str
        Those.
    """

    def __init__(self, function: Callable[..., Any], ignore: Sequence[str] = ()) -> None:
        self.function_name = getattr(function, "__qualname__", repr(function))
        parameters = _parameters(function, ignore)
        self.names: tuple[str, ...] = tuple(_label(item) for item in parameters)
        self._bind = _compile(self.function_name, parameters) or _interpret(parameters)
        ignored = self._check_ignore(ignore)
        self.counted: tuple[int, ...] = tuple(
            index for index, name in enumerate(self.names) if name not in ignored
        )
        self.counted_names: tuple[str, ...] = tuple(self.names[index] for index in self.counted)

    def _check_ignore(self, ignore: Sequence[str]) -> frozenset[str]:
        if isinstance(ignore, str) or not all(isinstance(name, str) for name in ignore):
            raise ValueError(
                f"ignore must be a list of argument names for {self.function_name}, not {ignore!r}"
            )
        for name in ignore:
            if name not in self.names:
                from difflib import get_close_matches

                near = get_close_matches(name, self.names, n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise ValueError(
                    f"ignore names {name!r}, which is no argument of {self.function_name}{hint}"
                )
        return frozenset(ignore)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """Give the values of a call, in the order of `names`.

        Raises
        ------
        BadCallError
            If the call does not fit the signature.
        """
        try:
            return self._bind(*args, **kwargs)
        except TypeError as error:
            raise BadCallError(str(error)) from None

    def mapping(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """Give the values of a call by name, surplus keyword arguments under their own names."""
        found = dict(zip(self.names, values, strict=True))
        surplus = found.pop("**", {})
        return {**found, **{name: value for name, value in surplus.items() if name not in found}}


def _parameters(function: Callable[..., Any], ignore: Sequence[str]) -> list[inspect.Parameter]:
    """Give the parameters by which arguments are told apart.

    Layers under ``functools.wraps`` may take other arguments than what they wrap: the outermost is
    the one that is called.  Only where it takes anything, and arguments are ignored that it does
    not name, are they those of the function that it wraps.
    """
    try:
        signature = inspect.signature(function, follow_wrapped=False)
        found = list(signature.parameters.values())
        kinds = {item.kind for item in found}
        if kinds == {_KINDS.VAR_POSITIONAL, _KINDS.VAR_KEYWORD} and set(ignore) - {"*", "**"}:
            found = list(inspect.signature(function).parameters.values())
    except (ValueError, TypeError):
        return [_KINDS("args", _KINDS.VAR_POSITIONAL), _KINDS("kwargs", _KINDS.VAR_KEYWORD)]
    return found


def _label(parameter: inspect.Parameter) -> str:
    if parameter.kind is _KINDS.VAR_POSITIONAL:
        return "*"
    if parameter.kind is _KINDS.VAR_KEYWORD:
        return "**"
    return parameter.name


def _compile(
    name: str, parameters: list[inspect.Parameter]
) -> Callable[..., tuple[Any, ...]] | None:
    if not all(
        item.name.isidentifier() and not keyword.iskeyword(item.name) for item in parameters
    ):
        return None
    # A default is reached under a name that no parameter can have been given.
    prefix = "_"
    while any(item.name.startswith(prefix) for item in parameters):
        prefix += "_"
    defaults = {}
    words: list[str] = []
    starred = False
    for index, item in enumerate(parameters):
        if item.kind is _KINDS.KEYWORD_ONLY and not starred:
            words.append("*")
            starred = True
        starred = starred or item.kind is _KINDS.VAR_POSITIONAL
        word = item.name
        if item.kind in (_KINDS.VAR_POSITIONAL, _KINDS.VAR_KEYWORD):
            word = _label(item) + word
        if item.default is not _KINDS.empty:
            defaults[f"{prefix}{index}"] = item.default
            word += f"={prefix}{index}"
        words.append(word)
        last = index + 1 == len(parameters)
        if item.kind is _KINDS.POSITIONAL_ONLY and (
            last or parameters[index + 1].kind is not _KINDS.POSITIONAL_ONLY
        ):
            words.append("/")
    values = "".join(f"{item.name}, " for item in parameters)
    source = f"def {prefix}bind({', '.join(words)}):\n    return ({values})\n"
    namespace: dict[str, Any] = dict(defaults)
    exec(source, namespace)  # noqa: S102  built from identifiers alone, checked above
    bind: Callable[..., tuple[Any, ...]] = namespace[f"{prefix}bind"]
    # Python's own messages about a bad call then name the function that was meant.
    bind.__name__ = bind.__qualname__ = name
    return bind


def _interpret(parameters: list[inspect.Parameter]) -> Callable[..., tuple[Any, ...]]:
    """Bind by ``inspect``, for signatures that cannot be written down in source."""
    signature = inspect.Signature(parameters)

    def bind(*args: Any, **kwargs: Any) -> tuple[Any, ...]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return tuple(bound.arguments[item.name] for item in parameters)

    return bind
