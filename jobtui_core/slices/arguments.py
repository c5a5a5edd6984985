"""The arguments of a call as written, evaluated."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from jobtui_core.slices.meanings import Value
from jobtui_core.slices.terms import Term

__all__ = ["Arguments", "parameter_names", "values_given"]


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call as written, evaluated."""

    positional: tuple[Value, ...]
    keywords: dict[str, Value]
    spread: bool
    """Whether ``*`` or ``**`` hides which parameters they meet."""
    texts: tuple[str, ...] = ()
    keyword_texts: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[Value, ...]:
        """All of them."""
        return (*self.positional, *self.keywords.values())

    @property
    def parts(self) -> list[Term | str]:
        """All of them as parts of a term; keywords in the order of their names."""
        named: list[Term | str] = []
        for name in sorted(self.keywords):
            named += [name, self.keywords[name].term]
        return [*(value.term for value in self.positional), "|", *named]

    def then(self, later: Arguments) -> Arguments:
        """Give these arguments with those of a later call behind them, as a partial does."""
        texts = dict(zip(self.keywords, self.keyword_texts, strict=True))
        texts |= dict(zip(later.keywords, later.keyword_texts, strict=True))
        return Arguments(
            (*self.positional, *later.positional),
            {**self.keywords, **later.keywords},
            self.spread or later.spread,
            (*self.texts, *later.texts),
            tuple(texts.values()),
        )


def values_given(arguments: Arguments, names: Sequence[str], name: str) -> list[Value]:
    """Give the values that may have met a parameter."""
    if arguments.spread or name not in names:
        return list(arguments.values)
    if name in arguments.keywords:
        return [arguments.keywords[name]]
    place = names.index(name)
    return [arguments.positional[place]] if place < len(arguments.positional) else []


def parameter_names(arguments: ast.arguments) -> list[str]:
    """Give the names of parameters that can be given by place."""
    return [item.arg for item in (*arguments.posonlyargs, *arguments.args)]
